import { loadSqlParser } from '../../actions/shared/parsers.ts'
import type { ParsedMigration } from '../../actions/shared/migrations/migration.ts'
import type { Operation } from '../../actions/shared/migrations/operation.ts'
import { readSqlMigration } from '../../actions/shared/migrations/sql/read-sql-migration.ts'

/** Reads a text as a migration of Prisma, with PostgreSQL's real parser. */
export async function readSql(text: string): Promise<ParsedMigration> {
  const path = 'prisma/migrations/20260101000000_change/migration.sql'
  const file = { path, framework: 'prisma', version: '20260101000000', name: 'change', text } as const
  return readSqlMigration(file, await loadSqlParser())
}

/** All operations of a text, in order, as they are meant: without the texts that they are written with. */
export async function operationsIn(text: string): Promise<readonly Operation[]> {
  return (await readSql(text)).statements.flatMap((statement) => withoutTexts(statement.operations))
}

/** Texts and what only recipes need have tests of their own (written.test.ts). */
export function withoutTexts(operations: readonly Operation[]): readonly Operation[] {
  return operations.map((operation) => without(operation) as Operation)
}

function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, below]: [string, unknown]) =>
      key === 'written' || (key === 'index' && typeof below === 'object') ? [] : [[key, without(below)]]
    )
  )
}
