import { createHash } from 'node:crypto'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { lockKey } from '../../../actions/db-deploy/lock/lock-key.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { playedProject, type PlayedProject } from '../../support/prisma/played-project.ts'
import { rollsBack } from './rolling-back.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
}, 60_000)
afterAll(() => {
  postgres.stop()
})

const failing = '20260102000000_failing'

/** A database in which one migration of Prisma's is applied and one is failed. */
async function failed(sql: string): Promise<{ readonly project: PlayedProject; readonly database: string }> {
  const database = await postgres.createDatabase()
  await postgres.query(
    `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
       migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
       started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
     CREATE TABLE users (id int);
     INSERT INTO _prisma_migrations (id, checksum, migration_name, logs) VALUES ('1', '${createHash('sha256').update(sql).digest('hex')}', '${failing}', 'ERROR: canceling statement due to lock timeout')`,
    database
  )
  return { project: playedProject({ migrations: { [failing]: sql } }), database }
}

async function row(database: string): Promise<unknown> {
  const [found] = await postgres.query(
    'SELECT rolled_back_at IS NOT NULL AS back, finished_at IS NOT NULL AS finished FROM _prisma_migrations',
    database
  )
  return found
}

describe('a rollback with Prisma', () => {
  it('marks what failed as rolled back where nothing of it is there', async () => {
    const { project, database } = await failed('CREATE TABLE posts (id int);\nALTER TABLE users ADD email text;\n')
    const run = await rollsBack(project.folder, postgres.url(database))
    expect(run.codes).toEqual([])
    expect(run.execution.status).toBe('published')
    expect(await row(database)).toEqual({ back: true, finished: false })
    expect(run.journal.stages.map(({ name }) => name)).toEqual([
      'connect',
      'state',
      'preflight',
      'lock',
      'resolve',
      'verify'
    ])
    expect(await postgres.query("SELECT FROM pg_locks WHERE locktype = 'advisory'")).toEqual([])
  })

  it('changes nothing where a part of it is there, and gives the runbook', async () => {
    const { project, database } = await failed('CREATE TABLE posts (id int);\nALTER TABLE users ADD email text;\n')
    await postgres.query('CREATE TABLE posts (id int)', database)
    const run = await rollsBack(project.folder, postgres.url(database))
    expect(run.codes).toEqual(['rollback-not-proven'])
    expect(run.execution.problems[0]?.message).toContain('done is create table posts')
    expect(run.journal.learned.runbook?.join('\n')).toContain('`DROP TABLE "posts";`')
    expect(await row(database)).toEqual({ back: false, finished: false })
  })

  it('changes nothing where the file is another now than the one that failed, of which nothing is proven', async () => {
    const { project, database } = await failed('ALTER TABLE users DROP COLUMN id;\nCREATE TABLE bad (id nothere);\n')
    await postgres.query('ALTER TABLE users DROP COLUMN id', database)
    project.write({ [`prisma/migrations/${failing}/migration.sql`]: 'CREATE TABLE good (id int);\n' })
    const run = await rollsBack(project.folder, postgres.url(database))
    expect(run.codes).toEqual(['rollback-not-proven'])
    expect(run.execution.problems[0]?.message).toContain('its file was edited since it failed')
    expect(run.journal.learned.runbook?.join('\n')).toContain(
      `the text that ran (\`git log -- prisma/migrations/${failing}/migration.sql\`)`
    )
    expect(await row(database)).toEqual({ back: false, finished: false })
  })

  it('changes nothing where rows were changed, as nobody can prove that they were not', async () => {
    const { project, database } = await failed('UPDATE users SET id = 1;\n')
    const run = await rollsBack(project.folder, postgres.url(database))
    expect(run.codes).toEqual(['rollback-not-proven'])
    expect(run.execution.problems[0]?.message).toContain('not checked is update rows of users')
    expect(await row(database)).toEqual({ back: false, finished: false })
  })

  it('shows in a dry run what it would do, and does it not', async () => {
    const { project, database } = await failed('CREATE TABLE posts (id int);\n')
    const run = await rollsBack(project.folder, postgres.url(database), { 'dry-run': 'true' })
    expect([run.codes, run.execution.status]).toEqual([[], 'planned'])
    expect(run.said).toContain('marked as rolled back')
    expect(run.journal.learned.goingBack).toHaveLength(1)
    expect(await row(database)).toEqual({ back: false, finished: false })
  })

  it('has no way back from what was applied, and says which there are', async () => {
    const { project, database } = await failed('CREATE TABLE posts (id int);\n')
    await postgres.query('UPDATE _prisma_migrations SET finished_at = now()', database)
    const run = await rollsBack(project.folder, postgres.url(database))
    expect(run.codes).toEqual(['rollback-nothing-failed'])
    expect(run.execution.problems[0]?.hint).toContain('command: restore')
  })

  it('is refused where it is told a version, as it would mark what failed and go back to none', async () => {
    const { project, database } = await failed('CREATE TABLE posts (id int);\n')
    const run = await rollsBack(project.folder, postgres.url(database), { to: '20260101000000' })
    expect(run.codes).toEqual(['rollback-target'])
    expect(await row(database)).toEqual({ back: false, finished: false })
  })

  it('waits for whoever is migrating, as what is begun looks like what failed', async () => {
    const { project, database } = await failed('CREATE TABLE posts (id int);\n')
    const other = new pg.Client({
      connectionString: postgres.url(database),
      application_name: 'release-actions/db-deploy 9 eeeeee migrate'
    })
    await other.connect()
    const run = await rollsBack(project.folder, postgres.url(database), { 'lock-wait': '0s' })
    expect(run.codes).toEqual(['deploy-running'])
    expect(await row(database)).toEqual({ back: false, finished: false })
    await other.end()
  })
})

/** As Phoenix writes it: `Ecto.Migrator.run(repo, :down, to: version)`, by a program that knows no Elixir. */
const release = `#!/usr/bin/env node
const pg = require(${JSON.stringify(join(process.cwd(), 'node_modules', 'pg'))})
const version = /rollback\\(App\\.Repo, (\\d+)\\)/.exec(process.argv[3])[1]
const client = new pg.Client({ connectionString: process.env.DATABASE_URL.replace(/^ecto:/, 'postgresql:') })
client.connect()
  .then(() => client.query('DELETE FROM schema_migrations WHERE version >= $1', [version]))
  .then(() => client.end())
`

describe('a rollback with a release of Ecto', () => {
  const migration = (name: string, body: string): string =>
    `defmodule App.Repo.Migrations.${name} do\n  use Ecto.Migration\n  def change do\n    ${body}\n  end\nend\n`

  async function applied(): Promise<{ readonly project: PlayedProject; readonly database: string }> {
    const database = await postgres.createDatabase()
    await postgres.query(
      'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, inserted_at timestamp(0)); INSERT INTO schema_migrations VALUES (1, now()), (2, now()), (3, now())',
      database
    )
    const project = playedProject({ migrations: {} })
    project.write({
      'priv/repo/migrations/1_one.exs': migration('One', 'create table(:one)'),
      'priv/repo/migrations/2_two.exs': migration('Two', 'create table(:two)'),
      'priv/repo/migrations/3_three.exs': migration('Three', 'create table(:three)'),
      'bin/app': release
    })
    chmodSync(join(project.folder, 'bin/app'), 0o755)
    return { project, database }
  }

  const inputs = {
    tool: 'ecto',
    'migrations-paths': 'priv/repo/migrations',
    'release-binary': 'bin/app',
    'release-call': 'App.Release.migrate()',
    'release-rollback-call': 'App.Release.rollback(App.Repo, {to})'
  }

  const versions = (database: string) =>
    postgres.query('SELECT version::int AS version FROM schema_migrations ORDER BY version', database)

  it('takes back what is newer than the version that stays, and shows the files that run', async () => {
    const { project, database } = await applied()
    const run = await rollsBack(project.folder, postgres.url(database), { ...inputs, to: '1' })
    expect(run.codes).toEqual([])
    expect(await versions(database)).toEqual([{ version: 1 }])
    expect(run.journal.learned.outputs?.map(({ title }) => title)).toEqual([
      'The way back in priv/repo/migrations/3_three.exs',
      'The way back in priv/repo/migrations/2_two.exs'
    ])
  })

  it('takes back so many steps', async () => {
    const { project, database } = await applied()
    const run = await rollsBack(project.folder, postgres.url(database), { ...inputs, steps: '1' })
    expect(run.codes).toEqual([])
    expect(await versions(database)).toEqual([{ version: 1 }, { version: 2 }])
  })

  it('does not begin where a migration has no way back', async () => {
    const { project, database } = await applied()
    project.write({ 'priv/repo/migrations/3_three.exs': migration('Three', 'execute "UPDATE one SET id = 1"') })
    const run = await rollsBack(project.folder, postgres.url(database), { ...inputs, steps: '2' })
    expect(run.codes).toEqual(['rollback-irreversible'])
    expect(run.execution.problems[0]).toMatchObject({ file: 'priv/repo/migrations/3_three.exs', line: 4 })
    expect(await versions(database)).toHaveLength(3)
  })

  it('fails where the call takes back more than was asked', async () => {
    const { project, database } = await applied()
    project.write({ 'bin/app': release.replace('version >= $1', 'version >= $1::bigint - 1') })
    const run = await rollsBack(project.folder, postgres.url(database), { ...inputs, steps: '1' })
    expect(run.codes).toEqual(['rollback-failed'])
    expect(run.execution.problems[0]?.message).toContain('2 was to stay')
  })

  it('says what the table says, also where the job is cancelled when all has gone back', async () => {
    const { project, database } = await applied()
    const run = await rollsBack(project.folder, postgres.url(database), { ...inputs, to: '1' }, undefined, 'verify')
    expect([run.codes, run.execution.status]).toEqual([[], 'published'])
    expect(run.journal.learned.after?.current).toBe('1')
  })

  it('runs no call that has no place for what was asked', async () => {
    const { project, database } = await applied()
    const call = { ...inputs, 'release-rollback-call': 'App.Release.rollback(App.Repo, 1)' }
    for (const asked of [{ to: '2' }, { steps: '1' }]) {
      const run = await rollsBack(project.folder, postgres.url(database), { ...call, ...asked })
      expect(run.codes).toEqual(['rollback-target'])
      expect(await versions(database)).toHaveLength(3)
    }
    const run = await rollsBack(project.folder, postgres.url(database), call)
    expect([run.codes, await versions(database)]).toEqual([[], []])
  })

  it('tells how far it came when the call fails in the middle, and how the rest goes back by name', async () => {
    const { project, database } = await applied()
    project.write({
      'bin/app': release.replace('version >= $1', 'version > $1').replace('client.end())', 'process.exit(1))')
    })
    const run = await rollsBack(project.folder, postgres.url(database), { ...inputs, steps: '2' })
    expect(run.codes).toEqual(['rollback-failed'])
    const [problem] = run.execution.problems
    expect(problem?.message).toContain('App.Release.rollback(App.Repo, {to}) ended with 1')
    expect(problem?.message).toContain('went back 3; still applied 2')
    expect(problem?.hint).toContain('Mend the `down` of 2')
    expect(problem?.hint).toContain('with `to: 1` and without `steps`')
    expect(run.journal.learned.after?.current).toBe('2')
    const again = await rollsBack(project.folder, postgres.url(database), { ...inputs, to: '1' })
    expect(again.codes).toEqual(['rollback-failed'])
    expect(await versions(database)).toEqual([{ version: 1 }, { version: 2 }])
  })

  it('takes nothing back where another one was applied while the lock was waited for', async () => {
    const { project, database } = await applied()
    const { space, table } = lockKey({ schema: 'public', table: 'schema_migrations' })
    const other = new pg.Client({ connectionString: postgres.url(database) })
    await other.connect()
    await other.query('SELECT pg_advisory_lock($1::int4, $2::int4)', [space, table])
    const rollback = rollsBack(project.folder, postgres.url(database), { ...inputs, steps: '1', 'lock-wait': '30s' })
    const waiting =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%(SELECT l.pid FROM pg_locks l WHERE%' AND state = 'idle' AND state_change < clock_timestamp() - interval '300 milliseconds' AND pid <> pg_backend_pid()"
    while ((await other.query(waiting)).rowCount === 0) await sleep(20)
    project.write({ 'priv/repo/migrations/4_four.exs': migration('Four', 'create table(:four)') })
    await other.query('INSERT INTO schema_migrations VALUES (4, now())')
    await other.end()
    const run = await rollback
    expect(run.codes).toEqual(['rollback-target'])
    expect(run.execution.problems[0]?.message).toContain('4 was pending and is applied')
    expect(await versions(database)).toHaveLength(4)
  }, 30_000)

  it('gives Mix the version that stays, also where steps are asked for', async () => {
    const { project, database } = await applied()
    project.write({
      'mix.exs': 'defmodule App.MixProject do\n  use Mix.Project\n  def project, do: [app: :app]\nend\n',
      'tools/mix': release.replace(
        /const version = .*/,
        "require('fs').appendFileSync('asked', process.argv.slice(2).join(' ') + '\\n')\nconst version = Number(process.argv[4]) + 1"
      )
    })
    chmodSync(join(project.folder, 'tools/mix'), 0o755)
    const mix = { tool: 'ecto', 'migrations-paths': 'priv/repo/migrations', steps: '2' }
    const run = await rollsBack(project.folder, postgres.url(database), mix, join(project.folder, 'tools'))
    expect(run.codes).toEqual([])
    expect(readFileSync(join(project.folder, 'asked'), 'utf8')).toContain('ecto.rollback --to-exclusive 1')
    expect(await versions(database)).toEqual([{ version: 1 }])
  })

  it('does nothing where the version that is to stay is the newest', async () => {
    const { project, database } = await applied()
    const run = await rollsBack(project.folder, postgres.url(database), { ...inputs, to: '3' })
    expect([run.codes, run.execution.status]).toEqual([[], 'unchanged'])
  })
})
