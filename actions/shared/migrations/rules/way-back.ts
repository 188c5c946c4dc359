import type { ParsedMigration } from '../migration.ts'
import type { Operation, TableName, TypeName } from '../operation.ts'

/** The type that the rollback gives a column: the one it had before, where the migration does not say it otherwise. */
export function typeOnWayBack(migration: ParsedMigration, table: TableName, column: string): TypeName | undefined {
  const types = operationsOnWayBack(migration).flatMap((operation) =>
    operation.kind === 'alter-column-type' && isColumn(operation, table, column) ? [operation.type] : []
  )
  return types.length === 1 ? types[0] : undefined
}

/** Whether the rollback leaves a column NOT NULL: then it was so before, and PostgreSQL reads no row to keep it so. */
export function isNotNullOnWayBack(migration: ParsedMigration, table: TableName, column: string): boolean {
  return operationsOnWayBack(migration).some(
    (operation) => operation.kind === 'set-not-null' && isColumn(operation, table, column)
  )
}

function operationsOnWayBack({ statements }: ParsedMigration): readonly Operation[] {
  return statements.flatMap(({ direction, operations }) => (direction === 'down' ? operations : []))
}

function isColumn(
  operation: { readonly table: TableName; readonly column: string },
  table: TableName,
  column: string
): boolean {
  return (
    operation.column === column &&
    operation.table.name === table.name &&
    (operation.table.schema ?? 'public') === (table.schema ?? 'public')
  )
}
