import type { Clock } from '../../shared/clock.ts'
import { ActionError, fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { cancelledCode } from '../journal.ts'
import { connect, type Connected } from './connect.ts'
import type { DatabaseUrl } from './database-url.ts'
import { messageOf } from './error-words.ts'
import { QueryError, serverReport } from './query-error.ts'

/** A row as the server sends it; who reads it says what a column is (sql.ts). Times are texts, in UTC. */
export type Row = Readonly<Record<string, unknown>>

/** Rows by the place of their columns. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** One connection to a PostgreSQL server. */
export interface Session {
  /** Of its backend. */
  readonly pid: number
  /** Where it is: the URL with the one host that it was reached at. */
  readonly url: DatabaseUrl
  /** Whether the backend itself answers; false behind a pooler or a proxy, where nothing of a session can be relied on. */
  readonly direct: boolean
  /** `TLSv1.3`; undefined without TLS. */
  readonly tls: string | undefined
  /** Aborted when the connection is lost. */
  readonly lost: AbortSignal
  /**
   * @param values of `$1`, `$2` …; identifiers are quoted by `quoteIdentifier`, never put in as they are. Without values
   * several statements may stand in it, and the rows of the last are given.
   * @throws QueryError with the SQLSTATE; ActionError when the connection is lost, or the job cancelled
   */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /** One statement of somebody else's, whose columns may all have one name. @throws as `query` */
  queryTable(sql: string): Promise<Table>
  close(): Promise<void>
}

export interface SessionOptions {
  /** Seen by everybody in pg_stat_activity; 63 bytes at most. */
  readonly applicationName: string
  /** Every transaction is one that writes nothing. */
  readonly readOnly?: boolean
  /** Milliseconds that a statement may take; 60 seconds unless told, 0 is off. */
  readonly statementTimeout?: number
  /** Milliseconds that a statement may wait for a lock; the server's own unless told. */
  readonly lockTimeout?: number
  /** Milliseconds; the URL's `connect_timeout`, else 10 seconds. */
  readonly connectTimeout?: number
}

/** What a session needs of the world. Who cleans up after a cancelled job gives a `cancelled` that is its own time limit. */
export interface SessionWorld {
  readonly clock: Clock
  readonly cancelled: World['cancelled']
}

/**
 * Connects as libpq would: TLS by `sslmode`, several hosts in turn, sockets. A server that is just starting, or has no
 * place left, is asked again for some seconds. Behind a pooler no setting is made, as it would be the next client's too;
 * `statementTimeout` holds all the same, because it is kept from this side.
 *
 * @throws ActionError that says what is wrong with the connection, without the password
 */
export async function openSession(url: DatabaseUrl, options: SessionOptions, world: SessionWorld): Promise<Session> {
  const { statementTimeout = 60_000 } = options
  const connected = await connect(url, options, world)
  const { client } = connected
  const lost = new AbortController()
  let closing = false
  client.on('error', () => {
    lost.abort()
  })
  client.on('end', () => {
    if (!closing) lost.abort()
  })
  const run = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (world.cancelled.aborted) fail(cancelled)
    if (lost.signal.aborted || closing) fail(lostProblem(connected))
    const limit = statementTimeout === 0 ? undefined : statementTimeout + grace
    const watch = watchQuery(connected, limit, world.cancelled)
    try {
      return await ask()
    } catch (error) {
      const failure = queryFailure(error, watch.why(), connected)
      // The server says so before it hangs up.
      if (!(failure instanceof QueryError) && watch.why() === undefined) lost.abort()
      throw failure
    } finally {
      watch.stop()
    }
  }
  // One after the other: a time limit, and a cancel, are meant for the statement that runs.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(ask: () => Promise<T>): Promise<T> => {
    const mine = turn.then(() => run(ask))
    turn = mine.catch(() => undefined)
    return mine
  }
  const query: Session['query'] = (sql, values) =>
    inTurn(async () => {
      const result: unknown = await client.query(sql, values === undefined ? undefined : [...values])
      return rowsOf(Array.isArray(result) ? result.at(-1) : result)
    })
  const queryTable: Session['queryTable'] = (sql) =>
    inTurn(async () => {
      const { fields, rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
      return { columns: fields.map(({ name: column }) => column), rows }
    })
  const session = { url: connected.url, tls: connected.tls, lost: lost.signal, query, queryTable }
  const close = async (): Promise<void> => {
    if (closing) return
    closing = true
    // A server that does not answer any more must not hold the run up.
    const patience = setTimeout(() => {
      connected.destroy()
    }, grace)
    await client.end().catch(() => undefined)
    clearTimeout(patience)
  }
  try {
    const [first] = await query(settingsQuery, [
      connected.backend,
      String(statementTimeout),
      options.lockTimeout === undefined ? null : String(options.lockTimeout),
      options.readOnly === true ? 'on' : null
    ])
    const pid = Number(first?.['pid'])
    return { ...session, pid, direct: pid === connected.backend, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** How much longer than the server this side waits, milliseconds. */
const grace = 2_000

/**
 * Asks who answers, and makes the settings only where that is the backend that was connected to: PgBouncer and its kind
 * give clients a process id of their own making, and hand a backend with its settings to the next client. Idle sessions are
 * kept, whatever the role's settings say: one holds the lock of a deploy. A runner that vanished is noticed in two minutes
 * rather than two hours.
 */
const settingsQuery = `SELECT pg_catalog.pg_backend_pid() AS pid,
  CASE WHEN pg_catalog.pg_backend_pid() = $1::int THEN ARRAY[
    pg_catalog.set_config('TimeZone', 'UTC', false),
    pg_catalog.set_config('DateStyle', 'ISO', false),
    pg_catalog.set_config('statement_timeout', $2, false),
    pg_catalog.set_config('idle_in_transaction_session_timeout', '0', false),
    pg_catalog.set_config('tcp_keepalives_idle', '60', false),
    pg_catalog.set_config('tcp_keepalives_interval', '15', false),
    pg_catalog.set_config('tcp_keepalives_count', '4', false),
    CASE WHEN $3::text IS NOT NULL THEN pg_catalog.set_config('lock_timeout', $3, false) END,
    CASE WHEN $4::text IS NOT NULL THEN pg_catalog.set_config('default_transaction_read_only', $4, false) END,
    CASE WHEN pg_catalog.current_setting('server_version_num')::int >= 140000
      THEN pg_catalog.set_config('idle_session_timeout', '0', false) END,
    CASE WHEN pg_catalog.current_setting('server_version_num')::int >= 170000
      THEN pg_catalog.set_config('transaction_timeout', '0', false) END
  ] END AS settings`

const cancelled = {
  code: cancelledCode,
  message: 'The job was cancelled while the database was asked.',
  hint: 'Run it again when it may go on: what was written until then is told by the next run.'
}

/** Ends a query that takes too long, or when the job is cancelled: the server first, then the connection. */
function watchQuery(
  connected: Connected,
  limit: number | undefined,
  signal: AbortSignal
): { readonly why: () => 'cancelled' | 'too long' | undefined; stop(): void } {
  let reason: 'cancelled' | 'too long' | undefined
  let patience: NodeJS.Timeout | undefined
  const end = (why: 'cancelled' | 'too long'): void => {
    if (reason !== undefined) return
    reason = why
    connected.cancelQuery()
    // A cancelled job has seconds; a pooler may pass the request on late.
    const until = why === 'cancelled' ? grace : 5 * grace
    patience = setTimeout(() => {
      connected.destroy()
    }, until)
  }
  const onCancel = (): void => {
    end('cancelled')
  }
  signal.addEventListener('abort', onCancel, { once: true })
  const timer =
    limit === undefined
      ? undefined
      : setTimeout(() => {
          end('too long')
        }, limit)
  return {
    why: () => reason,
    stop() {
      signal.removeEventListener('abort', onCancel)
      clearTimeout(timer)
      clearTimeout(patience)
    }
  }
}

function queryFailure(error: unknown, why: 'cancelled' | 'too long' | undefined, connected: Connected): Error {
  if (why === 'cancelled') return new ActionError([cancelled], { cause: error })
  const report = serverReport(error)
  // 57P01 … 57P03: the administrator, a crash or a restart ended the session (PostgreSQL, appendix A).
  if (report !== undefined && !/^(?:57P0[1-5]|08)/.test(report.sqlstate)) return new QueryError(report, error)
  const problem = lostProblem(connected, report?.message ?? messageOf(error))
  return new ActionError([problem], { cause: error })
}

function lostProblem({ url }: Connected, reason?: string): { code: string; message: string; hint: string } {
  return {
    code: 'database-connection-lost',
    message: `The connection to ${url.shown} was lost${reason === undefined ? '' : `: ${reason}`}.`,
    hint: 'Look whether the server was restarted or failed over, or whether a pooler or firewall ends idle connections; then run the step again: it goes on where this one stopped.'
  }
}

function rowsOf(result: unknown): readonly Row[] {
  if (typeof result !== 'object' || result === null || !('rows' in result) || !Array.isArray(result.rows)) return []
  return result.rows as readonly Row[]
}
