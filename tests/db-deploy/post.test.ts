import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { playedProject, type PlayedProject } from '../support/prisma/played-project.ts'
import { startAction, type ActionRun, type StartedAction } from '../support/run-action.ts'

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
