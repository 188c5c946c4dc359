import { readableSize } from '../../shared/files.ts'
import type { Check } from '../check.ts'
import { counted } from '../counted.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'
import { optionalNumberOf, optionalTextOf, quoteIdentifier } from './sql.ts'

/**
 * How far the servers that follow this one are behind. A migration that rewrites a table writes all of it to them again, and
 * a deploy that waits for them (synchronous_commit) waits longer the farther they are.
 */
export async function replicaCheck(session: Session, { inRecovery, role }: Server): Promise<readonly Check[]> {
  const check = { id: 'replicas', title: 'Replicas' }
  if (inRecovery) return []
  const rows = await session.query(
    `SELECT application_name AS name, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::float8 AS bytes,
       extract(epoch FROM replay_lag)::float8 AS seconds FROM pg_stat_replication`
  )
  if (rows.length === 0) return [{ ...check, told: 'none', result: 'ok' }]
  const seen = rows.flatMap((row) => {
    const bytes = optionalNumberOf(row, 'bytes')
    const name = optionalTextOf(row, 'name') ?? 'replica'
    return bytes === undefined ? [] : [{ name, bytes, seconds: optionalNumberOf(row, 'seconds') ?? 0 }]
  })
  const behind = seen.filter(({ bytes, seconds }) => bytes > mostBytes || seconds > mostSeconds)
  const [first] = behind
  if (first !== undefined)
    return [
      {
        ...check,
        told: `${first.name} is ${readableSize(first.bytes)} behind`,
        result: 'warning',
        problem: {
          code: 'database-replica-lag',
          message: `${behind.map(({ name, bytes, seconds }) => `Replica ${name} is ${readableSize(bytes)} (${Math.round(seconds)} s) behind`).join('; ')}: whoever reads there sees the old schema for at least as long.`,
          hint: 'Wait until it has caught up, or find out what holds it up: `SELECT * FROM pg_stat_replication`.'
        }
      }
    ]
  if (seen.length === rows.length)
    return [{ ...check, told: `${counted(rows.length, 'replica')}, caught up`, result: 'ok' }]
  return [
    {
      ...check,
      told: `${counted(rows.length, 'replica')}, whose positions ${role.name} may not see`,
      result: 'not checked',
      next: `GRANT pg_monitor TO ${quoteIdentifier(role.name)}`
    }
  ]
}

/** A replica that keeps up is some kilobytes and milliseconds behind. */
const mostBytes = 64 * 1024 * 1024
const mostSeconds = 30
