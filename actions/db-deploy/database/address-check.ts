import { ActionError } from '../../shared/problem.ts'
import type { Check } from '../check.ts'
import type { DatabaseUrl } from './database-url.ts'
import { QueryError } from './query-error.ts'
import { isSameDatabase } from './same-database.ts'
import { openSession, type Session, type SessionWorld } from './session.ts'

interface Expected {
  readonly applicationUrl?: DatabaseUrl | undefined
  readonly framework?: 'prisma' | 'ecto'
}

/**
 * Whether what is worked on is what the application uses, where they have addresses of their own: both servers are asked, as
 * names say little (a pooler may have another one for the database, and staging has the same one as production). Nothing
 * is told where there is one address.
 */
export async function addressCheck(
  session: Session,
  url: DatabaseUrl,
  { applicationUrl, framework }: Expected,
  world: SessionWorld
): Promise<readonly Check[]> {
  if (applicationUrl === undefined) return []
  const check = { id: 'address', title: 'Address' }
  if (placeOf(applicationUrl) !== placeOf(url)) {
    const same = await safelyAsked(session, applicationUrl, world)
    if (typeof same === 'string')
      return [
        {
          ...check,
          told: `whether ${applicationUrl.shown} is the same database: ${same}`,
          result: 'not checked',
          next: 'Let the job connect with both addresses, or give one.'
        }
      ]
    if (!same)
      return [
        {
          ...check,
          told: `${url.database}, and the application’s is another database`,
          result: 'failed',
          problem: {
            code: 'database-urls-differ',
            message: `${url.shown} is what is worked on (direct-database-url), and ${applicationUrl.shown} what the application uses (database-url): these are two databases.`,
            hint: 'Check the two secrets, database-url and direct-database-url (where that is empty, the variables DIRECT_DATABASE_URL and DIRECT_URL of the job): both must lead to one database, one of them past the pooler.'
          }
        }
      ]
  }
  if (framework === 'prisma' && applicationUrl.schema !== url.schema)
    return [
      {
        ...check,
        told: `schema ${url.schema}, and the application’s is ${applicationUrl.schema}`,
        result: 'warning',
        problem: {
          code: 'database-urls-differ',
          message: `The migrations would run in the schema ${url.schema}, and the application reads ${applicationUrl.schema}: \`?schema=\` differs between the two URLs.`,
          hint: 'Write the same `schema=` into both.'
        }
      }
    ]
  return []
}

/** @returns why it is not known, where it is not */
async function safelyAsked(
  session: Session,
  applicationUrl: DatabaseUrl,
  world: SessionWorld
): Promise<boolean | string> {
  const options = { applicationName: 'release-actions/db-deploy', statementTimeout: 10_000, connectTimeout: 10_000 }
  try {
    const other = await openSession(applicationUrl, options, world)
    try {
      return await isSameDatabase(session, other)
    } finally {
      await other.close()
    }
  } catch (error) {
    if (!(error instanceof ActionError) || world.cancelled.aborted || session.lost.aborted) throw error
    return error instanceof QueryError ? error.report.message : (error.problems[0]?.message ?? 'it does not answer')
  }
}

function placeOf({ hosts, database }: DatabaseUrl): string {
  return JSON.stringify([hosts, database])
}
