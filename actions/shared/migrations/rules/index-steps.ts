import type { Operation } from '../operation.ts'
import type { Situation } from './rule.ts'
import { safely, type SafeCommand, type SafeWay } from './safe-way.ts'
import { joinedName, objectName, quoteName, quoteTable } from './sql-text.ts'
import { withOption } from './dsl-text.ts'
import { builtConcurrently } from './unique-steps.ts'

type CreateIndex = Extract<Operation, { kind: 'create-index' }>
type DropIndex = Extract<Operation, { kind: 'drop-index' }>

/** The index of a statement, built concurrently. Nothing where its text is not known, or it is built only in some cases. */
export function concurrentIndex(operation: CreateIndex, situation: Situation): { readonly safeWay?: SafeWay } {
  const { table, written, unique, ifNotExists } = operation
  if (written === undefined || situation.statement.conditional) return {}
  const name = operation.index ?? objectName(table.name, ...operation.columns.map((column) => column || 'expr'), 'idx')
  return safely([
    {
      name: joinedName('add', name),
      says: builtConcurrently,
      alone: true,
      commands: [
        {
          sql: `CREATE ${unique ? 'UNIQUE ' : ''}INDEX CONCURRENTLY ${ifNotExists ? 'IF NOT EXISTS ' : ''}${quoteName(name)} ON ${written}`,
          undo: `DROP INDEX CONCURRENTLY IF EXISTS ${quoteTable({ ...table, name })}`,
          ...inEcto(situation)
        }
      ]
    }
  ])
}

function inEcto({ statement }: Situation): Pick<SafeCommand, 'ecto'> {
  if (statement.written !== 'dsl') return {}
  const ecto = /\bconcurrently:/.test(statement.text)
    ? statement.text
    : withOption(statement.text, /\b(?:unique_)?index\(/, 'concurrently: true')
  return ecto === undefined ? {} : { ecto }
}

/** The same index, dropped without a lock on its table. */
export function dropConcurrently(operation: DropIndex, situation: Situation): { readonly safeWay?: SafeWay } {
  if (situation.statement.conditional) return {}
  const { schema } = operation
  const index = quoteTable(schema === undefined ? { name: operation.index } : { schema, name: operation.index })
  return safely([
    {
      name: joinedName('drop', operation.index),
      says: 'Nobody waits while it goes.',
      alone: true,
      commands: [{ sql: `DROP INDEX CONCURRENTLY IF EXISTS ${index}`, ...inEcto(situation) }]
    }
  ])
}
