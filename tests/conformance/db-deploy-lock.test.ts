// needs: pgbouncer
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createJournal } from '../../actions/db-deploy/journal.ts'
import { lockKey } from '../../actions/db-deploy/lock/lock-key.ts'
import { takeLock, type LockRequest } from '../../actions/db-deploy/lock/take-lock.ts'
import { systemClock } from '../../actions/shared/clock.ts'
import { startPgbouncer } from '../support/pgbouncer.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { realWorld, urlOf } from '../db-deploy/lock/deploying.ts'

/** The lock of a deploy behind Debian's PgBouncer. */

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

const request: LockRequest = {
  key: lockKey({ schema: 'public', table: '_prisma_migrations' }),
  wait: 0,
  applicationName: 'release-actions/db-deploy 1 aaaaaa'
}

const take = (url: string) => takeLock(urlOf(url), request, realWorld(), createJournal(systemClock))

const locks = () => postgres.query("SELECT FROM pg_locks WHERE locktype = 'advisory'")

test.each([
  ['transaction', 5],
  ['transaction', 1],
  ['statement', 5]
] as const)(
  'is not taken where backends are shared by %s (a pool of %i), and none stays behind',
  async (mode, size) => {
    const pooler = await startPgbouncer(postgres, mode, size)
    try {
      await expect(take(pooler.url('postgres'))).rejects.toMatchObject({ problems: [{ code: 'deploy-lock-pooled' }] })
      expect(await locks()).toEqual([])
    } finally {
      pooler.stop()
    }
  }
)

test('is a lock where a session keeps its backend: a second deploy does not get it, directly or not', async () => {
  const pooler = await startPgbouncer(postgres, 'session')
  try {
    const lock = await take(pooler.url('postgres'))
    for (const url of [pooler.url('postgres'), postgres.url('postgres')]) {
      await expect(take(url)).rejects.toMatchObject({ problems: [{ code: 'deploy-lock-busy' }] })
    }
    await lock.assertHeld()
    await lock.release()
    expect(await locks()).toEqual([])
  } finally {
    pooler.stop()
  }
})
