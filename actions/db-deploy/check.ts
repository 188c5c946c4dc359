import type { Problem } from '../shared/problem.ts'

/**
 * One thing that was looked at, before or after the migrations. `not checked` is no result: it is told with why, and with
 * what would make it one. A `warning` is told and passes; a `failed` check stops the run, or fails it.
 */
export type Check = {
  /** Kebab-case, stable: `server-version`, `invalid-indexes`. */
  readonly id: string
  /** As a heading says it: `Server version`. */
  readonly title: string
  /** What was found, in a few words: `PostgreSQL 18.4`. */
  readonly told: string
  /** All that it is about, where `told` has no room for them. */
  readonly names?: readonly string[]
} & (
  | { readonly result: 'ok' }
  | { readonly result: 'warning' | 'failed'; readonly problem: Problem }
  | { readonly result: 'not checked'; readonly next: string }
)

/** The problems of the checks that failed. */
export function failedProblems(checks: readonly Check[]): readonly Problem[] {
  return checks.flatMap((check) => (check.result === 'failed' ? [check.problem] : []))
}
