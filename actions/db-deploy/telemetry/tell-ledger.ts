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
  // The job may be cancelled: what is left of its time is the limit then, and not the cancellation.
  const ended = AbortSignal.timeout(limit)
  // So that the server is the first to give up, and says what it waited for.
  const [statementTimeout, lockTimeout] = [Math.ceil(limit * 0.8), Math.ceil(limit * 0.6)]
  try {
    const session = await openSession(
      url,
      {
        applicationName: 'release-actions/db-deploy ledger',
        statementTimeout,
        lockTimeout,
        connectTimeout: limit
      },
      { clock: world.clock, cancelled: ended }
    )
    try {
      await writeLedger(session, entry)
    } finally {
      await session.close()
    }
    return []
  } catch (error) {
    const why = ended.aborted
      ? `the database gave no answer in ${(limit / 1000).toFixed(1)} s`
      : error instanceof Error
        ? error.message
        : String(error)
    const sqlstate = error instanceof QueryError ? error.sqlstate : undefined
    return [notWritten(world.secrets.redact(why).replace(/[.\s]+$/, ''), hintOf(sqlstate, why))]
  }
}

/** Milliseconds. */
const longest = 5_000

const otherHint =
  'The deploy itself is not touched by this. The next run writes its own record, and checksums that are missing.'

function hintOf(sqlstate: string | undefined, why: string): string {
  // insufficient_privilege: to make the schema, or to use the one that is there.
  if (sqlstate === '42501' && /for database/.test(why))
    return `Let somebody who may run \`CREATE SCHEMA ${ledgerSchema} AUTHORIZATION "the deploying role";\` once. The ledger needs no other right.`
  if (sqlstate === '42501')
    return `The ledger is another role's. Let that one, or a superuser, run \`GRANT USAGE ON SCHEMA ${ledgerSchema} TO "the deploying role"; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${ledgerSchema} TO "the deploying role";\` once.`
  // read_only_sql_transaction
  if (sqlstate === '25006') return 'The database takes no writes: this is a replica, or read-only by a setting.'
  return otherHint
}

function notWritten(why: string, hint: string): Remark {
  return {
    level: 'warning',
    problem: { code: 'ledger-not-written', message: `The ledger was not written: ${why}.`, hint }
  }
}
