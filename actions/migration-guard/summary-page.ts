import type { Finding } from '../shared/migrations/finding.ts'
import type { Step } from '../shared/phases.ts'
import { code, details, heading, line, link, list, prose, shortened, table, type Markdown } from '../shared/summary.ts'
import { findingBlocks } from './summary-findings.ts'
import type { Check, Verdict } from './verdict.ts'
import { counted } from './policy/wording.ts'
import { bypassedBy, changeInWords, headline, isUnprotected, levelIcons } from './verdict-words.ts'

/** What a run told besides its verdict. */
export interface RunNotes {
  /** What was written, or would be in a dry run: a comment, a commit status, a rerun. */
  readonly steps: readonly Step[]
  readonly dryRun: boolean
  /** In words: what was left undone, such as a comment for want of a token that may write one. */
  readonly notDone: readonly string[]
}

/** The job summary of a verdict, most important first: what does not fit is left out from the end. */
export function summaryPage(verdict: Verdict, { steps, dryRun, notDone }: RunNotes): readonly Markdown[] {
  const { icon, text } = headline(verdict)
  const written = steps.filter(({ kind }) => kind === 'create' || kind === 'update')
  return [
    heading(2, `${icon} ${shortened(text, 300)}`),
    ...unprotectedBlocks(verdict),
    ...bypassBlocks(verdict),
    line(changeInWords(verdict)),
    checksTable(verdict.checks),
    ...findingBlocks(verdict.findings),
    ...silencedBlocks(verdict),
    ...notAnalysedBlocks(verdict),
    ...(verdict.notChecked.length === 0
      ? []
      : [heading(3, 'Not checked'), list(verdict.notChecked.map((what) => prose(shortened(what, longest))))]),
    ...(written.length === 0
      ? []
      : [
          heading(3, dryRun ? 'Would be written' : 'Written'),
          list(written.map(({ target, wanted }) => line(`${target}: `, prose(shortened(wanted, longest)))))
        ]),
    ...(notDone.length === 0 ? [] : [heading(3, 'Not done'), list(notDone.map((what) => prose(what)))])
  ]
}

const longest = 1_000

/** That nothing protects the repository, in plain sight. */
export function unprotectedBlocks(verdict: Verdict): readonly Markdown[] {
  if (!isUnprotected(verdict)) return []
  return [
    line(
      '⚠️ ',
      { markdown: '**Unprotected**' },
      prose(
        ': there is no `.github/migration-guard.yml` at the base, so what is demanded stands in the workflow, and a pull request can change that with the rest. Add the file to the branch that pull requests go to.'
      )
    )
  ]
}

/** Who let the change pass, or tried to. */
export function bypassBlocks(verdict: Verdict): readonly Markdown[] {
  const { bypass } = verdict
  if (bypass.state === 'granted') {
    const passing = bypassedBy(verdict)
    return [
      line(
        '🔓 ',
        link('A review', bypass.url),
        ' of ',
        code(shortened(bypass.by, 100)),
        ` lets this change pass until ${bypass.until}, UTC: `,
        shortened(bypass.reason, longest),
        passing === 0
          ? '. There was nothing to let pass.'
          : `. It is about ${counted(passing, 'finding')}, listed below as silenced.`
      )
    ]
  }
  if (bypass.state === 'none') return []
  return [
    line('🔒 A review that was to let this change pass does not count:'),
    list(
      bypass.attempts
        .slice(-mostAttempts)
        .map(({ by, why, url }) =>
          line(link('review', url), ' of ', code(shortened(by, 100)), ': ', prose(shortened(why, longest)))
        )
    )
  ]
}

/** The newest say why the change does not pass now. */
const mostAttempts = 5

function checksTable(checks: readonly Check[]): Markdown {
  if (checks.length === 0) return { markdown: '' }
  return table(
    ['', 'check', 'what came of it'],
    checks.map(({ name, state, detail }) => [
      stateIcons[state],
      name,
      prose(state === 'off' ? `off${detail === '' ? '' : `: ${detail}`}` : shortened(detail, longest))
    ])
  )
}

export const stateIcons: Readonly<Record<Check['state'], string>> = {
  passed: '✅',
  failed: '❌',
  warned: '⚠️',
  'not checked': '❔',
  off: '➖'
}

function silencedBlocks({ silenced }: Verdict): readonly Markdown[] {
  if (silenced.length === 0) return []
  const shown = silenced.slice(0, mostRows)
  return [
    heading(3, `Silenced (${silenced.length})`),
    table(
      ['', 'where', 'what', 'silenced by', 'why'],
      shown.map(({ finding, by, reason }) => [
        levelIcons[finding.level],
        placeCell(finding),
        line(code(finding.rule), ' ', prose(shortened(finding.message, longest))),
        prose(shortened(by, longest)),
        reason === undefined ? '' : shortened(reason, longest)
      ])
    ),
    ...told(silenced.length - shown.length)
  ]
}

function notAnalysedBlocks({ notAnalysed }: Verdict): readonly Markdown[] {
  if (notAnalysed.length === 0) return []
  const shown = notAnalysed.slice(0, mostRows)
  return [
    heading(3, `Not analysed (${notAnalysed.length})`),
    line('Nobody has looked at these parts; a rule may apply to them all the same.'),
    details(
      `${counted(notAnalysed.length, 'place')} in ${counted(new Set(notAnalysed.map(({ file }) => file)).size, 'file')}`,
      list(
        shown.map((part) =>
          line(placeCell(part), part.partly ? ' (in part): ' : ': ', prose(shortened(part.why, longest)))
        )
      ),
      ...told(notAnalysed.length - shown.length)
    )
  ]
}

/** Rows of a table beside the findings; the JSON has all. */
const mostRows = 100

function told(left: number): readonly Markdown[] {
  return left <= 0 ? [] : [line(`And ${left} more; output `, code('findings'), ' names the file that has all.')]
}

function placeCell({ file, span }: Pick<Finding, 'file' | 'span'>): Markdown {
  if (file === undefined) return line('the change')
  return code(`${shortened(file, 300)}${span === undefined ? '' : `:${span.start.line}`}`)
}
