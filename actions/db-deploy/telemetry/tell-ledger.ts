import { QueryError } from '../database/query-error.ts'
import { openSession } from '../database/session.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { Remark } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { ledgerSchema, writeLedger, type LedgerEntry } from './ledger.ts'

/**
 * Writes a run into the ledger, by a connection of its own: that of the run may be what broke.
 *
 * @param url undefined for a database that is not PostgreSQL
 * @param left milliseconds that there are yet
 * @returns a warning where it could not be written
 */
export async function tellLedger(
  url: DatabaseUrl | undefined,
  entry: LedgerEntry,
  world: World,
  left: () => number
): Promise<readonly Remark[]> {
  if (url === undefined) {
    return [notWritten('only PostgreSQL has one', 'Leave `ledger` out for other databases.')]
  }
  const limit = Math.max(1, Math.min(left(), longest))
  try {
    const session = await openSession(
      url,
      {
        applicationName: 'release-actions/db-deploy ledger',
        statementTimeout: limit,
        lockTimeout: limit,
        connectTimeout: limit
      },
      // The job may be cancelled: what is left of its time is the limit then, and not the cancellation.
      { clock: world.clock, cancelled: AbortSignal.timeout(limit) }
    )
    try {
      await writeLedger(session, entry)
    } finally {
      await session.close()
    }
    return []
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const sqlstate = error instanceof QueryError ? error.sqlstate : undefined
    return [notWritten(world.secrets.redact(why).replace(/[.\s]+$/, ''), hints[sqlstate ?? ''] ?? otherHint)]
  }
}

/** Milliseconds. */
const longest = 5_000

const otherHint =
  'The deploy itself is not touched by this. The next run writes its own record, and checksums that are missing.'

/** By SQLSTATE: insufficient_privilege, read_only_sql_transaction. */
const hints: Readonly<Record<string, string>> = {
  '42501': `Let somebody who may run \`CREATE SCHEMA ${ledgerSchema} AUTHORIZATION "the deploying role";\` once. The ledger needs no other right.`,
  '25006': 'The database takes no writes: this is a replica, or read-only by a setting.'
}

function notWritten(why: string, hint: string): Remark {
  return {
    level: 'warning',
    problem: { code: 'ledger-not-written', message: `The ledger was not written: ${why}.`, hint }
  }
}
