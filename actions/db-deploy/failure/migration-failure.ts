import type { Framework } from '../../shared/migrations/migration.ts'
import type { Session } from '../database/session.ts'
import type { Backup, MigrationFailure, ToolFacts } from '../record.ts'
import type { MigrationStatus } from '../state/migration-state.ts'
import type { ToolResult } from '../tool.ts'

export interface FailureRequest {
  readonly framework: Framework
  readonly tool: ToolFacts
  /** As the framework names it: Prisma's folder, Ecto's version. */
  readonly name: string
  /** Its file: the path as it is shown, and the text; undefined where it is not to be had. */
  readonly file: { readonly path: string; readonly text: string } | undefined
  /** What the table says of it now. */
  readonly status: MigrationStatus | undefined
  /** Of the tool's run; undefined where it was killed and nothing is known. */
  readonly result: ToolResult | undefined
  /** A backup of before. */
  readonly backup?: Backup
  /** Where unqualified names are looked for first. */
  readonly schema: string
}

export interface FailedMigration {
  readonly name: string
  readonly failure: MigrationFailure
  /** Nothing of it is there, by the catalog and by how it was run: it may be marked as rolled back. */
  readonly provenAbsent: boolean
  /** What is to be done now; exact commands, in back-ticks. */
  readonly runbook: readonly string[]
}

/**
 * What a migration that did not end well has left: each object that its statements are about is looked for in the catalog.
 * Loads the parsers. Reads only.
 */
export declare function migrationFailure(request: FailureRequest, session: Session): Promise<FailedMigration>
