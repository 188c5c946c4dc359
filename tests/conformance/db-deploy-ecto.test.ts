// needs: mix, psql, pg_dump18, pg_restore18, pgbouncer
// The bundle with Mix and with a release of it (Ecto's tasks played, see tests/support/ecto): whole deploys, rollbacks,
// failures whose runbook is followed, migrations of a dependency, proofs on a copy, and a pooler in between.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { withToolFolder } from '../../scripts/tools.ts'
import { errorCodes, errorsOf, namesIn } from '../db-deploy/deploy-stage.ts'
import { ectoProject, migrationOf } from '../support/ecto/project.ts'
import { startPgbouncer } from '../support/pgbouncer.ts'
import { clientFolder } from '../support/postgres-clients.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { runAction, type ActionRun } from '../support/run-action.ts'
import { follow } from './runbook-steps.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => {
  postgres.stop()
})

const migrations = {
  '20260101000000_users.exs': migrationOf('Users', 'create table(:users) do\n      add :name, :text\n    end'),
  '20260102000000_posts.exs': migrationOf('Posts', 'execute "CREATE TABLE posts (id int)", "DROP TABLE posts"')
}
const [users, posts, third] = ['20260101000000', '20260102000000', '20260103000000'] as const

interface Place {
  readonly folder: string
  readonly database: string
  readonly env: Readonly<Record<string, string>>
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  run(inputs?: Readonly<Record<string, string>>): Promise<ActionRun>
  /** Writes a file of the project, or takes it away. */
  write(path: string, text: string | undefined): void
}

async function place(
  files: Readonly<Record<string, string>>,
  options: { readonly release?: boolean; readonly inputs?: Readonly<Record<string, string>> } = {}
): Promise<Place> {
  const database = await postgres.createDatabase()
  const { folder, env: own } = await ectoProject({
    // The project's own address leads nowhere: the tool gets the one of the run.
    url: 'ecto://nobody:nothing@127.0.0.1:9/nowhere',
    migrations: files,
    ...(options.release === undefined ? {} : { release: options.release })
  })
  const tools = withToolFolder({ PATH: `${clientFolder(18)}:${process.env['PATH'] ?? ''}` })
  const env = { ...own, PATH: tools['PATH'] ?? '' }
  return {
    folder,
    database,
    env,
    query: (sql) => postgres.query(sql, database),
    run: (inputs = {}) =>
      runAction('db-deploy', {
        inputs: {
          environment: 'staging',
          'database-url': postgres.url(database).replace('postgresql:', 'ecto:'),
          'scratch-url': postgres.url(),
          ...options.inputs,
          ...inputs
        },
        workspace: folder,
        env
      }),
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      if (text === undefined) rmSync(join(folder, path))
      else writeFileSync(join(folder, path), text)
    }
  }
}

async function versions(at: Place): Promise<readonly string[]> {
  return (await at.query('SELECT version::text FROM schema_migrations ORDER BY 1')).map(({ version }) =>
    String(version)
  )
}

/** The next deploy applies these, and the one after it has nothing to do. */
async function goesOn(at: Place, applied: readonly string[]): Promise<void> {
  const next = await at.run()
  expect(errorCodes(next)).toEqual([])
  expect(namesIn(next, 'applied')).toEqual(applied)
  if (applied.length > 0) expect((await at.run()).outputs['status']).toBe('unchanged')
}

describe('Mix', () => {
  test('is planned, migrates, reads back, and then is not asked any more', async () => {
    const at = await place(migrations)
    const planned = await at.run({ command: 'plan' })
    expect(namesIn(planned, 'pending')).toEqual([users, posts])
    expect(planned.summary).toContain('CREATE TABLE posts')
    const run = await at.run({ 'expect-app': 'app=0.4.0, ecto_sql=3.13.5', 'expect-current': posts })
    expect(errorCodes(run)).toEqual([])
    expect(run.outputs).toMatchObject({ status: 'published', current: posts, smoke: 'passed' })
    expect(namesIn(run, 'applied')).toEqual([users, posts])
    at.write('mix.exs', 'raise "nobody asks Mix"\n')
    const again = await at.run()
    expect(again.outputs).toMatchObject({ status: 'unchanged', fingerprint: run.outputs['fingerprint'] })
  })

  test('is told that lock-timeout does not reach it, until its repository hands it on', async () => {
    const at = await place({
      '20260101000000_users.exs': migrationOf('Users', 'execute "ALTER TABLE there ADD COLUMN b int", ""')
    })
    await at.query('CREATE TABLE there (id int)')
    expect((await at.run({ command: 'plan' })).everything).toContain('no-lock-timeout')
    at.write(
      'config/runtime.exs',
      'import Config\nconfig :app, App.Repo, parameters: [application_name: System.get_env("PGAPPNAME"), lock_timeout: System.get_env("DB_LOCK_TIMEOUT")]\n'
    )
    expect((await at.run({ command: 'plan' })).everything).not.toContain('no-lock-timeout')
  })

  test('keeps its table where the search path leads, and makes the rest where the default prefix says', async () => {
    const at = await place({
      '20260101000000_billing.exs': migrationOf('Billing', 'execute "CREATE SCHEMA billing", "DROP SCHEMA billing"'),
      '20260102000000_users.exs': migrationOf('Users', 'create table(:users)')
    })
    at.write(
      'config/runtime.exs',
      'import Config\nconfig :app, App.Repo, url: System.get_env("DATABASE_URL"), migration_default_prefix: "billing"\n'
    )
    await goesOn(at, [users, posts])
    expect(await at.query("SELECT to_regclass('billing.users')::text AS there")).toEqual([{ there: 'billing.users' }])
    expect(await versions(at)).toEqual([users, posts])
    at.write(
      'priv/repo/migrations/20260103000000_a.exs',
      migrationOf('A', 'alter table(:users) do\n add :a, :text\n end')
    )
    expect((await at.run({ command: 'plan' })).summary).toContain('billing.users')
    expect(errorCodes(await at.run({ command: 'drift' }))).toEqual([])
  })

  test('is given migrations-prefix, for its table and for what it makes', async () => {
    const at = await place({ '20260101000000_users.exs': migrationOf('Users', 'create table(:users)') })
    await at.query('CREATE SCHEMA tenant')
    const prefix = { 'migrations-prefix': 'tenant' }
    expect(namesIn(await at.run(prefix), 'applied')).toEqual([users])
    expect(
      await at.query(
        "SELECT relname FROM pg_class WHERE relnamespace = 'tenant'::regnamespace AND relkind = 'r' ORDER BY 1"
      )
    ).toEqual([{ relname: 'schema_migrations' }, { relname: 'users' }])
    expect((await at.run(prefix)).outputs['status']).toBe('unchanged')
    expect(errorCodes(await at.run({ ...prefix, command: 'drift' }))).toEqual([])
  })

  test('that has another version of an application than is expected is red before anything is applied', async () => {
    const at = await place(migrations)
    for (const inputs of [{ command: 'preflight' }, { command: 'plan' }, {}]) {
      const run = await at.run({ ...inputs, 'expect-app': 'ecto_sql=0.0.1' })
      expect(errorCodes(run)).toEqual(['expect-app-version'])
      expect(errorsOf(run)[0]?.message).toContain('3.13.5')
    }
    await goesOn(at, [users, posts])
    expect(errorCodes(await at.run({ command: 'plan', 'expect-app': 'ecto_sql=0.0.1' }))).toEqual([
      'expect-app-version'
    ])
  })

  test('that has not compiled is asked for versions once it has', async () => {
    const at = await place(migrations)
    rmSync(join(at.folder, '_build'), { recursive: true })
    const run = await at.run({ 'expect-app': 'app=0.4.0' })
    expect(errorCodes(run)).toEqual([])
    expect(run.summary).toContain('nothing is compiled yet: app=0.4.0 is asked for after the migrations')
    expect(run.stdout).toContain('Application app: 0.4.0, by _build/dev/lib/app/ebin/app.app')
  })

  test('rolls back by steps and to a version, after showing what goes', async () => {
    const at = await place({
      ...migrations,
      '20260103000000_tags.exs': migrationOf('Tags', 'create table(:tags) do\n      add :name, :text\n    end')
    })
    await at.run()
    const rehearsed = await at.run({ command: 'rollback', steps: '1', 'dry-run': 'true' })
    expect(rehearsed.stdout).toContain(third)
    expect(await versions(at)).toEqual([users, posts, third])
    const one = await at.run({ command: 'rollback', steps: '1' })
    expect(errorCodes(one)).toEqual([])
    expect(await versions(at)).toEqual([users, posts])
    expect(await at.query("SELECT to_regclass('tags') AS there")).toEqual([{ there: null }])
    const back = await at.run({ command: 'rollback', to: users })
    expect(errorCodes(back)).toEqual([])
    expect(await versions(at)).toEqual([users])
    await goesOn(at, [posts, third])
  })

  test('that fails in a transaction left nothing, and goes on once it is mended', async () => {
    const bad = 'priv/repo/migrations/20260103000000_bad.exs'
    const at = await place({
      ...migrations,
      '20260103000000_bad.exs': migrationOf(
        'Bad',
        'execute "CREATE TABLE half (id int)", ""\n    execute "SELECT 1 / 0", ""'
      )
    })
    const run = await at.run()
    expect(run.exitCode).toBe(1)
    expect(errorsOf(run)[0]).toMatchObject({ code: 'migrate-failed', message: expect.stringContaining(third) })
    expect(errorsOf(run)[0]?.message).toContain('22012')
    expect(errorsOf(run)[0]?.message).toContain('Nothing of it is there')
    expect(namesIn(run, 'applied')).toEqual([users, posts])
    expect(await at.query("SELECT to_regclass('half') AS there")).toEqual([{ there: null }])
    expect(run.summary).toContain('nothing has to be resolved')
    at.write(bad, migrationOf('Bad', 'execute "CREATE TABLE half (id int)", "DROP TABLE half"'))
    await goesOn(at, [third])
  })

  const half = (rest: string): string =>
    migrationOf(
      'Half',
      `  @disable_ddl_transaction true\n  @disable_migration_lock true\n  def change do\n    execute "CREATE TABLE half (id int)", "DROP TABLE half"\n    execute "${rest}", ""\n  end`
    )

  test.each(['To take it back by hand', 'To finish it by hand'])(
    'that fails outside of a transaction left a part, and goes on as the runbook says: %s',
    async (way) => {
      const at = await place({ ...migrations, '20260103000000_half.exs': half('ALTER TABLE nowhere ADD COLUMN x int') })
      const run = await at.run({ smoke: 'off' })
      expect(errorsOf(run)[0]?.message).toContain('It did not run as one transaction: 1 object')
      expect(namesIn(run, 'pending')).toEqual([third])
      const by = { sql: at.query, folder: at.folder, env: at.env }
      if (way === 'To finish it by hand') {
        await at.query('CREATE TABLE nowhere ()')
        await follow(run, way, by)
        await goesOn(at, [])
      } else {
        await follow(run, way, by)
        at.write('priv/repo/migrations/20260103000000_half.exs', half('CREATE TABLE nowhere ()'))
        await goesOn(at, [third])
      }
    }
  )

  test('applies what a dependency brings along, in the order of all versions', async () => {
    const at = await place(migrations, {
      inputs: { 'migrations-paths': 'priv/repo/migrations\ndeps/*/priv/repo/migrations' }
    })
    at.write(
      'deps/diwa_schema/priv/repo/migrations/20260101120000_shared.exs',
      migrationOf('Shared', 'create table(:shared) do\n      add :name, :text\n    end')
    )
    await goesOn(at, [users, '20260101120000', posts])
  })

  test('is proven on a copy: again without a change, and back and forth', async () => {
    const at = await place(migrations)
    const run = await at.run({ prove: 'idempotent, rollback' })
    expect(errorCodes(run)).toEqual([])
    expect(run.outputs['status']).toBe('published')
    expect(run.stdout).toContain('Proof on a scratch copy')

    at.write(
      'priv/repo/migrations/20260103000000_one_way.exs',
      migrationOf(
        'OneWay',
        '  def up, do: execute("CREATE TABLE one_way (id int)")\n  def down, do: execute("SELECT 1")'
      )
    )
    const refused = await at.run({ prove: 'rollback' })
    expect(errorCodes(refused)).toEqual(['prove-rollback'])
    expect(refused.summary).toContain('| Proof on a scratch copy | ❌ failed |')
    expect(await versions(at)).toEqual([users, posts])
    expect(await postgres.query("SELECT datname FROM pg_database WHERE datname LIKE 'release_actions%'")).toEqual([])
    await goesOn(at, [third])
  })

  test('is not proven to go back where something newer would go first', async () => {
    const at = await place({ '20260102000000_posts.exs': migrations['20260102000000_posts.exs'] })
    await goesOn(at, [posts])
    at.write('priv/repo/migrations/20260101000000_users.exs', migrations['20260101000000_users.exs'])
    const run = await at.run({ prove: 'idempotent, rollback' })
    expect(errorCodes(run)).toEqual([])
    expect(namesIn(run, 'applied')).toEqual([users])
    expect(run.summary).toContain(`${users} is pending, and ${posts}, which is newer, is applied`)
  })

  test('that names what a copy has not is told so', async () => {
    const at = await place({
      '20260101000000_users.exs': migrationOf(
        'Users',
        'execute "CREATE TABLE users (id int)", ""\n    execute "CREATE POLICY own ON users USING (true)", ""'
      )
    })
    await goesOn(at, [users])
    at.write(
      'priv/repo/migrations/20260102000000_policy.exs',
      migrationOf('Policy', 'execute "DROP POLICY own ON users", ""')
    )
    const run = await at.run({ prove: 'idempotent' })
    expect(errorCodes(run)).toEqual(['prove-idempotent'])
    expect(run.summary).toContain('unless it names what the copy has not: policies,')
  })

  test('is not let loose through a pooler that shares backends: the address past it is asked for', async () => {
    const pooler = await startPgbouncer(postgres, 'transaction')
    try {
      const at = await place(migrations)
      const run = await at.run({ 'database-url': pooler.url(at.database) })
      expect(errorCodes(run)).toEqual(['database-pooled'])
      expect(errorsOf(run)[0]?.message).toContain('direct-database-url')
      expect(await at.query("SELECT to_regclass('schema_migrations') AS there")).toEqual([{ there: null }])
      const direct = { 'database-url': pooler.url(at.database), 'direct-database-url': postgres.url(at.database) }
      const past = await at.run(direct)
      expect(errorCodes(past)).toEqual([])
      expect(namesIn(past, 'applied')).toEqual([users, posts])
    } finally {
      pooler.stop()
    }
  })

  test('of two deploys at once one migrates, and the other finds nothing left', async () => {
    const at = await place({
      ...migrations,
      '20260103000000_index.exs': migrationOf(
        'Index',
        '  @disable_ddl_transaction true\n  @disable_migration_lock true\n  def change do\n    execute "CREATE INDEX CONCURRENTLY users_name ON users (name)", "DROP INDEX users_name"\n  end'
      )
    })
    const runs = await Promise.all([at.run(), at.run()])
    expect(runs.map(errorCodes)).toEqual([[], []])
    expect(runs.map((run) => namesIn(run, 'applied').length).sort()).toEqual([0, 3])
    expect(await at.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'users_name'::regclass")).toEqual([
      { indisvalid: true }
    ])
  })
})

test('a release migrates, has nothing to do, tells its version and rolls back by its own call', async () => {
  const at = await place(migrations, {
    release: true,
    inputs: {
      'release-binary': '_build/prod/rel/app/bin/app',
      'release-call': 'App.Release.migrate()',
      'release-rollback-call': 'App.Release.rollback(App.Repo, {to})'
    }
  })
  const other = await at.run({ 'expect-app': 'app=0.5.0' })
  expect(errorCodes(other)).toEqual(['expect-app-version'])
  expect(other.stdout).toContain('Nothing was written.')
  const run = await at.run({ 'expect-app': 'app=0.4.0', prove: 'idempotent, rollback' })
  expect(errorCodes(run)).toEqual([])
  expect(run.summary).toContain('2 rolled back and applied again')
  expect(namesIn(run, 'applied')).toEqual([users, posts])
  const again = await at.run({ prove: 'rollback' })
  expect(again.outputs['status']).toBe('unchanged')
  expect(again.summary).toContain('nothing is pending to prove it on')
  expect(errorCodes(await at.run({ command: 'status' }))).toEqual([])

  const back = await at.run({ command: 'rollback', to: users })
  expect(errorCodes(back)).toEqual([])
  expect(await versions(at)).toEqual([users])
  await goesOn(at, [posts])
})
