import type { Operation, TableName } from '../operation.ts'
import { isSelfContained } from './dsl-text.ts'
import { briefly, lock } from './lock.ts'
import type { Family, Fault, Rule, RuleDescription, Situation } from './rule.ts'
import { safely, type SafeCommand, type SafeWay } from './safe-way.ts'
import { joinedName, quoteName, quoteTable, tableLabel, wholeText } from './sql-text.ts'

const levels: RuleDescription['levels'] = { default: 'error', calm: 'warning', strict: 'error' }
const family: Family = 'destructive'
const twoReleases = 'First release what does not use it any more; drop it in a later release, and say so in a comment.'

/** What is gone afterwards. */
export const destructiveRules: readonly Rule[] = [
  {
    id: 'drop-column',
    family,
    title: 'A column is dropped',
    levels,
    of: ['drop-column'],
    each(operation, situation) {
      if (operation.kind !== 'drop-column' || situation.schema.isCertainlyNew(operation.table)) return undefined
      // A column that this change added holds nothing of anybody.
      const known = situation.schema.table(operation.table)?.columns.get(operation.column)
      if (known?.added === true && known.perhaps !== true) return undefined
      const label = tableLabel(operation.table)
      return {
        subject: `${label}.${operation.column}`,
        table: label,
        message: 'its values are lost, and releases that are running still name it',
        hint: twoReleases,
        lock: lock('ACCESS EXCLUSIVE', [operation.table], 'no', briefly),
        ...acknowledged('drop-column', operation, situation, operation.table)
      }
    }
  },
  {
    id: 'drop-table',
    family,
    title: 'A table is dropped',
    levels,
    of: ['drop-table'],
    each(operation, situation) {
      if (operation.kind !== 'drop-table' || situation.schema.isCertainlyNew(operation.table)) return undefined
      const label = tableLabel(operation.table)
      return {
        subject: label,
        table: label,
        message: 'its rows are lost, and releases that are running still use it',
        hint: twoReleases,
        lock: lock('ACCESS EXCLUSIVE', [operation.table], 'no', briefly),
        ...acknowledged('drop-table', operation, situation)
      }
    }
  },
  {
    id: 'drop-schema',
    family,
    title: 'A schema is dropped',
    levels,
    of: ['drop-schema'],
    each(operation, situation) {
      if (operation.kind !== 'drop-schema' || situation.schema.isNewSchema(operation.schema)) return undefined
      return {
        subject: operation.schema,
        message: 'what is in it is lost',
        hint: twoReleases,
        ...acknowledged('drop-schema', operation, situation)
      }
    }
  },
  {
    id: 'drop-database',
    family,
    title: 'A database is dropped',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['drop-database'],
    each(operation) {
      if (operation.kind !== 'drop-database') return undefined
      return {
        subject: operation.database,
        message: 'everything in it is lost',
        hint: 'Drop databases by hand, never in a migration.'
      }
    }
  },
  {
    id: 'truncate',
    family,
    title: 'A table is emptied',
    levels,
    of: ['truncate'],
    each: truncate
  }
]

function truncate(operation: Operation, situation: Situation): Fault | undefined {
  if (operation.kind !== 'truncate') return undefined
  const tables = operation.tables.filter((table) => !situation.schema.isCertainlyNew(table))
  if (tables.length === 0) return undefined
  const names = tables.map(tableLabel).join(', ')
  const others = operation.cascade ? ', and those of every table that refers to it' : ''
  return {
    subject: names,
    message: `all its rows are lost${others}`,
    hint: 'Delete the rows that are meant, in batches; or say in a comment that the table may be emptied.',
    lock: lock('ACCESS EXCLUSIVE', tables, 'no', briefly),
    ...acknowledged('truncate', operation, situation)
  }
}

/**
 * There is no harmless way to lose what is meant to go, only a time for it. What else the statement does need not wait: a
 * statement is repeated only where it does nothing else, and means the same there.
 */
function acknowledged(
  rule: string,
  operation: Operation,
  situation: Situation,
  inTable?: TableName
): { readonly safeWay?: SafeWay } {
  const command = repeated(operation, situation)
  if (command === undefined) return {}
  const isDsl = situation.statement.written === 'dsl'
  return safely([
    {
      name: joinedName(rule, ...namesIn(operation)),
      says: 'In a later release than the one that stopped using it.',
      alone: false,
      commands: [{ ...command, acknowledges: rule, ...(isDsl && inTable !== undefined ? { inTable } : {}) }]
    }
  ])
}

/** So that two migrations of recipes are not called the same. */
function namesIn(operation: Operation): readonly string[] {
  if (operation.kind === 'drop-column') return [operation.column, 'from', operation.table.name]
  if (operation.kind === 'drop-table') return [operation.table.name]
  if (operation.kind === 'drop-schema') return [operation.schema]
  return operation.kind === 'truncate' ? operation.tables.map(({ name }) => name) : []
}

function repeated(operation: Operation, { statement }: Situation): SafeCommand | undefined {
  const sql = wholeText(statement)
  const nothingElse = statement.operations.every(({ kind }) => kind === operation.kind)
  if (statement.written === 'dsl') {
    const usable = nothingElse && !statement.conditional && isSelfContained(statement.text)
    return usable && sql !== undefined ? { sql, ecto: statement.text } : undefined
  }
  if (sql !== undefined && nothingElse) return { sql }
  // IF EXISTS is not known here of a single column.
  if (operation.kind !== 'drop-column' || statement.conditional || /\bIF\s+EXISTS\b/i.test(statement.text))
    return undefined
  const { table, column, cascade } = operation
  return { sql: `ALTER TABLE ${quoteTable(table)} DROP COLUMN ${quoteName(column)}${cascade ? ' CASCADE' : ''}` }
}
