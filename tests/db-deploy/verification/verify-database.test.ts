import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Check } from '../../../actions/db-deploy/check.ts'
import type { Inputs } from '../../../actions/db-deploy/inputs.ts'
import { createJournal, type Journal } from '../../../actions/db-deploy/journal.ts'
import { readInputs } from '../../../actions/db-deploy/read-inputs.ts'
import { readSchemaFiles } from '../../../actions/db-deploy/verification/schema-files.ts'
import { verifyDatabase } from '../../../actions/db-deploy/verification/verify-database.ts'
import { systemClock } from '../../../actions/shared/clock.ts'
import { createInputReader } from '../../../actions/shared/inputs.ts'
import { readRunContext } from '../../../actions/shared/run-context.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { runnerEnvironment, temporaryFolder } from '../../support/run-action.ts'
import { testWorld } from '../../support/world.ts'
import { failures } from './smoking.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
}, 60_000)

afterAll(() => {
  postgres.stop()
})

/** Inputs as a workflow gives them, in a folder with a schema and a verify file. */
async function project(
  sql: string,
  given: Readonly<Record<string, string>>
): Promise<{ readonly inputs: Inputs; readonly folder: string; readonly world: ReturnType<typeof testWorld> }> {
  const folder = temporaryFolder('verification')
  for (const name of ['prisma/models', 'verify']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(
    join(folder, 'prisma/models/user.prisma'),
    'model User {\n  id Int @id\n  name String\n  @@map("users")\n}\n'
  )
  writeFileSync(join(folder, 'prisma/schema.prisma'), 'datasource db {\n  provider = "postgresql"\n}\n')
  writeFileSync(join(folder, 'verify/users.sql'), 'SELECT count(*) > 0 FROM users;')
  const database = await postgres.createDatabase()
  await postgres.query(sql, database)
  const world = testWorld()
  const env = {
    ...runnerEnvironment(folder, folder),
    INPUT_ENVIRONMENT: 'staging',
    'INPUT_DATABASE-URL': postgres.url(database),
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
  }
  const reader = createInputReader(env, world.secrets)
  const inputs = readInputs(reader, readRunContext(env), env)
  if (reader.problems.length > 0) throw new Error(JSON.stringify(reader.problems))
  return { inputs, folder, world }
}

async function verified(
  sql: string,
  given: Readonly<Record<string, string>>
): Promise<{
  readonly checks: readonly Check[]
  readonly journal: Journal
  readonly world: ReturnType<typeof testWorld>
}> {
  const { inputs, folder, world } = await project(sql, given)
  const journal = createJournal(systemClock)
  const checks = await verifyDatabase(
    {
      inputs,
      applicationName: inputs.sessions.own,
      framework: 'prisma',
      schemaFiles: await readSchemaFiles(join(folder, 'prisma'), 'prisma'),
      frameworkTables: ['_prisma_migrations']
    },
    world,
    journal
  )
  return { checks, journal, world }
}

const everything = {
  'expect-rows': 'User>=1',
  'verify-files': 'verify/*.sql',
  'verify-commands': 'test "$PGDATABASE" != "" && test "$PGPASSWORD" = postgres\necho "$DATABASE_URL"'
}

test('everything is looked at in stages of its own, and what was learned is kept', async () => {
  const { checks, journal, world } = await verified(
    "CREATE TABLE users (id int, name text); INSERT INTO users VALUES (1, 'x')",
    everything
  )
  expect(failures(checks)).toEqual([])
  expect(journal.stages.map(({ name, result }) => [name, result])).toEqual([
    ['indexes', 'ok'],
    ['smoke', 'ok'],
    ['verify-files', 'ok'],
    ['verify-commands', 'ok']
  ])
  expect(journal.learned.smoke?.relations.map(({ name, rows }) => [name, rows?.count])).toEqual([['User', 1]])
  expect(journal.learned.verification).toEqual(checks)
  expect(world.log.lines).toContain('***')
})

test('what one of them finds hides nothing that the others find', async () => {
  const { checks, journal } = await verified('CREATE TABLE users (id int)', {
    ...everything,
    'verify-commands': 'exit 7'
  })
  expect(failures(checks)).toEqual([
    expect.stringContaining('has no column name'),
    expect.stringContaining('whether it is so is not known'),
    expect.stringContaining('row 1 of 1'),
    expect.stringContaining('exit 7 exited with 7')
  ])
  expect(journal.stages.map(({ result }) => result)).toEqual(['ok', 'failed', 'failed', 'failed'])
})

test('a smoke test that is off is told as skipped, and nothing runs that nobody asked for', async () => {
  const { journal } = await verified('CREATE TABLE users (id int, name text)', { smoke: 'off' })
  expect(journal.stages.map(({ name, result }) => [name, result])).toEqual([
    ['indexes', 'ok'],
    ['smoke', 'skipped']
  ])
})

test('the smoke test reads as the role of smoke-url', async () => {
  await postgres.createRole('reader')
  const { inputs, world, folder } = await project('CREATE TABLE users (id int, name text)', {})
  const { direct } = inputs.urls
  if (direct === undefined) throw new Error('the test gives a URL')
  const checks = await verifyDatabase(
    {
      inputs: { ...inputs, urls: { ...inputs.urls, smoke: { ...direct, user: 'reader', password: 'secret-reader' } } },
      applicationName: 'test',
      framework: 'prisma',
      schemaFiles: await readSchemaFiles(join(folder, 'prisma'), 'prisma'),
      frameworkTables: []
    },
    world,
    createJournal(systemClock)
  )
  expect(failures(checks)).toEqual([expect.stringContaining('permission denied for table users')])
})

test('a smoke-url that leads to another database fails, and nothing of it is read', async () => {
  const other = await postgres.createDatabase()
  await postgres.query("CREATE TABLE users (id int, name text); INSERT INTO users VALUES (1, 'x')", other)
  const { checks, journal } = await verified('CREATE TABLE users (id int, name text)', {
    'smoke-url': postgres.url(other),
    'expect-rows': 'users>=1'
  })
  expect(failures(checks)).toEqual([expect.stringContaining('which is not the database that is deployed to')])
  expect(journal.learned.smoke).toBeUndefined()
})

test('models are read in the schema that is deployed to, wherever the role of smoke-url looks first', async () => {
  const sql = `CREATE SCHEMA app; CREATE TABLE public.users (id int, name text); CREATE TABLE app.users (id int)`
  const { inputs, world, folder } = await project(sql, {})
  const direct = inputs.urls.direct
  if (direct === undefined) throw new Error('the test gives a URL')
  const journal = createJournal(systemClock)
  const checks = await verifyDatabase(
    {
      inputs: { ...inputs, urls: { ...inputs.urls, direct: { ...direct, schema: 'app' }, smoke: direct } },
      applicationName: 'test',
      framework: 'prisma',
      schemaFiles: await readSchemaFiles(join(folder, 'prisma'), 'prisma'),
      frameworkTables: []
    },
    world,
    journal
  )
  expect(failures(checks)).toEqual([expect.stringContaining('"app"."users", has no column name')])
})

test('an index that is invalid since the migrations fails, whatever was invalid before, which is a warning', async () => {
  const sql = `CREATE TABLE users (id int, name text); CREATE INDEX old ON users (id); CREATE INDEX fresh ON users (name);
    UPDATE pg_index SET indisvalid = false WHERE indexrelid IN ('old'::regclass, 'fresh'::regclass)`
  const { inputs, world } = await project(sql, { smoke: 'off' })
  const told = async (names: readonly string[] | undefined): Promise<readonly string[]> => {
    const journal = createJournal(systemClock)
    const before = { id: 'invalid-indexes', title: 'Invalid indexes', told: '', result: 'ok' } as const
    if (names !== undefined) journal.learn({ preflight: [{ ...before, names }] })
    const checks = await verifyDatabase(
      { inputs, applicationName: 'test', framework: 'ecto', schemaFiles: [], frameworkTables: [] },
      world,
      journal
    )
    return checks.filter(({ id }) => id === 'invalid-indexes').map(({ result, told }) => `${result}: ${told}`)
  }
  expect(await told([])).toEqual(['failed: 2 indexes: fresh, old'])
  expect(await told(['old'])).toEqual(['failed: 1 index: fresh', 'warning: 1 index: old'])
  expect(await told(undefined)).toEqual(['warning: 2 indexes: fresh, old'])
})
