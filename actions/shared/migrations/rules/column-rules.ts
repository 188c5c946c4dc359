import type { Column, Operation, TableName } from '../operation.ts'
import { columnSteps, fillStep, proveSteps } from './column-steps.ts'
import { columnTypeRewrite, typeBefore } from './column-type-change.ts'
import { briefly, lock } from './lock.ts'
import { isProvenNotNull } from './not-null-proof.ts'
import type { Fault, Rule, Situation } from './rule.ts'
import { safely, type SafeStep } from './safe-way.ts'
import { joinedName, quoteName, quoteTable, tableLabel, typeText } from './sql-text.ts'
import { isNotNullOnWayBack } from './way-back.ts'

/** Adding columns to tables that have rows, and changing them. */
export const columnRules: readonly Rule[] = [
  {
    id: 'add-column-not-null',
    family: 'column',
    title: 'A column that must not be null, without a default',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['add-column'],
    each(operation, situation) {
      if (operation.kind !== 'add-column' || !failsWithRows(operation.column)) return undefined
      if (situation.schema.rowsOf(operation.table) === 'no') return undefined
      const { table, column } = operation
      return {
        ...about(table, column.name),
        message: 'adding it fails when the table has rows, because their value would be null',
        hint: 'Give it a DEFAULT, which costs nothing, or add it without NOT NULL, fill it in, and set NOT NULL later.',
        lock: lock('ACCESS EXCLUSIVE', [table], 'no', briefly),
        ...columnWay(table, column, situation)
      }
    }
  },
  {
    id: 'add-column-volatile-default',
    family: 'column',
    title: 'A column with a default that differs from row to row',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['add-column'],
    each(operation, situation) {
      if (operation.kind !== 'add-column' || situation.schema.isIdle(operation.table)) return undefined
      const rewrite = rewritesByDefault(operation.column, situation)
      if (rewrite === 'no') return undefined
      const { table, column } = operation
      return {
        ...about(table, column.name),
        message: `the default ${column.default.text} ${rewrite === 'yes' ? 'is' : 'is most likely'} computed for every row, so the whole table is written anew`,
        hint: 'Add the column without the default, set the default afterwards, and fill older rows in batches.',
        lock: lock('ACCESS EXCLUSIVE', [table], rewrite, 'while every row is written anew'),
        ...columnWay(table, column, situation)
      }
    }
  },
  {
    id: 'add-column-generated',
    family: 'column',
    title: 'A serial, identity or stored generated column',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['add-column'],
    each: addGenerated
  },
  {
    id: 'alter-column-type',
    family: 'column',
    title: 'A change of type that writes the table anew',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['alter-column-type'],
    each: alterType
  },
  {
    id: 'set-not-null',
    family: 'column',
    title: 'NOT NULL that reads the whole table',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['set-not-null', 'add-constraint'],
    each(operation, situation) {
      const set = setsNotNull(operation)
      if (set === undefined || situation.schema.isIdle(set.table)) return undefined
      if (isProvenNotNull(situation.schema, set.table, set.column, situation.context.postgres)) return undefined
      if (isNotNullOnWayBack(situation.migration, set.table, set.column)) return undefined
      if (onlyRepeatsNotNull(set.column, situation)) return undefined
      return {
        ...about(set.table, set.column),
        message: 'every row is read for nulls while reads and writes wait',
        hint: 'Add a CHECK (… IS NOT NULL) NOT VALID, validate it in a later migration, and set NOT NULL then.',
        lock: lock('ACCESS EXCLUSIVE', [set.table], 'no', 'while every row is checked'),
        ...(situation.statement.conditional
          ? {}
          : safely(proveSteps(set.table, set.column, situation.context.postgres)))
      }
    }
  },
  {
    id: 'drop-not-null',
    family: 'column',
    title: 'A column that may be null from now on',
    levels: { default: 'off', calm: 'off', strict: 'warning' },
    of: ['drop-not-null'],
    each(operation, { schema }) {
      if (operation.kind !== 'drop-not-null' || schema.isNew(operation.table)) return undefined
      return {
        ...about(operation.table, operation.column),
        message: 'releases that are running do not expect a null here',
        hint: 'Drop NOT NULL after every running release can read a null.',
        lock: lock('ACCESS EXCLUSIVE', [operation.table], 'no', briefly)
      }
    }
  }
]

/**
 * Ecto's `modify :user_id, references(…), null: false` behind the drop of that foreign key makes the key anew. What it
 * says besides, without `from:`, is what the column was: PostgreSQL reads no row for a NOT NULL that is there.
 */
function onlyRepeatsNotNull(column: string, { statement, script }: Situation): boolean {
  if (statement.written !== 'dsl' || statement.operations.some(({ kind }) => kind === 'drop-constraint')) return false
  const keys = statement.operations.flatMap((operation) =>
    operation.kind === 'add-constraint' && operation.constraint.columns.includes(column)
      ? [operation.constraint.name]
      : []
  )
  const earlier = script.slice(0, script.indexOf(statement)).flatMap(({ operations }) => operations)
  return earlier.some((operation) => operation.kind === 'drop-constraint' && keys.includes(operation.constraint))
}

function about(table: TableName, column: string): { readonly subject: string; readonly table: string } {
  const label = tableLabel(table)
  return { subject: `${label}.${column}`, table: label }
}

/** Whether adding the column writes its default into every row. */
function rewritesByDefault(column: Column, { context }: Situation): 'yes' | 'unknown' | 'no' {
  const { kind, text } = column.default
  if (column.serial || column.identity || column.generated !== 'no') return 'no'
  if (kind === 'volatile') return 'yes'
  // A function is volatile unless its author says otherwise (CREATE FUNCTION).
  if (kind === 'unknown' && /\w"?\s*\(/.test(text)) return 'unknown'
  // Before PostgreSQL 11 every default was written into every row.
  return context.postgres < 11 && (kind === 'constant' || kind === 'stable') ? 'yes' : 'no'
}

function failsWithRows({ notNull, default: value, serial, identity, generated, constraints }: Column): boolean {
  if (serial || identity || generated !== 'no') return false
  const required = notNull || constraints.some(({ kind }) => kind === 'primary-key')
  return required && (value.kind === 'none' || value.kind === 'null')
}

function setsNotNull(operation: Operation): { readonly table: TableName; readonly column: string } | undefined {
  if (operation.kind === 'set-not-null') return operation
  if (operation.kind !== 'add-constraint') return undefined
  const { kind, notValid, columns } = operation.constraint
  const [column] = columns
  if (kind !== 'not-null' || notValid || column === undefined) return undefined
  return { table: operation.table, column }
}

function addGenerated(operation: Operation, situation: Situation): Fault | undefined {
  if (operation.kind !== 'add-column' || situation.schema.isIdle(operation.table)) return undefined
  const { table, column } = operation
  const sort = generatedSort(column)
  if (sort === undefined) return undefined
  const virtual = situation.context.postgres >= 18 ? ' Or make it VIRTUAL: it is computed when it is read.' : ''
  const fault = {
    ...about(table, column.name),
    message: `${sort} is computed for every row, so the whole table is written anew`,
    lock: lock('ACCESS EXCLUSIVE', [table], 'yes', 'while every row is written anew')
  }
  if (column.generated === 'stored')
    return {
      ...fault,
      hint: `Add a plain column, keep it up to date in the application or by a trigger, and fill older rows in batches.${virtual}`
    }
  return {
    ...fault,
    hint: 'Add a plain column with a sequence of its own, and fill older rows in batches.',
    ...columnWay(table, column, situation)
  }
}

/** A column that is added only in some cases has no way that always fits. */
function columnWay(table: TableName, column: Column, { statement, context }: Situation): Pick<Fault, 'safeWay'> {
  return statement.conditional ? {} : safely(columnSteps(table, column, context.postgres))
}

function generatedSort(column: Column): string | undefined {
  if (column.serial) return 'the number of a serial column'
  if (column.identity) return 'the number of an identity column'
  if (column.generated === 'stored') return 'a stored generated column'
  return undefined
}

function alterType(operation: Operation, situation: Situation): Fault | undefined {
  if (operation.kind !== 'alter-column-type' || situation.schema.isIdle(operation.table)) return undefined
  const rewrite = columnTypeRewrite(operation, situation)
  if (rewrite === 'no') return undefined
  const { table, column, type } = operation
  const from = typeBefore(operation, situation)
  const change = from === undefined ? `to ${typeText(type)}` : `from ${typeText(from)} to ${typeText(type)}`
  const certain = rewrite === 'yes' ? 'writes the whole table anew' : 'may write the whole table anew'
  const zone = from?.name === 'timestamp' && type.name === 'timestamptz' && operation.using === undefined
  return {
    ...about(table, column),
    message: `the change ${change} ${certain}, and its indexes, with reads and writes waiting`,
    hint: zone
      ? 'If the times are UTC, say so: with TimeZone set to UTC in the same transaction nothing is rewritten.'
      : 'Add a column of the new type, write both, fill it in batches, read the new one, and drop the old one later.',
    lock: lock('ACCESS EXCLUSIVE', [table], rewrite, 'while every row is written anew'),
    ...(situation.statement.conditional || type.written === undefined
      ? {}
      : safely([zone ? inZone(table, column, type.written) : besideStep(table, column, type.written)]))
  }
}

function inZone(table: TableName, column: string, type: string): SafeStep {
  return {
    name: joinedName('alter', table.name, column),
    says: 'Times that were stored as UTC keep their bytes. It must be one transaction.',
    alone: false,
    together: true,
    commands: [
      { sql: "SET LOCAL TimeZone = 'UTC'" },
      {
        sql: `ALTER TABLE ${quoteTable(table)} ALTER COLUMN ${quoteName(column)} TYPE ${type}`,
        acknowledges: 'alter-column-type',
        because: 'the times are UTC'
      }
    ]
  }
}

function besideStep(table: TableName, column: string, type: string): SafeStep {
  const at = `ALTER TABLE ${quoteTable(table)}`
  const name = quoteName(`${column}_new`)
  return {
    ...fillStep(table, `${column}_new`),
    commands: [{ sql: `${at} ADD COLUMN ${name} ${type}`, undo: `${at} DROP COLUMN ${name}` }]
  }
}
