import type { Operation } from './operation.ts'
import type { Span } from './position.ts'

/** The tool whose migration it is; `sql`: a plain SQL file that no known tool owns. */
export type Framework = 'prisma' | 'ecto' | 'sql'

/** A migration's file as it is given to a reader. */
export interface MigrationFile {
  /** Relative to the repository, with `/`. */
  readonly path: string
  readonly framework: Framework
  /** What the tool sorts by: 14 digits as a rule; '' where the name has none. */
  readonly version: string
  readonly name: string
  readonly text: string
}

/** Longer statements are cut. */
export const longestText = 2000

/** One statement of a migration, or one call of Ecto's DSL. */
export interface Statement {
  readonly span: Span
  /** As written, for a report; at most `longestText` characters. */
  readonly text: string
  /** A rollback (`down`, the second argument of `execute/2`) runs only when somebody asks for it. */
  readonly direction: 'up' | 'down'
  readonly operations: readonly Operation[]
  /** String constants in it: an enum's new value that is used shows itself here. SQL only. */
  readonly literals: readonly string[]
  /** `dsl`: Ecto's own words, so that a recipe can be given in them; `sql`: SQL, in a file or in `execute`. */
  readonly written: 'sql' | 'dsl'
  /** Whether it runs only in some cases (`if`, `case`, a loop over computed values). */
  readonly conditional: boolean
}

/** A comment that asks for silence: ours, or squawk's, atlas' or excellent_migrations'. */
export interface Suppression {
  readonly by: 'migration-guard' | 'squawk' | 'atlas' | 'excellent_migrations'
  /** Names of rules as that tool calls them; empty: every rule. */
  readonly rules: readonly string[]
  /** `file`, or the lines (1-based, inclusive) whose statements it covers: those that begin or end in them. */
  readonly covers: 'file' | { readonly first: number; readonly last: number }
  readonly reason?: string
  readonly line: number
}

/** A part of a migration that could not be read, or only partly. Always told, never silently green. */
export interface NotAnalysed {
  readonly span: Span
  /** To a user: `SQL built from a variable`, `a function of the application: backfill/1`. */
  readonly why: string
  /** The statement is in `statements` all the same, with what could be read of it. */
  readonly partly: boolean
}

/** What both readers give. */
export interface ParsedMigration {
  readonly file: MigrationFile
  readonly statements: readonly Statement[]
  readonly suppressions: readonly Suppression[]
  readonly notAnalysed: readonly NotAnalysed[]
  /** The text is not valid: nothing of it can be trusted. */
  readonly syntaxError?: { readonly message: string; readonly span: Span }
  /** What only Ecto's have. */
  readonly ecto?: EctoFacts
}

/** What a module of Ecto says besides its statements. */
export interface EctoFacts {
  /** `Repo.Migrations.AddUsers`; undefined where the file defines no migration. */
  readonly module: string | undefined
  readonly moduleSpan?: Span
  readonly disableDdlTransaction: boolean
  readonly disableMigrationLock: boolean
  readonly functions: { readonly up: boolean; readonly down: boolean; readonly change: boolean }
  /** Commands in `change` that Ecto cannot reverse, and a missing `down`: what and why. */
  readonly irreversible: readonly { readonly span: Span; readonly what: string; readonly hint: string }[]
  /** Calls without effect, such as `index(…)` that no `create` takes (ecto_sql #656). */
  readonly withoutEffect: readonly { readonly span: Span; readonly what: string }[]
}
