import type { FailedMigration } from '../failure/migration-failure.ts'
import type { KeptState } from '../run-state.ts'

/** What the step after a killed run says: in the log as it stands, in the summary as a list. */
export interface Findings extends Found {
  readonly verdict: string
  readonly stages: KeptState['stages']
}

/** What was found out of one thing that the run did. */
export interface Found {
  /** Sentences for people: what is so. */
  readonly told: readonly string[]
  /** What is to be done now; commands in back-ticks. */
  readonly runbook: readonly string[]
  /** Of migrations that may have left something. */
  readonly failures: readonly FailedMigration[]
}
