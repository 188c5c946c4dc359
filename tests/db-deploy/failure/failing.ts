import type { ToolResult } from '../../../actions/db-deploy/tool.ts'
import { systemClock } from '../../../actions/shared/clock.ts'
import { neverCancelled } from '../../../actions/shared/cancellation.ts'
import { openSession, type Session } from '../../../actions/db-deploy/database/session.ts'
import {
  migrationFailure,
  type FailedMigration,
  type FailureRequest
} from '../../../actions/db-deploy/failure/migration-failure.ts'
import type { Postgres } from '../../support/postgres.ts'
import { urlOf } from '../lock/deploying.ts'

/** What a tool says when a migration failed. */
export function failedResult(more: Partial<ToolResult> = {}): ToolResult {
  return { exitCode: 1, end: 'exited', sentence: 'failed', migrations: [], output: '', ...more }
}

/** The end of a tool that was killed. */
export const killed: ToolResult = { exitCode: null, end: 'killed', sentence: undefined, migrations: [], output: '' }

/** Runs SQL in a new database statement by statement, as Prisma from 7.4 on does, until one fails. */
export async function runByStatement(
  postgres: Postgres,
  database: string,
  statements: readonly string[]
): Promise<{ readonly sqlstate: string; readonly message: string } | undefined> {
  for (const statement of statements) {
    try {
      await postgres.query(statement, database)
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error
      return { sqlstate: String(error.code), message: `ERROR: ${error.message}` }
    }
  }
  return undefined
}

export async function withSession<T>(
  postgres: Postgres,
  database: string,
  use: (session: Session) => Promise<T>
): Promise<T> {
  const world = { clock: systemClock, cancelled: neverCancelled() }
  const session = await openSession(urlOf(postgres.url(database)), { applicationName: 'test' }, world)
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}

/** What is found of a migration of Prisma's that failed. */
export async function prismaFailure(
  postgres: Postgres,
  database: string,
  text: string,
  more: Partial<FailureRequest> = {}
): Promise<FailedMigration> {
  const name = '20260101000000_change'
  return withSession(postgres, database, (session) =>
    migrationFailure(
      {
        framework: 'prisma',
        tool: { label: 'prisma 7.10.1', version: '7.10.1' },
        name,
        file: { path: `prisma/migrations/${name}/migration.sql`, text },
        status: undefined,
        result: failedResult(),
        schema: 'public',
        ...more
      },
      session
    )
  )
}

/** The same of Ecto's: `body` stands in `change`. */
export async function ectoFailure(
  postgres: Postgres,
  database: string,
  body: string,
  more: Partial<FailureRequest> & { readonly attributes?: string } = {}
): Promise<FailedMigration> {
  const { attributes = '', ...request } = more
  const text = `defmodule Acme.Repo.Migrations.Change do\n  use Ecto.Migration\n${attributes}\n  def change do\n${body}\n  end\nend\n`
  return withSession(postgres, database, (session) =>
    migrationFailure(
      {
        framework: 'ecto',
        tool: { label: 'mix ecto.migrate', version: undefined },
        name: '20260101000000',
        file: { path: 'priv/repo/migrations/20260101000000_change.exs', text },
        status: undefined,
        result: failedResult(),
        schema: undefined,
        ...request
      },
      session
    )
  )
}
