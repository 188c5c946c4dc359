import type { Column, TableName } from '../operation.ts'
import type { SafeCommand, SafeStep } from './safe-way.ts'
import { joinedName, quoteName, quoteTable, tableLabel, typeText } from './sql-text.ts'

/** The column by itself, which takes a moment: no default, no constraint. */
export function addColumnCommand(table: TableName, column: Column): SafeCommand {
  const type = column.type === undefined ? 'text' : typeText(column.type)
  const at = `ALTER TABLE ${quoteTable(table)}`
  return {
    sql: `${at} ADD COLUMN ${quoteName(column.name)} ${type}`,
    undo: `${at} DROP COLUMN ${quoteName(column.name)}`
  }
}

/** The first migration of several: the release that writes the column comes after it, and the filling of older rows. */
export function fillStep(table: TableName, column: string): Omit<SafeStep, 'commands'> {
  return {
    name: joinedName('add', column, 'to', table.name),
    says: `Takes a moment. Release what writes ${column}, then fill older rows of ${tableLabel(table)} in batches outside a migration.`,
    alone: false
  }
}

/**
 * NOT NULL without reading the table under the strong lock. PostgreSQL 18 has NOT NULL constraints that are not valid at
 * first; before, a CHECK stands in for it until NOT NULL believes it (PostgreSQL 12).
 */
export function proveSteps(table: TableName, column: string, postgres: number): readonly SafeStep[] {
  const at = `ALTER TABLE ${quoteTable(table)}`
  const name = joinedName(table.name, column, 'not_null')
  const constraint = quoteName(name)
  const drop = `${at} DROP CONSTRAINT IF EXISTS ${constraint}`
  const validate = { sql: `${at} VALIDATE CONSTRAINT ${constraint}` }
  const newer = postgres >= 18
  const definition = newer ? `NOT NULL ${quoteName(column)}` : `CHECK (${quoteName(column)} IS NOT NULL)`
  const setNotNull = { sql: `${at} ALTER COLUMN ${quoteName(column)} SET NOT NULL` }
  return [
    {
      name: joinedName('check', table.name, column, 'not_null'),
      says: 'From now on new rows are checked; older ones are not read.',
      alone: false,
      commands: [{ sql: `${at} ADD CONSTRAINT ${constraint} ${definition} NOT VALID`, undo: drop }]
    },
    {
      name: joinedName('set', table.name, column, 'not_null'),
      says: 'Reads older rows while everybody goes on' + (newer ? '.' : '; NOT NULL then believes the constraint.'),
      alone: false,
      commands: newer ? [validate] : [validate, setNotNull, { sql: drop }]
    }
  ]
}
