import type { Operation } from '../operation.ts'
import { concurrentIndex, dropConcurrently } from './index-steps.ts'
import { transactionKey } from './constraint-rules.ts'
import type { Fault, PlacedFault, Rule, Script, ScriptStep, Situation } from './rule.ts'
import { safely, type SafeStep, type SafeWay } from './safe-way.ts'
import { joinedName, tableLabel, wholeText } from './sql-text.ts'
import { engineOf, prismaSplits } from './transactions.ts'
import { firstUnderLock } from './under-lock.ts'

const levels = { default: 'error', calm: 'error', strict: 'error' } as const

/** What works only inside a transaction, or only outside of one. */
export const transactionRules: readonly Rule[] = [
  {
    id: 'concurrently-in-transaction',
    family: 'transaction',
    title: 'CONCURRENTLY where PostgreSQL refuses it',
    levels,
    of: ['create-index', 'drop-index', 'reindex', 'detach-partition', 'vacuum-full'],
    each: concurrentlyInTransaction
  },
  {
    id: 'concurrently-with-migration-lock',
    family: 'transaction',
    title: 'CONCURRENTLY while Ecto holds its table lock',
    levels: { default: 'warning', calm: 'off', strict: 'error' },
    of: ['create-index', 'drop-index', 'reindex', 'detach-partition', 'vacuum-full'],
    each: underMigrationLock
  },
  {
    id: 'enum-value-used',
    family: 'transaction',
    title: 'A new value of an enum, used in the transaction that adds it',
    levels,
    each(operation, situation) {
      const transaction = transactionKey(situation)
      if (transaction === undefined || operation.kind === 'add-enum-value') return undefined
      // Several operations of one statement share its literals: the first one speaks.
      if (operation !== situation.statement.operations[0]) return undefined
      const used = situation.schema.addedEnumValues.find(
        (added) => added.transaction === transaction && situation.statement.literals.includes(added.value)
      )
      if (used === undefined || !isFirstUse(situation, used.value)) return undefined
      const label = tableLabel(used.type)
      const useSql = wholeText(situation.statement)
      const adding = addingSteps(situation, used.value)
      return {
        subject: `${label} '${used.value}'`,
        message: 'PostgreSQL refuses a new value until the transaction that adds it is committed (55P04)',
        hint: 'Add the value in a migration of its own, before this one.',
        ...(adding.length === 0 || useSql === undefined || situation.statement.written === 'dsl'
          ? {}
          : safely([
              ...adding,
              {
                name: 'use_new_value',
                says: 'The value is committed by now.',
                alone: false,
                commands: [{ sql: useSql }]
              }
            ]))
      }
    }
  },
  {
    id: 'transaction-nesting',
    family: 'transaction',
    title: 'BEGIN or COMMIT inside the transaction of the tool',
    levels,
    whole: nesting
  },
  {
    id: 'uncommitted-transaction',
    family: 'transaction',
    title: 'A BEGIN without COMMIT',
    levels,
    whole: ({ steps }) => {
      const open = openAtEnd(steps)
      if (open === undefined) return []
      return [
        {
          span: open.statement.span,
          subject: 'BEGIN',
          message: 'the transaction is never committed, so everything in it is taken back when the session ends',
          hint: 'End the migration with COMMIT, or leave BEGIN out.'
        }
      ]
    }
  },
  {
    id: 'long-statement-under-lock',
    family: 'transaction',
    title: 'A slow statement while a strong lock is held',
    levels: { default: 'warning', calm: 'off', strict: 'error' },
    whole: longUnderLock
  },
  {
    id: 'not-atomic',
    family: 'transaction',
    title: 'A migration that can stop half way',
    levels: { default: 'warning', calm: 'notice', strict: 'error' },
    whole: notAtomic
  },
  {
    id: 'not-rerunnable',
    family: 'transaction',
    title: 'A migration that can stop half way and cannot be run again',
    levels: { default: 'notice', calm: 'off', strict: 'warning' },
    whole: notRerunnable
  }
]

/** What cannot run in a transaction block (25001): PreventInTransactionBlock in PostgreSQL's sources. */
function isConcurrent(operation: Operation): boolean {
  return (
    operation.kind === 'vacuum-full' ||
    ('concurrently' in operation && operation.concurrently && operation.kind !== 'refresh-materialized-view')
  )
}

function concurrentlyInTransaction(operation: Operation, situation: Situation): Fault | undefined {
  if (!isConcurrent(operation)) return undefined
  const { migration, run, context, script } = situation
  const framework = migration.file.framework
  const what = operation.kind === 'vacuum-full' ? 'VACUUM' : 'CONCURRENTLY'
  const subject = 'index' in operation ? (operation.index ?? what) : what
  const fault = { subject, ...(safeConcurrently(operation, situation) ?? {}) }
  if (run.opened === 'by BEGIN')
    return {
      ...fault,
      message: `${what} does not run between BEGIN and COMMIT (25001)`,
      hint: 'Take it out of the transaction, into a migration of its own.'
    }
  if (framework === 'prisma') {
    if (script.length === 1) return undefined
    if (!prismaSplits(context.prisma))
      return {
        ...fault,
        message: `Prisma before 7.4 runs a file of several statements as one transaction, where ${what} is refused (25001)`,
        hint: 'Let it be the only statement of its migration.'
      }
    // Prisma's splitter cannot read it and sends the whole file at once (prisma-engines #5847).
    if (operation.kind === 'drop-index')
      return {
        ...fault,
        message: 'Prisma sends a file with DROP INDEX CONCURRENTLY as one transaction, where it is refused (25001)',
        hint: 'Let it be the only statement of its migration.'
      }
    return undefined
  }
  if (framework !== 'ecto') return undefined
  if (run.transaction !== undefined)
    return {
      ...fault,
      message: `Ecto runs the migration in a transaction, where ${what} is refused (25001)`,
      hint: lockAttributes(context.ectoLock === 'advisory')
    }
  return undefined
}

/**
 * Ecto's table lock is a transaction of its own, open until the migration is done. PostgreSQL does not wait for it, but
 * Ecto's documentation ("Adding/dropping indexes concurrently") asks for another lock, and idle_in_transaction_session_timeout
 * ends it.
 */
function underMigrationLock(operation: Operation, situation: Situation): Fault | undefined {
  const { migration, run, context } = situation
  if (!isConcurrent(operation) || run.transaction !== undefined) return undefined
  if (context.ectoLock !== 'table' || migration.ecto?.disableMigrationLock !== false) return undefined
  // Once a migration: all its indexes are built under the same lock.
  const first = situation.script.find(({ operations }) => operations.some(isConcurrent))
  if (first !== situation.statement) return undefined
  return {
    subject: 'index' in operation ? (operation.index ?? 'CONCURRENTLY') : 'CONCURRENTLY',
    message: 'Ecto keeps a transaction open the whole time to hold its lock on schema_migrations',
    hint: 'Set `migration_lock: :pg_advisory_lock` in the repository’s configuration, or add `@disable_migration_lock true`.',
    ...(safeConcurrently(operation, situation) ?? {})
  }
}

function lockAttributes(advisory: boolean): string {
  return advisory
    ? 'Add `@disable_ddl_transaction true`, and keep the migration to this one command.'
    : 'Add `@disable_ddl_transaction true` and `@disable_migration_lock true`, and keep the migration to this one command.'
}

function safeConcurrently(operation: Operation, situation: Situation): { readonly safeWay?: SafeWay } | undefined {
  if (operation.kind === 'create-index') return concurrentIndex(operation, situation)
  if (operation.kind === 'drop-index') return dropConcurrently(operation, situation)
  const { statement } = situation
  const sql = wholeText(statement)
  if (statement.written === 'dsl' || sql === undefined) return undefined
  const step: SafeStep = {
    name: joinedName(operation.kind),
    says: 'Outside a transaction, with nothing beside it.',
    alone: true,
    commands: [{ sql }]
  }
  return { safeWay: { steps: [step] } }
}

/** The first statement to name the value behind the one that adds it: the others fail for the same reason. */
function isFirstUse({ script, statement }: Situation, value: string): boolean {
  const adding = script.findIndex(({ operations }) =>
    operations.some((operation) => operation.kind === 'add-enum-value' && operation.value === value)
  )
  return script.slice(adding + 1).find(({ literals }) => literals.includes(value)) === statement
}

function addingSteps({ script }: Situation, value: string): readonly SafeStep[] {
  const adding = script.find(({ operations }) =>
    operations.some((operation) => operation.kind === 'add-enum-value' && operation.value === value)
  )
  const sql = adding === undefined ? undefined : wholeText(adding)
  return sql === undefined
    ? []
    : [
        {
          name: joinedName('add_value', value),
          says: 'By itself, so that it is committed before it is used.',
          alone: false,
          commands: [{ sql }]
        }
      ]
}

function has(step: ScriptStep, ...kinds: readonly Operation['kind'][]): boolean {
  return step.statement.operations.some(({ kind }) => kinds.includes(kind))
}

function nesting({ migration, context, steps }: Script): readonly PlacedFault[] {
  const engine = engineOf(migration, context)
  const faults: PlacedFault[] = []
  let open = false
  for (const step of steps) {
    const { span } = step.statement
    if (has(step, 'begin')) {
      if (migration.file.framework === 'ecto' && engine === 'one transaction')
        faults.push({
          span,
          subject: 'BEGIN',
          message:
            'Ecto has opened a transaction already: this one does nothing, and a COMMIT in the migration ends Ecto’s',
          hint: 'Leave BEGIN and COMMIT out; Ecto runs the migration in one transaction.'
        })
      else if (open)
        faults.push({
          span,
          subject: 'BEGIN',
          message: 'a transaction is open already, so this BEGIN does nothing and the next COMMIT ends both',
          hint: 'Leave the second BEGIN out, or commit before it.'
        })
      open = true
    }
    if (has(step, 'commit', 'rollback')) {
      if (!open)
        faults.push({
          span,
          subject: has(step, 'commit') ? 'COMMIT' : 'ROLLBACK',
          message:
            engine === 'one transaction' && steps.length > 1
              ? 'it ends the transaction that keeps the migration whole: what stands before it stays when the rest fails'
              : 'no transaction is open here, so it does nothing',
          hint: 'Leave it out, or open a transaction with BEGIN before it.'
        })
      open = false
    }
  }
  return faults.slice(0, 1)
}

function openAtEnd(steps: readonly ScriptStep[]): ScriptStep | undefined {
  let open: ScriptStep | undefined
  for (const step of steps) {
    if (has(step, 'begin')) open = step
    if (has(step, 'commit', 'rollback')) open = undefined
  }
  return open
}

/** The first slow statement behind an ACCESS EXCLUSIVE lock of another statement in the same transaction. */
function longUnderLock({ steps }: Script): readonly PlacedFault[] {
  return firstUnderLock(steps, {
    // Rows that are changed are told by the rules about rows.
    isMeant: ({ long, mode }) => long && mode !== 'ROW EXCLUSIVE',
    // A statement that is told to go elsewhere by itself is not told so twice.
    isTold: ({ isFaulty }) => isFaulty,
    message: (held) =>
      `this takes as long as the table is big, and an earlier statement keeps reads and writes of ${held} waiting until it is done`,
    hint: 'Put the slow statement into a migration of its own, before or after this one.',
    lasts: 'until the transaction ends'
  })
}

/** Statements that change something; those that only set up the session do not count. */
function changing(steps: readonly ScriptStep[]): readonly ScriptStep[] {
  return steps.filter(({ statement }) =>
    statement.operations.some(({ kind }) => !['set-parameter', 'begin', 'commit', 'rollback'].includes(kind))
  )
}

/** Prisma's file is whole in one transaction: its own before 7.4, unless a COMMIT ends that half way; a BEGIN's after. */
function notAtomic({ migration, context, steps }: Script): readonly PlacedFault[] {
  if (migration.file.framework !== 'prisma') return []
  const parts = changing(steps)
  const transactions = new Set(parts.map(({ run }, at) => run.transaction ?? `statement ${at}`))
  const second = parts.find(
    ({ run }, at) => at > 0 && (run.transaction === undefined || run.transaction !== parts[0]?.run.transaction)
  )
  if (second === undefined || transactions.size < 2) return []
  if (parts.some(({ statement }) => statement.operations.some(isConcurrent))) return []
  const splits = prismaSplits(context.prisma)
  const texts = steps
    .filter(({ statement }) => !statement.operations.some(({ kind }) => ['begin', 'commit', 'rollback'].includes(kind)))
    .map(({ statement }) => wholeText(statement))
  const whole = texts.flatMap((sql) => (sql === undefined ? [] : [{ sql }]))
  return [
    {
      span: second.statement.span,
      subject: migration.file.name,
      message: splits
        ? `Prisma ${context.prisma ?? '7.4'} commits every statement by itself: when one fails, those before it stay`
        : 'a COMMIT in the file ends Prisma’s transaction: when a later statement fails, those before it stay',
      hint: splits
        ? 'Put BEGIN; before the first statement and COMMIT; behind the last.'
        : 'Leave BEGIN and COMMIT out: Prisma before 7.4 runs the whole file in one transaction.',
      // Nobody pastes a long file; it is its own recipe but for the hint.
      ...(whole.length < texts.length || whole.length > 40
        ? {}
        : safely([
            {
              name: migration.file.name,
              says: 'All or nothing.',
              alone: false,
              ...(splits ? { together: true } : {}),
              commands: whole
            }
          ]))
    }
  ]
}

function notRerunnable(script: Script): readonly PlacedFault[] {
  const { migration, context, steps } = script
  if (engineOf(migration, context) !== 'each statement by itself' || notAtomic(script).length > 0) return []
  const alone = changing(steps).filter(({ run }) => run.transaction === undefined)
  if (alone.length < 2) return []
  // What fails last need not bear being run again.
  const first = alone.slice(0, -1).find(({ statement }) => statement.operations.some((one) => !isRepeatable(one)))
  if (first === undefined) return []
  return [
    {
      span: first.statement.span,
      subject: migration.file.name,
      message: 'nothing keeps the migration whole: when a later statement fails, this one fails the next time',
      hint: 'Write IF NOT EXISTS or IF EXISTS, or make a migration of each statement.'
    }
  ]
}

function isRepeatable(operation: Operation): boolean {
  if ('ifNotExists' in operation) return operation.ifNotExists
  if ('ifExists' in operation) return operation.ifExists
  return !/^(create|add|rename|drop)-(table|column|constraint|trigger|index|enum|schema)/.test(operation.kind)
}
