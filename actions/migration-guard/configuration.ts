import type { Level } from '../shared/migrations/finding.ts'
import type { Framework } from '../shared/migrations/migration.ts'

/** What a repository demands, read from `.github/migration-guard.yml` of the base. Every path and glob is relative to the repository's root. */
export interface Configuration {
  /** Undefined: there is none at the base, and the summary says `unprotected`. */
  readonly file: string | undefined
  /** Where migrations are; empty: found by what lies there. */
  readonly migrations: readonly MigrationFolder[]
  readonly frozen: readonly FrozenPaths[]
  readonly source: Source | undefined
  readonly package: SharedPackage | undefined
  readonly reviewers: Reviewers
  readonly bypass: BypassPolicy
  readonly mixGuard: 'required' | 'off'
  /** Folder of each Mix project that is guarded, `.` for the root. */
  readonly mixProjects: readonly string[]
  /** Dependencies that must come from Hex, proved as hex-publish's mode verify does, without Mix. */
  readonly hexDependencies: readonly { readonly name: string; readonly version?: string; readonly folder?: string }[]
  readonly rules: Readonly<Record<string, RuleLevel>>
  /** Kept from rules by path: globs, and the rules that do not look there (empty: none does). */
  readonly exempt: readonly { readonly paths: readonly string[]; readonly rules: readonly string[] }[]
  readonly lint: LintPolicy
  readonly failOn: FailOn
  readonly comment: boolean
  /** What turns a required check green after an approval. */
  readonly afterReview: 'rerun' | 'status' | 'none'
}

export type RuleLevel = Level | 'off'
export type FailOn = 'error' | 'warning' | 'never'

export interface MigrationFolder {
  readonly path: string
  readonly framework: Framework
}

/**
 * What must hold for a change of a frozen path; all of them. `forbidden`: nothing makes it right but a bypass.
 * `ported`: the source has the same blob at the corresponding path. `reviewed`: an approval by a reviewer on the head.
 * `packaged`: the locked package holds the same blob (for deletions).
 */
export type Condition = 'forbidden' | 'ported' | 'reviewed' | 'packaged'

export interface FrozenPaths {
  readonly paths: readonly string[]
  readonly add: readonly Condition[]
  readonly edit: readonly Condition[]
  readonly delete: readonly Condition[]
  readonly rename: readonly Condition[]
  /** The guard's own files, frozen without being written down. */
  readonly builtIn: boolean
}

/** The single source of truth that migrations are ported from. */
export interface Source {
  /** `owner/name` */
  readonly repository: string
  readonly ref: string
  readonly path: string
  /** Folder here that mirrors it. */
  readonly into: string
  /** A committed list of blob ids, for those without a token for the repository. Frozen itself. */
  readonly manifest?: string
  /** A checkout beside this one, relative to the workspace. */
  readonly checkout?: string
  /** `complete`: every migration of the source must be here, in the same order; `subset`: what is here must be there. */
  readonly set: 'complete' | 'subset'
}

/** The package that an application's migrations move to. */
export interface SharedPackage {
  /** Name in mix.exs. */
  readonly name: string
  /** Folder in it. */
  readonly path: string
  /** The application's folder that is handed over. */
  readonly from: string
}

export interface Reviewers {
  readonly users: readonly string[]
  /** `organization/team-slug` */
  readonly teams: readonly string[]
  /** How many approvals are needed. */
  readonly approvals: number
}

export interface BypassPolicy {
  readonly allowed: boolean
  /** Who may; the reviewers where both are empty. */
  readonly users: readonly string[]
  readonly teams: readonly string[]
  /** The farthest `until`, days. */
  readonly days: number
}

export interface LintPolicy {
  readonly enabled: boolean
  readonly profile: 'default' | 'calm' | 'strict'
  /** Major version of the server. */
  readonly postgres: number
  /** Whether comments in migrations may silence findings. */
  readonly suppressions: boolean
}
