import type { Operation } from '../operation.ts'
import { lock } from './lock.ts'
import type { Fault, PlacedFault, Rule, Script, Situation } from './rule.ts'
import { tableLabel } from './sql-text.ts'
import { firstUnderLock } from './under-lock.ts'

/** Rows that a migration changes. */
export const rowRules: readonly Rule[] = [
  {
    id: 'update-without-where',
    family: 'data',
    title: 'Every row of a table is changed in one statement',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['update'],
    each: (operation, situation) => everyRow(operation, situation, 'update')
  },
  {
    id: 'delete-without-where',
    family: 'data',
    title: 'Every row of a table is deleted',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['delete'],
    each: (operation, situation) => everyRow(operation, situation, 'delete')
  },
  {
    id: 'rows-and-schema-in-transaction',
    family: 'data',
    title: 'Rows are changed while a lock on their table is held',
    levels: { default: 'warning', calm: 'off', strict: 'error' },
    whole: rowsUnderLock
  },
  {
    id: 'duplicate-assignment',
    family: 'style',
    title: 'A column that is assigned twice in one UPDATE',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['update'],
    each(operation) {
      if (operation.kind !== 'update') return undefined
      const twice = operation.columns.find((column, at) => operation.columns.indexOf(column) !== at)
      if (twice === undefined) return undefined
      return {
        subject: `${tableLabel(operation.table)}.${twice}`,
        message: 'it is assigned more than once, which PostgreSQL refuses (42601)',
        hint: 'Leave one of the assignments out.'
      }
    }
  }
]

function everyRow(operation: Operation, { schema }: Situation, kind: 'update' | 'delete'): Fault | undefined {
  if (operation.kind !== kind || operation.where || schema.isIdle(operation.table)) return undefined
  const label = tableLabel(operation.table)
  return {
    subject: label,
    table: label,
    message:
      kind === 'update'
        ? 'every row is changed at once: all stay locked until the commit, and the table grows by its own size'
        : 'every row is deleted at once: all stay locked until the commit, and are lost',
    hint:
      kind === 'update'
        ? 'Change a few thousand rows at a time, each batch committed by itself, outside the migration.'
        : 'Say with WHERE which rows are meant, and delete a few thousand at a time; or TRUNCATE what really shall be empty.',
    lock: lock('ROW EXCLUSIVE', [operation.table], 'no', 'until every row is changed and committed')
  }
}

/** The first change of many rows behind an ACCESS EXCLUSIVE lock in the same transaction. */
function rowsUnderLock({ steps }: Script): readonly PlacedFault[] {
  return firstUnderLock(steps, {
    isMeant: ({ long, mode }) => long && mode === 'ROW EXCLUSIVE',
    // A statement without WHERE is told by itself.
    isTold: ({ statement }) =>
      statement.operations.some(
        (operation) => (operation.kind === 'update' || operation.kind === 'delete') && !operation.where
      ),
    message: (held) =>
      `rows are changed while an earlier statement keeps reads and writes of ${held} waiting until the commit`,
    hint: 'Change the rows in a migration of its own, or in batches outside of migrations.',
    lasts: 'until every row is changed and committed'
  })
}
