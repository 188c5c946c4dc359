import type { Problem } from '../shared/problem.ts'
import type { DatabaseUrl, OtherDatabase } from './database/database-url.ts'
import type { EctoProgram } from './ecto/ecto-program.ts'
import type { PrismaProgram } from './prisma/prisma-program.ts'
import type { ToolFacts } from './record.ts'

/** The framework's own program, found in the project, and what it can be asked to do. It alone runs migrations. */
export interface MigrationTool {
  readonly facts: ToolFacts
  /** Prisma's validate, generate and status: steps of their own, with their output. */
  readonly steps: readonly ToolStep[]
  /** Runs what is pending. Its words are not believed alone: whoever calls reads the table after it. */
  migrate(run: ToolRun): Promise<ToolResult>
  /** The command that would seed, as a user would type it; undefined where the project has none. */
  readonly seedCommand: string | undefined
  seed(run: ToolRun): Promise<ToolResult>
}

export interface ToolStep {
  readonly name: 'validate' | 'generate' | 'status'
  readonly title: string
  run(run: ToolRun): Promise<ToolResult>
}

export interface ToolRun {
  /** The direct one, as what migrates must not go through a pooler. */
  readonly url: DatabaseUrl | OtherDatabase
  /** Marks the backends that it makes, so that they can be found and ended. */
  readonly applicationName: string
  /** Milliseconds; 0 is off. */
  readonly lockTimeout: number
  readonly statementTimeout: number
  /** Milliseconds until the program is ended. */
  readonly timeout: number
}

export interface ToolResult {
  readonly exitCode: number | null
  readonly end: 'exited' | 'killed' | 'timed out' | 'not started'
  /**
   * What it said at its end: `applied`, `nothing` pending, `failed`, `ok` for a step that succeeded; undefined where no
   * known sentence stands in its output: an exit code of 0 is then no success (Prisma with a dead engine exits 0).
   */
  readonly sentence: 'applied' | 'nothing' | 'failed' | 'ok' | undefined
  /** The migration that it says failed. */
  readonly failedMigration?: string
  /** `P3018`, `P1002`. */
  readonly code?: string
  readonly sqlstate?: string
  readonly message?: string
  /** Migrations and times as its lines tell them, where they do (Ecto). */
  readonly migrations: readonly { readonly name: string; readonly took?: number; readonly statements?: number }[]
  /** For people: without secrets. */
  readonly output: string
}

/** What may be called a tool, or why there is none. */
export type FoundTool = { readonly tool: PrismaTool | EctoTool } | { readonly problems: readonly Problem[] }

/** What prismaDiff and prismaResolve work with. */
export interface PrismaTool extends MigrationTool {
  readonly framework: 'prisma'
  readonly program: PrismaProgram
}

/** What ectoRollback works with. */
export interface EctoTool extends MigrationTool {
  readonly framework: 'ecto'
  readonly program: EctoProgram
}
