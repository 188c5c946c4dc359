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

/** All operations of a text, in order. */
export async function operationsIn(text: string): Promise<readonly Operation[]> {
  return (await readSql(text)).statements.flatMap((statement) => statement.operations)
}
