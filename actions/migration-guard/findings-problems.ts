import type { Finding, Level } from '../shared/migrations/finding.ts'
import type { Problem, Remark } from '../shared/problem.ts'
import { shortened } from '../shared/summary.ts'
import type { FailOn } from './configuration.ts'
import type { Verdict } from './verdict.ts'
import { lockInWords } from './verdict-words.ts'

/** A finding as an annotation tells it: at its line and column, with the lock, without the recipe. */
export function problemOf({ rule, message, hint, file, span, lock }: Finding): Problem {
  const stop = /[.!?:;]$/.test(message) ? '' : '.'
  const locked = lock === undefined ? '' : `${stop} ${lock.mode}: ${lockInWords(lock)}.`
  return {
    // Rules are explained in docs/migration-policy.md and docs/migration-rules.md, each under its name.
    code: rule,
    message: shortened(`${message}${locked}`, longest),
    hint: shortened(hint, longest),
    ...(file === undefined ? {} : { file }),
    ...(file === undefined || span === undefined
      ? {}
      : { line: span.start.line, column: span.start.column, endLine: span.end.line, endColumn: span.end.column })
  }
}

/** A message quotes SQL and names; one of a megabyte helps nobody, and the runner cuts at 4,096 characters. */
const longest = 1_500

/** What fails the run, by `fail-on`; none where it does not fail. */
export function verdictProblems(verdict: Verdict): readonly Problem[] {
  return verdict.findings
    .filter((finding) => failsRun(finding, verdict))
    .map((finding) => noting(finding, finding.level !== 'error', `a ${finding.level}, which fails this run`, verdict))
}

/** What is to be annotated besides; an error that `fail-on: never` lets pass is a warning then. */
export function verdictRemarks(verdict: Verdict): readonly Remark[] {
  return verdict.findings
    .filter((finding) => !failsRun(finding, verdict))
    .map((finding) => ({
      level: finding.level === 'notice' ? 'notice' : 'warning',
      problem: noting(finding, finding.level === 'error', 'an error, which fails nothing', verdict)
    }))
}

/** Annotations say what fails the run: where that is not what the level says, the words say both. */
function noting(finding: Finding, differs: boolean, what: string, { configuration }: Verdict): Problem {
  const problem = problemOf(finding)
  return differs ? { ...problem, message: `${problem.message} (${what}: fail-on is ${configuration.failOn})` } : problem
}

function failsRun({ level }: Finding, { failed, findings, configuration }: Verdict): boolean {
  if (!failed) return false
  const asked = failing[configuration.failOn]
  // A run also fails where nothing was to fail it and something could not be read: the errors say what.
  const levels = findings.some((finding) => asked.includes(finding.level)) ? asked : failing.error
  return levels.includes(level)
}

/** The levels that fail a run. */
export const failing: Readonly<Record<FailOn, readonly Level[]>> = {
  error: ['error'],
  warning: ['error', 'warning'],
  never: []
}
