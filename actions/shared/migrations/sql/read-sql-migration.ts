import type { SqlParser } from '../../parsers.ts'
import type { MigrationFile, ParsedMigration } from '../migration.ts'
import { readSqlText } from './read-sql-text.ts'
import { filePlace } from './source-text.ts'
import { readSqlSuppressions } from './suppressions.ts'

/**
 * Reads a migration that is SQL of PostgreSQL: Prisma's `migration.sql`, or a plain file. Never throws for what stands
 * in it: what cannot be read is told in the result.
 */
export function readSqlMigration(file: MigrationFile, parser: SqlParser): ParsedMigration {
  // A byte order mark is no character of the first line: editors count columns without it, and the grammar refuses it.
  const text = file.text.startsWith('\uFEFF') ? file.text.slice(1) : file.text
  const place = filePlace(text)
  const reading = readSqlText(text, parser, place)
  return { file, ...reading, suppressions: readSqlSuppressions(text, reading.statements) }
}
