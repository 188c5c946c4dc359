import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { reconcile } from '../../../actions/db-deploy/lock/reconcile.ts'
import { migrationFailure } from '../../../actions/db-deploy/failure/migration-failure.ts'
import type { Session } from '../../../actions/db-deploy/database/session.ts'
import type { MigrationState } from '../../../actions/db-deploy/state/migration-state.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { realWorld, urlOf } from './deploying.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
}, 60_000)
afterAll(() => {
  postgres.stop()
})

/** The table as this test keeps it: a name and a status. */
async function readState(session: Session): Promise<readonly MigrationState[]> {
  const rows = await session.query('SELECT name, status FROM migrations ORDER BY name')
  const migrations = rows.map((row) => ({
    name: String(row['name']),
    version: '',
    path: undefined,
    status:
      row['status'] === 'failed'
        ? ('failed' as const)
        : row['status'] === 'applied'
          ? ('applied' as const)
          : ('pending' as const),
    marks: []
  }))
  return [{ framework: 'prisma', folders: [], table: 'migrations', migrations, current: undefined, notChecked: [] }]
}

const name = 'release-actions/db-deploy 1 aaaaaa migrate'

describe('after a run was broken off', () => {
  it('ends what runs, and says what the table says when it is gone', async () => {
    const database = await postgres.createDatabase()
    await postgres.query(
      "CREATE TABLE users (id int); CREATE TABLE migrations (name text, status text); INSERT INTO migrations VALUES ('1', 'applied'), ('2', 'applied'), ('3', 'failed'), ('4', 'pending')",
      database
    )
    const tool = new pg.Client({ connectionString: postgres.url(database), application_name: name })
    tool.on('error', () => undefined)
    await tool.connect()
    const running = tool.query('ALTER TABLE users ADD email text; SELECT pg_sleep(600)').catch(() => undefined)
    const world = realWorld(AbortSignal.abort())
    const text = 'ALTER TABLE users ADD email text;\nALTER TABLE users ADD name text;'
    const found = await reconcile(
      {
        url: urlOf(postgres.url(database)),
        applicationName: name,
        startedAt: world.clock.now(),
        before: [{ migrations: ['2', '3', '4'].map((each) => ({ name: each, status: 'pending' })) }],
        readState,
        examine: (status, session) =>
          migrationFailure(
            {
              framework: 'prisma',
              tool: { label: 'prisma', version: '7.10.1' },
              name: status.name,
              file: { path: 'migration.sql', text },
              status,
              result: undefined,
              schema: 'public'
            },
            session
          )
      },
      world
    )
    await running
    expect(found).toMatchObject({ applied: ['2'], failed: ['3'], pending: ['4'], settled: true, suspects: [] })
    expect(found.ended).toHaveLength(1)
    expect(found.failures[0]?.provenAbsent).toBe(true)
    expect(found.told.join('\n')).toMatch(
      /The backend \d+ of release-actions\/db-deploy 1 aaaaaa migrate, which ran `ALTER TABLE users/
    )
    expect(found.told.join('\n')).toContain('applied in this run 2; failed 3; pending 4')
    expect(found.runbook.join('\n')).toContain('`npx prisma migrate resolve --rolled-back "3"`')
    await tool.end().catch(() => undefined)
  })

  it('shows who may be migrating where the tool hands no name on, and ends nobody', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE migrations (name text, status text)', database)
    const world = realWorld()
    const startedAt = world.clock.now()
    const ecto = new pg.Client({ connectionString: postgres.url(database) })
    ecto.on('error', () => undefined)
    await ecto.connect()
    const running = ecto.query('SELECT pg_sleep(600)').catch(() => undefined)
    const found = await reconcile(
      { url: urlOf(postgres.url(database)), applicationName: undefined, startedAt, before: undefined, readState },
      world
    )
    expect(found).toMatchObject({ ended: [], settled: false, suspects: [{ statement: 'SELECT pg_sleep(600)' }] })
    const pid = found.suspects[0]?.pid ?? 0
    expect(found.runbook.join('\n')).toContain(`SELECT pg_cancel_backend(${pid});`)
    await postgres.query(`SELECT pg_terminate_backend(${pid})`)
    await running
    await ecto.end().catch(() => undefined)
  })

  it('says of a transaction that runs still that nothing is decided yet', async () => {
    const database = await postgres.createDatabase()
    await postgres.query(
      "CREATE TABLE posts (id int); CREATE TABLE migrations (name text, status text); INSERT INTO migrations VALUES ('20260107000000', 'pending')",
      database
    )
    const world = realWorld()
    const startedAt = world.clock.now()
    const ecto = new pg.Client({ connectionString: postgres.url(database) })
    ecto.on('error', () => undefined)
    await ecto.connect()
    const running = ecto.query('BEGIN; ALTER TABLE posts ADD x int; SELECT pg_sleep(600)').catch(() => undefined)
    const text =
      'defmodule Change do\n  use Ecto.Migration\n  def change do\n    alter table(:posts), do: add :x, :integer\n  end\nend\n'
    const found = await reconcile(
      {
        url: urlOf(postgres.url(database)),
        applicationName: undefined,
        startedAt,
        before: undefined,
        readState: async (session) => (await readState(session)).map((state) => ({ ...state, framework: 'ecto' })),
        examine: (status, session) =>
          migrationFailure(
            {
              framework: 'ecto',
              tool: { label: 'mix ecto.migrate', version: undefined },
              name: status.name,
              file: { path: 'change.exs', text },
              status,
              result: undefined,
              schema: undefined
            },
            session
          )
      },
      world
    )
    const pid = found.suspects[0]?.pid ?? 0
    expect(found.told.join(' ')).toContain('SELECT pg_sleep(600). The table says')
    expect(found.failures.map(({ failure }) => failure.atomic)).toEqual([undefined])
    const told = found.runbook.join('\n')
    expect(told).toContain(
      'Until its session has ended, 20260107000000 holds its locks, and may yet be done to its end.'
    )
    expect(told).toContain(`FROM pg_stat_activity WHERE pid IN (${pid});\``)
    expect(told).not.toMatch(/rolled back|Mend the cause/)
    await postgres.query(`SELECT pg_terminate_backend(${pid})`)
    await running
    await ecto.end().catch(() => undefined)
  })

  it('never says that all is well where it could not look', async () => {
    const database = await postgres.createDatabase()
    const noTable = await reconcile(
      {
        url: urlOf(postgres.url(database)),
        applicationName: name,
        startedAt: 0,
        before: undefined,
        readState
      },
      realWorld()
    )
    expect(noTable).toMatchObject({ settled: false, after: undefined })
    expect(noTable.told.join('\n')).toContain('could not be found out')
    const noServer = await reconcile(
      {
        url: urlOf('postgresql://postgres:postgres@127.0.0.1:1/app'),
        applicationName: name,
        startedAt: 0,
        before: undefined,
        readState
      },
      realWorld()
    )
    expect(noServer.settled).toBe(false)
    expect(noServer.runbook.join('\n')).toContain('Look at the database before anything is deployed')
  }, 30_000)
})
