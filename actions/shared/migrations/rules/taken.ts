import type { Column, Constraint, Operation, TableName } from '../operation.ts'
import { byKind, type ByKind } from './by-kind.ts'
import { columnTypeRewrite } from './column-type-change.ts'
import { isOfEmptyColumn } from './foreign-key-rules.ts'
import { isProvenNotNull } from './not-null-proof.ts'
import type { LockMode, Situation, Taken } from './rule.ts'
import { tableLabel } from './sql-text.ts'

/** The locks of an operation on tables that were there before the change. Names that are not known are left out. */
export function takenBy(operation: Operation, situation: Situation): readonly Taken[] {
  return locksOn(operation, situation).map(([table, mode, long]) => ({
    operation: operation.kind,
    table: tableLabel(table),
    mode,
    long
  }))
}

/** The same, with the tables' names as they are written. */
export function locksOn(operation: Operation, situation: Situation): readonly LockOn[] {
  return (byKind(locks, operation, situation) ?? []).filter(([table]) => !situation.schema.isNew(table))
}

type LockOn = readonly [table: TableName, mode: LockMode, long: boolean]

const brief = ({ table }: { readonly table: TableName }): readonly LockOn[] => [[table, 'ACCESS EXCLUSIVE', false]]
const long = ({ table }: { readonly table: TableName }): readonly LockOn[] => [[table, 'ACCESS EXCLUSIVE', true]]
const trigger = ({ table }: { readonly table: TableName }): readonly LockOn[] => [[table, 'SHARE ROW EXCLUSIVE', false]]
const rows = ({ table }: { readonly table: TableName }): readonly LockOn[] => [[table, 'ROW EXCLUSIVE', true]]

/** Lock modes as PostgreSQL documents them for each command (Explicit Locking; ALTER TABLE, Description). */
const locks: ByKind<[Situation], readonly LockOn[]> = {
  'drop-table': brief,
  'rename-table': brief,
  'move-table': brief,
  'drop-column': brief,
  'rename-column': brief,
  'drop-not-null': brief,
  'set-default': brief,
  'drop-constraint': brief,
  'rename-constraint': brief,
  'row-level-security': brief,
  policy: brief,
  'drop-trigger': brief,
  'set-tablespace': long,
  'set-logged': long,
  'set-access-method': long,
  'set-expression': long,
  cluster: long,
  'vacuum-full': long,
  'create-trigger': trigger,
  'switch-trigger': trigger,
  update: rows,
  delete: rows,
  insert: ({ table, rows: given }) => [[table, 'ROW EXCLUSIVE', given === undefined]],
  'add-column'(operation) {
    const { table, column } = operation
    const unchecked = isOfEmptyColumn(operation)
    const parents = column.constraints.flatMap((constraint) => parentLock(constraint))
    return [
      [table, 'ACCESS EXCLUSIVE', isLongColumn(column, unchecked)],
      ...parents.map(([parent, mode, isLong]): LockOn => [parent, mode, isLong && !unchecked])
    ]
  },
  'alter-column-type': (operation, situation) => [
    [operation.table, 'ACCESS EXCLUSIVE', columnTypeRewrite(operation, situation) !== 'no']
  ],
  'set-not-null': ({ table, column }, { schema, context }) => [
    [table, 'ACCESS EXCLUSIVE', !isProvenNotNull(schema, table, column, context.postgres)]
  ],
  'add-constraint': ({ table, constraint }) => [[table, ...constraintLock(constraint)], ...parentLock(constraint)],
  'validate-constraint': ({ table }) => [[table, 'SHARE UPDATE EXCLUSIVE', true]],
  'create-index': ({ table, concurrently }) => [[table, concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', true]],
  'drop-index'({ table, index, concurrently }, { schema }) {
    const known = table ?? schema.index(index)?.table
    return known === undefined || concurrently ? [] : [[known, 'ACCESS EXCLUSIVE', false]]
  },
  'refresh-materialized-view': ({ view, concurrently }) => [
    [view, concurrently ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE', true]
  ],
  'attach-partition': ({ table, partition }) => [
    [table, 'SHARE UPDATE EXCLUSIVE', false],
    [partition, 'ACCESS EXCLUSIVE', true]
  ],
  'detach-partition': ({ table, concurrently }) => [
    [table, concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE', false]
  ],
  'lock-table': ({ table, mode }) => (isLockMode(mode) ? [[table, mode, false]] : []),
  truncate: ({ tables }) => tables.map((table): LockOn => [table, 'ACCESS EXCLUSIVE', false])
}

function isLockMode(mode: string): mode is LockMode {
  return /^(ACCESS EXCLUSIVE|EXCLUSIVE|SHARE ROW EXCLUSIVE|SHARE|SHARE UPDATE EXCLUSIVE|ROW EXCLUSIVE)$/.test(mode)
}

function isLongColumn(column: Column, unchecked: boolean): boolean {
  return (
    column.serial ||
    column.identity ||
    column.generated === 'stored' ||
    column.default.kind === 'volatile' ||
    column.constraints.some(
      ({ kind, notValid }) => kind !== 'not-null' && !notValid && !(kind === 'foreign-key' && unchecked)
    )
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
