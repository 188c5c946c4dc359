// needs: mix, psql
// Mix and a release of it, with a stand-in for Ecto's tasks: what they say in each state of the table and the folders, what
// is made of their words, and what the own reader of the state sees, also where they are silent.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { readDatabaseUrl, type DatabaseUrl } from '../../actions/db-deploy/database/database-url.ts'
import { openSession } from '../../actions/db-deploy/database/session.ts'
import { expectApp } from '../../actions/db-deploy/ecto/expect-app.ts'
import { ectoRollback } from '../../actions/db-deploy/ecto/rollback.ts'
import { findMigrationTool, type ToolChoice } from '../../actions/db-deploy/find-tool.ts'
import { readMigrationState } from '../../actions/db-deploy/state/read-migration-state.ts'
import type { EctoTool, ToolRun } from '../../actions/db-deploy/tool.ts'
import { withToolFolder } from '../../scripts/tools.ts'
import { ectoProject, migrationOf } from '../support/ecto/project.ts'
import { ran } from '../support/hex/mix.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { testWorld } from '../support/world.ts'

let server: Postgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => {
  server.stop()
})

const migrations = {
  '20260101000000_users.exs': migrationOf('Users', 'create table(:users) do\n      add :name, :text\n    end'),
  '20260102000000_told.exs': migrationOf(
    'Told',
    `execute "CREATE TABLE told AS SELECT current_setting('application_name') AS name, current_setting('lock_timeout') AS lock", "DROP TABLE told"`
  )
}

interface Place {
  readonly folder: string
  readonly tool: EctoTool
  readonly url: DatabaseUrl
  readonly run: ToolRun
  readonly world: ReturnType<typeof testWorld>
  readonly environment: NodeJS.ProcessEnv
  query(sql: string): Promise<readonly Record<string, unknown>[]>
  state(): Promise<readonly string[]>
  write(name: string, text: string | undefined): void
}

let made = 0

async function place(
  files: Readonly<Record<string, string>>,
  options: {
    readonly more?: Readonly<Record<string, string>>
    readonly release?: boolean
    readonly tool?: Partial<ToolChoice['tool']>
    readonly folders?: readonly string[]
  } = {}
): Promise<Place> {
  const database = `deploy_${++made}`
  await query('postgres', `CREATE DATABASE ${database}`)
  const read = readDatabaseUrl(urlTo(database), 'database-url')
  if (!('url' in read)) throw new Error('the address of the test is not read')
  const { more, release, tool: asked, folders = ['priv/repo/migrations'] } = options
  const { folder, env } = await ectoProject({
    // The project's own address leads nowhere: the tool gets the one of the run.
    url: 'ecto://nobody:nothing@127.0.0.1:9/nowhere',
    migrations: files,
    ...(more === undefined ? {} : { files: more }),
    ...(release === undefined ? {} : { release })
  })
  const world = testWorld()
  const environment = withToolFolder({ PATH: process.env['PATH'], HOME: process.env['HOME'], ...env })
  const found = await findMigrationTool(
    { folder, framework: 'ecto', folders, named: options.folders !== undefined },
    {
      environmentVariables: environment,
      shownFolder: '.',
      migrations: { paths: [], schema: undefined, table: undefined, prefix: undefined, expectCurrent: undefined },
      seed: { seed: false, inProduction: false, command: undefined },
      tool: {
        tool: 'ecto',
        repositories: [],
        releaseBinary: undefined,
        releaseCall: undefined,
        releaseRollbackCall: undefined,
        validate: 'pending',
        generate: 'pending',
        toolStatus: 'pending',
        timeout: 60_000,
        ...asked
      }
    },
    world
  )
  if (!('tool' in found) || found.tool.framework !== 'ecto') throw new Error(JSON.stringify(found))
  return {
    folder,
    tool: found.tool,
    url: read.url,
    environment,
    run: {
      url: read.url,
      applicationName: 'release-actions/db-deploy 42 migrate',
      lockTimeout: 4000,
      statementTimeout: 60_000,
      timeout: 60_000
    },
    world,
    query: (sql) => query(database, sql),
    async state() {
      const session = await openSession(read.url, { applicationName: 'test' }, world)
      try {
        const project = {
          folder,
          framework: 'ecto',
          folders,
          schema: undefined,
          table: 'schema_migrations',
          tableSchema: undefined
        } as const
        const { states } = await readMigrationState(session, project)
        return states.flatMap(({ migrations: all }) =>
          all.map(({ version, status, marks }) => [version, status, ...marks].join(' '))
        )
      } finally {
        await session.close()
      }
    },
    write(name, text) {
      const path = join(folder, 'priv/repo/migrations', name)
      if (text === undefined) rmSync(path)
      else writeFileSync(path, text)
    }
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

describe('mix', () => {
  test('applies what is pending with times and statements, in sessions without a name, and then has nothing to do', async () => {
    const at = await place(migrations)
    expect(await at.state()).toEqual(['20260101000000 pending', '20260102000000 pending'])
    const applied = await at.tool.migrate(at.run)
    expect(applied).toMatchObject({ exitCode: 0, end: 'exited', sentence: 'applied' })
    expect(applied.migrations).toEqual([
      { name: '20260101000000', took: expect.any(Number), statements: 1 },
      { name: '20260102000000', took: expect.any(Number), statements: 1 }
    ])
    expect(await at.query('SELECT * FROM told')).toEqual([{ name: '', lock: '0' }])
    expect(await at.state()).toEqual(['20260101000000 applied', '20260102000000 applied'])
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'nothing', migrations: [] })
  })

  test('gives its sessions our name and limits where the configuration hands them on', async () => {
    const runtime = `import Config
config :app, App.Repo,
  url: System.fetch_env!("DATABASE_URL"),
  parameters: [application_name: System.get_env("PGAPPNAME", "app"), lock_timeout: System.get_env("DB_LOCK_TIMEOUT", "0")]
`
    const at = await place(migrations, { more: { 'config/runtime.exs': runtime } })
    expect(at.tool.program.parameters).toBe('named in configuration')
    await at.tool.migrate(at.run)
    expect(await at.query('SELECT * FROM told')).toEqual([{ name: at.run.applicationName, lock: '4s' }])
  })

  test('names the migration that failed and leaves no trace of it, so that the table calls it pending', async () => {
    const at = await place({
      ...migrations,
      '20260103000000_again.exs': migrationOf('Again', 'create table(:fresh)\n    create table(:users)')
    })
    const failed = await at.tool.migrate(at.run)
    expect(failed).toMatchObject({
      exitCode: 1,
      sentence: 'failed',
      failedMigration: '20260103000000',
      sqlstate: '42P07'
    })
    expect(failed.message).toContain('relation "users" already exists')
    expect(failed.migrations.map(({ name }) => name)).toEqual(['20260101000000', '20260102000000'])
    expect(await at.state()).toContain('20260103000000 pending')
    expect(await at.query("SELECT to_regclass('fresh') AS fresh")).toEqual([{ fresh: null }])
  })

  test('keeps what a migration without a transaction had done when it failed', async () => {
    const body =
      '  @disable_ddl_transaction true\n  @disable_migration_lock true\n  def change do\n    create table(:fresh)\n    create table(:users)\n  end'
    const at = await place({ ...migrations, '20260103000000_again.exs': migrationOf('Again', body) })
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 1, sentence: 'failed' })
    expect(await at.state()).toContain('20260103000000 pending')
    expect(await at.query("SELECT to_regclass('fresh') IS NOT NULL AS fresh")).toEqual([{ fresh: true }])
  })

  test('never runs a second file of an applied version, and calls both up: our reader does not', async () => {
    const at = await place(migrations)
    await at.tool.migrate(at.run)
    at.write('20260102000000_other.exs', migrationOf('Other', 'create table(:other)'))
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'nothing' })
    const { exitCode, output } = await ran('mix', ['ecto.migrations'], {
      folder: at.folder,
      env: { ...envOf(at), DATABASE_URL: urlTo(`deploy_${made}`) }
    })
    expect(exitCode).toBe(0)
    expect(output).toMatch(/up +20260102000000 +other/)
    expect((await at.state()).filter((line) => line.includes('hidden'))).not.toEqual([])
  })

  test('refuses two pending files of one version', async () => {
    const at = await place({ ...migrations, '20260102000000_other.exs': migrationOf('Other', 'create table(:other)') })
    const failed = await at.tool.migrate(at.run)
    expect(failed).toMatchObject({ exitCode: 1, sentence: 'failed' })
    expect(failed.message).toContain('migration version 20260102000000 is duplicated')
  })

  test('says nothing of a file that is gone, nor of one that comes too late: our reader does', async () => {
    const at = await place(migrations)
    await at.tool.migrate(at.run)
    at.write('20260102000000_told.exs', undefined)
    at.write('20251231000000_late.exs', migrationOf('Late', 'create table(:late)'))
    expect(await at.state()).toEqual([
      '20251231000000 pending out-of-order',
      '20260101000000 applied',
      '20260102000000 missing'
    ])
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'applied' })
  })

  test('takes migrations of a dependency from the folders that are named', async () => {
    const folders = ['priv/repo/migrations', 'deps/diwa_schema/priv/repo/migrations']
    const at = await place(migrations, {
      folders,
      more: {
        'deps/diwa_schema/priv/repo/migrations/20260105000000_shared.exs': migrationOf(
          'Shared',
          'create table(:shared)'
        )
      }
    })
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'applied' })
    expect(await at.query("SELECT to_regclass('shared') IS NOT NULL AS there")).toEqual([{ there: true }])
  })

  test('rolls back to a version that stays, and says what cannot be taken back', async () => {
    const at = await place({
      ...migrations,
      '20260103000000_hard.exs': migrationOf('Hard', 'execute "CREATE TABLE hard (id int)"')
    })
    await at.tool.migrate(at.run)
    const stuck = await ectoRollback(at.tool, { steps: 1 }, at.run, at.world)
    expect(stuck).toMatchObject({ exitCode: 1, sentence: 'failed' })
    expect(stuck.message).toContain('cannot reverse migration command')
    at.write('20260103000000_hard.exs', migrationOf('Hard', 'execute "CREATE TABLE hard (id int)", "DROP TABLE hard"'))
    const back = await ectoRollback(at.tool, { to: '20260101000000' }, at.run, at.world)
    expect(back).toMatchObject({ exitCode: 0, sentence: 'applied' })
    expect(back.migrations.map(({ name }) => name)).toEqual(['20260103000000', '20260102000000'])
    expect(await at.state()).toEqual(['20260101000000 applied', '20260102000000 pending', '20260103000000 pending'])
  })

  test('waits for the lock of another one without a limit, which then had nothing to do', async () => {
    const slow = { ...migrations, '20260103000000_slow.exs': migrationOf('Slow', 'execute "SELECT pg_sleep(3)", ""') }
    const at = await place(slow)
    const [one, two] = await Promise.all([at.tool.migrate(at.run), at.tool.migrate(at.run)])
    expect([one.sentence, two.sentence].sort()).toEqual(['applied', 'nothing'])
    expect(await at.state()).toEqual(['20260101000000 applied', '20260102000000 applied', '20260103000000 applied'])
  })

  test('tells a database that is not there', async () => {
    const at = await place(migrations)
    const told = await at.tool.migrate({ ...at.run, url: { ...at.url, database: 'nowhere' } })
    expect(told).toMatchObject({ exitCode: 1, sentence: 'failed' })
    expect(told.message).toContain('database "nowhere" does not exist')
  })

  test('runs the seeds', async () => {
    const at = await place(migrations, {
      more: {
        'priv/repo/seeds.exs': '{:ok, _} = App.Repo.start_link()\nApp.Repo.query!("CREATE TABLE sown (id int)")\n'
      }
    })
    expect(at.tool.seedCommand).toBe('mix run priv/repo/seeds.exs')
    expect(await at.tool.seed(at.run)).toMatchObject({ exitCode: 0, sentence: 'ok' })
    expect(await at.query("SELECT to_regclass('sown') IS NOT NULL AS there")).toEqual([{ there: true }])
  })

  test('that is interrupted while a statement runs is no success, whatever its exit code', async () => {
    const at = await place({ '20260103000000_slow.exs': migrationOf('Slow', 'execute "SELECT pg_sleep(20)", ""') })
    const cancelling = new AbortController()
    const found = await findMigrationTool(
      { folder: at.folder, framework: 'ecto', folders: ['priv/repo/migrations'] },
      {
        environmentVariables: at.environment,
        shownFolder: '.',
        migrations: { paths: [], schema: undefined, table: undefined, prefix: undefined, expectCurrent: undefined },
        seed: { seed: false, inProduction: false, command: undefined },
        tool: {
          tool: 'ecto',
          repositories: [],
          releaseBinary: undefined,
          releaseCall: undefined,
          releaseRollbackCall: undefined,
          validate: 'never',
          generate: 'never',
          toolStatus: 'never',
          timeout: 60_000
        }
      },
      { ...at.world, cancelled: cancelling.signal }
    )
    if (!('tool' in found)) throw new Error('not found')
    const migrating = found.tool.migrate(at.run)
    await runningSleep(at)
    cancelling.abort()
    const result = await migrating
    expect(result).toMatchObject({
      end: 'killed',
      exitCode: null,
      sentence: 'failed',
      failedMigration: '20260103000000'
    })
    expect(await at.state()).toEqual(['20260103000000 pending'])
  })
})

async function runningSleep(at: Place): Promise<void> {
  for (;;) {
    const [row] = await at.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(20)%'"
    )
    if (row?.['n'] === 1) return
    await sleep(50)
  }
}

function envOf(at: Place): Record<string, string> {
  return Object.fromEntries(
    Object.entries(at.environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  )
}

describe('a release', () => {
  test('migrates, rolls back and tells the version of an application that is not loaded', async () => {
    const releaseBinary = '_build/prod/rel/app/bin/app'
    const at = await place(migrations, {
      release: true,
      tool: {
        releaseBinary,
        releaseCall: 'App.Release.migrate()',
        releaseRollbackCall: 'App.Release.rollback(App.Repo, {to})'
      }
    })
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'applied' })
    expect(await at.state()).toEqual(['20260101000000 applied', '20260102000000 applied'])
    expect(await at.tool.migrate(at.run)).toMatchObject({ exitCode: 0, sentence: 'nothing' })
    expect(await ectoRollback(at.tool, { to: '20260102000000' }, at.run, at.world)).toMatchObject({
      exitCode: 0,
      sentence: 'applied'
    })
    expect(await at.state()).toEqual(['20260101000000 applied', '20260102000000 pending'])

    const binary = join(at.folder, releaseBinary)
    const unloaded = await ran(binary, ['eval', 'Application.spec(:app, :vsn)'], { folder: at.folder, env: envOf(at) })
    expect(unloaded).toEqual({ exitCode: 0, output: '' })
    const results = async (): Promise<readonly string[]> =>
      (await expectApp(['app=0.4.0', 'ecto_sql=0.0.1'], at.folder, binary, at.environment, at.world)).map(
        ({ result }) => result
      )
    expect(await results()).toEqual(['ok', 'failed'])
    // The same, asked of the release itself.
    rmSync(join(at.folder, '_build/prod/rel/app/releases/0.4.0/app.rel'))
    expect(await results()).toEqual(['ok', 'failed'])
  })

  test('whose call does not exist is told', async () => {
    const at = await place(migrations, {
      release: true,
      tool: { releaseBinary: '_build/prod/rel/app/bin/app', releaseCall: 'App.Deploy.migrate()' }
    })
    const told = await at.tool.migrate(at.run)
    expect(told).toMatchObject({ exitCode: 1, sentence: 'failed' })
    expect(told.message).toContain('release-call')
  })
})
