// The real Prisma CLI of both majors, with its schema engine as WebAssembly: what it says in each state of the table and
// the folder, what is made of its words, and what the own reader of the state sees, also where the CLI sees nothing.
import { writeFileSync, rmSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { readDatabaseUrl, type DatabaseUrl } from '../../actions/db-deploy/database/database-url.ts'
import { openSession } from '../../actions/db-deploy/database/session.ts'
import { findMigrationTool, type ToolChoice } from '../../actions/db-deploy/find-tool.ts'
import { prismaDiff } from '../../actions/db-deploy/prisma/diff.ts'
import { prismaResolve } from '../../actions/db-deploy/prisma/resolve.ts'
import { readMigrationState } from '../../actions/db-deploy/state/read-migration-state.ts'
import type { PrismaTool, ToolResult, ToolRun } from '../../actions/db-deploy/tool.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import type { PrismaRelease } from '../support/prisma/install.ts'
import { prismaProject } from '../support/prisma/project.ts'
import type { CommitMode } from '../support/prisma/schema-engine.ts'
import { testWorld } from '../support/world.ts'

let server: Postgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => {
  server.stop()
})

const model = 'model User {\n  id   Int     @id @default(autoincrement())\n  name String?\n}\n'
const first = '20260101000000_init'
const second = '20260102000000_name'
const good = {
  [first]: 'CREATE TABLE "User" ("id" SERIAL PRIMARY KEY);\n',
  [second]: 'ALTER TABLE "User" ADD COLUMN "name" TEXT;\n'
}

interface Place {
  readonly folder: string
  readonly tool: PrismaTool
  readonly url: DatabaseUrl
  readonly run: ToolRun
  readonly world: ReturnType<typeof testWorld>
  query(sql: string): Promise<readonly Record<string, unknown>[]>
  status(): Promise<ToolResult>
  /** Name, status and marks of each migration, as our reader has them. */
  state(): Promise<readonly string[]>
  write(name: string, sql: string | undefined): void
}

let made = 0

async function place(
  version: PrismaRelease,
  migrations: Readonly<Record<string, string>>,
  options: {
    readonly mode?: CommitMode
    readonly files?: Readonly<Record<string, string>>
    readonly password?: string
  } = {}
): Promise<Place> {
  const database = `deploy_${++made}`
  await query('postgres', `CREATE DATABASE ${database}`)
  const text = urlTo(database)
  const read = readDatabaseUrl(text, 'database-url')
  if (!('url' in read)) throw new Error('the address of the test is not read')
  const { mode, files } = options
  const { folder, env } = await prismaProject({
    version,
    url: text,
    schema: model,
    migrations,
    ...(mode === undefined ? {} : { mode }),
    ...(files === undefined ? {} : { files })
  })
  const world = testWorld()
  world.secrets.add(text)
  const environmentVariables = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env }
  const found = await findMigrationTool(
    { folder, framework: 'prisma', folders: ['prisma/migrations'] },
    { environmentVariables, ...choice },
    world
  )
  if (!('tool' in found) || found.tool.framework !== 'prisma') throw new Error(JSON.stringify(found))
  const { tool } = found
  const run: ToolRun = {
    url: read.url,
    applicationName: 'release-actions/db-deploy 42 migrate',
    lockTimeout: 4000,
    statementTimeout: 60_000,
    timeout: 60_000
  }
  return {
    folder,
    tool,
    url: read.url,
    run,
    world,
    query: (sql) => query(database, sql),
    async status() {
      const step = tool.steps.find(({ name }) => name === 'status')
      if (step === undefined) throw new Error('there is no step status')
      return step.run(run)
    },
    async state() {
      const session = await openSession(read.url, { applicationName: 'test' }, world)
      try {
        const project = {
          folder,
          framework: 'prisma',
          folders: ['prisma/migrations'],
          schema: undefined,
          table: '_prisma_migrations',
          tableSchema: undefined
        } as const
        const { states } = await readMigrationState(session, project)
        return states.flatMap(({ migrations: all }) =>
          all.map(({ name, status, marks }) => [name, status, ...marks].join(' '))
        )
      } finally {
        await session.close()
      }
    },
    write(name, sql) {
      const path = join(folder, 'prisma', 'migrations', name, 'migration.sql')
      mkdirSync(dirname(path), { recursive: true })
      if (sql === undefined) rmSync(dirname(path), { recursive: true })
      else writeFileSync(path, sql)
    }
  }
}

const choice: Omit<ToolChoice, 'environmentVariables'> = {
  shownFolder: '.',
  migrations: { paths: [], schema: undefined, table: undefined, prefix: undefined, expectCurrent: undefined },
  seed: { seed: false, inProduction: false, command: undefined },
  tool: {
    tool: 'prisma',
    repositories: [],
    releaseBinary: undefined,
    releaseCall: undefined,
    releaseRollbackCall: undefined,
    validate: 'pending',
    generate: 'pending',
    toolStatus: 'pending',
    timeout: 60_000
  }
}

function urlTo(database: string): string {
  return `postgresql://${server.user}:${encodeURIComponent(server.password)}@127.0.0.1:${server.port}/${database}`
}

async function query(database: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: urlTo(database) })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

describe.each(['7.10.1', '6.19.3'] as const)('Prisma %s', (version) => {
  test('applies what is pending, in sessions that have our name and limits, and then has nothing to do', async () => {
    const at = await place(version, {
      ...good,
      '20260103000000_told':
        "CREATE TABLE told AS SELECT current_setting('application_name') AS name, current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement;\n"
    })
    expect(await at.state()).toEqual([`${first} pending`, `${second} pending`, '20260103000000_told pending'])
    const applied = await at.tool.migrate(at.run)
    expect(applied).toMatchObject({ exitCode: 0, end: 'exited', sentence: 'applied' })
    expect(await at.query('SELECT * FROM told')).toEqual([
      { name: 'release-actions/db-deploy 42 migrate', lock: '4s', statement: '1min' }
    ])
    expect(await at.state()).toEqual([`${first} applied`, `${second} applied`, '20260103000000_told applied'])
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'nothing' })
    expect(await at.status()).toMatchObject({ exitCode: 0, sentence: 'nothing' })
  })

  test('validates and generates without an address', async () => {
    const at = await place(version, good)
    for (const step of at.tool.steps.filter(({ name }) => name !== 'status'))
      expect(await step.run(at.run)).toMatchObject({ exitCode: 0, sentence: 'ok' })
  })

  test('ends with 1 where something is pending, and that is no failure of the step', async () => {
    const at = await place(version, good)
    expect(await at.status()).toMatchObject({ exitCode: 1, sentence: 'ok' })
  })

  test('names the migration that failed, and stays shut until it is resolved', async () => {
    const at = await place(version, {
      ...good,
      '20260103000000_bad': 'CREATE TABLE x (id int);\nCREATE TABLE "User" (id int);\n'
    })
    const failed = await at.tool.migrate(at.run)
    expect(failed).toMatchObject({
      exitCode: 1,
      sentence: 'failed',
      code: 'P3018',
      sqlstate: '42P07',
      failedMigration: '20260103000000_bad',
      message: 'ERROR: relation "User" already exists'
    })
    expect(await at.state()).toEqual([`${first} applied`, `${second} applied`, '20260103000000_bad failed'])
    expect(await at.tool.migrate(at.run)).toMatchObject({ code: 'P3009', failedMigration: '20260103000000_bad' })
    // Which of its statements are there depends on the release: that is what `atomic` tells.
    const there = await at.query("SELECT to_regclass('x') IS NOT NULL AS there")
    expect(there).toEqual([{ there: at.tool.facts.atomic === false }])

    // A failed one hides nothing of what is pending from our reader, and all but it from status.
    at.write('20260104000000_later', 'SELECT 1;\n')
    expect(await at.state()).toContain('20260104000000_later pending')

    await at.query('DROP TABLE IF EXISTS x')
    const resolved = await prismaResolve(at.tool, '20260103000000_bad', 'rolled-back', at.run, at.world)
    expect(resolved).toMatchObject({ exitCode: 0, sentence: 'ok' })
    expect((await at.state()).slice(2)).toEqual([
      '20260103000000_bad pending rolled-back',
      '20260104000000_later pending'
    ])
    at.write('20260103000000_bad', 'CREATE TABLE x (id int);\n')
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'applied' })
    expect((await at.state()).slice(2)).toEqual(['20260103000000_bad applied retried', '20260104000000_later applied'])
  })

  test('says no word of what was edited, taken away or comes too late: our reader does', async () => {
    const at = await place(version, good)
    await at.tool.migrate(at.run)
    at.write(first, 'CREATE TABLE "User" ("id" BIGSERIAL PRIMARY KEY);\n')
    expect(await at.status()).toMatchObject({ exitCode: 0, sentence: 'nothing' })
    expect(await at.state()).toEqual([`${first} applied edited`, `${second} applied`])

    at.write(first, good[first])
    at.write(second, undefined)
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'nothing' })
    expect(await at.state()).toEqual([`${first} applied`, `${second} missing`])

    at.write(second, good[second])
    at.write('20251231000000_late', 'SELECT 1;\n')
    expect(await at.state()).toContain('20251231000000_late pending out-of-order')
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'applied' })
  })

  test('refuses a database that is not empty and has no table of its own', async () => {
    const at = await place(version, good)
    await at.query('CREATE TABLE older (id int)')
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 1, sentence: 'failed', code: 'P3005' })
    expect(await at.status()).toMatchObject({ exitCode: 1 })
  })

  test('refuses to resolve what is not so', async () => {
    const at = await place(version, good)
    await at.tool.migrate(at.run)
    at.write('20260103000000_never', 'SELECT 1;\n')
    const never = await prismaResolve(at.tool, '20260103000000_never', 'rolled-back', at.run, at.world)
    expect(never).toMatchObject({ exitCode: 1, sentence: 'failed', code: 'P3011' })
    const already = await prismaResolve(at.tool, first, 'applied', at.run, at.world)
    expect(already).toMatchObject({ exitCode: 1, sentence: 'failed', code: 'P3008' })
  })

  test('compares with the migrations in the shadow database that it is given, and nowhere else', async () => {
    const at = await place(version, good)
    await at.tool.migrate(at.run)
    const shadow = await place(version, {})
    await shadow.query('CREATE TABLE left_from_before (id int)')
    const sides = { from: 'migrations', to: 'database', shadow: shadow.url } as const
    expect(await prismaDiff(at.tool, sides, at.run, at.world)).toEqual({ result: 'none' })
    await at.query('CREATE TABLE "Drift" (id int PRIMARY KEY)')
    const found = await prismaDiff(at.tool, sides, at.run, at.world)
    expect(found).toMatchObject({ result: 'found', sql: expect.stringContaining('CREATE TABLE') })
    expect(found).toMatchObject({ sql: expect.stringContaining('"Drift"') })
    // The shadow was emptied and migrated; the server has no database that Prisma made for itself.
    expect(
      await shadow.query("SELECT to_regclass('left_from_before') AS old, to_regclass('\"User\"') IS NOT NULL AS user")
    ).toEqual([{ old: null, user: true }])
    expect(
      await at.query("SELECT count(*)::int AS n FROM pg_database WHERE datname LIKE 'prisma_migrate_shadow%'")
    ).toEqual([{ n: 0 }])
    expect(at.world.log.lines.join('\n')).not.toContain(urlTo(''))
  })

  test('compares the schema with the migrations', async () => {
    const at = await place(version, { [first]: good[first] })
    const shadow = await place(version, {})
    const found = await prismaDiff(at.tool, { from: 'migrations', to: 'schema', shadow: shadow.url }, at.run, at.world)
    expect(found).toMatchObject({ result: 'found', sql: expect.stringContaining('ADD COLUMN     "name" TEXT') })
  })

  test('that cannot compare has found neither a difference nor none, also where it ends with 0', async () => {
    const at = await place(version, good)
    const nowhere = { ...at.url, hosts: [{ host: '127.0.0.1', port: 9 }] }
    const told = await prismaDiff(at.tool, { from: 'database', to: 'schema' }, { ...at.run, url: nowhere }, at.world)
    // The engine dies while the CLI may or may not wait for it: with 1 and an error, or with 0 and nothing.
    if (told.result !== 'failed') throw new Error(`it is told as ${told.result}`)
    expect([undefined, 'failed']).toContain(told.run.sentence)
  })

  test('ends with 0 where no seed is configured, and we do not call that a success', async () => {
    const at = await place(version, good)
    expect(at.tool.seedCommand).toBeUndefined()
    expect((await at.tool.seed(at.run)).sentence).not.toBe('ok')
  })

  test('runs the seed that is configured, which reaches the same database', async () => {
    const seed = 'node prisma/seed.mjs'
    const configuration =
      version === '7.10.1'
        ? {
            'prisma.config.ts': `import { defineConfig, env } from 'prisma/config'\nexport default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations', seed: '${seed}' }, datasource: { url: env('DATABASE_URL') } })\n`
          }
        : { 'package.json': JSON.stringify({ prisma: { seed } }) }
    const at = await place(version, good, {
      files: {
        ...configuration,
        'prisma/seed.mjs':
          "import pg from 'pg'\nconst client = new pg.Client(process.env.DATABASE_URL)\nawait client.connect()\nawait client.query('CREATE TABLE sown (id int)')\nawait client.end()\n"
      }
    })
    expect(at.tool.seedCommand).toBe(`prisma db seed (${seed})`)
    expect(await at.tool.seed(at.run)).toMatchObject({ exitCode: 0, sentence: 'ok' })
    expect(await at.query("SELECT to_regclass('sown') IS NOT NULL AS there")).toEqual([{ there: true }])
  })

  const engine = version === '6.19.3' ? "engine: 'classic', " : ''
  const rest = `${engine}schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations' }`
  const own = `export default defineConfig({ ${rest}, datasource: { url: env('DATABASE_URL') } })\n`

  test.each([
    [
      'another file',
      "import { defineConfig } from 'prisma/config'\nimport { address } from './address'\n" +
        `export default defineConfig({ ${rest}, datasource: { url: address } })\n`
    ],
    [
      'another file, and the variable behind it',
      "import { defineConfig, env } from 'prisma/config'\nimport { address } from './address.ts'\n" +
        `export default defineConfig({ ${rest}, datasource: { url: address ?? env('DATABASE_URL') } })\n`
    ],
    [
      'a module that changes the variable',
      `import './environment'\nimport { defineConfig, env } from 'prisma/config'\n${own}`
    ],
    [
      'dotenv by hand',
      "import { readFileSync } from 'node:fs'\nimport { defineConfig, env } from 'prisma/config'\n" +
        `process.env.DATABASE_URL = readFileSync('.env.mine', 'utf8')\n${own}`
    ]
  ])('goes to the address of the run, also where its configuration takes one from %s', async (_, configuration) => {
    const other = `other_${++made}`
    await query('postgres', `CREATE DATABASE ${other}`)
    const at = await place(version, good, {
      files: {
        'address.ts': `export const address: string = ${JSON.stringify(urlTo(other))}\n`,
        'environment.ts': `process.env.DATABASE_URL = ${JSON.stringify(urlTo(other))}\n`,
        '.env.mine': urlTo(other),
        'prisma.config.ts': configuration
      }
    })
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'applied' })
    expect(await at.state()).toEqual([`${first} applied`, `${second} applied`])
    expect(await at.status()).toMatchObject({ exitCode: 0 })
    expect(await query(other, "SELECT to_regclass('_prisma_migrations')::text AS there")).toEqual([{ there: null }])
  })

  test('goes to the address of the run with a configuration of CommonJS that takes another one', async () => {
    const other = `other_${++made}`
    await query('postgres', `CREATE DATABASE ${other}`)
    const at = await place(version, good, {
      files: {
        'address.cjs': `exports.address = ${JSON.stringify(urlTo(other))}\n`,
        // It goes before the one that the project has.
        'prisma.config.js': `const { defineConfig } = require('prisma/config')\nconst { address } = require('./address.cjs')\nmodule.exports = defineConfig({ ${rest}, datasource: { url: address } })\n`
      }
    })
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'applied' })
    expect(await at.state()).toEqual([`${first} applied`, `${second} applied`])
    expect(await query(other, "SELECT to_regclass('_prisma_migrations')::text AS there")).toEqual([{ there: null }])
  })

  test('that cannot reach the server or log in says so with its code', async () => {
    const at = await place(version, good)
    const nowhere = { ...at.url, hosts: [{ host: '127.0.0.1', port: 9 }] }
    expect(await at.tool.migrate({ ...at.run, url: nowhere })).toMatchObject({
      exitCode: 1,
      sentence: 'failed',
      code: 'P1001'
    })
  })

  test('whose engine does not start is no success', async () => {
    const at = await place(version, good)
    const broken = {
      ...at.tool.program,
      environment: { ...at.tool.program.environment, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/false' }
    }
    const found = await findMigrationTool(
      { folder: at.folder, framework: 'prisma', folders: ['prisma/migrations'] },
      { environmentVariables: broken.environment, ...choice },
      at.world
    )
    if (!('tool' in found)) throw new Error('not found')
    const { sentence } = await found.tool.migrate(at.run)
    expect(['applied', 'nothing']).not.toContain(sentence)
    expect(await at.state()).toEqual([`${first} pending`, `${second} pending`])
  })
})
