import { createHash } from 'node:crypto'
import type { Finding, Level, Silenced } from '../shared/migrations/finding.ts'
import { bold, shortened, text, visible } from '../shared/summary.ts'
import type { Verdict } from './verdict.ts'
import { counted } from './policy/wording.ts'
import { lockInWords } from './verdict-words.ts'

/** One line that says what a rule is about, by its name. */
export type RuleTitles = ReadonlyMap<string, string>

/**
 * The verdict as SARIF 2.1.0, in the subset that GitHub's code scanning reads. What was silenced is there as suppressed:
 * code scanning shows no alert for it.
 *
 * @param titles of the rules; a rule without one is told by its name
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 * @see https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
 */
export function sarif(verdict: Verdict, titles: RuleTitles = new Map()): string {
  const all: readonly Told[] = [
    ...verdict.findings.map((finding) => ({ finding })),
    ...verdict.silenced.map((silenced) => ({ finding: silenced.finding, silenced }))
  ]
  const told = all.slice(0, mostResults)
  const ids = [...new Set(told.map(({ finding }) => finding.rule))].sort()
  const elsewhere = verdict.configuration.file ?? '.github/migration-guard.yml'
  const fingerprint = fingerprints()
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'migration-guard',
            rules: ids.map((id) => rule(id, told, titles))
          }
        },
        // What code scanning takes apart from other analyses of the same commit.
        automationDetails: { id: 'migration-guard/' },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: verdict.unread === 0,
            toolExecutionNotifications: notifications(verdict, all.length)
          }
        ],
        results: told.map(({ finding, silenced }) => ({
          ruleId: finding.rule,
          ruleIndex: ids.indexOf(finding.rule),
          level: sarifLevels[finding.level],
          message: { text: messageOf(finding) },
          // Code scanning refuses a result without a place.
          locations: [location(finding.file ?? elsewhere, finding.span)],
          // A name of our own: what upload-sarif computes itself (`primaryLocationLineHash`) it compares and warns about.
          partialFingerprints: { 'migrationGuard/v1': fingerprint(finding) },
          ...(silenced === undefined ? {} : { suppressions: [suppression(silenced)] })
        }))
      }
    ]
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** Code scanning refuses a run of more than 25,000 results. */
const mostResults = 25_000

interface Told {
  readonly finding: Finding
  readonly silenced?: Silenced
}

const sarifLevels: Readonly<Record<Level, string>> = { error: 'error', warning: 'warning', notice: 'note' }

/**
 * Code scanning shows a rule's help with each of its alerts, so that it names no table of any one: what to do there is in
 * the words of each alert.
 */
function rule(id: string, told: readonly Told[], titles: RuleTitles): object {
  const title = shortened(titles.get(id) ?? id.replaceAll('-', ' '), 1_000)
  const first = told.find(({ finding }) => finding.rule === id)?.finding
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: title },
    help: {
      text: `${title}. ${howToMend}`,
      markdown: [bold(id), text(`${title}.`), text(howToMend)].map(({ markdown }) => markdown).join('\n\n')
    },
    ...(first === undefined ? {} : { defaultConfiguration: { level: sarifLevels[first.level] } }),
    properties: { tags: ['migration', 'database'] }
  }
}

const howToMend =
  'The alert says what to do about it; the summary of the run that found it has the safe way in full, ready to copy.'

/** What an alert shows: the first sentence as its title, the rest below. */
function messageOf({ message, hint, lock }: Finding): string {
  const locked = lock === undefined ? '' : `\n${lock.mode} on ${lock.tables.join(', ')}: ${lockInWords(lock)}.`
  return (
    shortened(visible(`${message}${locked}\n${hint}`), 4_000)
      // Foreign text makes no link, and no place for an argument (§3.11.5, §3.11.6).
      .replaceAll('](', '] (')
      .replaceAll(/\{(\d+)\}/g, '{{$1}}')
  )
}

function location(file: string, span: Finding['span']): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: relativeUri(file), uriBaseId: '%SRCROOT%' },
      region:
        span === undefined
          ? { startLine: 1 }
          : {
              startLine: span.start.line,
              startColumn: span.start.column,
              endLine: span.end.line,
              endColumn: span.end.column
            }
    }
  }
}

/** A path as a relative reference: a colon in its first part would make it a scheme (RFC 3986 §4.2). */
function relativeUri(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/')
}

/**
 * What makes a finding the same one in the next run, whatever stands above it: rule, file and words, and which of
 * several equal ones it is.
 */
function fingerprints(): (finding: Finding) => string {
  const seen = new Map<string, number>()
  return ({ rule, file, message }) => {
    const hash = createHash('sha256')
      .update(JSON.stringify([rule, file ?? '', message]))
      .digest('hex')
      .slice(0, 16)
    const nth = (seen.get(hash) ?? 0) + 1
    seen.set(hash, nth)
    return `${hash}:${nth}`
  }
}

/** A comment stands in the source; a review does not. */
function suppression({ finding, by, reason, bypass }: Silenced): object {
  const review = bypass === true
  return {
    kind: review ? 'external' : 'inSource',
    status: 'accepted',
    justification: shortened(visible(reason === undefined ? by : `${by}: ${reason}`), 1_000),
    ...(review || finding.file === undefined ? {} : { location: location(finding.file, finding.span) })
  }
}

function notifications(verdict: Verdict, results: number): readonly object[] {
  const left = results - mostResults
  return [
    ...verdict.notAnalysed.map(({ file, span, why }) => ({
      level: 'note',
      message: { text: `Not analysed: ${visible(why)}` },
      locations: [location(file, span)]
    })),
    ...verdict.notChecked.map((what) => ({ level: 'note', message: { text: `Not checked: ${visible(what)}` } })),
    ...(left > 0
      ? [
          {
            level: 'warning',
            message: { text: `${counted(left, 'more result')} than code scanning takes are left out.` }
          }
        ]
      : [])
  ]
}
