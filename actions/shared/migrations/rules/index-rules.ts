import type { Operation } from '../operation.ts'
import { concurrentIndex, dropConcurrently } from './index-steps.ts'
import { briefly, lock } from './lock.ts'
import type { Fault, Rule, Situation } from './rule.ts'
import { joinedName, quoteName, quoteTable, tableLabel } from './sql-text.ts'

/** Building and dropping indexes while the application goes on. */
export const indexRules: readonly Rule[] = [
  {
    id: 'create-index-not-concurrently',
    family: 'index',
    title: 'An index that is built while writes wait',
    levels: { default: 'error', calm: 'warning', strict: 'error' },
    of: ['create-index'],
    each(operation, situation) {
      if (operation.kind !== 'create-index' || operation.concurrently) return undefined
      if (situation.schema.isIdle(operation.table)) return undefined
      const label = tableLabel(operation.table)
      return {
        subject: operation.index ?? label,
        table: label,
        message: `the index is built with writes to ${label} waiting until it is done`,
        hint: 'Build it with CONCURRENTLY, in a migration of its own that runs outside a transaction.',
        lock: lock('SHARE', [operation.table], 'no', 'for the whole build of the index'),
        ...concurrentIndex(operation, situation)
      }
    }
  },
  {
    id: 'drop-index-not-concurrently',
    family: 'index',
    title: 'An index that is dropped with a lock on its table',
    levels: { default: 'warning', calm: 'warning', strict: 'error' },
    of: ['drop-index'],
    each: dropIndex
  },
  {
    id: 'reindex-not-concurrently',
    family: 'index',
    title: 'An index that is rebuilt while the table waits',
    levels: { default: 'error', calm: 'warning', strict: 'error' },
    of: ['reindex'],
    each(operation, { statement }) {
      if (operation.kind !== 'reindex' || operation.concurrently) return undefined
      // System catalogs cannot be reindexed concurrently (REINDEX, Notes).
      if (/^\s*REINDEX\s+(?:\([^)]*\)\s*)?SYSTEM\b/i.test(statement.text)) return undefined
      const what = operation.what.toUpperCase()
      const name = operation.name.split('.').map(quoteName).join('.')
      return {
        subject: operation.name,
        message: `REINDEX ${what} keeps writes waiting, and reads that would use the index, until it is done`,
        hint: `Use REINDEX ${what} CONCURRENTLY, in a migration of its own that runs outside a transaction.`,
        lock: {
          ...lock('ACCESS EXCLUSIVE', [], 'no', 'for the whole build of the index'),
          tables: [operation.name]
        },
        safeWay: {
          steps: [
            {
              name: joinedName('reindex', operation.what, operation.name),
              says: 'Nobody waits while it is rebuilt.',
              alone: true,
              commands: [{ sql: `REINDEX ${what} CONCURRENTLY ${name}` }]
            }
          ]
        }
      }
    }
  },
  {
    id: 'refresh-not-concurrently',
    family: 'index',
    title: 'A materialized view that cannot be read while it is refreshed',
    levels: { default: 'error', calm: 'warning', strict: 'error' },
    of: ['refresh-materialized-view'],
    each(operation, { schema }) {
      if (operation.kind !== 'refresh-materialized-view' || operation.concurrently) return undefined
      if (schema.isNew(operation.view)) return undefined
      const label = tableLabel(operation.view)
      return {
        subject: label,
        table: label,
        message: 'nobody can read the view until its query is done',
        hint: 'Refresh it CONCURRENTLY; the view needs a unique index over columns of all its rows for that.',
        lock: lock('ACCESS EXCLUSIVE', [operation.view], 'yes', 'while the query runs'),
        safeWay: {
          steps: [
            {
              name: joinedName('refresh', operation.view.name),
              says: 'The view can be read while it is refreshed. It needs a unique index over columns of all its rows.',
              alone: false,
              commands: [{ sql: `REFRESH MATERIALIZED VIEW CONCURRENTLY ${quoteTable(operation.view)}` }]
            }
          ]
        }
      }
    }
  }
]

function dropIndex(operation: Operation, situation: Situation): Fault | undefined {
  if (operation.kind !== 'drop-index' || operation.concurrently) return undefined
  const known = situation.schema.index(operation.index)
  const table = operation.table ?? known?.table
  // An index of this change goes again: it was in nobody's way.
  if (known !== undefined || (table !== undefined && situation.schema.isNew(table))) return undefined
  return {
    subject: operation.index,
    ...(table === undefined ? {} : { table: tableLabel(table) }),
    message: 'the index goes with reads and writes of its table waiting, and behind every query that is still running',
    hint: 'Drop it with CONCURRENTLY, in a migration of its own that runs outside a transaction.',
    lock: lock('ACCESS EXCLUSIVE', table === undefined ? [] : [table], 'no', briefly),
    ...dropConcurrently(operation, situation)
  }
}
