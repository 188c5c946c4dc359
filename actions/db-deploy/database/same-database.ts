import { randomInt } from 'node:crypto'
import type { Session } from './session.ts'
import { booleanOf, numberOf, optionalTextOf } from './sql.ts'

/**
 * Whether two sessions are of one database, whatever their addresses say. One takes an advisory lock that nobody else has,
 * and the other looks for it: copies and branches of a database share its name, its oid and its system identifier. A
 * replica and its primary do not see each other's locks; of them these three must be the same.
 *
 * @throws ActionError when a connection is lost or the job cancelled
 * @throws {QueryError}
 */
export async function isSameDatabase(one: Session, other: Session): Promise<boolean> {
  const keys = [randomInt(1, 2 ** 31), randomInt(1, 2 ** 31)]
  // In a transaction, as behind a pooler only that stays on one backend.
  await one.query('BEGIN READ ONLY')
  try {
    const [locked] = await one.query(
      'SELECT pg_catalog.pg_is_in_recovery() AS replica, pg_catalog.pg_advisory_xact_lock_shared($1::int, $2::int)',
      keys
    )
    const [seen] = await other.query(
      `SELECT pg_catalog.pg_is_in_recovery() AS replica, EXISTS (
         SELECT FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database
          WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted
            AND l.classid = $1::int8::oid AND l.objid = $2::int8::oid AND l.objsubid = 2) AS locked`,
      keys
    )
    if (booleanOf(seen, 'locked')) return true
    if (!booleanOf(seen, 'replica') && !booleanOf(locked, 'replica')) return false
  } finally {
    if (!one.lost.aborted) await one.query('ROLLBACK')
  }
  const [mine, its] = [await identityOf(one), await identityOf(other)]
  return mine !== undefined && mine === its
}

async function identityOf(session: Session): Promise<string | undefined> {
  const [row] = await session.query(
    `SELECT oid::int8 AS oid, datname::text AS name, CASE
       WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
       THEN (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) END AS system
     FROM pg_catalog.pg_database WHERE datname = current_database()`
  )
  const system = optionalTextOf(row, 'system')
  return system === undefined ? undefined : `${system}/${numberOf(row, 'oid')}/${optionalTextOf(row, 'name') ?? ''}`
}
