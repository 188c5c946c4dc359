import type { LintContext } from './lint.ts'
import { lockModes } from './lock-modes.ts'
import type { ParsedMigration } from './migration.ts'
import type { TableName } from './operation.ts'
import { transactionKey } from './rules/constraint-rules.ts'
import { emptySchema } from './rules/known-schema.ts'
import type { LockMode, Situation } from './rules/rule.ts'
import { locksOn } from './rules/taken.ts'
import { runsOf } from './rules/transactions.ts'

/** What a migration takes of the database that it runs on. */
export interface ExpectedLocks {
  /** Each table once, with the strongest lock on it. */
  readonly tables: readonly { readonly table: TableName; readonly mode: LockMode }[]
  /** Indexes that are dropped or built anew while their table is not named: ACCESS EXCLUSIVE, unless concurrently. */
  readonly indexes: readonly { readonly schema: string | undefined; readonly name: string; readonly mode: LockMode }[]
}

/**
 * The locks that migrations are expected to take on tables that are not their own, from their text alone. What could not
 * be read is not in it.
 * @param migrations in the order in which they will run: what an earlier one makes, nobody waits for
 * @returns for each of them
 */
export function expectedLocks(migrations: readonly ParsedMigration[], context: LintContext): readonly ExpectedLocks[] {
  const schema = emptySchema()
  return migrations.map((migration) => {
    const script = migration.statements.filter(({ direction }) => direction === 'up')
    const runs = runsOf(migration, script, context)
    const tables = new Map<string, { table: TableName; mode: LockMode }>()
    const indexes: ExpectedLocks['indexes'][number][] = []
    for (const [at, statement] of script.entries()) {
      const run = runs[at] ?? { transaction: undefined, opened: 'by nobody' as const }
      const situation: Situation = { migration, statement, context, schema, run, script }
      const transaction = transactionKey(situation)
      for (const operation of statement.operations) {
        for (const [table, mode] of locksOn(operation, situation)) {
          const key = JSON.stringify([table.schema ?? '', table.name])
          const known = tables.get(key)
          if (known === undefined || isStronger(mode, known.mode)) tables.set(key, { table, mode })
        }
        if (
          operation.kind === 'drop-index' &&
          operation.table === undefined &&
          schema.index(operation.index) === undefined
        ) {
          const mode = operation.concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'
          indexes.push({ schema: operation.schema, name: operation.index, mode })
        }
        schema.apply(operation, transaction)
      }
    }
    schema.endMigration()
    return { tables: [...tables.values()], indexes }
  })
}

/** Whether the first of two locks keeps more people waiting. */
export function isStronger(one: LockMode, other: LockMode): boolean {
  return lockModes.indexOf(one) > lockModes.indexOf(other)
}
