/**
 * One thing that is wrong, told as an instruction: what, where, the likely cause and what to change.
 * `code` is stable and names the anchor in docs/troubleshooting.md; `message` says what is wrong and shows the value
 * (never a secret); `hint` says what to do about it.
 */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly hint: string
  /** Path as the user would write it, relative to the workspace where possible. */
  readonly file?: string
  /** 1-based line in `file`. */
  readonly line?: number
  /** 1-based column in `line`, in UTF-16 units. */
  readonly column?: number
  /** The end, where more than a line is meant; the column is the one behind the last character. */
  readonly endLine?: number
  readonly endColumn?: number
}

/** Something to be known that fails nothing. */
export interface Remark {
  readonly level: 'warning' | 'notice'
  readonly problem: Problem
}

/** A fault that the user can mend. One error carries every problem found; anything else that is thrown is a bug. */
export class ActionError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: { cause?: unknown }) {
    super(problems.map((problem) => problem.message).join('\n'), options)
    this.name = 'ActionError'
    this.problems = problems
  }
}

/** Short form for the common case of a single problem. */
export function fail(problem: Problem, cause?: unknown): never {
  throw new ActionError([problem], cause === undefined ? undefined : { cause })
}

/** Page that explains every problem code. */
export const troubleshootingPage = 'docs/troubleshooting.md'

/** The problem as lines of plain text: place and message, then the hint. */
export function describe(problem: Problem): string {
  const at = [problem.file, problem.line, problem.column].filter((part) => part !== undefined)
  const place = problem.file === undefined ? '' : `${at.join(':')}: `
  return `${place}${problem.message}\n  → ${problem.hint} (${problem.code})`
}
