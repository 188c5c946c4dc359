import { below, bold, code, fenced, heading, line, list, prose, type Markdown } from '../shared/summary.ts'
import type { RunRecord } from './record.ts'

/** What people are to do now, one step a line, with each command in a block of its own to be copied. */
export function runbookOf(record: RunRecord): readonly Markdown[] {
  const { runbook = [] } = record.learned
  if (runbook.length === 0) return []
  const commands = runbook.flatMap(commandsOf)
  return [heading(3, 'What to do now'), ...placeOf(record, commands), list(runbook.map(stepOf))]
}

/** Where commands are to be run: on a laptop they would find the database of its `.env`, and say there that all went well. */
function placeOf(
  { context: { sha }, learned: { database } }: RunRecord,
  commands: readonly string[]
): readonly Markdown[] {
  if (commands.length === 0 || database === undefined) return []
  const place = [' for the database ', code(database.name), ' on ', code(database.host)]
  const checkout = sha === undefined ? [] : [' in a checkout of ', code(sha.slice(0, 12)), ' ']
  return [
    line(
      bold('Where:'),
      ...place,
      ', never with the address of a ',
      code('.env'),
      ' file.',
      ...(commands.some((command) => framework.test(command))
        ? [
            ' Programs run',
            ...checkout,
            'with ',
            code('DATABASE_URL'),
            ' set to its direct address, and so whatever else the configuration reads an address from.'
          ]
        : []),
      ...(commands.some((command) => sql.test(command))
        ? [' SQL goes to ', code('psql "$DATABASE_URL"'), ' with that address.']
        : [])
    )
  ]
}

/** Every command of a line stands in a block below it; one that ends the line stands there alone. */
function stepOf(step: string, index: number): Markdown {
  const [, words = step, last] = /^([^]*?)\s*`([^`]+)`[.:]?$/.exec(step) ?? []
  const moved = last !== undefined && isCommand(last)
  const told = moved ? (words === '' ? 'Run:' : words) : step
  const commands = commandsOf(step)
  return below(
    line(bold(`${index + 1}.`), ' ', prose(told)),
    commands.map((command) => fenced(sql.test(command) ? 'sql' : 'sh', command))
  )
}

function commandsOf(step: string): readonly string[] {
  return [...step.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span).filter(isCommand)
}

/** Not a name or a phrase of several words, which are in back-ticks as well. */
function isCommand(span: string): boolean {
  return sql.test(span) || programs.test(span)
}

/** A comment before it holds it back. */
const sql = /^(?:--[^\n]*: )?(?:SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE|DROP|REINDEX|BEGIN;?|VACUUM)\s/i
const framework = /^(?:npx|mix|\S*\bbin\/\S+)\s/
const programs = /^(?:npx|mix|psql|pg_\w+|createdb|dropdb|age|\S*\bbin\/\S+)\s/
