import type { Constraint, TableName } from '../operation.ts'
import { conventionalName } from './known-schema.ts'
import type { SafeStep } from './safe-way.ts'
import { joinedName, quoteColumns, quoteName, quoteTable } from './sql-text.ts'

/**
 * A unique index that is built while writes go on, and a constraint that takes it over in a moment.
 *
 * @returns undefined where its index cannot be built before it, or is not known
 */
export function uniqueIndexSteps(table: TableName, constraint: Constraint): readonly SafeStep[] | undefined {
  const { columns, index: how } = constraint
  if (columns.length === 0 || how === undefined) return undefined
  const name = constraint.name ?? conventionalName(table.name, constraint)
  const isPrimary = constraint.kind === 'primary-key'
  const index = joinedName(name.replace(/_(key|pkey)$/, ''), isPrimary ? 'pkey' : 'key', 'idx')
  const including = how.including.length === 0 ? '' : ` INCLUDE (${quoteColumns(how.including)})`
  const nulls = how.nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''
  const at = `ALTER TABLE ${quoteTable(table)}`
  return [
    {
      name: joinedName('add', index),
      says: builtConcurrently,
      alone: true,
      commands: [
        {
          sql: `CREATE UNIQUE INDEX CONCURRENTLY ${quoteName(index)} ON ${quoteTable(table)} (${quoteColumns(columns)})${including}${nulls}`,
          undo: `DROP INDEX CONCURRENTLY IF EXISTS ${quoteTable({ ...table, name: index })}`
        }
      ]
    },
    {
      name: joinedName('add', name),
      says: isPrimary
        ? 'Takes a moment if its columns are NOT NULL already.'
        : 'Takes a moment: the constraint takes the index over, and renames it.',
      alone: false,
      commands: [
        {
          sql: `${at} ADD CONSTRAINT ${quoteName(name)} ${isPrimary ? 'PRIMARY KEY' : 'UNIQUE'} USING INDEX ${quoteName(index)}${checked[how.checked]}`,
          undo: `${at} DROP CONSTRAINT IF EXISTS ${quoteName(name)}`
        }
      ]
    }
  ]
}

const checked = {
  'at once': '',
  deferrable: ' DEFERRABLE',
  deferred: ' DEFERRABLE INITIALLY DEFERRED'
} as const

/** PostgreSQL refuses CONCURRENTLY for a table that has partitions (CREATE INDEX, Building Indexes Concurrently). */
export const builtConcurrently =
  'Writes go on while it is built. If it fails, drop the INVALID index it leaves behind, and run it again. A partitioned table is indexed partition by partition.'
