import { createRequire } from 'node:module'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
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

/** The second migration takes longer than anybody waits. */
const slow = {
  '20260101000000_users': twoMigrations['20260101000000_users'],
  '20260102000000_slow': 'CREATE TABLE slow (id int);\nSELECT pg_sleep(120);\n'
}

/** A way to the server that can fall silent, as a network does that is cut: nothing is closed, nothing arrives. */
async function breakable(
  to: number
): Promise<{ readonly port: number; silence(): void; speak(): void; close(): void }> {
  const sockets: Socket[] = []
  let silent = false
  const server = createServer((socket) => {
    const upstream = connect(to, '127.0.0.1')
    sockets.push(socket, upstream)
    for (const each of [socket, upstream]) each.on('error', () => undefined)
    socket.on('data', (bytes) => silent || upstream.write(bytes))
    upstream.on('data', (bytes) => silent || socket.write(bytes))
    upstream.on('close', () => silent || socket.destroy())
    socket.on('close', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('it listens on a port')
  return {
    port: address.port,
    silence: () => {
      silent = true
    },
    speak: () => {
      silent = false
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
}

const sleeping = `import pg from ${JSON.stringify(pathToFileURL(createRequire(import.meta.url).resolve('pg')).href)}
const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
await client.connect()
await client.query('SELECT pg_sleep(120)')
`

interface Started {
  readonly action: StartedAction
  readonly project: PlayedProject
  readonly database: string
}

/** A deploy whose tool is in the middle of the slow migration. */
async function midMigration(inputs: Readonly<Record<string, string>> = {}): Promise<Started> {
  const project = playedProject({ migrations: slow, schema: twoModels })
  const database = await postgres.createDatabase()
  const action = startAction('db-deploy', {
    inputs: { environment: 'staging', 'database-url': postgres.url(database), ...inputs },
    workspace: project.folder
  })
  await untilItSleeps(action, database)
  return { action, project, database }
}

/** Whoever runs something in the database, but for the one who asks. */
async function backends(
  database: string
): Promise<readonly { readonly application: string; readonly query: string }[]> {
  const rows = await postgres.query(
    `SELECT application_name AS application, query FROM pg_stat_activity
     WHERE datname = '${database}' AND pid <> pg_backend_pid() AND backend_type = 'client backend'`
  )
  return rows.map(({ application, query }) => ({ application: String(application), query: String(query) }))
}

/** @throws Error with its log, where it ends before */
async function untilItSleeps(action: StartedAction, database: string): Promise<void> {
  while (!(await backends(database)).some(({ query }) => query.includes('pg_sleep'))) {
    if (action.process.exitCode !== null) throw new Error(action.log())
    await sleep(50)
  }
}

/** What a runner does to a cancelled step, until it has ended. */
async function cancelledByRunner({ process, ended }: StartedAction): Promise<ActionRun> {
  process.kill('SIGINT')
  const terminate = setTimeout(() => process.kill('SIGTERM'), 7_500)
  const kill = setTimeout(() => process.kill('SIGKILL'), 10_000)
  try {
    return await ended
  } finally {
    clearTimeout(terminate)
    clearTimeout(kill)
  }
}

function post({ action, project, database }: Started): Promise<ActionRun> {
  return startAction('db-deploy', {
    inputs: { environment: 'staging', 'database-url': postgres.url(database) },
    workspace: project.folder,
    postOf: action
  }).ended
}

describe('a deploy that a runner cancels in the middle of a migration', () => {
  test('ends by itself, ends what runs on the server, and says what the table says', async () => {
    const started = await midMigration()
    const run = await cancelledByRunner(started.action)
    expect(run.exitCode).toBe(1)
    expect(run.annotations.map(({ properties }) => properties['title'])).toContain('deploy-cancelled')
    expect((await backends(started.database)).filter(({ query }) => query.includes('pg_sleep'))).toEqual([])
    expect(JSON.parse(run.outputs['applied'] ?? '')).toEqual(['20260101000000_users'])
    expect(JSON.parse(run.outputs['failed'] ?? '')).toEqual(['20260102000000_slow'])
    expect(run.summary).toContain('cancelled')
    expect(run.summary).toContain('migrate resolve')
  })

  test('leaves nothing for the step after it', async () => {
    const started = await midMigration()
    await cancelledByRunner(started.action)
    const after = await post(started)
    expect(after.exitCode).toBe(0)
    expect(after.summary).toBe('')
    expect(after.annotations).toEqual([])
  })
})

describe('a deploy that is killed at once, as act does', () => {
  test('is reconciled by the step after it: nothing runs any more, and the summary says what is there', async () => {
    const started = await midMigration()
    started.action.process.kill('SIGKILL')
    await started.action.ended
    expect((await backends(started.database)).length).toBeGreaterThan(0)
    const after = await post(started)
    expect((await backends(started.database)).filter(({ query }) => query.includes('pg_sleep'))).toEqual([])
    expect(after.summary).toContain('20260102000000_slow')
    expect(after.summary).toContain('migrate resolve')
    expect(after.everything).not.toContain(postgres.url(started.database))
  })

  test('leaves no lock: the next one goes on once the failed migration is resolved', async () => {
    const started = await midMigration()
    started.action.process.kill('SIGKILL')
    await started.action.ended
    await post(started)
    await postgres.query(
      'DROP TABLE IF EXISTS slow; UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL',
      started.database
    )
    started.project.write({
      'prisma/migrations/20260102000000_slow/migration.sql': twoMigrations['20260102000000_posts']
    })
    const next = await deploys(started.project, postgres.url(started.database), { 'lock-wait': '0' })
    expect(next.annotations.filter(({ kind }) => kind === 'error')).toEqual([])
    expect(JSON.parse(next.outputs['applied'] ?? '')).toEqual(['20260102000000_slow'])
  })
})

describe('a deploy that is killed before it has begun', () => {
  test('is left alone by the step after it, which never deploys', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const database = await postgres.createDatabase()
    const options = {
      inputs: { environment: 'staging', 'database-url': postgres.url(database) },
      workspace: project.folder
    }
    const action = startAction('db-deploy', options)
    action.process.kill('SIGKILL')
    await action.ended
    const after = await startAction('db-deploy', { ...options, postOf: action }).ended
    expect(after.exitCode).toBe(0)
    expect(after.stdout).toContain('nothing was done')
    expect(await postgres.query("SELECT to_regclass('users') AS there", database)).toEqual([{ there: null }])
  })
})

describe('a second deploy', () => {
  test('waits for the migration that another one is applying, and does not take it for a failed one', async () => {
    const project = playedProject({
      migrations: {
        '20260101000000_users': `${twoMigrations['20260101000000_users']}SELECT pg_sleep(6);\n`
      },
      schema: twoModels.split('model Post')[0] ?? ''
    })
    const database = await postgres.createDatabase()
    const first = startAction('db-deploy', {
      inputs: { environment: 'staging', 'database-url': postgres.url(database) },
      workspace: project.folder
    })
    await untilItSleeps(first, database)
    const impatient = await deploys(project, postgres.url(database), { 'lock-wait': '0' })
    expect(impatient.annotations.map(({ properties }) => properties['title'])).toContain('deploy-running')
    expect(impatient.everything).not.toContain('migrate resolve')
    const second = await deploys(project, postgres.url(database))
    expect(second.annotations.filter(({ kind }) => kind === 'error')).toEqual([])
    expect(second.outputs['status']).toBe('unchanged')
    expect((await first.ended).outputs['status']).toBe('published')
  })
})

describe('a deploy that is cancelled while the server does not answer', () => {
  test('tells what is known in the time that it has, and leaves the rest to the step after it', async () => {
    const project = playedProject({ migrations: slow, schema: twoModels })
    const database = await postgres.createDatabase()
    const network = await breakable(postgres.port)
    try {
      const url = postgres.url(database).replace(`:${postgres.port}/`, `:${network.port}/`)
      const inputs = { environment: 'staging', 'database-url': url }
      const action = startAction('db-deploy', { inputs, workspace: project.folder })
      await untilItSleeps(action, database)
      network.silence()
      const run = await cancelledByRunner(action)
      expect(run.exitCode).toBe(1)
      expect(run.annotations.map(({ properties }) => properties['title'])).toContain('deploy-cancelled')
      expect(run.summary).toContain('cancelled')
      network.speak()
      const after = await startAction('db-deploy', { inputs, workspace: project.folder, postOf: action }).ended
      expect(after.summary).toContain('20260102000000_slow')
      expect((await backends(database)).filter(({ query }) => query.includes('pg_sleep'))).toEqual([])
    } finally {
      network.close()
    }
  })
})

describe('a seed that is cancelled', () => {
  test('is ended on the server too', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels, files: { 'seed.mjs': sleeping } })
    const database = await postgres.createDatabase()
    const action = startAction('db-deploy', {
      inputs: {
        environment: 'staging',
        'database-url': postgres.url(database),
        seed: 'true',
        'seed-command': 'node seed.mjs'
      },
      workspace: project.folder
    })
    await untilItSleeps(action, database)
    const run = await cancelledByRunner(action)
    expect(run.annotations.map(({ properties }) => properties['title'])).toContain('deploy-cancelled')
    expect((await backends(database)).filter(({ query }) => query.includes('pg_sleep'))).toEqual([])
    expect(JSON.parse(run.outputs['applied'] ?? '')).toEqual(Object.keys(twoMigrations))
  })
})

describe('a connection that is cut', () => {
  test('while the tool migrates is a failed deploy that says what is there', async () => {
    const started = await midMigration()
    await postgres.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = '${started.database}' AND application_name LIKE '% migrate'`
    )
    const run = await started.action.ended
    expect(run.exitCode).toBe(1)
    expect(JSON.parse(run.outputs['failed'] ?? '')).toEqual(['20260102000000_slow'])
    expect(run.summary).toContain('slow')
  })

  test('that holds the lock stops the next step', async () => {
    const project = playedProject({
      migrations: { '20260101000000_users': `SELECT pg_sleep(3);\n${twoMigrations['20260101000000_users']}` },
      schema: twoModels.split('model Post')[0] ?? '',
      play: { seed: 'exit 0' }
    })
    const database = await postgres.createDatabase()
    const action = startAction('db-deploy', {
      inputs: { environment: 'staging', 'database-url': postgres.url(database), seed: 'true' },
      workspace: project.folder
    })
    await untilItSleeps(action, database)
    await postgres.query(
      `SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE l.locktype = 'advisory' AND l.granted AND a.datname = '${database}'
         AND a.application_name NOT LIKE '% migrate'`
    )
    const run = await action.ended
    expect(run.exitCode).toBe(1)
    expect(run.annotations.map(({ properties }) => properties['title'])).toContain('deploy-lock-lost')
    expect(run.stdout).not.toContain('The seed command has been executed')
    expect(JSON.parse(run.outputs['applied'] ?? '')).toEqual(['20260101000000_users'])
  })
})
