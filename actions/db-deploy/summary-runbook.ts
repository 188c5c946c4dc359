import { below, bold, fenced, heading, line, list, prose, type Markdown } from '../shared/summary.ts'
import type { RunRecord } from './record.ts'

/** What people are to do now, one step a line, with each command in a block of its own to be copied. */
export function runbookOf({ learned: { runbook = [] } }: RunRecord): readonly Markdown[] {
  if (runbook.length === 0) return []
  return [heading(3, 'What to do now'), list(runbook.map(stepOf))]
}

/** A command at the end of its line goes into a block; names within the line stay where they are. */
function stepOf(step: string, index: number): Markdown {
  const [, words = step, command] = /^([^]*?)\s*`([^`]*\s[^`]*)`[.:]?$/.exec(step) ?? []
  const item = line(bold(`${index + 1}.`), ' ', prose(words === '' ? 'Run:' : words))
  return command === undefined ? item : below(item, [fenced(isSql(command) ? 'sql' : 'sh', command)])
}

function isSql(command: string): boolean {
  return /^(?:SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE|DROP|REINDEX|BEGIN|VACUUM)\b/i.test(command)
}
