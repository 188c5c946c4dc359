import type { Finding } from '../shared/migrations/finding.ts'
import { below, code, heading, line, link, list, prose, shortened, type Markdown } from '../shared/summary.ts'
import { recipeBlocks } from './summary-findings.ts'
import { bypassBlocks, stateIcons, unprotectedBlocks } from './summary-page.ts'
import type { Check, Verdict } from './verdict.ts'
import { counted } from './policy/wording.ts'
import { changeInWords, headline, levelIcons, lockInWords, placeOf } from './verdict-words.ts'

/** The first line of the comment, which nobody sees: by it, the next run finds the comment and updates it. */
export const commentMarker = '<!-- release-actions:migration-guard -->'

/** The most characters that GitHub takes for a comment. */
export const longestComment = 65_536

/**
 * The one comment on a pull request: the facts of the summary, shorter. Where all is well it says that, so that an
 * earlier complaint does not stand.
 *
 * @param runUrl page of the run, whose summary has all of it
 */
export function commentBody(verdict: Verdict, { runUrl }: { readonly runUrl: string | undefined }): string {
  const { icon, text } = headline(verdict)
  const end = [
    ...bypassedBlocks(verdict),
    ...restBlocks(verdict),
    ...(runUrl === undefined ? [] : [line(link('The run and its summary', runUrl))])
  ]
  const start = [
    { markdown: commentMarker },
    heading(3, `${icon} ${shortened(text, 300)}`),
    ...unprotectedBlocks(verdict),
    ...bypassBlocks(verdict),
    line(changeInWords(verdict)),
    ...checkBlocks(verdict.checks)
  ]
  const { findings } = verdict
  for (let shown = Math.min(findings.length, mostFindings); shown > 0; shown--) {
    const told = joined([...start, ...itemBlocks(findings.slice(0, shown), findings.length - shown), ...end])
    if (told.length <= longestComment) return told
  }
  const told = joined([...start, ...itemBlocks([], findings.length), ...end])
  return told.length <= longestComment ? told : joined([...start.slice(0, 3), ...itemBlocks([], findings.length)])
}

/** Enough to act on; a longer comment is scrolled past. */
const mostFindings = 30
const longest = 600

function itemBlocks(findings: readonly Finding[], left: number): readonly Markdown[] {
  const more = left === 0 ? [] : [line(`And ${counted(left, 'more finding')} in the run's summary.`)]
  return [...(findings.length === 0 ? [] : [list(findings.map(item))]), ...more]
}

function item(finding: Finding): Markdown {
  const { level, rule, message, hint, lock } = finding
  const place = shortened(placeOf(finding), 300)
  const told = line(
    `${levelIcons[level]} `,
    ...(place === '' ? [] : [code(place), ' ']),
    prose(shortened(message, longest)),
    ...(lock === undefined ? [] : [' ', code(lock.mode), ` ${shortened(lockInWords(lock), longest)}.`]),
    ' → ',
    prose(shortened(hint, longest)),
    ' (',
    code(rule),
    ')'
  )
  return below(told, recipeBlocks([finding]))
}

/** Of the checks, those that did not pass. */
function checkBlocks(checks: readonly Check[]): readonly Markdown[] {
  const open = checks.filter(({ state }) => state === 'failed' || state === 'not checked')
  if (open.length === 0) return []
  return [
    list(
      open.map(({ name, state, detail }) =>
        line(`${stateIcons[state]} ${name}`, ...(detail === '' ? [] : [': ', prose(shortened(detail, longest))]))
      )
    )
  ]
}

/** What a review let pass, by name: whoever reads the comment is to see it. */
function bypassedBlocks({ silenced }: Verdict): readonly Markdown[] {
  const bypassed = silenced.filter(({ bypass }) => bypass === true)
  if (bypassed.length === 0) return []
  const left = bypassed.length - mostBypassed
  return [
    list(
      bypassed.slice(0, mostBypassed).map(({ finding }) => {
        const place = shortened(placeOf(finding), 300)
        return line('🔓 silenced: ', ...(place === '' ? [] : [code(place), ' ']), code(finding.rule))
      })
    ),
    ...(left > 0 ? [line(`And ${left} more in the run's summary.`)] : [])
  ]
}

const mostBypassed = 10

function restBlocks({ silenced, notAnalysed, notChecked }: Verdict): readonly Markdown[] {
  const commented = silenced.filter(({ bypass }) => bypass !== true).length
  const told = [
    ...(commented === 0 ? [] : [`${counted(commented, 'finding')} silenced by comments`]),
    ...(notAnalysed.length === 0 ? [] : [`${counted(notAnalysed.length, 'place')} that could not be analysed`]),
    ...notChecked.map((what) => `not checked: ${shortened(what, longest)}`)
  ]
  return told.length === 0 ? [] : [list(told.slice(0, mostFindings).map(prose))]
}

function joined(blocks: readonly Markdown[]): string {
  return `${blocks
    .map(({ markdown }) => markdown)
    .filter((markdown) => markdown !== '')
    .join('\n\n')}\n`
}
