import { ActionError } from '../../shared/problem.ts'
import type { Check } from '../check.ts'
import type { DatabaseUrl } from './database-url.ts'
import { QueryError } from './query-error.ts'
import type { Server } from './server.ts'
import { openSession, type Session, type SessionWorld } from './session.ts'
import { numberOf } from './sql.ts'

/** `transaction`: each transaction may get another backend, so that a lock or a setting of a session is nobody's. */
export type Pooling = 'none' | 'session' | 'transaction'

/**
 * What stands between a session and its backend. Poolers give clients process ids of their own making. A second session
 * takes a backend for the time of a transaction: where it got that of the first, or the first has another one then, they are
 * given away by transactions; a pooler in session mode, and a proxy that only passes on, do neither.
 *
 * @throws ActionError when there is no second connection
 */
export async function readPooling(session: Session, url: DatabaseUrl, world: SessionWorld): Promise<Pooling> {
  if (session.direct) return 'none'
  const options = { applicationName: 'release-actions/db-deploy', statementTimeout: 10_000 }
  const other = await openSession({ ...url, hosts: session.url.hosts }, options, world)
  try {
    for (let round = 0; round < rounds; round++) {
      const mine = await backendOf(session)
      await other.query('BEGIN')
      const theirs = await backendOf(other)
      // Where there is no other backend, the first session would now wait for the end of this transaction.
      if (theirs === mine) return 'transaction'
      const now = await backendOf(session)
      await other.query('COMMIT')
      if (now !== mine) return 'transaction'
    }
    return 'session'
  } catch (error) {
    // In statement mode PgBouncer takes no transaction, and hangs up.
    if (error instanceof ActionError && /statement pooling/.test(error.message)) return 'transaction'
    throw error
  } finally {
    await other.close()
  }
}

/** With other clients about, the pool may by chance give the same backend again. */
const rounds = 3

export async function poolerCheck(
  session: Session,
  url: DatabaseUrl,
  server: Server,
  { migrates }: { readonly migrates: boolean },
  world: SessionWorld
): Promise<Check> {
  const check = { id: 'pooler', title: 'Direct connection' }
  let pooling: Pooling
  try {
    pooling = await readPooling(session, url, world)
  } catch (error) {
    if (!(error instanceof ActionError) || error instanceof QueryError || world.cancelled.aborted) throw error
    return {
      ...check,
      told: `something stands between, and it gave no second connection: ${error.problems[0]?.message ?? ''}`,
      result: 'not checked',
      next: 'Give direct-database-url an address past the pooler, or let it have two connections.'
    }
  }
  if (pooling === 'none') return { ...check, told: 'the backend itself answers', result: 'ok' }
  if (pooling === 'session')
    return { ...check, told: 'a proxy or a pooler that leaves a session its backend', result: 'ok' }
  const told = 'a pooler that gives backends away by transaction'
  if (!migrates) return { ...check, told, result: 'ok' }
  return {
    ...check,
    told,
    result: 'failed',
    problem: {
      code: 'database-pooled',
      message: `${server.url.shown} is a pooler in transaction mode: locks and time limits of a session would be another client’s.`,
      hint: `Give direct-database-url (or the variable DIRECT_DATABASE_URL) the address of the server itself.${directHint(url)}`
    }
  }
}

/** Where providers keep the other address. */
function directHint(url: DatabaseUrl): string {
  for (const { host, port } of url.hosts) {
    if (/-pooler\./.test(host)) return ' Neon: the same host without `-pooler`.'
    if (/\.pooler\.supabase\./.test(host))
      return ' Supabase: the same host with port 5432 is in session mode, which is enough.'
    if (port === 6543) return ' Supabase: `db.<project>.supabase.co:5432`, or the pooler’s port 5432.'
  }
  return ''
}

async function backendOf(session: Session): Promise<number> {
  const [row] = await session.query('SELECT pg_backend_pid() AS pid')
  return numberOf(row, 'pid')
}
