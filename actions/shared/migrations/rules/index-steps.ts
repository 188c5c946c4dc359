import type { Operation } from '../operation.ts'
import type { Situation } from './rule.ts'
import type { SafeStep } from './safe-way.ts'
import { joinedName, quoteColumns, quoteName, quoteTable, withoutSemicolon } from './sql-text.ts'
import { withOption } from './dsl-text.ts'

type CreateIndex = Extract<Operation, { kind: 'create-index' }>
type DropIndex = Extract<Operation, { kind: 'drop-index' }>

/** The index of a statement, built concurrently: everything else about it stays as it was written. */
export function concurrentIndexStep(operation: CreateIndex, situation: Situation): SafeStep {
  const { statement } = situation
  const name = operation.index ?? joinedName(operation.table.name, ...operation.columns, 'index')
  const ecto =
    statement.written === 'dsl' ? withOption(statement.text, /\b(?:unique_)?index\(/, 'concurrently: true') : undefined
  return {
    name: joinedName('add', name),
    says: 'Writes go on while it is built. If it fails, drop the INVALID index it leaves behind, and run it again.',
    alone: true,
    commands: [
      {
        sql: concurrentSql(operation, statement.text, name),
        undo: `DROP INDEX CONCURRENTLY IF EXISTS ${quoteTable({ ...operation.table, name })}`,
        ...(ecto === undefined ? {} : { ecto })
      }
    ]
  }
}

const createIndex = /^(\s*CREATE\s+(?:UNIQUE\s+)?INDEX)\b(?!\s+CONCURRENTLY)/i

function concurrentSql(operation: CreateIndex, text: string, name: string): string {
  if (createIndex.test(text)) return withoutSemicolon(text.replace(createIndex, '$1 CONCURRENTLY'))
  const unique = operation.unique ? 'UNIQUE ' : ''
  const columns = quoteColumns(operation.columns.filter((column) => column !== ''))
  return `CREATE ${unique}INDEX CONCURRENTLY ${quoteName(name)} ON ${quoteTable(operation.table)} (${columns})`
}

/** The same index, dropped without a lock on its table. */
export function dropIndexStep(operation: DropIndex, situation: Situation): SafeStep {
  const { statement } = situation
  const ecto =
    statement.written === 'dsl' ? withOption(statement.text, /\b(?:unique_)?index\(/, 'concurrently: true') : undefined
  const { schema } = operation
  const index = quoteTable(schema === undefined ? { name: operation.index } : { schema, name: operation.index })
  return {
    name: joinedName('drop', operation.index),
    says: 'Nobody waits while it goes.',
    alone: true,
    commands: [{ sql: `DROP INDEX CONCURRENTLY IF EXISTS ${index}`, ...(ecto === undefined ? {} : { ecto }) }]
  }
}
