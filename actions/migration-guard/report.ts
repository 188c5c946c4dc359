import type { Report } from '../shared/phases.ts'
import type { Status } from '../shared/receipt.ts'
import { verdictRemarks } from './findings-problems.ts'
import { summaryPage, type RunNotes } from './summary-page.ts'
import type { Verdict } from './verdict.ts'
import type { VerdictFiles } from './verdict-files.ts'
import { counted } from './policy/wording.ts'
import { bypassedBy, countsInWords, isBypassed, isUnprotected } from './verdict-words.ts'

/** What a run is told from. `verdict` is absent where it failed before it could judge. */
export interface Told {
  readonly verdict: Verdict | undefined
  readonly files: VerdictFiles | undefined
  readonly notes: RunNotes
}

/** Tells a run: outputs, summary, annotations that fail nothing, and its part of the receipt. */
export function reportVerdict({ verdict, files, notes }: Told): Report {
  if (verdict === undefined) return { outputs: {}, summary: [], targets: [], notChecked: [] }
  const { counts, change } = verdict
  const status: Status = verdict.failed ? 'failed' : 'passed'
  return {
    outputs: {
      errors: String(counts.error),
      warnings: String(counts.warning),
      bypassed: String(isBypassed(verdict)),
      ...(files?.findings === undefined ? {} : { findings: files.findings }),
      ...(files?.sarif === undefined ? {} : { sarif: files.sarif })
    },
    summary: summaryPage(verdict, notes),
    targets: [
      {
        kind: 'migrations',
        name: `${change.base} to ${change.head}`,
        status: notes.dryRun && !verdict.failed ? 'planned' : status,
        files: []
      }
    ],
    notChecked: uncheckedOf(verdict),
    remarks: verdictRemarks(verdict)
  }
}

/** What the receipt keeps of what nobody looked at, or what somebody let pass. */
function uncheckedOf(verdict: Verdict): readonly string[] {
  const { bypass, notAnalysed, notChecked, configuration, counts, failed } = verdict
  const found = countsInWords(counts)
  return [
    ...(isUnprotected(verdict) ? ['unprotected: the base has no configuration that says what is demanded'] : []),
    ...(bypass.state === 'granted' && isBypassed(verdict)
      ? [
          `${counted(bypassedBy(verdict), 'finding')} let pass by a review of ${bypass.by} until ${bypass.until} (${bypass.reason}): ${bypass.url}`
        ]
      : []),
    ...(counts.error > 0 && !failed ? [`${found} that fail nothing: fail-on is ${configuration.failOn}`] : []),
    ...notAnalysed.map(({ file, span, why }) => `${file}:${span.start.line}: ${why}`),
    ...notChecked
  ]
}
