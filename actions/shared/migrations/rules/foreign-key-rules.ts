import type { Constraint, Operation, TableName } from '../operation.ts'
import type { OperationOf } from './by-kind.ts'
import { constraintsOf } from './constraint-rules.ts'
import { checkSteps } from './constraint-steps.ts'
import { conventionalName } from './known-schema.ts'
import { briefly, lock } from './lock.ts'
import type { PlacedFault, Rule, Script } from './rule.ts'
import { joinedName, quoteColumns, quoteName, quoteTable, tableLabel } from './sql-text.ts'

/** Foreign keys, which lock two tables. */
export const foreignKeyRules: readonly Rule[] = [
  {
    id: 'add-foreign-key',
    family: 'foreign-key',
    title: 'A foreign key that is checked with both tables locked',
    levels: { default: 'error', calm: 'warning', strict: 'error' },
    of: ['add-constraint', 'add-column'],
    each(operation, situation) {
      if (operation.kind !== 'add-constraint' && operation.kind !== 'add-column') return undefined
      const constraint = constraintsOf(operation).find(({ kind }) => kind === 'foreign-key')
      if (constraint === undefined || constraint.notValid || isOfEmptyColumn(operation)) return undefined
      const { table } = operation
      const parent = constraint.references
      const rows = situation.schema.rowsOf(table)
      // A table with no rows, or with the few that the migration writes down, is checked in a moment.
      if (rows === 'no' || rows === 'with a few rows') return undefined
      const parentIsNew = parent !== undefined && situation.schema.isNew(parent)
      if (rows === 'by a query' && (parent === undefined || parentIsNew)) return undefined
      const label = tableLabel(table)
      const both = [table, ...(parent === undefined || parentIsNew ? [] : [parent])]
      const waiting = both
        .filter((one) => !situation.schema.isNew(one))
        .map(tableLabel)
        .filter((name, at, all) => all.indexOf(name) === at)
      return {
        subject: constraint.name ?? conventionalName(table.name, constraint),
        table: label,
        message: `every row of ${label} is checked while writes to ${waiting.join(' and ')} wait`,
        hint: 'Add it NOT VALID, and validate it in a migration of its own.',
        lock: lock(
          operation.kind === 'add-column' ? 'ACCESS EXCLUSIVE' : 'SHARE ROW EXCLUSIVE',
          both,
          'no',
          'while every row is checked'
        ),
        ...checkSteps(table, constraint, situation)
      }
    }
  },
  {
    id: 'drop-foreign-key',
    family: 'foreign-key',
    title: 'A foreign key that is dropped',
    levels: { default: 'warning', calm: 'warning', strict: 'warning' },
    of: ['drop-constraint'],
    each(operation, { schema, script }) {
      if (operation.kind !== 'drop-constraint' || schema.isNew(operation.table)) return undefined
      const known = schema.table(operation.table)?.constraints.get(operation.constraint)
      const isForeign =
        known === undefined ? namedAsForeignKey(operation.constraint) : known.constraint.kind === 'foreign-key'
      if (!isForeign || known !== undefined) return undefined
      // Dropped to be made again, or because its column or table goes: that is told by itself.
      const goesOn = script.some((statement) =>
        statement.operations.some(
          (other) =>
            (other.kind === 'add-constraint' &&
              other.constraint.kind === 'foreign-key' &&
              other.constraint.name === operation.constraint) ||
            ((other.kind === 'drop-table' || other.kind === 'drop-column') &&
              sameTable(other.table, operation.table)) ||
            (other.kind === 'rename-constraint' && other.to === operation.constraint)
        )
      )
      if (goesOn) return undefined
      return {
        subject: operation.constraint,
        table: tableLabel(operation.table),
        message: 'nothing keeps rows from referring to what is not there any more, and both tables are locked for it',
        hint: 'Make sure that the application does without it; then silence this finding with the reason.',
        lock: lock('ACCESS EXCLUSIVE', [operation.table], 'no', briefly)
      }
    }
  },
  {
    id: 'foreign-key-without-index',
    family: 'foreign-key',
    title: 'A foreign key whose columns have no index',
    levels: { default: 'notice', calm: 'off', strict: 'warning' },
    whole: withoutIndex
  }
]

/**
 * A column that is added without DEFAULT is null in every row: PostgreSQL does not look at them (transformFKConstraints,
 * skipValidation). A DEFAULT NULL that is written out makes it look all the same.
 */
export function isOfEmptyColumn(operation: Operation): boolean {
  if (operation.kind !== 'add-column') return false
  const { column } = operation
  return column.default.kind === 'none' && !column.serial && !column.identity && column.generated === 'no'
}

/** `orders_user_id_fkey` of PostgreSQL and Prisma, `fk_orders_user` of others. */
function namedAsForeignKey(name: string): boolean {
  return /(^|_)(fk|fkey|foreign)(_|$)/i.test(name)
}

function sameTable(one: TableName, other: TableName): boolean {
  return one.name === other.name
}

interface Keyed {
  readonly table: TableName
  readonly constraint: Constraint
  readonly at: number
}

/** Foreign keys of new tables only: what indexes an older table has cannot be seen here. */
function withoutIndex({ steps }: Script): readonly PlacedFault[] {
  const keys: Keyed[] = []
  const indexed: { readonly table: TableName; readonly columns: readonly string[] }[] = []
  for (const [at, { statement }] of steps.entries())
    for (const operation of statement.operations) {
      if (operation.kind === 'create-index') indexed.push(operation)
      if (operation.kind !== 'create-table' && operation.kind !== 'add-column' && operation.kind !== 'add-constraint')
        continue
      const added = operation.kind === 'create-table' ? constraintsOfTable(operation) : constraintsOf(operation)
      for (const constraint of added) {
        if (constraint.kind === 'foreign-key') keys.push({ table: operation.table, constraint, at })
        else if (constraint.kind === 'primary-key' || constraint.kind === 'unique')
          indexed.push({ table: operation.table, columns: constraint.columns })
      }
    }
  const made = new Set(
    steps.flatMap(({ statement }) =>
      statement.operations.flatMap((operation) => (operation.kind === 'create-table' ? [operation.table.name] : []))
    )
  )
  return keys.flatMap(({ table, constraint, at }) => {
    const { columns } = constraint
    const statement = steps[at]?.statement
    if (columns.length === 0 || statement === undefined || !made.has(table.name)) return []
    const covered = indexed.some(
      (index) =>
        sameTable(index.table, table) &&
        columns.every((column) => index.columns.slice(0, columns.length).includes(column))
    )
    if (covered) return []
    const label = tableLabel(table)
    const index = joinedName(table.name, ...columns, 'idx')
    return [
      {
        span: statement.span,
        subject: `${label}.${columns.join(', ')}`,
        table: label,
        message: 'deleting a row that it refers to reads the whole table, because no index begins with these columns',
        hint: 'Index the columns of the foreign key: in the same migration while the table is new, in one of its own once that is merged.',
        safeWay: {
          steps: [
            {
              name: joinedName('add', index),
              says: 'Where the table is merged already: an index in a migration of its own, for which nobody waits.',
              alone: true,
              commands: [
                {
                  sql: `CREATE INDEX CONCURRENTLY ${quoteName(index)} ON ${quoteTable(table)} (${quoteColumns(columns)})`,
                  undo: `DROP INDEX CONCURRENTLY IF EXISTS ${quoteTable({ ...table, name: index })}`
                }
              ]
            }
          ]
        }
      }
    ]
  })
}

function constraintsOfTable({ columns, constraints }: OperationOf<'create-table'>): readonly Constraint[] {
  const written = columns.flatMap((column) =>
    column.constraints.map((one) => (one.columns.length === 0 ? { ...one, columns: [column.name] } : one))
  )
  return [...constraints, ...written]
}
