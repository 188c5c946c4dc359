import type { World } from '../../shared/world.ts'
import { pastCancellation, pause } from '../cancelled.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { QueryError } from '../database/query-error.ts'
import { openSession, type Session } from '../database/session.ts'
import { backendColumns, backendOf, type Backend } from './backend.ts'

export type { Backend } from './backend.ts'

export interface EndedBackend extends Backend {
  /** `cancelled`: its statement was stopped, and then it was gone. `there`: it is, or nobody knows. */
  readonly end: 'cancelled' | 'terminated' | 'there'
  /** SQL that ends it, for somebody who may; only where it is there. */
  readonly instruction?: string
}

/**
 * Ends the backends of this database whose application_name is this, or begins with it and a blank: cancels what they run, waits, terminates, and
 * waits until they are gone. Listens to no cancellation, as it is what a cancelled run ends with; takes 6 s at most once it
 * is connected.
 *
 * @throws ActionError where the server cannot be reached
 */
export async function endBackends(
  url: DatabaseUrl,
  applicationName: string,
  world: World
): Promise<readonly EndedBackend[]> {
  const options = { applicationName: 'release-actions/db-deploy end', statementTimeout: 2_000, connectTimeout: 3_000 }
  const session = await openSession(url, options, pastCancellation(world))
  try {
    const found = await findBackends(session, applicationName)
    await signal(session, 'pg_cancel_backend', found)
    // What has no statement to stop only waits for its client: it needs no time.
    const afterCancel = await awaitEnd(
      session,
      found,
      (each) => each.state !== undefined && each.state !== 'active',
      world
    )
    await signal(session, 'pg_terminate_backend', afterCancel)
    const left = await awaitEnd(session, afterCancel, () => false, world)
    return found.map((backend) => {
      if (has(left, backend)) return { ...backend, end: 'there', instruction: instruction(backend) }
      return { ...backend, end: has(afterCancel, backend) ? 'terminated' : 'cancelled' }
    })
  } finally {
    await session.close()
  }
}

/** The backends of the session's database with this application_name, or one that begins with it and a blank. */
export async function findBackends(session: Session, applicationName: string): Promise<readonly Backend[]> {
  const rows = await session.query(
    `SELECT ${backendColumns} FROM pg_stat_activity a
     WHERE a.datname = current_database() AND (a.application_name = $1 OR starts_with(a.application_name, $1 || ' '))
       AND a.pid <> pg_backend_pid() ORDER BY a.pid`,
    [applicationName]
  )
  return rows.map(backendOf)
}

/**
 * Who may be migrating without our application_name (Ecto's own connections have none): backends of the session's role and
 * database that run something, and began after the tool did. Only to be shown.
 *
 * @param since milliseconds that have passed since the tool was started
 */
export async function migratingBackends(session: Session, since: number): Promise<readonly Backend[]> {
  const rows = await session.query(
    `SELECT ${backendColumns} FROM pg_stat_activity a
     WHERE a.datname = current_database() AND a.usename = session_user AND a.backend_type = 'client backend'
       AND a.pid <> pg_backend_pid() AND a.state <> 'idle' AND a.application_name NOT LIKE 'release-actions/%'
       AND a.backend_start >= clock_timestamp() - ($1::float8 + 1000) * interval '1 millisecond' ORDER BY a.pid`,
    [String(since)]
  )
  return rows.map(backendOf)
}

/** What ends a backend, for a person who may: first softly, and if that does not help, for good. */
export function instruction({ pid, role }: Backend): string {
  return `SELECT pg_cancel_backend(${pid}); -- then, if it is there still: SELECT pg_terminate_backend(${pid}); -- as ${role} or a member of pg_signal_backend`
}

/** Milliseconds that a backend has for ending, after each signal. */
const patience = 2_000

/** One by one: who may end one may not be allowed to end another. */
async function signal(
  session: Session,
  send: 'pg_cancel_backend' | 'pg_terminate_backend',
  backends: readonly Backend[]
): Promise<void> {
  for (const { pid, application } of backends) {
    try {
      // The name is looked at once more, as the system gives a pid away again.
      await session.query(`SELECT ${send}(pid) FROM pg_stat_activity WHERE pid = $1::int4 AND application_name = $2`, [
        pid,
        application
      ])
    } catch (error) {
      // 42501: not allowed. It shows itself in the backend's still being there.
      if (!(error instanceof QueryError)) throw error
    }
  }
}

/** @returns those that are there still when the time is over, or none is left that could end by itself */
async function awaitEnd(
  session: Session,
  backends: readonly Backend[],
  staysFor: (backend: Backend) => boolean,
  world: World
): Promise<readonly Backend[]> {
  let left = backends
  for (let waited = 0; left.length > 0; waited += step) {
    const rows = await session.query(
      `SELECT ${backendColumns} FROM pg_stat_activity a
       WHERE a.datname = current_database() AND a.pid = ANY ($1::int4[])`,
      [left.map(({ pid }) => pid)]
    )
    left = rows.map(backendOf).filter((each) => has(left, each))
    if (waited >= patience || left.every(staysFor)) break
    await pause(step, pastCancellation(world))
  }
  return left
}

const step = 50

function has(backends: readonly Backend[], { pid, application }: Backend): boolean {
  return backends.some((each) => each.pid === pid && each.application === application)
}
