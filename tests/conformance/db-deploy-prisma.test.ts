// needs: pg_dump18, pg_restore18, postgres15
// The bundle with the real Prisma CLI of both majors, which commits each statement by itself (7.10) or a file as a whole
// (6.19): whole deploys, failures whose runbook is followed to the letter, backups, cancellation, and two deploys at once.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCodes, errorsOf, namesIn } from '../db-deploy/deploy-stage.ts'
import { clientFolder } from '../support/postgres-clients.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import type { PrismaRelease } from '../support/prisma/install.ts'
import { prismaProject } from '../support/prisma/project.ts'
import { startAction, type ActionRun, type StartedAction } from '../support/run-action.ts'
import { follow } from './runbook-steps.ts'

let old: Postgres
let current: Postgres
beforeAll(async () => {
  old = await startPostgres({ version: 15 })
  current = await startPostgres()
})
afterAll(() => {
  old.stop()
  current.stop()
})

const schema = 'model User {\n  id   Int     @id @default(autoincrement())\n  name String?\n}\n'
const init = '20260101000000_init'
const name = '20260102000000_name'
const good = {
  [init]: 'CREATE TABLE "User" ("id" SERIAL PRIMARY KEY);\n',
  [name]: 'ALTER TABLE "User" ADD COLUMN "name" TEXT;\n'
}

interface Place {
  readonly folder: string
  readonly database: string
  readonly env: Readonly<Record<string, string>>
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  start(inputs?: Readonly<Record<string, string>>, postOf?: StartedAction): StartedAction
  run(inputs?: Readonly<Record<string, string>>): Promise<ActionRun>
  /** Writes a migration, or takes it away. */
  write(migration: string, sql: string | undefined): void
}

/** What takes a second each and is proven by one test of its own. */
const quick = { validate: 'never', generate: 'never', 'tool-status': 'never' }

async function place(
  version: PrismaRelease,
  server: Postgres,
  migrations: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {}
): Promise<Place> {
  const database = await server.createDatabase()
  const { folder, env } = await prismaProject({ version, url: server.url(database), schema, migrations, files })
  const start: Place['start'] = (inputs = {}, postOf) =>
    startAction('db-deploy', {
      inputs: {
        environment: 'staging',
        'database-url': server.url(database),
        'scratch-url': server.url(),
        ...quick,
        ...inputs
      },
      workspace: folder,
      env: { ...env, PATH: `${clientFolder(18)}:${process.env['PATH'] ?? ''}` },
      ...(postOf === undefined ? {} : { postOf })
    })
  return {
    folder,
    database,
    env,
    query: (sql) => server.query(sql, database),
    start,
    run: (inputs) => start(inputs).ended,
    write(migration, sql) {
      const path = join(folder, 'prisma', 'migrations', migration, 'migration.sql')
      if (sql === undefined) rmSync(dirname(path), { recursive: true })
      else {
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, sql)
      }
    }
  }
}

/** The next deploy finds nothing in its way, and the one after it nothing to do. */
async function goesOn(at: Place, applied: readonly string[]): Promise<void> {
  const next = await at.run()
  expect(errorCodes(next)).toEqual([])
  expect(namesIn(next, 'applied')).toEqual(applied)
  expect([namesIn(next, 'pending'), namesIn(next, 'failed')]).toEqual([[], []])
  if (applied.length > 0) expect((await at.run()).outputs['status']).toBe('unchanged')
}

describe.each([
  ['7.10.1', 18],
  ['6.19.3', 15]
] as const)('Prisma %s on PostgreSQL %i', (version, number) => {
  const server = (): Postgres => (number === 15 ? old : current)
  const splits = version === '7.10.1'

  test('plans, deploys with every step of Prisma’s own, and then has nothing to do', async () => {
    const at = await place(version, server(), good)
    const steps = { validate: 'pending', generate: 'pending', 'tool-status': 'pending' }
    const planned = await at.run({ command: 'plan' })
    expect(errorCodes(planned)).toEqual([])
    expect(planned.outputs['status']).toBe('planned')
    expect(namesIn(planned, 'pending')).toEqual([init, name])
    expect(await at.query("SELECT to_regclass('_prisma_migrations') AS there")).toEqual([{ there: null }])

    const deployed = await at.run(steps)
    expect(errorCodes(deployed)).toEqual([])
    expect(deployed.outputs).toMatchObject({ status: 'published', current: name, smoke: 'passed' })
    expect(namesIn(deployed, 'applied')).toEqual([init, name])
    for (const step of ['validate', 'generate', 'migrate status']) expect(deployed.summary).toContain(`prisma ${step}`)

    const again = await at.run(steps)
    expect(again.outputs).toMatchObject({ status: 'unchanged', fingerprint: deployed.outputs['fingerprint'] })
    expect(again.stdout).not.toContain('migrate status')
  })

  const bad = '20260103000000_bad'
  const missing = 'ALTER TABLE "nowhere" ADD COLUMN "x" INTEGER;\n'

  /** A deploy that failed at the migration, and how a person does what it says. */
  async function failed(sql: string): Promise<{ readonly at: Place; readonly run: ActionRun; readonly by: HowTo }> {
    const at = await place(version, server(), { ...good, [bad]: sql })
    const run = await at.run({ smoke: 'off' })
    expect(run.exitCode).toBe(1)
    expect(errorsOf(run)[0]).toMatchObject({ code: 'migrate-failed', message: expect.stringContaining(bad) })
    expect([namesIn(run, 'applied'), namesIn(run, 'failed')]).toEqual([[init, name], [bad]])
    return { at, run, by: { sql: at.query, folder: at.folder, env: at.env } }
  }
  type HowTo = Parameters<typeof follow>[2]

  const kinds = {
    ...(splits ? { 'of one statement': missing } : {}),
    'in a transaction of its own': `BEGIN;\nCREATE TABLE "half" ("id" INTEGER);\n${missing}COMMIT;\n`,
    ...(splits ? {} : { 'of several statements': `CREATE TABLE "half" ("id" INTEGER);\n${missing}` })
  }
  test.each(Object.entries(kinds))(
    'a failed migration %s left nothing: the runbook marks it as rolled back, and it goes on',
    async (_kind, sql) => {
      const { at, run, by } = await failed(sql)
      expect(errorsOf(run)[0]?.message).toContain('Nothing of it is there')
      expect(await at.query("SELECT to_regclass('half') AS there")).toEqual([{ there: null }])
      at.write(bad, 'CREATE TABLE "half" ("id" INTEGER);\n')
      await follow(run, '--rolled-back', by)
      await goesOn(at, [bad])
    }
  )

  if (splits) {
    const half = `CREATE TABLE "half" ("id" INTEGER);\n${missing}CREATE TABLE "rest" ("id" INTEGER);\n`

    test('a failed migration of several statements left a part: finished by hand as the runbook says, it goes on', async () => {
      const { at, run, by } = await failed(half)
      expect(errorsOf(run)[0]?.message).toContain('It did not run as one transaction: 1 object')
      await at.query('CREATE TABLE "nowhere" ()')
      await follow(run, 'To finish it by hand', by)
      expect(await at.query("SELECT to_regclass('rest') IS NOT NULL AS there")).toEqual([{ there: true }])
      await goesOn(at, [])
    })

    test('a failed migration of several statements left a part: taken back by hand as the runbook says, it goes on', async () => {
      const { at, run, by } = await failed(half)
      await follow(run, 'To take it back by hand', by)
      at.write(bad, half.replace(missing, ''))
      await goesOn(at, [bad])
    })
  }

  test('a unique index that could not be built concurrently is INVALID: dropped and built again, it goes on', async () => {
    const at = await place(version, server(), good)
    await at.run()
    await at.query(`INSERT INTO "User" ("name") VALUES ('twice'), ('twice')`)
    at.write(bad, 'CREATE UNIQUE INDEX CONCURRENTLY "User_name_key" ON "User" ("name");\n')
    const run = await at.run({ smoke: 'off' })
    expect(errorsOf(run)[0]?.message).toContain('23505')
    expect(run.summary).toContain('INVALID')
    await at.query(`DELETE FROM "User" WHERE "id" = 2`)
    const by = { sql: at.query, folder: at.folder, env: at.env }
    await follow(run, 'Drop it', by)
    await follow(run, 'To finish it by hand', by)
    expect(await at.query(`SELECT indisvalid FROM pg_index WHERE indexrelid = '"User_name_key"'::regclass`)).toEqual([
      { indisvalid: true }
    ])
    await goesOn(at, [])
  })

  test('seeds by what Prisma’s configuration names, and a seed that fails fails the job', async () => {
    const seed = 'node prisma/seed.mjs'
    const configuration = splits
      ? {
          'prisma.config.ts': `import { defineConfig, env } from 'prisma/config'\nexport default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations', seed: '${seed}' }, datasource: { url: env('DATABASE_URL') } })\n`
        }
      : { 'package.json': JSON.stringify({ prisma: { seed } }) }
    const at = await place(version, server(), good, {
      ...configuration,
      'prisma/seed.mjs':
        "import pg from 'pg'\nconst client = new pg.Client(process.env.DATABASE_URL)\nawait client.connect()\nawait client.query(`INSERT INTO \"User\" (name) VALUES ('sown')`)\nawait client.end()\n"
    })
    const sown = await at.run({ seed: 'true', 'expect-rows': 'User>=1' })
    expect(errorCodes(sown)).toEqual([])
    expect(sown.outputs['rows']).toBe('1')
    writeFileSync(join(at.folder, 'prisma/seed.mjs'), "throw new Error('no more seeds')\n")
    const failing = await at.run({ seed: 'true' })
    expect(errorCodes(failing)).toEqual(['seed-failed'])
    expect(failing.exitCode).toBe(1)
    expect((await at.run()).outputs['status']).toBe('unchanged')
  })

  test('backs up before it migrates production, restores what was, and sees what differs from the migrations', async () => {
    const at = await place(version, server(), { [init]: good[init] })
    await at.run({ smoke: 'tables' })
    await at.query('INSERT INTO "User" DEFAULT VALUES; INSERT INTO "User" DEFAULT VALUES')
    at.write(name, good[name])
    const diff = await at.run({ command: 'diff' })
    expect(errorCodes(diff)).toEqual([])
    expect(diff.summary).toContain('ADD COLUMN')

    const production = { environment: 'production', confirm: `deploy ${at.database}`, 'backup-verify': 'restore' }
    // By another name of the same server.
    const byName = server().url().replace('127.0.0.1', 'localhost')
    expect(errorCodes(await at.run({ ...production, 'scratch-url': byName }))).toEqual(['deploy-scratch-production'])
    const scratch = await (number === 15 ? startPostgres({ version: 15 }) : startPostgres())
    const deployed = await at.run({ ...production, 'scratch-url': scratch.url() })
    scratch.stop()
    expect(errorCodes(deployed)).toEqual([])
    expect(namesIn(deployed, 'applied')).toEqual([name])
    expect(deployed.outputs['backup']).toMatch(/\.dump$/)
    expect((await at.run({ command: 'drift' })).outputs['drift']).toBe('none')

    await at.query('ALTER TABLE "User" ADD COLUMN "by_hand" INTEGER; DELETE FROM "User"')
    const drifted = await at.run({ command: 'drift' })
    expect(drifted.exitCode).toBe(1)
    expect(drifted.outputs['drift']).toBe('found')
    expect(drifted.summary).toContain('by_hand')

    const restored = await at.run({
      command: 'restore',
      'restore-file': deployed.outputs['backup'] ?? '',
      confirm: `restore ${at.database}`
    })
    expect(errorCodes(restored)).toEqual([])
    expect(await at.query('SELECT * FROM "User" ORDER BY 1')).toEqual([{ id: 1 }, { id: 2 }])
    await goesOn(at, [name])
  })

  test('that is cancelled in the middle of a migration ends it on the server, and says what is there', async () => {
    const at = await place(version, server(), { ...good, [bad]: 'SELECT pg_sleep(120);\n' })
    const action = at.start()
    const sleeping = async (): Promise<boolean> =>
      (
        await server().query(
          `SELECT FROM pg_stat_activity WHERE datname = '${at.database}' AND query LIKE '%pg_sleep(120)%' AND state = 'active' AND pid <> pg_backend_pid()`
        )
      ).length > 0
    while (!(await sleeping())) {
      if (action.process.exitCode !== null) throw new Error(action.log())
      await sleep(50)
    }
    action.process.kill('SIGINT')
    const run = await action.ended
    expect(run.exitCode).toBe(1)
    expect(errorCodes(run)).toEqual(['deploy-cancelled'])
    expect(await sleeping()).toBe(false)
    expect([namesIn(run, 'applied'), namesIn(run, 'failed')]).toEqual([[init, name], [bad]])
    expect((await at.start({}, action).ended).exitCode).toBe(0)
  })
})

test('of two deploys at once one builds the index and the other waits, twenty times', async () => {
  const index = 'CREATE INDEX CONCURRENTLY "User_name_idx" ON "User" ("name");\n'
  const at = await place('7.10.1', current, { ...good, '20260103000000_index': index })
  for (let round = 0; round < 20; round++) {
    const runs = await Promise.all([at.run(), at.run()])
    expect(runs.map(errorCodes)).toEqual([[], []])
    expect(runs.map((run) => namesIn(run, 'applied').length).sort()).toEqual([0, round === 0 ? 3 : 1])
    expect(await at.query(`SELECT indisvalid FROM pg_index WHERE indexrelid = '"User_name_idx"'::regclass`)).toEqual([
      { indisvalid: true }
    ])
    const name = "migration_name = '20260103000000_index'"
    expect(await at.query(`SELECT count(*)::int AS rows FROM _prisma_migrations WHERE ${name}`)).toEqual([{ rows: 1 }])
    await at.query(`DELETE FROM _prisma_migrations WHERE ${name}; DROP INDEX "User_name_idx"`)
  }
})
