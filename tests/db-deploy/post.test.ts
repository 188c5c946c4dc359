import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Command } from '../../actions/db-deploy/command.ts'
import type { Deed } from '../../actions/db-deploy/deed.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { playedProject, type PlayedProject } from '../support/prisma/played-project.ts'
import { startAction, temporaryFolder, type ActionRun, type StartedAction } from '../support/run-action.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres({ access: ['host all all 127.0.0.1/32 scram-sha-256'] })
}, 60_000)
afterAll(() => {
  postgres.stop()
})

const password = 'a secret of 24 letters!!'

interface Dying {
  readonly action: StartedAction
  readonly project: PlayedProject
  readonly inputs: Readonly<Record<string, string>>
  readonly database: string
}

const two = '20260102000000_two'

async function dying(how: 'ended' | 'begun' | 'migrating', role: string): Promise<Dying> {
  const database = await postgres.createDatabase()
  await postgres.createRole(role, 'SUPERUSER', password)
  await postgres.query(
    `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
       migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
       started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`,
    database
  )
  const project = playedProject({
    migrations: {
      '20260101000000_one': 'CREATE TABLE one (id int);\n',
      [two]: 'CREATE TABLE two (id int);\nCREATE TABLE three (id int);\n',
      '20260103000000_last': 'CREATE TABLE last (id int);\n'
    }
  })
  const inputs = { environment: 'staging', 'database-url': postgres.url(database, { user: role, password }) }
  const action = startAction('db-deploy', {
    program: join(import.meta.dirname, 'post', 'dying-run.ts'),
    workspace: project.folder,
    inputs,
    env: { DYING: how }
  })
  if (how !== 'ended') while (!action.log().includes('under way')) await sleep(20)
  return { action, project, inputs, database }
}

/** A run whose program is in the middle of these statements. */
async function dyingIn(
  deed: { readonly command: Command; readonly deed?: Deed; readonly files?: readonly string[] },
  place: {
    readonly database: string
    readonly sql: string
    readonly url?: string
    readonly files?: Readonly<Record<string, string>>
  },
  inputs: Readonly<Record<string, string>> = {}
): Promise<Dying> {
  const { database, sql, url } = place
  const project = playedProject({ migrations: {} })
  project.write(place.files ?? {})
  const given = { environment: 'staging', command: deed.command, 'database-url': postgres.url(database), ...inputs }
  const action = startAction('db-deploy', {
    program: join(import.meta.dirname, 'post', 'dying-run.ts'),
    workspace: project.folder,
    inputs: given,
    env: { DYING: JSON.stringify(deed), DYING_SQL: sql, ...(url === undefined ? {} : { DYING_URL: url }) }
  })
  while (!action.log().includes('under way')) await sleep(20)
  return { action, project, inputs: given, database }
}

const sessionsLeft = () =>
  postgres.query(
    "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'release-actions/db-deploy 7%'"
  )

async function killed(run: Dying): Promise<void> {
  run.action.process.kill('SIGKILL')
  await run.action.ended
}

function post({ action, project, inputs }: Dying): Promise<ActionRun> {
  return startAction('db-deploy', {
    program: join(import.meta.dirname, 'post', 'post-step.ts'),
    workspace: project.folder,
    inputs,
    postOf: action
  }).ended
}

describe('the step after the run', () => {
  it('has nothing to do after a run that ended by itself, and says so in one line', async () => {
    const run = await dying('ended', 'one')
    await run.action.ended
    const after = await post(run)
    expect([after.exitCode, after.summary, after.annotations]).toEqual([0, '', []])
    expect(
      after.stdout
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('::'))
    ).toEqual(['The run ended by itself: there is nothing left to do.'])
  })

  it('tells of one that was killed before it migrated that no migration was run', async () => {
    const run = await dying('begun', 'two')
    await killed(run)
    const after = await post(run)
    expect(after.exitCode).toBe(0)
    expect(after.summary).toContain('❌ db-deploy was killed during: Verified backup')
    expect(after.summary).toContain('It had not begun to migrate')
    expect(after.summary).toMatch(/Verified backup *\| *under way when it was killed/)
  })

  it('ends what one that was killed while it migrated left running, and says what is there', async () => {
    const run = await dying('migrating', 'three')
    await killed(run)
    const after = await post(run)
    expect(after.exitCode).toBe(0)
    expect(
      await postgres.query("SELECT FROM pg_stat_activity WHERE application_name LIKE 'release-actions/db-deploy 7%'")
    ).toEqual([])
    expect(after.summary).toContain('❌ db-deploy was killed during: Migrations')
    expect(after.summary).toMatch(
      /The backend \d+ of .*, which ran `SELECT pg_sleep\(600\)`, was (?:cancelled|terminated) and is gone/
    )
    expect(after.summary.replaceAll('\\_', '_')).toContain(
      `applied in this run 20260101000000_one; failed ${two}; pending 20260103000000_last`
    )
    expect(after.summary).toContain('To finish it by hand: `CREATE TABLE three (id int);`')
    expect(after.summary).toContain(`npx prisma migrate resolve --applied "${two}"`)
    expect(after.annotations.map(({ kind }) => kind)).toEqual(['warning'])
    expect(after.everything).not.toContain(password)
  })

  it('tells how far a rollback came that was killed, by names, and ends it', async () => {
    const database = await postgres.createDatabase()
    await postgres.query(
      'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, inserted_at timestamp(0)); INSERT INTO schema_migrations VALUES (1, now()), (2, now()), (3, now())',
      database
    )
    const goal = { framework: 'ecto', before: ['3', '2', '1'], targets: ['3', '2'] } as const
    const run = await dyingIn(
      {
        command: 'rollback',
        deed: { kind: 'rollback', applicationName: 'release-actions/db-deploy 7 abcdef migrate', at: Date.now(), goal }
      },
      {
        database,
        sql: 'DELETE FROM schema_migrations WHERE version = 3; COMMIT; SELECT pg_sleep(600)',
        files: { 'priv/repo/migrations/1_one.exs': 'defmodule One do\n  use Ecto.Migration\nend\n' }
      },
      { tool: 'ecto', 'migrations-paths': 'priv/repo/migrations', steps: '2' }
    )
    await killed(run)
    expect(await sessionsLeft()).toHaveLength(1)
    const after = await post(run)
    expect(await sessionsLeft()).toEqual([])
    expect(after.summary).toMatch(/The process \d+ \(node\) was still at work and was ended/)
    expect(after.summary).toContain('went back 3; still applied 2')
    expect(after.summary).toContain('run this workflow again with `to: 1` and without `steps`')
    expect(after.summary).not.toContain('no migration was run')
  })

  it.each([
    ['SELECT pg_sleep(600)', 'is as it was: nothing of the dump was committed', 'old'],
    ['COMMIT; SELECT pg_sleep(600)', 'is restored all the same', 'new']
  ])('says whether a restore in place that was killed in %s was committed', async (end, told, value) => {
    const database = await postgres.createDatabase()
    await postgres.query("CREATE TABLE users AS SELECT 'old' AS v", database)
    const [row] = await postgres.query("SELECT 'public.users'::regclass::oid::int AS oid", database)
    const witness = [{ table: 'public.users', oid: Number(row?.['oid']) }]
    const run = await dyingIn(
      { command: 'restore', deed: { kind: 'restore in place', database, witness } },
      { database, sql: `BEGIN; DROP TABLE users; CREATE TABLE users AS SELECT 'new' AS v; ${end}; COMMIT` },
      { confirm: `restore ${database}`, 'restore-file': 'app.dump', 'restore-mode': 'in-place' }
    )
    await killed(run)
    const after = await post(run)
    expect(await sessionsLeft()).toEqual([])
    expect(after.summary.replaceAll('\\_', '_')).toContain(`${database} ${told}`)
    expect(await postgres.query('SELECT v FROM users', database)).toEqual([{ v: value }])
  })

  it('drops the database that a restore was filling when it was killed', async () => {
    const database = await postgres.createDatabase()
    const made = `${database}_restoring_20260101_000000`
    await postgres.query(`CREATE DATABASE ${made}`)
    const [row] = await postgres.query(`SELECT oid::int AS oid FROM pg_database WHERE datname = '${database}'`)
    const kept = `${database}_before_20260101_000000`
    const run = await dyingIn(
      { command: 'restore', deed: { kind: 'restore by swap', database, oid: Number(row?.['oid']), made, kept } },
      { database, sql: 'CREATE TABLE half (id int); SELECT pg_sleep(600)', url: postgres.url(made) },
      { confirm: `restore ${database}`, 'restore-file': 'app.dump' }
    )
    await killed(run)
    const after = await post(run)
    expect(after.summary.replaceAll('\\_', '_')).toContain(
      `${database} is as it was. ${made}, which was being filled, was dropped`
    )
    expect(await postgres.query(`SELECT FROM pg_database WHERE datname = '${made}'`)).toEqual([])
  })

  it('removes the dump that a backup had not finished when it was killed, and ends who writes it', async () => {
    const database = await postgres.createDatabase()
    const plain = join(temporaryFolder('backup'), '.app.dump.age.plain')
    const run = await dyingIn({ command: 'backup', files: [plain] }, { database, sql: 'SELECT pg_sleep(600)' })
    await killed(run)
    expect(existsSync(plain)).toBe(true)
    const after = await post(run)
    expect(existsSync(plain)).toBe(false)
    expect(await sessionsLeft()).toEqual([])
    expect(after.summary).toContain('.app.dump.age.plain, which was not finished, was removed')
    expect(after.summary).toContain('A backup changes nothing in the database')
  })

  it('keeps no secret and leaves no file', async () => {
    const run = await dying('migrating', 'four')
    await killed(run)
    const files = (): readonly string[] =>
      readdirSync(run.action.runner, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
    expect(files()).toHaveLength(1)
    expect((await run.action.ended).everything).not.toContain(password)
    await post(run)
    expect(files()).toEqual([])
  })

  it('admits that it knows nothing where the file is gone', async () => {
    const run = await dying('begun', 'five')
    await killed(run)
    for (const name of readdirSync(run.action.runner, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.json')) rmSync(join(run.action.runner, name))
    }
    const after = await post(run)
    expect(after.exitCode).toBe(0)
    expect(after.summary).toContain('how far it came is not known')
  })

  it('fails nothing when the server is away, and says that nothing could be found out', async () => {
    const run = await dying('migrating', 'six')
    await killed(run)
    const away = { ...run, inputs: { ...run.inputs, 'database-url': 'postgresql://six:secret-six@127.0.0.1:1/app' } }
    const after = await post(away)
    expect(after.exitCode).toBe(0)
    expect(after.summary).toContain('could not be found out')
    await postgres.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"
    )
  }, 30_000)
})
