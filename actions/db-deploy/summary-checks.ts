import { details, heading, line, list, prose, shortened, table, type Markdown } from '../shared/summary.ts'
import type { Check } from './check.ts'
import type { RunRecord } from './record.ts'

/** What was looked at, before and after; open where looking was all there was to do. */
export function checksOf({ command, learned }: RunRecord): readonly Markdown[] {
  const open = command === 'preflight'
  return [
    ...group('Checks before', learned.preflight ?? [], open),
    ...group('Checks after', learned.verification ?? [], open)
  ]
}

function group(title: string, checks: readonly Check[], open: boolean): readonly Markdown[] {
  if (checks.length === 0) return []
  const rows = table(
    ['check', 'result', 'found'],
    checks.map((check) => [check.title, resultWords[check.result], shortened(check.told, longestFound)])
  )
  return open ? [heading(3, title), rows] : [details(`${title} (${tally(checks)})`, rows)]
}

const longestFound = 400

const resultWords: Readonly<Record<Check['result'], string>> = {
  ok: '✅ ok',
  warning: '⚠️ warning',
  failed: '❌ failed',
  'not checked': '❔ not checked'
}

/** `18 ok, 1 warning` */
function tally(checks: readonly Check[]): string {
  return (['ok', 'warning', 'failed', 'not checked'] as const)
    .map((result) => [checks.filter((check) => check.result === result).length, result] as const)
    .filter(([count]) => count > 0)
    .map(([count, result]) => `${count} ${result}`)
    .join(', ')
}

/** Always there: that everything was checked is worth as much as what was not. */
export function notCheckedBlocks(notChecked: readonly string[]): readonly Markdown[] {
  return [
    heading(3, 'Not checked'),
    notChecked.length === 0
      ? line('Everything that was to be checked was.')
      : list(notChecked.map((what) => prose(shortened(what, 600))))
  ]
}
