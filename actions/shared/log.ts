import * as core from '@actions/core'
import type { Problem } from './problem.ts'

/** What an action says while it runs. Domain files take a `Log`; only this file knows `@actions/core`'s output. */
export interface Log {
  info(message: string): void
  debug(message: string): void
  notice(message: string): void
  warning(message: string): void
  /** An error annotation; it does not end the run. */
  error(problem: Problem): void
  /** Runs `body` inside a folded group of the log. Nothing that matters is said only inside a group. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>
}
