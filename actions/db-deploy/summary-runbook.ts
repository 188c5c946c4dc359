import { below, bold, fenced, heading, line, list, prose, type Markdown } from '../shared/summary.ts'
import type { RunRecord } from './record.ts'

/** What people are to do now, one step a line, with each command in a block of its own to be copied. */
export function runbookOf({ learned: { runbook = [] } }: RunRecord): readonly Markdown[] {
  if (runbook.length === 0) return []
  return [heading(3, 'What to do now'), list(runbook.map(stepOf))]
}

/** Every command of a line stands in a block below it; one that ends the line stands there alone. */
function stepOf(step: string, index: number): Markdown {
  const [, words = step, last] = /^([^]*?)\s*`([^`]+)`[.:]?$/.exec(step) ?? []
  const moved = last !== undefined && isCommand(last)
  const told = moved ? (words === '' ? 'Run:' : words) : step
  const commands = [...step.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span).filter(isCommand)
  return below(
    line(bold(`${index + 1}.`), ' ', prose(told)),
    commands.map((command) => fenced(sql.test(command) ? 'sql' : 'sh', command))
  )
}

/** Not a name or a phrase of several words, which are in back-ticks as well. */
function isCommand(span: string): boolean {
  return sql.test(span) || programs.test(span)
}

const sql = /^(?:SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE|DROP|REINDEX|BEGIN;?|VACUUM)\s/i
const programs = /^(?:npx|mix|psql|pg_\w+|createdb|dropdb|age|\S*\bbin\/\S+)\s/
