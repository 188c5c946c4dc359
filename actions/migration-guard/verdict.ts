import type { Finding, Level, Silenced } from '../shared/migrations/finding.ts'
import type { NotAnalysed } from '../shared/migrations/migration.ts'
import type { Change } from './change.ts'
import type { Configuration } from './configuration.ts'
import type { Approval, PullRequest, ReviewBypass } from './pull-request.ts'

/** What a run came to, whole: everything that is told is told from this. */
export interface Verdict {
  readonly change: Pick<Change, 'kind' | 'source' | 'pulls'> & {
    readonly base: string
    readonly head: string
    /** Number of changed files, and of migrations among them. */
    readonly files: number
    readonly migrations: number
  }
  readonly configuration: Configuration
  readonly pull: PullRequest | undefined
  /** What counts: errors first, then by file and line. */
  readonly findings: readonly Finding[]
  readonly counts: Readonly<Record<Level, number>>
  /** How many of the findings say that something could not be read. */
  readonly unread: number
  /** What comments in migrations or a bypass silenced; told all the same. */
  readonly silenced: readonly Silenced[]
  readonly notAnalysed: readonly (NotAnalysed & { readonly file: string })[]
  /** In words: what could not be checked. */
  readonly notChecked: readonly string[]
  /** One line for each thing that was looked at. */
  readonly checks: readonly Check[]
  readonly approval: Approval | undefined
  readonly bypass: ReviewBypass
  /** Whether the findings fail the run, by `fail-on`. */
  readonly failed: boolean
}

/** A row of the summary's table: what was looked at, and what came of it. */
export interface Check {
  readonly name: string
  readonly state: 'passed' | 'failed' | 'warned' | 'not checked' | 'off'
  readonly detail: string
}
