import type { Operation, TableName } from '../operation.ts'
import { briefly, lock } from './lock.ts'
import type { Family, Fault, Rule, RuleDescription, Situation } from './rule.ts'
import type { SafeWay } from './safe-way.ts'
import { tableLabel, withoutSemicolon } from './sql-text.ts'

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
      if (operation.kind !== 'drop-column' || situation.schema.isNew(operation.table)) return undefined
      // A column that this change added holds nothing of anybody.
      if (situation.schema.table(operation.table)?.columns.get(operation.column)?.added === true) return undefined
      const label = tableLabel(operation.table)
      return {
        subject: `${label}.${operation.column}`,
        table: label,
        message: 'its values are lost, and releases that are running still name it',
        hint: twoReleases,
        lock: lock('ACCESS EXCLUSIVE', [operation.table], 'no', briefly),
        safeWay: acknowledged('drop-column', situation, operation.table)
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
      if (operation.kind !== 'drop-table' || situation.schema.isNew(operation.table)) return undefined
      const label = tableLabel(operation.table)
      return {
        subject: label,
        table: label,
        message: 'its rows are lost, and releases that are running still use it',
        hint: twoReleases,
        lock: lock('ACCESS EXCLUSIVE', [operation.table], 'no', briefly),
        safeWay: acknowledged('drop-table', situation)
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
        safeWay: acknowledged('drop-schema', situation)
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
  const tables = operation.tables.filter((table) => !situation.schema.isNew(table))
  if (tables.length === 0) return undefined
  const names = tables.map(tableLabel).join(', ')
  const others = operation.cascade ? ', and those of every table that refers to it' : ''
  return {
    subject: names,
    message: `all its rows are lost${others}`,
    hint: 'Delete the rows that are meant, in batches; or say in a comment that the table may be emptied.',
    lock: lock('ACCESS EXCLUSIVE', tables, 'no', briefly),
    safeWay: acknowledged('truncate', situation)
  }
}

/** There is no harmless way to lose what is meant to go, only a time for it. */
function acknowledged(rule: string, { statement }: Situation, inTable?: TableName): SafeWay {
  return {
    steps: [
      {
        name: rule.replaceAll('-', '_'),
        says: 'In a later release than the one that stopped using it.',
        alone: false,
        commands: [
          {
            sql: withoutSemicolon(statement.text),
            acknowledges: rule,
            ...(statement.written === 'dsl' ? { ecto: statement.text } : {}),
            ...(statement.written === 'dsl' && inTable !== undefined ? { inTable } : {})
          }
        ]
      }
    ]
  }
}
