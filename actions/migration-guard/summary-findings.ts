import type { Finding, Lock } from '../shared/migrations/finding.ts'
import { code, details, fenced, heading, line, prose, shortened, table, type Markdown } from '../shared/summary.ts'
import { counted } from './policy/wording.ts'
import { levelIcons, lockInWords } from './verdict-words.ts'

/**
 * Findings as tables, one a file, with the safe ways folded below each. What would take more room than a summary has is
 * left out, and told.
 */
export function findingBlocks(findings: readonly Finding[]): readonly Markdown[] {
  if (findings.length === 0) return []
  const groups = [...Map.groupBy(findings, ({ file }) => file)]
  const blocks: Markdown[] = [heading(3, `Findings (${findings.length})`)]
  let bytes = 0
  let shown = 0
  for (const [file, group] of groups) {
    for (let from = 0; from < group.length; from += mostRows) {
      const rows = group.slice(from, from + mostRows)
      const next = fileBlocks(file, rows)
      bytes += next.reduce((sum, { markdown }) => sum + Buffer.byteLength(markdown), 0)
      if (bytes > room) return [...blocks, rest(findings.length - shown)]
      blocks.push(...next)
      shown += rows.length
    }
  }
  return blocks
}

/** Bytes that findings may take of the 1 MiB of a summary: what was silenced and not checked stands below them. */
const room = 640 * 1024
const mostRows = 50
const longest = 1_000

function fileBlocks(file: string | undefined, findings: readonly Finding[]): readonly Markdown[] {
  const locks = findings.some(({ lock }) => lock !== undefined)
  return [
    heading(4, file === undefined ? 'The change as a whole' : code(shortened(file, 300))),
    table(
      ['line', 'what is wrong', ...(locks ? ['lock'] : []), 'what to do'],
      findings.map(({ span, level, rule, message, lock, hint }) => [
        span === undefined ? '' : String(span.start.line),
        line(`${levelIcons[level]} `, code(rule), ' ', prose(shortened(message, longest))),
        ...(locks ? [lockCell(lock)] : []),
        prose(shortened(hint, longest))
      ])
    ),
    ...recipeBlocks(findings)
  ]
}

function lockCell(lock: Lock | undefined): Markdown {
  if (lock === undefined) return line('')
  const tables = lock.tables.length === 0 ? [] : [' on ', code(shortened(lock.tables.join(', '), 200))]
  return line(code(lock.mode), ...tables, `: ${shortened(lockInWords(lock), longest)}`)
}

/** Each safe way once, with the lines that it is for. */
export function recipeBlocks(findings: readonly Finding[]): readonly Markdown[] {
  const ways = Map.groupBy(
    findings.filter(({ recipe }) => recipe !== undefined),
    ({ rule, recipe }) => JSON.stringify([rule, recipe])
  )
  return [...ways.values()].flatMap((group) => {
    const [first] = group
    if (first?.recipe === undefined) return []
    const lines = [...new Set(group.flatMap(({ span }) => (span === undefined ? [] : [span.start.line])))]
    const places = lines.length === 0 ? '' : ` (line ${lines.join(', ')})`
    const { language, text } = first.recipe
    return [details(`The safe way: ${first.rule}${places}`, fenced(language, shortened(text, longestRecipe)))]
  })
}

const longestRecipe = 16_000

function rest(left: number): Markdown {
  return line(`And ${counted(left, 'more finding')}; output `, code('findings'), ' names the file that has all.')
}
