import type { FailedMigration } from '../failure/migration-failure.ts'
import type { MigrationState, MigrationStatus } from '../state/migration-state.ts'
import type { ToolResult } from '../tool.ts'

export type Retry =
  | { readonly retry: false; readonly why: string }
  | {
      readonly retry: true
      /** A sentence without its full stop. */
      readonly why: string
      /** Prisma's failed migration, to be marked as rolled back first (`prismaResolve`). */
      readonly resolve?: string
    }

/**
 * Whether the tool may be run again at once. Only where a lock was not to be had in time, and it is proven that nothing of
 * the migration that met it is there. What was applied before that one stays applied. Pure.
 *
 * @param failed what `migrationFailure` found, where a migration failed
 */
export function retryable(
  result: ToolResult,
  before: readonly MigrationState[],
  after: readonly MigrationState[],
  failed?: FailedMigration
): Retry {
  if (result.end !== 'exited') return no('the tool did not end by itself')
  const sqlstate = result.sqlstate ?? failed?.failure.sqlstate
  // P1002: Prisma's own lock was held by somebody, and it had not begun.
  const begun = result.code !== 'P1002'
  if (begun && sqlstate !== '55P03') return no('it did not fail for a lock that was not to be had (55P03)')
  const failures = newFailures(before, after)
  if (!begun) {
    return failures.length === 0
      ? yes("Prisma's own lock was held by another (P1002); nothing was begun")
      : no('a migration had begun all the same')
  }
  if (failed === undefined) return no('which migration met the lock is not known')
  const [failure, ...others] = failures
  if (others.length > 0) return no('more than one migration is marked as failed')
  if (failure === undefined) return withoutRow(failed, after)
  if (failure.name !== failed.name) return no(`${failure.name} is marked as failed, and ${failed.name} met the lock`)
  const proven = provenNothing(failed)
  return proven.retry ? { ...proven, resolve: failed.name } : proven
}

/** Both: that it runs as one transaction is concluded from its file, and the catalog knows nothing of rows. */
function provenNothing({ name, transaction, provenAbsent }: FailedMigration): Retry {
  if (transaction !== 'all or nothing') return no(`${name} is not known to run as one transaction`)
  return provenAbsent
    ? yes(`${name} got no lock in time (55P03); nothing of it is there`)
    : no(`it is not proven that nothing of ${name} is there`)
}

/** Ecto keeps no row of what failed; Prisma has none where it did not come to that. */
function withoutRow(failed: FailedMigration, after: readonly MigrationState[]): Retry {
  const pending = statuses(after).some(({ name, status }) => name === failed.name && status === 'pending')
  if (!pending) return no(`the table does not say that ${failed.name} is pending`)
  return provenNothing(failed)
}

function newFailures(before: readonly MigrationState[], after: readonly MigrationState[]): readonly MigrationStatus[] {
  const known = new Set(failing(before).map(({ name }) => name))
  return failing(after).filter(({ name }) => !known.has(name))
}

function failing(states: readonly MigrationState[]): readonly MigrationStatus[] {
  return statuses(states).filter(({ status }) => status === 'failed')
}

function statuses(states: readonly MigrationState[]): readonly MigrationStatus[] {
  return states.flatMap(({ migrations }) => migrations)
}

function no(why: string): { readonly retry: false; readonly why: string } {
  return { retry: false, why }
}

function yes(why: string): { readonly retry: true; readonly why: string } {
  return { retry: true, why }
}
