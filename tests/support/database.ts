import { neverCancelled } from '../../actions/shared/cancellation.ts'
import { systemClock } from '../../actions/shared/clock.ts'
import { ActionError, type Problem } from '../../actions/shared/problem.ts'
import { readDatabaseUrl, type DatabaseUrl } from '../../actions/db-deploy/database/database-url.ts'
import { openSession, type Session, type SessionOptions } from '../../actions/db-deploy/database/session.ts'

/** The URL, read as an input would be. */
export function databaseUrl(text: string): DatabaseUrl {
  const parsed = readDatabaseUrl(text, 'database-url')
  if (!('url' in parsed)) throw new Error(`${text}: ${JSON.stringify(parsed)}`)
  return parsed.url
}

/** A session under a clock that waits, and a job that is not cancelled unless told. */
export function session(
  text: string,
  options: Partial<SessionOptions> = {},
  cancelled: AbortSignal = neverCancelled()
): Promise<Session> {
  return openSession(
    databaseUrl(text),
    { applicationName: 'release-actions/test', ...options },
    { clock: systemClock, cancelled }
  )
}

/** The problems that something ends with. */
export async function problemsOf(promise: Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await promise
  } catch (error) {
    if (error instanceof ActionError) return error.problems
    throw error
  }
  throw new Error('it went well')
}
