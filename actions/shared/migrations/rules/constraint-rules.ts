import type { Column, Constraint, Operation, TableName } from '../operation.ts'
import { checkSteps, uniqueSteps } from './constraint-steps.ts'
import { conventionalName } from './known-schema.ts'
import { lock } from './lock.ts'
import type { Fault, Rule, Situation } from './rule.ts'
import { tableLabel } from './sql-text.ts'

/** Constraints that read the table, or build an index, under a lock that nobody passes. */
export const constraintRules: readonly Rule[] = [
  {
    id: 'add-check-constraint',
    family: 'constraint',
    title: 'A CHECK that reads the whole table',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['add-constraint', 'add-column'],
    each(operation, situation) {
      const added = addedConstraint(operation, situation, 'check')
      if (added === undefined || added.constraint.notValid) return undefined
      return {
        ...about(added),
        message: 'every row is checked while reads and writes wait',
        hint: 'Add it NOT VALID, and validate it in a migration of its own.',
        lock: lock('ACCESS EXCLUSIVE', [added.table], 'no', 'while every row is checked'),
        ...checkSteps(added.table, added.constraint, situation)
      }
    }
  },
  {
    id: 'add-unique-constraint',
    family: 'constraint',
    title: 'A UNIQUE constraint that builds its index under a lock',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['add-constraint', 'add-column'],
    each: (operation, situation) => buildsIndex(addedConstraint(operation, situation, 'unique'))
  },
  {
    id: 'add-primary-key',
    family: 'constraint',
    title: 'A primary key that builds its index under a lock',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['add-constraint', 'add-column'],
    each: (operation, situation) => buildsIndex(addedConstraint(operation, situation, 'primary-key'))
  },
  {
    id: 'add-exclusion-constraint',
    family: 'constraint',
    title: 'An exclusion constraint that builds its index under a lock',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['add-constraint'],
    each(operation, situation) {
      const added = addedConstraint(operation, situation, 'exclude')
      if (added === undefined) return undefined
      return {
        ...about(added),
        message: 'its index is built while reads and writes wait, and PostgreSQL has no way to add it concurrently',
        hint: 'Add it while the application is stopped, or keep the rule in a trigger.',
        lock: lock('ACCESS EXCLUSIVE', [added.table], 'no', 'for the whole build of the index')
      }
    }
  },
  {
    id: 'validate-in-transaction',
    family: 'constraint',
    title: 'A constraint that is added and validated in one transaction',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    of: ['validate-constraint'],
    each(operation, situation) {
      if (operation.kind !== 'validate-constraint' || situation.schema.isIdle(operation.table)) return undefined
      const known = situation.schema.table(operation.table)?.constraints.get(operation.constraint)
      const { transaction } = situation.run
      if (known === undefined || known.validated) return undefined
      // One ALTER TABLE is a transaction, too.
      const together = situation.statement.operations.some(
        (other) => other.kind === 'add-constraint' && other.constraint.name === operation.constraint
      )
      const same = transaction !== undefined && known.transaction === transactionKey(situation)
      if (!together && !same) return undefined
      const foreign = known.constraint.kind === 'foreign-key'
      return {
        subject: operation.constraint,
        table: tableLabel(operation.table),
        message: 'the lock of NOT VALID is still held while every row is checked, so NOT VALID gains nothing',
        hint: 'Validate it in a later migration.',
        lock: lock(
          foreign ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE',
          [operation.table, ...(known.constraint.references === undefined ? [] : [known.constraint.references])],
          'no',
          'while every row is checked'
        ),
        ...checkSteps(operation.table, { ...known.constraint, name: operation.constraint }, situation)
      }
    }
  },
  {
    id: 'alter-domain-constraint',
    family: 'style',
    title: 'A constraint of a domain',
    levels: { default: 'off', calm: 'off', strict: 'warning' },
    of: ['domain-constraint'],
    each(operation) {
      if (operation.kind !== 'domain-constraint') return undefined
      const label = tableLabel(operation.domain)
      return {
        subject: label,
        message: operation.created
          ? 'changing a constraint of a domain later reads every table that uses it'
          : 'every table that uses the domain is read for it',
        hint: 'Keep the constraint in a CHECK of the table.'
      }
    }
  }
]

/** A transaction's name within the change. */
export function transactionKey({ migration, run }: Pick<Situation, 'migration' | 'run'>): string | undefined {
  return run.transaction === undefined ? undefined : `${migration.file.path}#${run.transaction}`
}

interface Added {
  readonly table: TableName
  readonly constraint: Constraint
  readonly situation: Situation
}

/** The constraint of a kind that an operation adds to a table with rows, by itself or with a column. */
function addedConstraint(operation: Operation, situation: Situation, kind: Constraint['kind']): Added | undefined {
  if (operation.kind !== 'add-constraint' && operation.kind !== 'add-column') return undefined
  const constraint = constraintsOf(operation).find((one) => one.kind === kind)
  if (constraint === undefined || situation.schema.isIdle(operation.table)) return undefined
  return { table: operation.table, constraint, situation }
}

/**
 * Constraints that an operation adds. Those of a column that fails or rewrites the table anyway are left to the rule
 * that tells so.
 */
export function constraintsOf(operation: Operation): readonly Constraint[] {
  if (operation.kind === 'add-constraint') return [operation.constraint]
  if (operation.kind !== 'add-column') return []
  const { column } = operation
  if (failsOrRewrites(column)) return []
  return column.constraints.map((one) => (one.columns.length === 0 ? { ...one, columns: [column.name] } : one))
}

function failsOrRewrites(column: Column): boolean {
  const rewrites = column.serial || column.identity || column.generated === 'stored'
  const fails = column.notNull && ['none', 'null'].includes(column.default.kind)
  return rewrites || fails || column.default.kind === 'volatile'
}

function about({ table, constraint }: Added): { readonly subject: string; readonly table: string } {
  return { subject: constraint.name ?? conventionalName(table.name, constraint), table: tableLabel(table) }
}

function buildsIndex(added: Added | undefined): Fault | undefined {
  if (added === undefined || added.constraint.usingIndex !== undefined || isOfNewColumns(added)) return undefined
  return {
    ...about(added),
    message: 'its index is built while reads and writes wait',
    hint: 'Build a unique index CONCURRENTLY first, and make the constraint USING INDEX.',
    lock: lock('ACCESS EXCLUSIVE', [added.table], 'no', 'for the whole build of the index'),
    ...uniqueSteps(added.table, added.constraint, added.situation)
  }
}

/** A key of columns that the same statement adds, of which one fails or rewrites the table: that is told by itself. */
function isOfNewColumns({ constraint, situation }: Added): boolean {
  const added = situation.statement.operations.flatMap((operation) =>
    operation.kind === 'add-column' && operation.column.constraints.length === 0 ? [operation.column] : []
  )
  const columns = constraint.columns.flatMap((name) => added.find((column) => column.name === name) ?? [])
  return columns.length === constraint.columns.length && columns.some(failsOrRewrites)
}
