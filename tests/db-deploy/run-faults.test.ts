import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { lockKey } from '../../actions/db-deploy/lock/lock-key.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { playedProject, type PlayedProject } from '../support/prisma/played-project.ts'
import { startAction, type StartedAction } from '../support/run-action.ts'
import { deploys, errorCodes, errorsOf, namesIn, twoMigrations, twoModels } from './deploy-stage.ts'

/** What goes wrong while a deploy migrates: what it says, what it leaves, and what the next one does. */

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

/** A session of somebody else, under a name. */
async function session(database: string, name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: postgres.url(database), application_name: name })
  await client.connect()
  return client
}

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]?.pid ?? 0
}

async function exists(database: string, table: string): Promise<boolean> {
  const [row] = await postgres.query(`SELECT to_regclass('${table}') IS NOT NULL AS there`, database)
  return row?.['there'] === true
}

/** Every row of Prisma's table, and every table and column. */
async function contents(database: string): Promise<unknown> {
  return [
    await postgres.query('SELECT * FROM _prisma_migrations ORDER BY started_at', database),
    await postgres.query(
      "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
      database
    )
  ]
}

/** It is run once more, which finds everything done and writes nothing. */
async function isDone(
  project: PlayedProject,
  database: string,
  inputs: Readonly<Record<string, string>> = {}
): Promise<void> {
  const before = await contents(database)
  const again = await deploys(project, postgres.url(database), inputs)
  expect(errorCodes(again)).toEqual([])
  expect(again.outputs['status']).toBe('unchanged')
  expect(await contents(database)).toEqual(before)
}

describe('a lock that somebody else has', () => {
  const key = lockKey({ schema: undefined, table: '_prisma_migrations' })
  test.each([
    ['of a deploy', `SELECT pg_advisory_lock(${key.space}, ${key.table})`],
    ['of Prisma itself', 'SELECT pg_advisory_lock(72707369)']
  ])('%s is told with its holder, and nothing is changed until it is given back', async (_whose, take) => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const database = await postgres.createDatabase()
    const holder = await session(database, 'night shift')
    await holder.query(take)
    const run = await deploys(project, postgres.url(database), { 'lock-wait': '0' })
    const pid = await pidOf(holder)
    await holder.end()
    expect(errorsOf(run)).toEqual([{ code: 'deploy-lock-busy', message: expect.stringContaining('night shift') }])
    expect(errorsOf(run)[0]?.message).toContain(`pid ${pid}`)
    expect(run.exitCode).toBe(1)
    expect(namesIn(run, 'applied')).toEqual([])
    expect(await exists(database, '_prisma_migrations')).toBe(false)

    expect(namesIn(await deploys(project, postgres.url(database)), 'applied')).toEqual(Object.keys(twoMigrations))
    await isDone(project, database)
  })
})

test('of two deploys at once one migrates, the other waits and finds nothing left to do', async () => {
  for (let round = 0; round < 2; round++) {
    const project = playedProject({
      migrations: {
        ...twoMigrations,
        '20260103000000_index': 'CREATE INDEX CONCURRENTLY posts_title ON posts (title);\n'
      },
      schema: twoModels
    })
    const database = await postgres.createDatabase()
    const runs = await Promise.all([0, 1].map(() => deploys(project, postgres.url(database))))
    expect(runs.map(errorCodes)).toEqual([[], []])
    expect(runs.map((run) => namesIn(run, 'applied').length).sort()).toEqual([0, 3])
    expect(runs.map((run) => namesIn(run, 'pending'))).toEqual([[], []])
    expect(
      await postgres.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'posts_title'::regclass", database)
    ).toEqual([{ indisvalid: true }])
    expect(await postgres.query('SELECT count(*)::int AS rows FROM _prisma_migrations', database)).toEqual([
      { rows: 3 }
    ])
  }
})

describe.each([
  ['each statement by itself', false],
  ['a file as one transaction', true]
])('a migration that fails where Prisma commits %s', (_how, whole) => {
  const good = { a: 'CREATE TABLE one (id int);\n', b: 'CREATE TABLE two (id int);\n' }
  const bad = 'CREATE TABLE half (id int);\nALTER TABLE nowhere ADD COLUMN x int;\nCREATE TABLE never (id int);\n'
  test.each([
    ['first one', { '1_bad': bad, '2_a': good.a, '3_b': good.b }, []],
    ['one in the middle', { '1_a': good.a, '2_bad': bad, '3_b': good.b }, ['1_a']],
    ['last one', { '1_a': good.a, '2_b': good.b, '3_bad': bad }, ['1_a', '2_b']]
  ])('as the %s is told with what is there of it', async (_where, files, applied) => {
    const migrations = Object.fromEntries(
      Object.entries(files).map(([name, sql]) => [`2026010${name.replace('_', '000000_')}`, sql])
    )
    const full = (name: string): string => `2026010${name.replace('_', '000000_')}`
    const names = Object.keys(files)
    const failed = full(names.find((name) => name.endsWith('_bad')) ?? '')
    const project = playedProject({ migrations, play: { whole } })
    const database = await postgres.createDatabase()
    const run = await deploys(project, postgres.url(database), { smoke: 'off' })
    expect(run.exitCode).toBe(1)
    expect(namesIn(run, 'applied')).toEqual(applied.map(full))
    expect(namesIn(run, 'failed')).toEqual([failed])
    expect(namesIn(run, 'pending')).toEqual(names.slice(applied.length + 1).map(full))
    const [problem] = errorsOf(run)
    expect(problem?.code).toBe('migrate-failed')
    expect(problem?.message).toContain(failed)
    expect(problem?.message).toContain('42P01')
    expect(await exists(database, 'half')).toBe(!whole)
    expect(problem?.message).toContain(
      whole ? 'Nothing of it is there' : 'It did not run as one transaction: 1 object of its statements'
    )
    expect(run.summary.includes('DROP TABLE "half"')).toBe(!whole)
    expect(run.summary).toContain(`migrate resolve --rolled-back "${failed}"`)

    // Nothing is run, and nothing written, before a person has looked.
    const before = await contents(database)
    const again = await deploys(project, postgres.url(database), { smoke: 'off' })
    expect(again.exitCode).toBe(1)
    expect(errorCodes(again)).toContain('migrations-failed')
    expect(await contents(database)).toEqual(before)
  })
})

describe('a limit', () => {
  const users = twoMigrations['20260101000000_users']

  /** The table is there, and something is pending that changes it. */
  async function withUsers(
    pending: string,
    play: { readonly whole: boolean }
  ): Promise<{ readonly project: PlayedProject; readonly database: string }> {
    const project = playedProject({ migrations: { '20260101000000_users': users }, play })
    const database = await postgres.createDatabase()
    await deploys(project, postgres.url(database), { smoke: 'off' })
    project.write({ 'prisma/migrations/20260102000000_change/migration.sql': pending })
    return { project, database }
  }

  /** Somebody reads the table in a transaction that goes on, as a report does. */
  async function reader(database: string): Promise<pg.Client> {
    const client = await session(database, 'report')
    await client.query('BEGIN; SELECT FROM users')
    return client
  }

  function started(
    { folder }: PlayedProject,
    database: string,
    inputs: Readonly<Record<string, string>>
  ): StartedAction {
    return startAction('db-deploy', {
      inputs: { environment: 'staging', 'database-url': postgres.url(database), smoke: 'off', ...inputs },
      workspace: folder
    })
  }

  async function untilLog(action: StartedAction, text: string): Promise<void> {
    while (!action.log().includes(text)) {
      if (action.process.exitCode !== null) throw new Error(action.log())
      await sleep(20)
    }
  }

  const change = 'ALTER TABLE users ADD COLUMN name text;\nALTER TABLE users ADD COLUMN age int;\n'

  test('for a statement ends it, and its migration is marked as failed and explained', async () => {
    const { project, database } = await withUsers('SELECT pg_sleep(60);\n', { whole: false })
    const run = await deploys(project, postgres.url(database), { 'statement-timeout': '200ms', smoke: 'off' })
    expect(run.exitCode).toBe(1)
    expect(errorsOf(run)[0]?.message).toContain('57014')
    expect(namesIn(run, 'failed')).toEqual(['20260102000000_change'])
    expect(run.summary).toContain('set statement-timeout to more')
  })

  test('for a lock is met again until the table is free, where nothing of the migration stayed', async () => {
    const { project, database } = await withUsers(change, { whole: true })
    const other = await reader(database)
    const action = started(project, database, { 'lock-timeout': '100ms' })
    await untilLog(action, 'Trying again')
    await other.end()
    const run = await action.ended
    expect(errorCodes(run)).toEqual([])
    expect(run.outputs['status']).toBe('published')
    expect(namesIn(run, 'applied')).toEqual(['20260102000000_change'])
    // The one that met the lock is marked as rolled back, and the other is there once.
    expect(
      await postgres.query(
        `SELECT count(*) FILTER (WHERE finished_at IS NOT NULL)::int AS finished,
           count(*) FILTER (WHERE finished_at IS NULL AND rolled_back_at IS NULL)::int AS open
         FROM _prisma_migrations WHERE migration_name = '20260102000000_change'`,
        database
      )
    ).toEqual([{ finished: 1, open: 0 }])
    await isDone(project, database, { smoke: 'off' })
  })

  test('for a lock that is never free ends the deploy with nothing left of it', async () => {
    const { project, database } = await withUsers(change, { whole: true })
    const other = await reader(database)
    const run = await started(project, database, { 'lock-timeout': '100ms', retries: '1' }).ended
    await other.end()
    expect(run.exitCode).toBe(1)
    expect(errorsOf(run)[0]?.message).toContain('55P03')
    expect(errorsOf(run)[0]?.message).toContain('No further try is allowed')
    expect(
      await postgres.query("SELECT column_name FROM information_schema.columns WHERE table_name = 'users'", database)
    ).toHaveLength(2)
  })

  test('for a lock is met once where a part of the migration stayed, and nothing is resolved', async () => {
    const { project, database } = await withUsers(`CREATE TABLE half (id int);\n${change}`, { whole: false })
    const other = await reader(database)
    const run = await started(project, database, { 'lock-timeout': '100ms' }).ended
    await other.end()
    expect(run.exitCode).toBe(1)
    expect(run.stdout).not.toContain('Trying again')
    expect(await exists(database, 'half')).toBe(true)
    expect(
      await postgres.query(
        "SELECT rolled_back_at FROM _prisma_migrations WHERE migration_name LIKE '%_change'",
        database
      )
    ).toEqual([{ rolled_back_at: null }])
    expect(run.summary).toContain('DROP TABLE "half"')
  })

  test('for a lock holds also for a table that nobody may even read: nothing waits to look at it', async () => {
    const { project, database } = await withUsers(change, { whole: true })
    const other = await session(database, 'repair')
    await other.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE')
    const run = await started(project, database, { 'lock-timeout': '100ms', retries: '0' }).ended
    await other.end()
    expect(run.exitCode).toBe(1)
    expect(errorCodes(run)).toContain('migrate-failed')
    expect(errorsOf(run)[0]?.message).toContain('55P03')
    // Of its size nothing is known, and it is named all the same.
    expect(run.summary).toContain('ACCESS EXCLUSIVE on `users`')
  })

  test('for the tool ends it and what it runs on the server', async () => {
    const { project, database } = await withUsers('SELECT pg_sleep(60);\n', { whole: false })
    const run = await deploys(project, postgres.url(database), { timeout: '2s', smoke: 'off' })
    expect(run.exitCode).toBe(1)
    expect(errorCodes(run)).toEqual(['migrate-timeout'])
    expect(await running(database)).toEqual([])
  })

  async function running(database: string): Promise<readonly unknown[]> {
    return postgres.query(
      `SELECT query FROM pg_stat_activity WHERE datname = '${database}' AND pid <> pg_backend_pid()
         AND backend_type = 'client backend'`
    )
  }
})

test('a time that is over by fail-after fails the deploy, which has done everything', async () => {
  const project = playedProject({
    migrations: { '20260101000000_users': `SELECT pg_sleep(1.1);\n${twoMigrations['20260101000000_users']}` },
    schema: twoModels.split('model Post')[0] ?? ''
  })
  const database = await postgres.createDatabase()
  const run = await deploys(project, postgres.url(database), { 'fail-after': '1s migration' })
  expect(run.exitCode).toBe(1)
  expect(errorCodes(run)).toEqual(['took-too-long'])
  expect(namesIn(run, 'applied')).toEqual(['20260101000000_users'])
  expect(run.outputs['smoke']).toBe('passed')
  await isDone(project, database)
})
