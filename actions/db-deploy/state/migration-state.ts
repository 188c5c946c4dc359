import type { Framework } from '../../shared/migrations/migration.ts'

/** What is known of one migration from its folder and from the framework's table. */
export interface MigrationStatus {
  /** As the framework names it: Prisma's folder, Ecto's version. */
  readonly name: string
  /** Digits at the beginning of the name; '' where there are none. */
  readonly version: string
  /** Of its file, relative to the working directory; undefined where only the table knows it. */
  readonly path: string | undefined
  /**
   * `pending`: in the folder, and to be run. `applied`: both say so. `failed`: begun and neither finished nor rolled back;
   * Prisma runs nothing more then. `missing`: applied, and its file is gone.
   */
  readonly status: 'pending' | 'applied' | 'failed' | 'missing'
  readonly marks: readonly StateMark[]
  /** ISO 8601; what the table tells. */
  readonly startedAt?: string
  readonly finishedAt?: string
  /** Milliseconds. */
  readonly took?: number
  /** Prisma's applied_steps_count. */
  readonly steps?: number
  /** Prisma's logs column of a failed one. */
  readonly logs?: string
}

/**
 * `edited`: applied or failed, and its file is another now than the one that ran. `out-of-order`: pending, and older than one that is applied.
 * `hidden`: two files have its version, and the framework runs or sees only one. `retried`: an earlier attempt was rolled
 * back. `rolled-back`: pending because its last attempt was rolled back.
 */
export type StateMark = 'edited' | 'out-of-order' | 'hidden' | 'retried' | 'rolled-back'

/** Whether a migration's file is another now than the one that ran. */
export function isEdited(status: Pick<MigrationStatus, 'marks'> | undefined): boolean {
  return status?.marks.includes('edited') === true
}

/** The migrations of one folder and one table, compared. */
export interface MigrationState {
  readonly framework: Framework
  /** Relative to the working directory. */
  readonly folders: readonly string[]
  /** The framework's table, quoted as SQL writes it: `"public"."_prisma_migrations"`; undefined where there is none. */
  readonly table: string | undefined
  /** All of them in the order in which they run; what the table alone knows stands where its name sorts. */
  readonly migrations: readonly MigrationStatus[]
  /** The newest applied one's name. */
  readonly current: string | undefined
  /** What this framework's table cannot tell, with why: `Whether a file was edited: Ecto keeps no checksum`. */
  readonly notChecked: readonly string[]
}
