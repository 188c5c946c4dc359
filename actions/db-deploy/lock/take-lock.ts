import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { Journal } from '../journal.ts'
import type { LockFacts } from '../record.ts'
import type { LockKey } from './lock-key.ts'

export interface LockRequest {
  readonly key: LockKey
  /** Milliseconds that another deploy is waited for. */
  readonly wait: number
  /** At most 63 bytes; of this run alone. */
  readonly applicationName: string
  /** Milliseconds between two looks at whether it is held still; 5,000 where it is not said. */
  readonly keepAlive?: number
}

/** The lock of this run, held by a session of its own that idles outside of transactions. */
export interface DeployLock {
  readonly facts: LockFacts
  /** Aborted when it is known that the lock is lost: its session has ended, or does not answer. */
  readonly lost: AbortSignal
  /** Asks the server; before each step that changes something. @throws ActionError `deploy-lock-lost` */
  assertHeld(): Promise<void>
  /** Gives the lock back and ends its session. Never throws, may be called twice. */
  release(): Promise<void>
}

/**
 * Takes the lock of a deploy, as stage `lock` of the journal. It is tried for and never waited for inside of a query: a
 * session that waits in `pg_advisory_lock` has a snapshot, `CREATE INDEX CONCURRENTLY` of the one who holds the lock waits
 * for that snapshot, and both wait for each other (prisma-engines#5755).
 *
 * @param url past any pooler
 * @throws ActionError `deploy-lock-busy` when the time is over, `deploy-lock-pooled`, `deploy-cancelled`
 */
export declare function takeLock(
  url: DatabaseUrl,
  request: LockRequest,
  world: World,
  journal: Journal
): Promise<DeployLock>
