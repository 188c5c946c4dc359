import { join, resolve } from 'node:path'
import { ActionError, describe } from '../actions/shared/problem.ts'
import { closing, exitCodeOf } from './closing.ts'
import { MissingPrograms } from './engine.ts'
import { Interrupted, interruption } from './interruption.ts'
import { oneLine, safeLines } from './masking.ts'
import { readOptions, usage } from './options.ts'
import { rehearse } from './rehearsal.ts'
import { writeReports } from './report-folder.ts'

const project = join(import.meta.dirname, '..')
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const signal = interruption()
const exitCode = await main(process.argv.slice(2))
// An interrupted rehearsal waits for nothing more: an installation that was under way, for one.
if (signal.aborted) process.exit(exitCode)
process.exitCode = exitCode

async function main(args: readonly string[]): Promise<number> {
  const read = readOptions(args)
  if ('help' in read) {
    say(usage)
    return 0
  }
  if ('problems' in read) return refuse(read.problems.map(describe))

  try {
    const outcomes = await rehearse(read.options, { project, say, signal })
    const folder = resolve(read.options.report ?? join(project, '.tools', 'rehearsal'))
    for (const { outcomes: told, ...report } of writeReports(outcomes, folder)) closing(told, report, say)
    return exitCodeOf(outcomes)
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Interrupted) {
      refuse([`The rehearsal was ${signal.reason.message}; nothing of it is left.`])
      return signal.reason.exitCode
    }
    if (error instanceof ActionError) return refuse(error.problems.map(describe))
    if (error instanceof MissingPrograms) return refuse(error.missing.map((one) => `missing: ${oneLine(one)}`))
    throw error
  }
}

function refuse(lines: readonly string[]): number {
  for (const line of lines) process.stderr.write(`${safeLines(line)}\n`)
  return 1
}
