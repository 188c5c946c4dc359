import type { MigrationState } from '../state/migration-state.ts'
import type { ToolResult } from '../tool.ts'
import type { FailedMigration } from '../failure/migration-failure.ts'

export type Retry =
  | { readonly retry: false; readonly why: string }
  | {
      readonly retry: true
      readonly why: string
      /** Prisma's failed migration, to be marked as rolled back first (`prismaResolve`). */
      readonly resolve?: string
    }

/**
 * Whether the tool may be run again at once. Only where a lock was not to be had in time, and it is proven that nothing of
 * the migration that met it is there. Pure.
 *
 * @param failed what `migrationFailure` found, where a migration failed
 */
export declare function retryable(
  result: ToolResult,
  before: readonly MigrationState[],
  after: readonly MigrationState[],
  failed?: FailedMigration
): Retry
