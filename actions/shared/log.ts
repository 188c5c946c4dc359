import * as core from '@actions/core'
import { describe, type Problem, type Remark } from './problem.ts'
import type { Secrets } from './secrets.ts'
import { visible } from './summary.ts'

/** What an action says while it runs. Rooms take a `Log`; only this file and phases.ts know `@actions/core`'s output. */
export interface Log {
  info(message: string): void
  debug(message: string): void
  notice(message: string): void
  warning(message: string): void
  /** An error annotation; it does not end the run. */
  error(problem: Problem): void
  /** A warning or notice annotation. */
  remark(remark: Remark): void
  /** Runs `body` inside a folded group of the log. Nothing that matters is said only inside a group. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>
}

/**
 * The log of a runner. Foreign text (a server's answer, a file name) cannot give it commands: the runner takes a line
 * as one when it begins with `::` after any white space, or has `##[` anywhere (actions/runner,
 * src/Runner.Common/ActionCommand.cs). Nor can it colour the log or turn the direction of writing: what hides is shown.
 */
export function runnerLog(secrets: Secrets): Log {
  const clean = (text: string): string =>
    visible(secrets.redact(text))
      .replaceAll(/^(\s*)::/gm, '$1| ::')
      .replaceAll('##[', '## [')
  const annotation = (problem: Problem): string => clean(describe(problem)).slice(0, longestAnnotation)
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
      core.error(annotation(problem), place(problem, secrets))
    },
    remark: ({ level, problem }) => {
      core[level](annotation(problem), place(problem, secrets))
    },
    group: groups(clean)
  }
}

/**
 * The runner knows no group inside another: the first end closes all that are open, and what follows of the outer one would
 * stand outside. So the outer one is closed first, and opened again afterwards.
 */
function groups(clean: (text: string) => string): Log['group'] {
  const open: string[] = []
  return async (title, body) => {
    if (open.length > 0) core.endGroup()
    const shown = clean(title)
    open.push(shown)
    core.startGroup(shown)
    try {
      return await body()
    } finally {
      core.endGroup()
      open.pop()
      const outer = open.at(-1)
      if (outer !== undefined) core.startGroup(`${outer}, continued`)
    }
  }
}

/**
 * Where an annotation stands. The runner takes columns only where the end is on the same line
 * (actions/toolkit, packages/core, AnnotationProperties).
 */
function place({ code, file, line, column, endLine, endColumn }: Problem, secrets: Secrets): core.AnnotationProperties {
  const oneLine = endLine === undefined || endLine === line
  return {
    title: code,
    ...(file === undefined ? {} : { file: visible(secrets.redact(file)) }),
    ...(line === undefined ? {} : { startLine: line }),
    ...(endLine === undefined ? {} : { endLine }),
    ...(column === undefined || !oneLine ? {} : { startColumn: column }),
    ...(endColumn === undefined || !oneLine ? {} : { endColumn })
  }
}

/** The runner cuts an annotation's message at 4,096 characters. */
const longestAnnotation = 4_096
