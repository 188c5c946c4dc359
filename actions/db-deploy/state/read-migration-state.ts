import type { Check } from '../check.ts'
import type { Session } from '../database/session.ts'
import type { Inputs } from '../inputs.ts'
import type { MigrationState } from './migration-state.ts'
import type { MigrationSource } from './project.ts'

/** What is asked of a state besides that it is whole. */
export interface StateExpectations {
  /** A migration's name, version, or a beginning of it that only one has. */
  readonly expectCurrent?: string | undefined
  /** `now`: it is the newest that is applied. `after deploy`: it will be when everything pending is applied. */
  readonly expected?: 'now' | 'after deploy'
  /** `pending` and `out-of-order` fail where they are only told otherwise. */
  readonly failOn?: Inputs['failOn']
}

/** What is in the folders and in the table, compared, and what is to be said about it. */
export interface MigrationReading {
  /** One for each table. */
  readonly states: readonly MigrationState[]
  readonly checks: readonly Check[]
}

/**
 * Compares the folders of a project with what the database says was applied. Two round trips; writes nothing. Our ledger,
 * where the database has one, says what Ecto's table cannot.
 * @throws {QueryError} where the table cannot be read
 * @throws {ActionError} where a folder or a file cannot be
 */
export declare function readMigrationState(
  session: Session,
  source: MigrationSource,
  expectations?: StateExpectations
): Promise<MigrationReading>
