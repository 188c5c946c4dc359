// needs: pgbouncer
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readPooling } from '../../actions/db-deploy/database/pooling.ts'
import { preflight } from '../../actions/db-deploy/database/preflight.ts'
import { readServer } from '../../actions/db-deploy/database/server.ts'
import type { Check } from '../../actions/db-deploy/check.ts'
import { neverCancelled } from '../../actions/shared/cancellation.ts'
import { systemClock } from '../../actions/shared/clock.ts'
import { databaseUrl, problemsOf, session } from '../support/database.ts'
import { startPgbouncer, type Pgbouncer } from '../support/pgbouncer.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'

/** What Debian's PgBouncer does in each of its modes, and what is seen of it. */

const world = { clock: systemClock, cancelled: neverCancelled() }
let postgres: Postgres
const poolers = new Map<string, Pgbouncer>()

beforeAll(async () => {
  postgres = await startPostgres()
  for (const mode of ['session', 'transaction', 'statement'] as const)
    poolers.set(mode, await startPgbouncer(postgres, mode))
})

afterAll(() => {
  for (const pooler of poolers.values()) pooler.stop()
  postgres.stop()
})

function through(mode: string, database = 'postgres'): string {
  return poolers.get(mode)?.url(database) ?? postgres.url(database)
}

async function poolerCheckOf(url: string, needs: 'read' | 'migrate'): Promise<Check | undefined> {
  const opened = await session(url, { readOnly: true })
  try {
    const server = await readServer(opened, databaseUrl(url))
    const checks = await preflight(
      opened,
      databaseUrl(url),
      server,
      { extensions: ['plpgsql'], touchedTables: ['nowhere'], needs },
      world
    )
    return checks.find(({ id }) => id === 'pooler')
  } finally {
    await opened.close()
  }
}

test.each([
  ['direct', 'none', true],
  ['session', 'session', false],
  ['transaction', 'transaction', false],
  ['statement', 'transaction', false]
])('%s: what stands between is recognised', async (mode, pooling, direct) => {
  const opened = await session(through(mode))
  expect(opened.direct).toBe(direct)
  expect(await readPooling(opened, databaseUrl(through(mode)), world)).toBe(pooling)
  await opened.close()
})

test('a pooler with one backend for all is recognised, too', async () => {
  const narrow = await startPgbouncer(postgres, 'transaction', 1)
  try {
    const opened = await session(narrow.url('postgres'))
    expect(await readPooling(opened, databaseUrl(narrow.url('postgres')), world)).toBe('transaction')
    await opened.close()
  } finally {
    narrow.stop()
  }
})

test('migrations are refused in transaction mode, with where to go instead; reading is not', async () => {
  expect(await poolerCheckOf(through('transaction'), 'migrate')).toMatchObject({
    result: 'failed',
    problem: { code: 'database-pooled', hint: expect.stringContaining('direct-database-url') }
  })
  expect(await poolerCheckOf(through('transaction'), 'read')).toMatchObject({ result: 'ok' })
  expect(await poolerCheckOf(through('session'), 'migrate')).toMatchObject({ result: 'ok' })
  expect(await poolerCheckOf(through('direct'), 'migrate')).toMatchObject({ result: 'ok' })
})

test('a session leaves nothing on the backend that the next client gets', async () => {
  const database = await postgres.createDatabase()
  const url = through('transaction', database)
  const ours = await session(url, { readOnly: true, statementTimeout: 1_234, lockTimeout: 4_321 })
  const [mine] = await ours.query('SELECT pg_backend_pid() AS pid')
  const other = await session(url)
  const [theirs] = await other.query(
    "SELECT pg_backend_pid() AS pid, current_setting('default_transaction_read_only') AS closed, current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock"
  )
  expect(theirs).toEqual({ pid: mine?.['pid'], closed: 'off', statement: '0', lock: '0' })
  await Promise.all([ours.close(), other.close()])
})

describe('time limits and cancelling', () => {
  test('hold through a pooler that takes no settings', async () => {
    const opened = await session(through('transaction'), { statementTimeout: 1 })
    await expect(opened.query('SELECT pg_sleep(30)')).rejects.toMatchObject({ sqlstate: '57014' })
    await opened.close()
  })

  test('reach the backend behind it', async () => {
    const job = new AbortController()
    const opened = await session(through('transaction'), {}, job.signal)
    const asked = problemsOf(opened.query('SELECT pg_sleep(33)'))
    const running = async (): Promise<unknown> =>
      (
        await postgres.query(
          "SELECT count(*)::int AS count FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(33)' AND state = 'active'"
        )
      )[0]?.['count']
    while ((await running()) !== 1);
    job.abort()
    expect(await asked).toMatchObject([{ code: 'deploy-cancelled' }])
    while ((await running()) !== 0);
    await opened.close()
  })
})

test.each([
  ['a wrong password', (url: string) => url.replace(':postgres@', ':hidden-wrong-word@'), 'database-authentication'],
  [
    'an unknown role',
    (url: string) => url.replace('//postgres:postgres', '//nobody:hidden-wrong-word'),
    'database-authentication'
  ],
  ['a missing database', (url: string) => url.replace(/\/postgres$/, '/nowhere'), 'database-missing']
])('%s is told as without a pooler', async (_what, change, code) => {
  const problems = await problemsOf(session(change(through('transaction'))))
  expect(problems).toMatchObject([{ code }])
  expect(JSON.stringify(problems)).not.toContain('hidden-wrong-word')
})
