import type { Row, Session } from '../database/session.ts'
import { backendColumns, backendOf, type Backend } from './backend.ts'
import { databaseLock, type LockKey } from './lock-key.ts'

/** Prisma's own lock, `pg_advisory_lock(72707369)`, which it waits for inside of a query (prisma-engines, sql-schema-connector). */
const prismaLock = 72_707_369

/** Who has what this lock does not go with, our own session not counted. */
export async function findHolders(session: Session, key: LockKey): Promise<readonly Backend[]> {
  return backends(
    await session.query(
      `SELECT ${backendColumns} FROM pg_stat_activity a
       WHERE a.pid <> pg_backend_pid() AND a.pid IN (SELECT l.pid FROM pg_locks l WHERE ${isHeld} AND ${isAgainst(key)})`
    )
  )
}

/**
 * Who migrates in this database without our lock: what a deploy left that was killed (its session ended with it, and gave
 * the lock back, while its tool's backend goes on), and whoever runs Prisma by hand. Beside either of them Prisma would wait
 * in its lock with a snapshot, and an index that is built CONCURRENTLY would wait for that.
 */
export async function findMigrating(session: Session): Promise<readonly Backend[]> {
  return backends(
    await session.query(
      `SELECT ${backendColumns} FROM pg_stat_activity a
       WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND (
         a.application_name LIKE 'release-actions/db-deploy% migrate'
         OR a.pid IN (
           SELECT l.pid FROM pg_locks l
           WHERE ${isHeld} AND l.classid = 0 AND l.objid = $1::int4::oid AND l.objsubid = 1))`,
      [prismaLock]
    )
  )
}

/** An advisory lock of this database that somebody has. */
const isHeld = `l.locktype = 'advisory' AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`

/** Of our locks those that one does not go with: the same one and the whole database's, and for that one any. */
function isAgainst({ space, table }: LockKey): string {
  const ours = `l.classid = ${unsigned(space)} AND l.objsubid = 2`
  if (table === databaseLock.table) return ours
  return `${ours} AND (l.objid = ${unsigned(table)} OR l.objid = ${databaseLock.table} AND l.mode = 'ExclusiveLock')`
}

/** The query by which a person sees who has what the lock does not go with. */
export function holdersQuery(key: LockKey): string {
  return [
    'SELECT a.pid, a.application_name, a.usename, a.client_addr, a.backend_start, a.state, a.query',
    'FROM pg_stat_activity a WHERE a.datname = current_database() AND a.pid IN',
    `(SELECT l.pid FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND ${isAgainst(key)});`
  ].join(' ')
}

/** As pg_locks shows it: an oid has no sign. */
function unsigned(number: number): number {
  return number >>> 0
}

/** `release-actions/db-deploy 123 (pid 4711, role deployer, connected since 2026-01-02T03:04:05Z, run 123)` */
export function holderTold({ pid, application, role, since }: Backend): string {
  const run = /^release-actions\/db-deploy (\d+) [\da-f]{6}/.exec(application)?.[1]
  const facts = [
    `pid ${pid}`,
    ...(role === '' ? [] : [`role ${role}`]),
    ...(since === undefined ? [] : [`connected since ${since}`]),
    ...(run === undefined ? [] : [`workflow run ${run}`])
  ]
  return `${application === '' ? 'a session without a name' : application} (${facts.join(', ')})`
}

function backends(rows: readonly Row[]): readonly Backend[] {
  return rows.map(backendOf)
}
