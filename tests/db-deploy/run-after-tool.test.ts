import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { playedProject, type PlayedProject } from '../support/prisma/played-project.ts'
import { startAction, type ActionRun, type StartedAction } from '../support/run-action.ts'
import { deploys, errorCodes, errorsOf, namesIn, twoMigrations, twoModels } from './deploy-stage.ts'

/** What goes wrong between the end of the tool and the last look at what it left. */

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

interface Way {
  readonly port: number
  /** Everything that is connected is cut, and nobody listens any more. */
  close(): void
}

/** A way to the server. Whoever comes waits until `admits` has said yes; who is not admitted is never answered. */
async function wayToServer(admits: () => Promise<boolean> = () => Promise.resolve(true), port = 0): Promise<Way> {
  const sockets: Socket[] = []
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    void admits().then((admitted) => {
      if (!admitted) return
      const upstream = connect(postgres.port, '127.0.0.1')
      sockets.push(upstream)
      upstream.on('error', () => undefined)
      socket.pipe(upstream)
      upstream.pipe(socket)
      socket.on('close', () => upstream.destroy())
      upstream.on('close', () => socket.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('it listens on a port')
  return {
    port: address.port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
}

function inputsBy({ port }: Way, database: string): Readonly<Record<string, string>> {
  return {
    environment: 'staging',
    'database-url': postgres.url(database).replace(`:${postgres.port}/`, `:${port}/`)
  }
}

/** The tool has ended, as its last write is there: every row is finished, or one has the words of a failure. */
async function toolHasEnded(database: string, names: readonly string[]): Promise<boolean> {
  const [table] = await postgres.query("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there", database)
  if (table?.['there'] !== true) return false
  const [row] = await postgres.query(
    `SELECT count(finished_at) = ${names.length} OR count(logs) > 0 AS ended FROM _prisma_migrations`,
    database
  )
  return row?.['ended'] === true
}

/** Cancelled while the n-th connection is being made of those that look at what the tool has left. */
async function cancelledAtLook(
  project: PlayedProject,
  names: readonly string[],
  at: number
): Promise<{ readonly run: ActionRun; readonly database: string }> {
  const database = await postgres.createDatabase()
  let looks = 0
  let started: StartedAction | undefined
  const way = await wayToServer(async () => {
    if (!(await toolHasEnded(database, names))) return true
    looks++
    if (looks === at) started?.process.kill('SIGINT')
    return looks !== at
  })
  try {
    started = startAction('db-deploy', { inputs: inputsBy(way, database), workspace: project.folder })
    const run = await started.ended
    expect(looks).toBeGreaterThan(at)
    return { run, database }
  } finally {
    way.close()
  }
}

describe('a job that is cancelled when the tool has ended and nobody has looked yet', () => {
  test('ends with what the table says of migrations that were all applied', async () => {
    const names = Object.keys(twoMigrations)
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const { run, database } = await cancelledAtLook(project, names, 1)
    expect(run.exitCode).toBe(1)
    expect(errorCodes(run)).toEqual(['deploy-cancelled'])
    expect(errorsOf(run)[0]?.message).toContain(`applied in this run ${names.join(', ')}`)
    expect([namesIn(run, 'applied'), namesIn(run, 'failed'), namesIn(run, 'pending')]).toEqual([names, [], []])
    expect(run.summary).toContain('2 migrations applied')
    expect((await deploys(project, postgres.url(database))).outputs['status']).toBe('unchanged')
  })

  test.each([
    ['the table is read', 1],
    ['what it left is looked for', 2]
  ])('ends with what a failed one left, also when it came while %s', async (_when, at) => {
    const migrations = {
      ...twoMigrations,
      '20260103000000_bad': 'CREATE TABLE half (id int);\nALTER TABLE nowhere ADD COLUMN x int;\n'
    }
    const project = playedProject({ migrations, schema: twoModels })
    const { run } = await cancelledAtLook(project, Object.keys(migrations), at)
    expect(run.exitCode).toBe(1)
    expect(errorCodes(run)).toEqual(['deploy-cancelled', 'migrate-failed'])
    // What the tool had said by itself is no matter of the cancelled job.
    expect(errorsOf(run)[1]?.message).toContain('nowhere')
    expect(namesIn(run, 'applied')).toEqual(Object.keys(twoMigrations))
    expect(namesIn(run, 'failed')).toEqual(['20260103000000_bad'])
    expect(run.summary).toContain('DROP TABLE "half"')
  })

  test('ends with what is so when it waited for a further try', async () => {
    const database = await postgres.createDatabase()
    const users = { '20260101000000_users': twoMigrations['20260101000000_users'] }
    const change = 'ALTER TABLE users ADD COLUMN name text;\n'
    const project = playedProject({ migrations: users, play: { whole: true } })
    await deploys(project, postgres.url(database), { smoke: 'off' })
    project.write({ 'prisma/migrations/20260102000000_change/migration.sql': change })
    const client = new pg.Client({ connectionString: postgres.url(database) })
    await client.connect()
    await client.query('BEGIN; SELECT FROM users')
    const started = startAction('db-deploy', {
      inputs: {
        environment: 'staging',
        'database-url': postgres.url(database),
        smoke: 'off',
        // The last wait is long enough for anything.
        'lock-timeout': '10ms',
        retries: '20'
      },
      workspace: project.folder
    })
    while (!started.log().includes('(3 of 20)')) await sleep(20)
    started.process.kill('SIGINT')
    const run = await started.ended
    await client.end()
    expect(errorCodes(run)).toContain('deploy-cancelled')
    expect(run.annotations).toContainEqual(
      expect.objectContaining({
        kind: 'warning',
        properties: { title: 'migrate-again' },
        message: expect.stringContaining(
          '20260102000000_change got no lock in time (55P03); nothing of it is there. Trying again in 1 s (1 of 20).'
        )
      })
    )
    expect([namesIn(run, 'applied'), namesIn(run, 'failed'), namesIn(run, 'pending')]).toEqual([
      [],
      [],
      ['20260102000000_change']
    ])
  })
})

test('a server that is gone when the tool has ended: what the tool said comes first, then what is not known', async () => {
  const migrations = { ...twoMigrations, '20260103000000_slow': 'CREATE TABLE slow (id int);\nSELECT pg_sleep(120);\n' }
  const project = playedProject({ migrations, schema: twoModels })
  const database = await postgres.createDatabase()
  const way = await wayToServer()
  const options = { inputs: inputsBy(way, database), workspace: project.folder }
  const started = startAction('db-deploy', options)
  for (;;) {
    const [row] = await postgres.query(
      `SELECT count(*)::int AS sleeping FROM pg_stat_activity WHERE datname = '${database}' AND query LIKE 'SELECT pg_sleep%'`
    )
    if (row?.['sleeping'] === 1) break
    if (started.process.exitCode !== null) throw new Error(started.log())
    await sleep(20)
  }
  way.close()
  const run = await started.ended
  expect(run.exitCode).toBe(1)
  const [said, unread, ...others] = errorsOf(run)
  expect(others).toEqual([])
  expect(said).toEqual({ code: 'migrate-failed', message: expect.stringContaining('ended with exit code 1') })
  expect(said?.message).toContain('Connection terminated')
  expect(unread).toEqual({ code: 'migrate-not-read', message: expect.stringContaining('ECONNREFUSED') })
  expect(unread?.message).toContain('What the tool left is not known')
  expect([run.outputs['applied'], run.outputs['failed'], run.outputs['pending']]).toEqual(['null', 'null', 'null'])
  expect(run.summary).toContain('What to do now')
  expect(run.summary).toContain('psql "$DATABASE_URL" -c "SELECT 1"')
  expect(run.summary).toContain('command: rollback')
  expect(run.stdout).not.toContain('Run it again once this is mended')

  // The way is there again: the step after it ends what runs still, and says what is so.
  const again = await wayToServer(undefined, way.port)
  const after = await startAction('db-deploy', { ...options, postOf: started }).ended
  again.close()
  expect(after.exitCode).toBe(0)
  expect(after.stdout).not.toContain('ended by itself')
  expect(after.summary).toContain('ended before it could find out what it left')
  expect(after.summary).toMatch(/failed 20260103000000\\*_slow/)
  expect(after.summary).toContain('DROP TABLE "slow"')
})

test('a migration that failed in its middle tells how much of it is done, what is gone included', async () => {
  const project = playedProject({
    migrations: {
      '20260101000000_users': twoMigrations['20260101000000_users'],
      '20260102000000_bad':
        'ALTER TABLE users DROP COLUMN email;\nCREATE TABLE half (id int);\nALTER TABLE nowhere ADD COLUMN x int;\n'
    }
  })
  const run = await deploys(project, postgres.url(await postgres.createDatabase()), { smoke: 'off' })
  expect(errorsOf(run)[0]).toEqual({
    code: 'migrate-failed',
    message: expect.stringContaining('2 objects of its statements are made, changed or dropped')
  })
})

test('a tool that says after the migrations that something is left is no success, whatever the table says', async () => {
  const project = playedProject({
    migrations: twoMigrations,
    schema: twoModels,
    play: {
      status: { text: 'Following migration have not yet been applied:\n20260102000000_posts\n', exitCode: 1 }
    }
  })
  const run = await deploys(project, postgres.url(await postgres.createDatabase()))
  expect(run.exitCode).toBe(1)
  expect(errorCodes(run)).toEqual(['tool-status-other'])
  expect(namesIn(run, 'applied')).toEqual(Object.keys(twoMigrations))
  expect(run.summary).toContain('the table says that nothing is pending')
  // Before the migrations it is right.
  expect(run.stdout.match(/^.*status: (?:ok|warning|failed),/gm)).toHaveLength(2)
})
