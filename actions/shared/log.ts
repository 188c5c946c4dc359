import * as core from '@actions/core'
import { describe, type Problem } from './problem.ts'
import type { Secrets } from './secrets.ts'

/** What an action says while it runs. Rooms take a `Log`; only this file and phases.ts know `@actions/core`'s output. */
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

/**
 * The log of a runner. Foreign text (a server's answer, a file name) cannot give it commands: the runner takes a line
 * as one when it begins with `::` after any white space, or has `##[` anywhere (actions/runner,
 * src/Runner.Common/ActionCommand.cs).
 */
export function runnerLog(secrets: Secrets): Log {
  const clean = (text: string): string =>
    secrets
      .redact(text)
      .replaceAll(/^(\s*)::/gm, '$1| ::')
      .replaceAll('##[', '## [')
  return {
    info: (message) => {
      core.info(clean(message))
    },
    debug: (message) => {
      core.debug(clean(message))
    },
    notice: (message) => {
      core.notice(clean(message))
    },
    warning: (message) => {
      core.warning(clean(message))
    },
    error: (problem) => {
      const place = {
        title: problem.code,
        ...(problem.file === undefined ? {} : { file: problem.file }),
        ...(problem.line === undefined ? {} : { startLine: problem.line })
      }
      core.error(clean(describe(problem)).slice(0, longestAnnotation), place)
    },
    group: (title, body) => core.group(title, body)
  }
}

/** The runner cuts an annotation's message at 4,096 characters. */
const longestAnnotation = 4_096
