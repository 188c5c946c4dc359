import type { Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { pastCancellation } from '../cancelled.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { openSession, type Session } from '../database/session.ts'

/**
 * Whether the session that took the lock has a backend of its own. Behind a pooler that gives backends away after each
 * transaction the lock stays with a backend that then serves anybody. So a second connection takes a backend for the time
 * of a transaction: where it got the same one, or where the first one has another then, there is a pooler between.
 */
export async function pooledProblem(
  session: Session,
  url: DatabaseUrl,
  { applicationName }: { readonly applicationName: string },
  world: World
): Promise<Problem | undefined> {
  const mine = await backendPid(session)
  const other = await openSession(
    url,
    { applicationName, statementTimeout: 5_000, connectTimeout: 5_000 },
    pastCancellation(world)
  )
  try {
    await other.query('BEGIN')
    // With one backend for all the first connection would wait for the end of the second one's transaction.
    if ((await backendPid(other)) === mine) return problem
    return (await backendPid(session)) === mine ? undefined : problem
  } finally {
    await other.close()
  }
}

async function backendPid(session: Session): Promise<unknown> {
  const [row] = await session.query('SELECT pg_backend_pid() AS pid')
  return row?.['pid']
}

const problem: Problem = {
  code: 'deploy-lock-pooled',
  message:
    'The connection goes through a pooler that shares backends between connections: a lock taken there is no lock.',
  hint: 'Give the address of the server itself as direct-database-url (Neon: the host without `-pooler`; Supabase: port 5432 in place of 6543; PgBouncer: the server behind it).'
}
