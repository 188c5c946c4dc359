import type { Finding } from '../shared/migrations/finding.ts'
import type { Log } from '../shared/log.ts'
import { describe } from '../shared/problem.ts'
import type { Secrets } from '../shared/secrets.ts'
import { shortened, visible } from '../shared/summary.ts'
import type { Verdict } from './verdict.ts'
import { changeInWords, headline, isUnprotected, lockInWords, placeOf } from './verdict-words.ts'

/** Where a command tells what it found, and what it is doing. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

/** A log for people at a terminal: no commands of a runner, and only what they must know. */
export function terminalLog(secrets: Secrets, { err }: Pick<Terminal, 'err'>): Log {
  const say = (text: string): void => {
    err(`${secrets.redact(plain(text))}\n`)
  }
  const quiet = (): void => undefined
  return {
    info: quiet,
    debug: quiet,
    notice: say,
    warning: say,
    error: (problem) => {
      say(describe(problem))
    },
    remark: ({ problem }) => {
      say(describe(problem))
    },
    group: (_, body) => body()
  }
}

/** The verdict as a compiler would tell it: a line for each finding, the way out below it, and the sum at the end. */
export function terminalText(verdict: Verdict): string {
  const { silenced, notAnalysed, notChecked } = verdict
  const { text } = headline(verdict)
  return [
    ...verdict.findings.flatMap(findingLines),
    ...silenced.map(
      ({ finding, by, reason }) =>
        `${at(finding)}silenced[${finding.rule}] by ${oneLine(by)}${reason === undefined ? '' : `: ${oneLine(reason)}`}`
    ),
    ...notAnalysed.map((part) => `${at(part)}not analysed: ${oneLine(part.why)}`),
    ...notChecked.map((what) => `not checked: ${oneLine(what)}`),
    ...(isUnprotected(verdict)
      ? ['unprotected: there is no .github/migration-guard.yml at the base, so nothing says what is demanded']
      : []),
    oneLine(text),
    changeInWords(verdict),
    ''
  ].join('\n')
}

function findingLines(finding: Finding): readonly string[] {
  const { level, rule, message, hint, lock, recipe } = finding
  return [
    `${at(finding)}${level}[${rule}] ${oneLine(message)}`,
    ...(lock === undefined
      ? []
      : [`  ${lock.mode} on ${oneLine(lock.tables.join(', '))}: ${oneLine(lockInWords(lock))}`]),
    `  → ${oneLine(hint)}`,
    ...(recipe === undefined
      ? []
      : plain(shortened(recipe.text, longestRecipe)).trimEnd().split(/\r?\n/).map(indented)),
    ''
  ]
}

const longest = 1_000
const longestRecipe = 16_000

function at(finding: Pick<Finding, 'file' | 'span'>): string {
  const place = placeOf(finding)
  return place === '' ? '' : `${oneLine(place)}: `
}

function indented(line: string): string {
  return line === '' ? '' : `      ${line}`
}

function oneLine(text: string): string {
  return plain(shortened(text, longest)).replaceAll(/[\r\n\u2028\u2029]+/g, ' ')
}

/** Nothing foreign moves the cursor or colours the text, and a runner that reads along takes no line for a command. */
function plain(text: string): string {
  return visible(text)
    .replaceAll(/^(\s*)::/gm, '$1| ::')
    .replaceAll('##[', '## [')
}
