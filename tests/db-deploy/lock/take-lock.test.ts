import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { createJournal } from '../../../actions/db-deploy/journal.ts'
import { databaseLock, lockKey } from '../../../actions/db-deploy/lock/lock-key.ts'
import { takeLock, type LockRequest } from '../../../actions/db-deploy/lock/take-lock.ts'
import { ActionError, type Problem } from '../../../actions/shared/problem.ts'
import { systemClock } from '../../../actions/shared/clock.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { realWorld, urlOf } from './deploying.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
}, 60_000)
afterAll(() => {
  postgres.stop()
})

const key = lockKey({ schema: 'public', table: '_prisma_migrations' })

function asked(applicationName: string, more: Partial<LockRequest> = {}): LockRequest {
  return { key, wait: 0, applicationName, ...more }
}

async function take(database: string, request: LockRequest, world = realWorld()) {
  return takeLock(urlOf(postgres.url(database)), request, world, createJournal(systemClock))
}

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  try {
    await promise
  } catch (error) {
    if (error instanceof ActionError && error.problems[0] !== undefined) return error.problems[0]
    throw error
  }
  throw new Error('it did not fail')
}

describe('the key of the lock', () => {
  it('is another one for each table of migrations, and the same for each run', () => {
    const places = [
      { schema: 'public', table: '_prisma_migrations' },
      { schema: 'tenant', table: '_prisma_migrations' },
      { schema: 'public', table: 'schema_migrations' },
      { schema: 'publi', table: 'c_prisma_migrations' }
    ]
    expect(new Set(places.map((place) => lockKey(place).table)).size).toBe(4)
    expect(lockKey({ schema: 'public', table: '_prisma_migrations' })).toEqual(key)
    expect(lockKey({ schema: undefined, table: '_prisma_migrations' })).toEqual(key)
  })
})

describe('the lock of a deploy', () => {
  it('is taken where nobody has it, and given back', async () => {
    const database = await postgres.createDatabase()
    const lock = await take(database, asked('release-actions/db-deploy 1 aaaaaa'))
    await lock.assertHeld()
    expect(lock.facts.heldBy).toEqual([])
    await lock.release()
    await lock.release()
    const next = await take(database, asked('release-actions/db-deploy 2 bbbbbb'))
    await next.release()
    expect(await postgres.query("SELECT FROM pg_locks WHERE locktype = 'advisory'")).toHaveLength(0)
  })

  it('names who has it when the waiting time is over, and the query that shows it', async () => {
    const database = await postgres.createDatabase()
    const first = await take(database, asked('release-actions/db-deploy 4711 aaaaaa'))
    const world = realWorld()
    const problem = await problemOf(
      take(database, asked('release-actions/db-deploy 4712 bbbbbb', { wait: 300 }), world)
    )
    expect(problem.code).toBe('deploy-lock-busy')
    expect(problem.message).toMatch(
      /release-actions\/db-deploy 4711 aaaaaa \(pid \d+, role postgres, connected since \d{4}-\d\d-\d\dT[\d:]+Z, workflow run 4711\)/
    )
    expect(world.log.lines.join('\n')).toContain('Waiting for release-actions/db-deploy 4711 aaaaaa')
    const shown = await postgres.query(problem.hint.split('\n')[1] ?? '', database)
    expect(shown.map((row) => row['application_name'])).toEqual(['release-actions/db-deploy 4711 aaaaaa'])
    await first.release()
  })

  it('is not waited for by a deploy of another database, nor of another table', async () => {
    const [one, other] = [await postgres.createDatabase(), await postgres.createDatabase()]
    const name = 'release-actions/db-deploy 1 aaaaaa'
    const locks = [
      await take(one, asked(name)),
      await take(other, asked(name)),
      await take(one, asked(name, { key: lockKey({ schema: 'public', table: 'schema_migrations' }) }))
    ]
    for (const lock of locks) await lock.release()
  })

  it('of the whole database waits for a deploy of any table, and keeps out every one', async () => {
    const database = await postgres.createDatabase()
    const deploys = [key, lockKey({ schema: 'billing', table: 'app_migrations' })]
    const restoring = (wait = 0) => asked('release-actions/db-deploy 2 bbbbbb', { key: databaseLock, wait })
    for (const each of deploys) {
      const deploy = await take(database, asked('release-actions/db-deploy 1 aaaaaa', { key: each }))
      const problem = await problemOf(take(database, restoring()))
      expect(problem.message).toContain('release-actions/db-deploy 1 aaaaaa')
      const shown = await postgres.query(problem.hint.split('\n')[1] ?? '', database)
      expect(shown.map((row) => row['application_name'])).toEqual(['release-actions/db-deploy 1 aaaaaa'])
      await deploy.release()
    }
    const restore = await take(database, restoring())
    await restore.assertHeld()
    expect((await problemOf(take(database, restoring()))).code).toBe('deploy-lock-busy')
    for (const each of deploys) {
      const problem = await problemOf(take(database, asked('release-actions/db-deploy 3 cccccc', { key: each })))
      expect(problem.message).toContain('release-actions/db-deploy 2 bbbbbb')
      const shown = await postgres.query(problem.hint.split('\n')[1] ?? '', database)
      expect(shown.map((row) => row['application_name'])).toEqual(['release-actions/db-deploy 2 bbbbbb'])
    }
    await restore.release()
    for (const each of deploys)
      await (await take(database, asked('release-actions/db-deploy 1 aaaaaa', { key: each }))).release()
    expect(await postgres.query("SELECT FROM pg_locks WHERE locktype = 'advisory'")).toHaveLength(0)
  })

  it('of the whole database waits for who has the lock of a table and shares nothing, as older versions do', async () => {
    const database = await postgres.createDatabase()
    const older = await connected(database, 'release-actions/db-deploy 1 aaaaaa')
    const { space, table } = lockKey({ schema: 'public', table: 'app_migrations' })
    await older.query('SELECT pg_advisory_lock($1::int4, $2::int4)', [space, table])
    const asking = asked('release-actions/db-deploy 2 bbbbbb', { key: databaseLock })
    expect((await problemOf(take(database, asking))).message).toContain('release-actions/db-deploy 1 aaaaaa')
    await older.end()
  })

  it('goes to the one who waits as soon as it is free', async () => {
    const database = await postgres.createDatabase()
    const first = await take(database, asked('release-actions/db-deploy 1 aaaaaa'))
    const journal = createJournal(systemClock)
    const waiting = takeLock(
      urlOf(postgres.url(database)),
      asked('release-actions/db-deploy 2 bbbbbb', { wait: 30_000 }),
      realWorld(),
      journal
    )
    await sleep(100)
    await first.release()
    const second = await waiting
    expect(second.facts.heldBy.join()).toContain('release-actions/db-deploy 1 aaaaaa')
    expect(journal.learned.lock?.heldBy).toEqual(second.facts.heldBy)
    expect(journal.stages.map(({ name, result }) => [name, result])).toEqual([['lock', 'ok']])
    await second.release()
  })

  it('idles outside of transactions, with no snapshot that others would wait for', async () => {
    const database = await postgres.createDatabase()
    const lock = await take(database, asked('release-actions/db-deploy 1 aaaaaa'))
    const [row] = await postgres.query(
      "SELECT state, xact_start, backend_xmin FROM pg_stat_activity WHERE application_name = 'release-actions/db-deploy 1 aaaaaa'"
    )
    expect(row).toEqual({ state: 'idle', xact_start: null, backend_xmin: null })
    await lock.release()
  })

  it('is left by a cancelled job at once, and nothing stays', async () => {
    const database = await postgres.createDatabase()
    const first = await take(database, asked('release-actions/db-deploy 1 aaaaaa'))
    const cancel = new AbortController()
    const waiting = take(
      database,
      asked('release-actions/db-deploy 2 bbbbbb', { wait: 600_000 }),
      realWorld(cancel.signal)
    )
    const ended = problemOf(waiting)
    await sleep(200)
    cancel.abort()
    expect((await ended).code).toBe('deploy-cancelled')
    await first.release()
    await gone('release-actions/db-deploy 2 bbbbbb')
    expect(await postgres.query("SELECT FROM pg_locks WHERE locktype = 'advisory'")).toHaveLength(0)
  })

  it('waits for what a killed deploy left running, though that has the lock no more', async () => {
    const database = await postgres.createDatabase()
    const orphan = await connected(database, 'release-actions/db-deploy 1 aaaaaa migrate')
    const running = orphan.query('SELECT pg_sleep(60)').catch(() => undefined)
    const problem = await problemOf(take(database, asked('release-actions/db-deploy 2 bbbbbb')))
    expect(problem.code).toBe('deploy-lock-busy')
    expect(problem.message).toContain('release-actions/db-deploy 1 aaaaaa migrate')
    await orphan.end()
    await running
  })

  it('waits for Prisma that somebody runs by hand, as Prisma would wait inside of a query', async () => {
    const database = await postgres.createDatabase()
    const byHand = await connected(database, '')
    await byHand.query('SELECT pg_advisory_lock(72707369)')
    const problem = await problemOf(take(database, asked('release-actions/db-deploy 2 bbbbbb')))
    expect(problem.message).toContain('a session without a name (pid ')
    await byHand.query('SELECT pg_advisory_unlock(72707369)')
    const lock = await take(database, asked('release-actions/db-deploy 2 bbbbbb'))
    await lock.release()
    await byHand.end()
  })
})

describe('a lock that is lost', () => {
  it('stops the next step when its backend was ended', async () => {
    const database = await postgres.createDatabase()
    const lock = await take(database, asked('release-actions/db-deploy 1 aaaaaa'))
    const lost = new Promise((resolve) => {
      lock.lost.addEventListener('abort', resolve)
    })
    await postgres.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'release-actions/db-deploy 1 aaaaaa'"
    )
    await lost
    const problem = await problemOf(lock.assertHeld())
    expect(problem.code).toBe('deploy-lock-lost')
    await lock.release()
  })

  it('is noticed when the network goes silent', async () => {
    const database = await postgres.createDatabase()
    const relay = await relayTo(postgres.port)
    const url = urlOf(`postgresql://postgres:postgres@127.0.0.1:${relay.port}/${database}`)
    const request = asked('release-actions/db-deploy 1 aaaaaa', { keepAlive: 50 })
    const lock = await takeLock(url, request, realWorld(), createJournal(systemClock))
    relay.silence()
    await new Promise((resolve) => {
      lock.lost.addEventListener('abort', resolve)
    })
    expect((await problemOf(lock.assertHeld())).message).toMatch(/did not answer|was lost/)
    await lock.release()
    relay.close()
  }, 30_000)

  it('is noticed when the server is restarted', async () => {
    const database = await postgres.createDatabase()
    const lock = await take(database, asked('release-actions/db-deploy 1 aaaaaa'))
    const lost = new Promise((resolve) => {
      lock.lost.addEventListener('abort', resolve)
    })
    await postgres.restart()
    await lost
    expect((await problemOf(lock.assertHeld())).code).toBe('deploy-lock-lost')
    await lock.release()
  }, 30_000)
})

describe('two deploys at once', () => {
  it('never wait for each other in a circle, and the index that one builds concurrently is valid: 20 rounds', async () => {
    const database = await postgres.createDatabase()
    await postgres.query(
      'CREATE TABLE orders AS SELECT n AS id, md5(n::text) AS code FROM generate_series(1, 20000) n',
      database
    )
    const deploy = async (round: number, name: string): Promise<string[]> => {
      const lock = await take(database, asked(`release-actions/db-deploy ${round} ${name}`, { wait: 60_000 }))
      const there = await postgres.query(`SELECT FROM pg_class WHERE relname = 'orders_code_${round}'`, database)
      if (there.length === 0) {
        await postgres.query(`CREATE INDEX CONCURRENTLY orders_code_${round} ON orders (code)`, database)
      }
      await lock.assertHeld()
      await lock.release()
      return there.length === 0 ? [name] : []
    }
    for (let round = 1; round <= 20; round += 1) {
      const built = await Promise.all([deploy(round, 'aaaaaa'), deploy(round, 'bbbbbb')])
      expect(built.flat()).toHaveLength(1)
    }
    const indexes = await postgres.query(
      "SELECT bool_and(indisvalid) AS valid, count(*)::int AS count FROM pg_index WHERE indrelid = 'orders'::regclass",
      database
    )
    expect(indexes).toEqual([{ valid: true, count: 20 }])
  }, 120_000)
})

async function connected(database: string, application: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: postgres.url(database), application_name: application })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function gone(application: string): Promise<void> {
  for (;;) {
    const rows = await postgres.query(`SELECT FROM pg_stat_activity WHERE application_name = '${application}'`)
    if (rows.length === 0) return
    await sleep(20)
  }
}

/** A way to the server that can be made to say nothing any more, as a firewall does that forgot a connection. */
async function relayTo(port: number): Promise<{ readonly port: number; silence(): void; close(): void }> {
  const sockets: Socket[] = []
  let silent = false
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    sockets.push(client, upstream)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client]
    ] as const) {
      from.on('data', (bytes) => {
        if (!silent) to.write(bytes)
      })
      from.on('error', () => undefined)
      from.on('close', () => {
        if (!silent) to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    silence() {
      silent = true
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
}
