import type { TableName } from '../operation.ts'
import type { KnownSchema } from './known-schema.ts'

/**
 * Whether `SET NOT NULL` can believe a validated CHECK and need not read the table (PostgreSQL 12). A constraint of
 * before the change that the change validates may be that CHECK, and is taken for it.
 */
export function isProvenNotNull(schema: KnownSchema, table: TableName, column: string, postgres: number): boolean {
  const known = schema.table(table)
  if (known === undefined || postgres < 12) return false
  if (known.validatedUnknown) return true
  return [...known.constraints.values()].some(
    ({ constraint, validated }) =>
      validated &&
      (constraint.provesNotNull.includes(column) ||
        ((constraint.kind === 'primary-key' || constraint.kind === 'not-null') && constraint.columns.includes(column)))
  )
}
