import { neverCancelled } from '../../../actions/shared/cancellation.ts'
import { systemClock } from '../../../actions/shared/clock.ts'
import type { Check } from '../../../actions/db-deploy/check.ts'
import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import type { DatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { openSession, type Session } from '../../../actions/db-deploy/database/session.ts'
import { readExpectRows, type RowExpectation } from '../../../actions/db-deploy/verification/expect-rows.ts'
import { readPrismaModels, type PrismaSchema } from '../../../actions/db-deploy/verification/prisma-models.ts'
import type { SmokeRequest } from '../../../actions/db-deploy/verification/smoke.ts'
import type { Postgres } from '../../support/postgres.ts'

/** A database of a test's own with what the SQL makes, and sessions of it, all closed by `close`. */
export interface TestDatabase {
  readonly name: string
  session(role?: string): Promise<Session>
  url(role?: string): DatabaseUrl
  run(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  close(): Promise<void>
}

export async function databaseWith(postgres: Postgres, sql: string): Promise<TestDatabase> {
  const name = await postgres.createDatabase()
  if (sql !== '') await postgres.query(sql, name)
  const open: Session[] = []
  const url = (role?: string): DatabaseUrl =>
    databaseUrl(postgres.url(name, role === undefined ? {} : { user: role, password: `secret-${role}` }))
  return {
    name,
    url,
    run: (more) => postgres.query(more, name),
    session: async (role) => {
      const session = await openSession(
        url(role),
        { applicationName: 'release-actions/db-deploy test', readOnly: true },
        { clock: systemClock, cancelled: neverCancelled() }
      )
      open.push(session)
      return session
    },
    close: async () => {
      for (const session of open) await session.close()
    }
  }
}

export function databaseUrl(text: string): DatabaseUrl {
  const read = readDatabaseUrl(text, 'database-url')
  if (!('url' in read)) throw new Error(`not a URL of PostgreSQL: ${text}`)
  return read.url
}

export function prismaSchema(text: string): PrismaSchema {
  return readPrismaModels([{ path: 'prisma/schema.prisma', text }])
}

export function models(text: string, more: Partial<SmokeRequest> = {}): SmokeRequest {
  return {
    of: 'models',
    schema: prismaSchema(text),
    connectionSchema: 'public',
    exactCountLimit: 1_000,
    expectations: [],
    timeout: 30_000,
    ...more
  } as SmokeRequest
}

export function tables(more: Partial<SmokeRequest> = {}): SmokeRequest {
  return {
    of: 'tables',
    without: ['schema_migrations'],
    exactCountLimit: 1_000,
    expectations: [],
    timeout: 30_000,
    ...more
  } as SmokeRequest
}

export function expected(...lines: string[]): readonly RowExpectation[] {
  const read = readExpectRows(lines)
  if ('problems' in read) throw new Error(read.problems.map(({ message }) => message).join('\n'))
  return read.expectations
}

/** What fails, as people read it: message and hint. */
export function failures(checks: readonly Check[]): readonly string[] {
  return checks.flatMap((check) =>
    check.result === 'failed' ? [`${check.problem.message} → ${check.problem.hint}`] : []
  )
}

export function checkOf(checks: readonly Check[], id: string): Check | undefined {
  return checks.find((check) => check.id === id)
}
