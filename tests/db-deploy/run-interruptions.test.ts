import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { playedProject, type PlayedProject } from '../support/prisma/played-project.ts'
import { startAction, type ActionRun, type StartedAction } from '../support/run-action.ts'
import { deploys, twoMigrations, twoModels } from './deploy-stage.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

/** Everything that a deploy does, each of it a stage. */
const inputs = { seed: 'true', ledger: 'true', 'lock-wait': '30s' }

function project(): PlayedProject {
  return playedProject({ migrations: twoMigrations, schema: twoModels, play: { seed: 'exit 0' } })
}

/** The lines by which the log tells that a stage has ended. */
function stages(log: string): readonly string[] {
  return [...log.matchAll(/^(\S[^:\n]*): (?:ok|warning|failed|skipped|not checked)\b.*\(\d/gm)].map(
    ([, title]) => title ?? ''
  )
}

async function killedAfter(started: StartedAction, count: number): Promise<ActionRun> {
  while (started.process.exitCode === null && stages(started.log()).length < count) await sleep(5)
  started.process.kill('SIGKILL')
  return started.ended
}

/** What is in the database, without times and ids. */
async function endState(database: string): Promise<unknown> {
  const tables = await postgres.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
    database
  )
  const migrations = await postgres.query(
    'SELECT migration_name, finished_at IS NOT NULL AS finished, rolled_back_at FROM _prisma_migrations ORDER BY 1',
    database
  )
  return { tables, migrations }
}

test('a deploy that is killed after any of its stages is finished by the next one', async () => {
  const whole = await postgres.createDatabase()
  const reference = await deploys(project(), postgres.url(whole), inputs)
  expect(reference.exitCode).toBe(0)
  const wanted = await endState(whole)
  const count = stages(reference.stdout).length
  expect(count).toBeGreaterThan(10)

  const moments = Array.from({ length: count }, (_, n) => n + 1)
  const take = async (): Promise<void> => {
    for (let n = moments.shift(); n !== undefined; n = moments.shift()) await interrupted(n, wanted)
  }
  await Promise.all([take(), take()])
}, 300_000)

/** One that is killed after its n-th stage, its post, and the next one. */
async function interrupted(n: number, wanted: unknown): Promise<void> {
  const files = project()
  const database = await postgres.createDatabase()
  const options = {
    inputs: { environment: 'staging', 'database-url': postgres.url(database), ...inputs },
    workspace: files.folder
  }
  const started = startAction('db-deploy', options)
  await killedAfter(started, n)
  const after = await startAction('db-deploy', { ...options, postOf: started }).ended
  expect(after.exitCode).toBe(0)
  const again = await deploys(files, postgres.url(database), inputs)
  expect({ n, errors: again.annotations.filter(({ kind }) => kind === 'error') }).toEqual({ n, errors: [] })
  expect({ n, state: await endState(database) }).toEqual({ n, state: wanted })
}
