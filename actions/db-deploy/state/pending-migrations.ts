import type { Session } from '../database/session.ts'
import type { PendingMigration } from '../record.ts'
import type { MigrationState } from './migration-state.ts'
import type { Project } from './project.ts'

/**
 * What is pending: texts, what the linter says, and the tables that are there and are touched, with sizes and locks.
 * Nothing is loaded, read or asked where nothing is pending.
 * @param run.timeoutsSet lock_timeout is set for what migrates
 */
export declare function pendingMigrations(
  states: readonly MigrationState[],
  session: Session,
  project: Project,
  run: { readonly timeoutsSet: boolean }
): Promise<readonly PendingMigration[]>

/** Names of the tables that pending migrations touch, each once: `users`, `billing.invoices`. */
export declare function touchedTables(pending: readonly PendingMigration[]): readonly string[]
