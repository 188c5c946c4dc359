import type { Finding, Level, Lock } from '../shared/migrations/finding.ts'
import type { Verdict } from './verdict.ts'
import { counted } from './policy/wording.ts'

/** How a verdict is said in one line, the same wherever it is told. Plain text. */
export interface Headline {
  readonly icon: '✅' | '⚠️' | '❌'
  readonly text: string
}

export function headline(verdict: Verdict): Headline {
  const unprotected = isUnprotected(verdict) ? ', unprotected' : ''
  const { icon, text } = judgement(verdict)
  return { icon, text: `migration-guard: ${text}${unprotected}` }
}

/** Nothing at the base says what is demanded: whoever changes the workflow changes that too. */
export function isUnprotected({ configuration }: Verdict): boolean {
  return configuration.file === undefined
}

/** Whether a review let anything pass. */
export function isBypassed(verdict: Verdict): boolean {
  return bypassedBy(verdict) > 0
}

/** How many findings a review let pass; those that comments silenced do not count. */
export function bypassedBy({ bypass, silenced }: Verdict): number {
  return bypass.state === 'granted' ? silenced.filter((each) => each.bypass === true).length : 0
}

function judgement(verdict: Verdict): Headline {
  const { counts, configuration, failed, bypass, change } = verdict
  const found = countsInWords(counts)
  if (failed) return { icon: '❌', text: found === '' ? 'failed' : found }
  if (bypass.state === 'granted' && isBypassed(verdict))
    return { icon: '⚠️', text: `let through by a review of ${bypass.by} until ${bypass.until}` }
  if (counts.error > 0) return { icon: '⚠️', text: `${found}, passed (fail-on: ${configuration.failOn})` }
  if (counts.warning > 0) return { icon: '⚠️', text: `passed, ${found}` }
  const migrations = change.migrations === 0 ? 'no migration in this change' : counted(change.migrations, 'migration')
  return { icon: '✅', text: `passed, ${found === '' ? migrations : found}` }
}

/** `2 errors, 1 warning`; '' for none. */
export function countsInWords(counts: Verdict['counts']): string {
  return levels
    .filter((level) => counts[level] > 0)
    .map((level) => counted(counts[level], level))
    .join(', ')
}

export const levels: readonly Level[] = ['error', 'warning', 'notice']

export const levelIcons: Readonly<Record<Level, string>> = { error: '❌', warning: '⚠️', notice: 'ℹ️' }

/** What was judged, in one sentence. */
export function changeInWords({ change, pull }: Verdict): string {
  const request = pull === undefined ? '' : ` of pull request ${pull.number}`
  const migrations = change.migrations === 0 ? 'no migration' : counted(change.migrations, 'migration')
  const files = `${counted(change.files, 'changed file')}${request}, ${migrations} among them`
  const source = change.source === 'git' ? 'from git' : "from GitHub's API"
  return `${files}; from ${shortCommit(change.base)} to ${shortCommit(change.head)}, read ${source}.`
}

/** A commit's id as people write it; `index` and `working tree` stay. */
export function shortCommit(commit: string): string {
  return /^[0-9a-f]{40,}$/.test(commit) ? commit.slice(0, 7) : commit
}

/** A lock in words: what it stops, for how long, and whether the table is written anew. */
export function lockInWords({ blocks, lasts, rewrite }: Lock): string {
  const duration = lasts === '' ? '' : ` ${lasts}`
  return `blocks ${blocks}${duration}; ${rewriteWords[rewrite]}`
}

const rewriteWords: Readonly<Record<Lock['rewrite'], string>> = {
  yes: 'writes the whole table anew',
  no: 'no rewrite of the table',
  unknown: 'whether it writes the table anew is not known'
}

/** `file:line:column`, as far as it is known; '' for what is about the change as a whole. */
export function placeOf({ file, span }: Pick<Finding, 'file' | 'span'>): string {
  if (file === undefined) return ''
  return span === undefined ? file : `${file}:${span.start.line}:${span.start.column}`
}
