import type { Check } from '../check.ts'
import { counted } from '../counted.ts'
import { conflicting, lockMode } from './lock-modes.ts'
import { relationsSql, relationsValues, type TouchedName } from './relation.ts'
import type { Server } from './server.ts'
import type { Row, Session } from './session.ts'
import { booleanOf, optionalNumberOf, optionalTextOf, quoteIdentifier, textOf } from './sql.ts'

interface Touched {
  readonly schema: string
  readonly tables: readonly TouchedName[]
}

/**
 * Who would make the migrations wait. A transaction that has been open for a minute is not about to end: it holds up every
 * CREATE INDEX CONCURRENTLY, which is a warning. One that holds a lock on a touched table which excludes the one that a
 * migration needs is a failure: the migration would wait in the queue, and whoever wants the table then waits behind it,
 * until lock_timeout ends it in the middle of the deploy. Where the needed lock is not known it is a warning, and so it is
 * while another deploy is at work, which the deploy lock waits for.
 *
 * @param longAgo seconds
 */
export async function activityChecks(
  session: Session,
  server: Server,
  touched: Touched,
  longAgo = 60
): Promise<readonly Check[]> {
  if (server.inRecovery || !server.postgres) return []
  const rows = await session.query(activityQuery)
  const sessions = rows.map(openTransaction)
  const unseen = sessions.filter(({ seconds }) => seconds === undefined)
  const seen = sessions.flatMap((one) => (one.seconds === undefined ? [] : [{ ...one, seconds: one.seconds }]))
  const long = seen.filter(({ seconds }) => seconds >= longAgo)
  const locks = touched.tables.length === 0 ? [] : [await locksCheck(session, server, touched, longAgo)]
  return [longCheck(long, unseen.length, server, longAgo), ...locks]
}

/**
 * Whether it is a session of this run, or of another deploy that lives: the deploy lock waits for that one. A killed run's
 * own sessions are gone, and those of its tool may not be. `NAME` is the run's own, `NAME migrate` its tool's.
 */
function ofLivingDeploy(name: string, pid: string): string {
  return `(coalesce(${name}, '') LIKE 'release-actions/db-deploy%' AND (
      ${name} LIKE current_setting('application_name') || '%'
      OR EXISTS (SELECT FROM pg_stat_activity living WHERE living.pid <> ${pid}
        AND living.application_name = regexp_replace(${name}, ' [a-z]+$', ''))))`
}

/**
 * Of other roles' sessions only process, role and application are seen without pg_read_all_stats; their times are NULL, as
 * those of sessions without a transaction are. A prepared transaction has no session, and stays until somebody ends it.
 */
const activityQuery = `SELECT pid, usename AS role, application_name AS application, state,
    xact_start IS NULL AND backend_type IS NULL AS unseen,
    extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
  FROM pg_stat_activity a
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL
    AND coalesce(backend_type, 'client backend') = 'client backend' AND NOT ${ofLivingDeploy('a.application_name', 'a.pid')}
    AND (xact_start IS NOT NULL OR backend_type IS NULL)
  UNION ALL SELECT NULL, owner, gid, 'prepared', false, extract(epoch FROM clock_timestamp() - prepared)::float8
  FROM pg_prepared_xacts WHERE database = current_database()
  ORDER BY 6 DESC NULLS LAST`

interface OpenTransaction {
  /** Undefined for a prepared one. */
  readonly pid: number | undefined
  readonly role: string
  readonly application: string
  readonly state: string
  /** Since it began; undefined where the role may not see it. */
  readonly seconds: number | undefined
}

function openTransaction(row: Row): OpenTransaction {
  return {
    pid: optionalNumberOf(row, 'pid'),
    role: textOf(row, 'role'),
    application: optionalTextOf(row, 'application') ?? '',
    state: optionalTextOf(row, 'state') ?? '',
    seconds: booleanOf(row, 'unseen') ? undefined : (optionalNumberOf(row, 'seconds') ?? 0)
  }
}

function longCheck(long: readonly OpenTransaction[], unseen: number, { role }: Server, longAgo: number): Check {
  const check = { id: 'long-transactions', title: 'Long transactions' }
  if (long.length > 0)
    return {
      ...check,
      told: `${counted(long.length, 'transaction')} older than ${longAgo} s`,
      result: 'warning',
      problem: {
        code: 'database-long-transaction',
        message: `${told(long)}: CREATE INDEX CONCURRENTLY waits for it to end, and so does VACUUM.`,
        hint: `Let it end first, or end it: ${ending(long)}.`
      }
    }
  if (unseen === 0) return { ...check, told: `none older than ${longAgo} s`, result: 'ok' }
  return {
    ...check,
    told: `${counted(unseen, 'session')} of other roles, which ${role.name} may not look into`,
    result: 'not checked',
    next: `GRANT pg_read_all_stats TO ${quoteIdentifier(role.name)}`
  }
}

/**
 * Autovacuum gives way to whoever waits for it, unless it prevents wraparound. A prepared transaction has no process, and
 * is known by the lock on its own id: its virtual one is that of the session that prepared it, until the server restarts.
 */
const locksQuery = `SELECT touched.name, l.mode, a.pid, coalesce(a.usename, x.owner) AS role,
    coalesce(a.application_name, x.gid) AS application, coalesce(a.state, 'prepared') AS state,
    a.pid IS NOT NULL AND a.backend_type IS NULL AS unseen,
    extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, x.prepared))::float8 AS seconds,
    EXISTS (SELECT FROM pg_stat_activity o WHERE o.datname = current_database()
      AND o.application_name ~ '^release-actions/db-deploy( \\d+)? [0-9a-f]{6}$'
      AND o.application_name <> current_setting('application_name')) AS deploying
  FROM ${relationsSql(1)} touched
  JOIN pg_locks l ON l.locktype = 'relation' AND l.relation = touched.oid AND l.granted
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
  LEFT JOIN pg_locks t ON l.pid IS NULL AND t.pid IS NULL AND t.locktype = 'transactionid'
    AND t.virtualtransaction = l.virtualtransaction
  LEFT JOIN pg_prepared_xacts x ON x.transaction = t.transactionid
  WHERE (a.pid IS NOT NULL OR x.gid IS NOT NULL) AND l.pid IS DISTINCT FROM pg_backend_pid() AND NOT ${ofLivingDeploy('a.application_name', 'a.pid')}
    AND (a.pid IS NULL OR a.usename IS NOT NULL OR a.query LIKE '%to prevent wraparound%')
  ORDER BY 8 DESC NULLS LAST`

async function locksCheck(
  session: Session,
  { role }: Server,
  { schema, tables }: Touched,
  longAgo: number
): Promise<Check> {
  const check = { id: 'blocked-tables', title: 'Locks on touched tables' }
  const rows = await session.query(locksQuery, relationsValues(tables, schema))
  const needed = new Map(tables.map(({ name, lock }) => [name, lock === undefined ? undefined : lockMode(lock)]))
  const inTheWay = rows.flatMap((row) => {
    const held = lockMode(textOf(row, 'mode'))
    const wanted = needed.get(textOf(row, 'name'))
    const known = wanted !== undefined && held !== undefined
    if (known && !conflicting(wanted, held)) return []
    return [{ ...openTransaction(row), table: textOf(row, 'name'), mode: held ?? '', known }]
  })
  const old = inTheWay.filter(({ seconds }) => seconds !== undefined && seconds >= longAgo)
  if (old.length > 0) {
    const deploying = rows.some((row) => booleanOf(row, 'deploying'))
    const [first] = old
    return {
      ...check,
      told: `${counted(new Set(old.map(({ pid, application }) => pid ?? application)).size, 'session')} in the way`,
      result: old.some(({ known }) => known) && !deploying ? 'failed' : 'warning',
      problem: {
        code: 'database-table-locked',
        message: `${told(old)} holds ${first?.mode ?? ''} on ${[...new Set(old.map(({ table }) => table))].join(', ')}: a migration that changes the table would wait for it, and everybody else behind the migration.`,
        hint: `Let it end first, or end it: ${ending(old)}.`
      }
    }
  }
  const unseen = inTheWay.filter(({ seconds }) => seconds === undefined)
  if (unseen.length === 0) return { ...check, told: 'nobody is in the way', result: 'ok' }
  return {
    ...check,
    told: `${counted(unseen.length, 'lock')} of sessions that ${role.name} may not look into`,
    result: 'not checked',
    next: `GRANT pg_read_all_stats TO ${quoteIdentifier(role.name)}`
  }
}

/** What it does is not shown: queries hold what users wrote. */
function told(transactions: readonly OpenTransaction[]): string {
  const [first] = transactions
  if (first === undefined) return ''
  const who = first.pid === undefined ? `The prepared transaction ${first.application}` : `Process ${first.pid}`
  const dead = first.application.startsWith('release-actions/db-deploy') ? ' of a deploy that is dead' : ''
  const application = first.pid === undefined || first.application === '' ? '' : `, ${first.application}${dead}`
  const others = transactions.length > 1 ? ` and ${transactions.length - 1} more` : ''
  return `${who} (${first.role}${application}, ${first.state}, ${Math.round(first.seconds ?? 0)} s)${others}`
}

/** `pg_terminate_backend` where it idles: there is nothing that could be cancelled. */
function ending(transactions: readonly OpenTransaction[]): string {
  const commands = transactions
    .slice(0, 5)
    .map(({ pid, application, state }) =>
      pid === undefined
        ? `\`ROLLBACK PREPARED '${application.replaceAll("'", "''")}'\``
        : `\`SELECT ${state.startsWith('idle') ? 'pg_terminate_backend' : 'pg_cancel_backend'}(${pid})\``
    )
  return [...new Set(commands)].join(', ')
}
