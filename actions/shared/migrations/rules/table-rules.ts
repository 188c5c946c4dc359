import type { Operation } from '../operation.ts'
import { byKind, type ByKind } from './by-kind.ts'
import { briefly, lock } from './lock.ts'
import type { Fault, LockMode, Rule, Situation } from './rule.ts'
import { joinedName, quoteTable, tableLabel } from './sql-text.ts'

/** Partitions, triggers, row level security, and what writes a whole table anew. */
export const tableRules: readonly Rule[] = [
  {
    id: 'detach-partition-not-concurrently',
    family: 'partition',
    title: 'A partition that is detached with a lock on all of them',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['detach-partition'],
    each(operation, { schema, context }) {
      if (operation.kind !== 'detach-partition' || operation.concurrently || schema.isNew(operation.table))
        return undefined
      // DETACH … CONCURRENTLY came with PostgreSQL 14.
      if (context.postgres < 14) return undefined
      const label = tableLabel(operation.table)
      return {
        subject: tableLabel(operation.partition),
        table: label,
        message: `it is detached with reads and writes of ${label} waiting, behind every query that is still running`,
        hint: 'Detach it CONCURRENTLY, in a migration of its own that runs outside a transaction.',
        lock: lock('ACCESS EXCLUSIVE', [operation.table, operation.partition], 'no', briefly),
        safeWay: {
          steps: [
            {
              name: joinedName('detach', operation.partition.name),
              says: 'Nobody waits. It does not work while there is a DEFAULT partition.',
              alone: true,
              commands: [
                {
                  sql: `ALTER TABLE ${quoteTable(operation.table)} DETACH PARTITION ${quoteTable(operation.partition)} CONCURRENTLY`
                }
              ]
            }
          ]
        }
      }
    }
  },
  {
    id: 'attach-partition',
    family: 'partition',
    title: 'A table with rows becomes a partition',
    levels: { default: 'warning', calm: 'notice', strict: 'warning' },
    of: ['attach-partition'],
    each(operation, { schema }) {
      if (operation.kind !== 'attach-partition' || schema.isNew(operation.partition)) return undefined
      // A CHECK with the partition's bounds, validated in the change, saves the reading.
      const constraints = schema.table(operation.partition)?.constraints.values() ?? []
      if ([...constraints].some(({ constraint, validated }) => constraint.kind === 'check' && validated))
        return undefined
      const label = tableLabel(operation.partition)
      return {
        subject: label,
        table: tableLabel(operation.table),
        message: 'every row of it is checked against the bounds while its reads and writes wait',
        hint: 'Add a CHECK with the same bounds NOT VALID, validate it in a later migration, and attach it then.',
        lock: lock('ACCESS EXCLUSIVE', [operation.partition], 'no', 'while every row is checked')
      }
    }
  },
  {
    id: 'rewrite-table',
    family: 'table',
    title: 'A statement that writes a whole table anew',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['set-tablespace', 'set-access-method', 'set-logged', 'set-expression', 'cluster', 'vacuum-full'],
    each: rewriteTable
  },
  {
    id: 'lock-table',
    family: 'table',
    title: 'A table that is locked by hand',
    levels: { default: 'warning', calm: 'notice', strict: 'error' },
    of: ['lock-table'],
    each(operation, { schema }) {
      if (operation.kind !== 'lock-table' || schema.isNew(operation.table)) return undefined
      const mode = strongModes.find((strong) => strong === operation.mode.toUpperCase())
      if (mode === undefined) return undefined
      return {
        subject: tableLabel(operation.table),
        table: tableLabel(operation.table),
        message: `the table is locked in ${mode} mode until the transaction ends`,
        hint: 'Lock rows instead of the table, or keep what stands behind the LOCK as short as can be.',
        lock: lock(mode, [operation.table], 'no', 'until the transaction ends')
      }
    }
  },
  {
    id: 'create-trigger',
    family: 'table',
    title: 'A trigger on a table that is in use',
    levels: { default: 'warning', calm: 'off', strict: 'warning' },
    of: ['create-trigger'],
    each(operation, situation) {
      if (operation.kind !== 'create-trigger' || situation.schema.isNew(operation.table)) return undefined
      // Made anew under its name: it has been there before.
      const replaced = situation.script.some(({ operations }) =>
        operations.some((other) => other.kind === 'drop-trigger' && other.trigger === operation.trigger)
      )
      if (replaced) return undefined
      const label = tableLabel(operation.table)
      return {
        subject: `${label}.${operation.trigger}`,
        table: label,
        message:
          'writes wait until the transaction ends, and every later write runs the trigger, those of older releases too',
        hint: 'Keep the transaction short, and make sure that the function can bear the writes of every running release.',
        lock: lock('SHARE ROW EXCLUSIVE', [operation.table], 'no', briefly)
      }
    }
  },
  {
    id: 'row-level-security',
    family: 'table',
    title: 'Row level security switched on or off',
    levels: { default: 'warning', calm: 'off', strict: 'warning' },
    of: ['row-level-security'],
    each(operation, { schema, script }) {
      if (operation.kind !== 'row-level-security' || schema.isNew(operation.table)) return undefined
      const label = tableLabel(operation.table)
      const isOn = operation.change === 'enable' || operation.change === 'force'
      const hasPolicy = script.some(({ operations }) =>
        operations.some(
          (other) => other.kind === 'policy' && other.change === 'create' && other.table.name === operation.table.name
        )
      )
      if (isOn && hasPolicy) return undefined
      return {
        subject: label,
        table: label,
        message: isOn
          ? 'from now on whoever does not own the table sees only rows that a policy allows, and none without a policy'
          : 'from now on its policies keep nobody from any row',
        hint: isOn
          ? 'Create the policies first, in the same transaction.'
          : 'Make sure that nothing but the application reaches the table; then silence this finding with the reason.',
        lock: lock('ACCESS EXCLUSIVE', [operation.table], 'no', briefly)
      }
    }
  }
]

/** Those that keep at least writes waiting. */
const strongModes: readonly LockMode[] = ['ACCESS EXCLUSIVE', 'EXCLUSIVE', 'SHARE ROW EXCLUSIVE', 'SHARE']

/** Each writes the whole table anew, with nobody reading or writing it. */
const rewriting: ByKind<[], readonly [what: string, hint: string]> = {
  'set-tablespace': () => ['SET TABLESPACE', 'Make a new table there and fill it in batches, or use pg_repack.'],
  'set-access-method': () => ['SET ACCESS METHOD', 'Make a new table with it and fill it in batches.'],
  'set-logged': () => ['SET LOGGED or UNLOGGED', 'Make a new table and fill it in batches.'],
  'set-expression': () => ['SET EXPRESSION', 'Add a column for the new expression, and drop the old one later.'],
  cluster: () => ['CLUSTER', 'Use pg_repack, which lets reads and writes go on.'],
  'vacuum-full': () => ['VACUUM FULL', 'Use pg_repack, or plain VACUUM, which lets reads and writes go on.']
}

function rewriteTable(operation: Operation, { schema }: Situation): Fault | undefined {
  const found = byKind(rewriting, operation)
  const table = 'table' in operation ? operation.table : undefined
  if (found === undefined || table === undefined || schema.isIdle(table)) return undefined
  const [what, hint] = found
  const label = tableLabel(table)
  return {
    subject: label,
    table: label,
    message: `${what} writes the whole table anew while reads and writes wait`,
    hint,
    lock: lock('ACCESS EXCLUSIVE', [table], 'yes', 'while every row is written anew')
  }
}
