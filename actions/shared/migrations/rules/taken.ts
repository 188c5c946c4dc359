import type { Column, Constraint, Operation, TableName } from '../operation.ts'
import { columnTypeRewrite } from './column-type-change.ts'
import { isProvenNotNull } from './not-null-proof.ts'
import type { LockMode, Situation, Taken } from './rule.ts'
import { tableLabel } from './sql-text.ts'

/** The locks of an operation on tables that were there before the change. Names that are not known are left out. */
export function takenBy(operation: Operation, situation: Situation): readonly Taken[] {
  return locksOf(operation, situation)
    .filter(([table]) => !situation.schema.isNew(table))
    .map(([table, mode, long]) => ({ operation: operation.kind, table: tableLabel(table), mode, long }))
}

type LockOn = readonly [table: TableName, mode: LockMode, long: boolean]

/** Lock modes as PostgreSQL documents them for each command (Explicit Locking; ALTER TABLE, Description). */
function locksOf(operation: Operation, situation: Situation): readonly LockOn[] {
  switch (operation.kind) {
    case 'drop-table':
    case 'rename-table':
    case 'move-table':
    case 'drop-column':
    case 'rename-column':
    case 'drop-not-null':
    case 'set-default':
    case 'drop-constraint':
    case 'rename-constraint':
    case 'row-level-security':
    case 'policy':
    case 'drop-trigger':
      return [[operation.table, 'ACCESS EXCLUSIVE', false]]
    case 'add-column':
      return [
        [operation.table, 'ACCESS EXCLUSIVE', isLongColumn(operation.column)],
        ...operation.column.constraints.flatMap((constraint) => parentLock(constraint))
      ]
    case 'alter-column-type':
      return [[operation.table, 'ACCESS EXCLUSIVE', columnTypeRewrite(operation, situation) !== 'no']]
    case 'set-not-null': {
      const { schema, context } = situation
      const proven = isProvenNotNull(schema, operation.table, operation.column, context.postgres)
      return [[operation.table, 'ACCESS EXCLUSIVE', !proven]]
    }
    case 'add-constraint':
      return [[operation.table, ...constraintLock(operation.constraint)], ...parentLock(operation.constraint)]
    case 'validate-constraint':
      return [[operation.table, 'SHARE UPDATE EXCLUSIVE', true]]
    case 'create-index':
      return [[operation.table, operation.concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', true]]
    case 'drop-index': {
      const table = operation.table ?? situation.schema.index(operation.index)?.table
      if (table === undefined || operation.concurrently) return []
      return [[table, 'ACCESS EXCLUSIVE', false]]
    }
    case 'refresh-materialized-view':
      return [[operation.view, operation.concurrently ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE', true]]
    case 'attach-partition':
      return [
        [operation.table, 'SHARE UPDATE EXCLUSIVE', true],
        [operation.partition, 'ACCESS EXCLUSIVE', true]
      ]
    case 'detach-partition':
      return [[operation.table, operation.concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE', false]]
    case 'set-tablespace':
    case 'set-logged':
    case 'cluster':
    case 'vacuum-full':
      return [[operation.table, 'ACCESS EXCLUSIVE', true]]
    case 'lock-table':
      return isLockMode(operation.mode) ? [[operation.table, operation.mode, false]] : []
    case 'create-trigger':
    case 'switch-trigger':
      return [[operation.table, 'SHARE ROW EXCLUSIVE', false]]
    case 'truncate':
      return operation.tables.map((table): LockOn => [table, 'ACCESS EXCLUSIVE', false])
    case 'update':
    case 'delete':
      return [[operation.table, 'ROW EXCLUSIVE', true]]
    case 'insert':
      return [[operation.table, 'ROW EXCLUSIVE', operation.rows === undefined]]
    default:
      return []
  }
}

function isLockMode(mode: string): mode is LockMode {
  return /^(ACCESS EXCLUSIVE|EXCLUSIVE|SHARE ROW EXCLUSIVE|SHARE|SHARE UPDATE EXCLUSIVE|ROW EXCLUSIVE)$/.test(mode)
}

function isLongColumn(column: Column): boolean {
  return (
    column.serial ||
    column.identity ||
    column.generated === 'stored' ||
    column.default.kind === 'volatile' ||
    column.constraints.some(({ kind, notValid }) => kind !== 'not-null' && !notValid)
  )
}

function constraintLock({ kind, notValid, usingIndex }: Constraint): readonly [LockMode, boolean] {
  if (kind === 'foreign-key') return ['SHARE ROW EXCLUSIVE', !notValid]
  return ['ACCESS EXCLUSIVE', !notValid && usingIndex === undefined]
}

/** A foreign key needs triggers on the table that it refers to, too. */
function parentLock({ kind, references, notValid }: Constraint): readonly LockOn[] {
  if (kind !== 'foreign-key' || references === undefined) return []
  return [[references, 'SHARE ROW EXCLUSIVE', !notValid]]
}
