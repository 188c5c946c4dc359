import type { Operation } from '../operation.ts'
import { briefly, lock } from './lock.ts'
import type { Fault, Rule, Situation } from './rule.ts'
import { joinedName, quoteName, quoteTable, tableLabel } from './sql-text.ts'

const levels = { default: 'error', calm: 'error', strict: 'error' } as const

/** Names that running releases still use. */
export const renameRules: readonly Rule[] = [
  {
    id: 'rename-column',
    family: 'rename',
    title: 'A column gets another name',
    levels,
    of: ['rename-column'],
    each(operation, situation) {
      if (operation.kind !== 'rename-column' || situation.schema.isNew(operation.table)) return undefined
      if (situation.schema.table(operation.table)?.columns.get(operation.column)?.added === true) return undefined
      const { table, column, to } = operation
      const label = tableLabel(table)
      return {
        subject: `${label}.${column}`,
        table: label,
        message: `releases that are running ask for ${column} and fail until they are replaced`,
        hint: keepName(situation, column, to),
        lock: lock('ACCESS EXCLUSIVE', [table], 'no', briefly)
      }
    }
  },
  {
    id: 'rename-table',
    family: 'rename',
    title: 'A table gets another name or schema',
    levels,
    of: ['rename-table', 'move-table'],
    each: renameTable
  },
  {
    id: 'rename-schema',
    family: 'rename',
    title: 'A schema gets another name',
    levels,
    of: ['rename-schema'],
    each(operation, { schema }) {
      if (operation.kind !== 'rename-schema' || schema.isNewSchema(operation.schema)) return undefined
      return {
        subject: operation.schema,
        message: 'releases that are running look for its tables under the old name',
        hint: 'Make a schema of the new name, move to it table by table, and drop the old one in a later release.'
      }
    }
  },
  {
    id: 'rename-enum-value',
    family: 'rename',
    title: 'A value of an enum gets another name',
    levels,
    of: ['rename-enum-value'],
    each(operation, { schema }) {
      if (operation.kind !== 'rename-enum-value' || schema.isNewType(operation.type)) return undefined
      const label = tableLabel(operation.type)
      return {
        subject: `${label}.${operation.value}`,
        message: `releases that are running still write '${operation.value}' and fail`,
        hint: 'Add the new value, let the application write it, and change older rows in batches.',
        safeWay: {
          steps: [
            {
              name: joinedName('add', operation.to, 'to', operation.type.name),
              says: 'Both values are right until no release writes the old one.',
              alone: false,
              commands: [
                {
                  sql: `ALTER TYPE ${quoteTable(operation.type)} ADD VALUE IF NOT EXISTS '${operation.to.replaceAll("'", "''")}'`
                }
              ]
            }
          ]
        }
      }
    }
  }
]

/** What the application calls it and what the database does need not be the same. */
function keepName({ migration }: Situation, column: string, to: string): string {
  switch (migration.file.framework) {
    case 'prisma':
      return `Keep the name in the database: \`${to} … @map("${column}")\` in the Prisma schema needs no migration.`
    case 'ecto':
      return `Keep the name in the database: \`field :${to}, …, source: :${column}\` in the Ecto schema needs no migration.`
    case 'sql':
      return `Add ${to}, write both, fill it in batches, read ${to}, and drop ${column} in a later release.`
  }
}

function renameTable(operation: Operation, situation: Situation): Fault | undefined {
  if (operation.kind !== 'rename-table' && operation.kind !== 'move-table') return undefined
  const { table } = operation
  if (situation.schema.isNew(table) || standsIn(operation, situation)) return undefined
  const label = tableLabel(table)
  const now =
    operation.kind === 'rename-table' ? { ...table, name: operation.to } : { ...table, schema: operation.schema }
  const alter =
    operation.kind === 'rename-table'
      ? `RENAME TO ${quoteName(operation.to)}`
      : `SET SCHEMA ${quoteName(operation.schema)}`
  return {
    subject: label,
    table: label,
    message: `releases that are running ask for ${label} and fail until they are replaced`,
    hint: 'Leave a view under the old name until no release uses it; or keep the name in the database and change the application only.',
    lock: lock('ACCESS EXCLUSIVE', [table], 'no', briefly),
    safeWay: {
      steps: [
        {
          name: joinedName('rename', table.name),
          says: 'The view takes reads and writes under the old name; both must be one transaction.',
          alone: false,
          together: true,
          commands: [
            { sql: `ALTER TABLE ${quoteTable(table)} ${alter}` },
            { sql: `CREATE VIEW ${quoteTable(table)} AS SELECT * FROM ${quoteTable(now)}` }
          ]
        }
      ]
    }
  }
}

/** Whether something takes the old name over at once: a view, or a table that was built to replace it. */
function standsIn(operation: Operation & { kind: 'rename-table' | 'move-table' }, { script }: Situation): boolean {
  return script.some((statement) =>
    statement.operations.some(
      (other) =>
        (other.kind === 'create-view' && other.view.name === operation.table.name) ||
        (other.kind === 'rename-table' && other.to === operation.table.name)
    )
  )
}
