import { join, resolve } from 'node:path'
import { ActionError, describe } from '../actions/shared/problem.ts'
import { closing, exitCodes } from './closing.ts'
import { oneLine, safeLines } from './masking.ts'
import { readOptions, usage } from './options.ts'
import { MissingPrograms, rehearse } from './rehearsal.ts'
import { writeReport } from './report.ts'

const project = join(import.meta.dirname, '..')
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const read = readOptions(args)
  if ('help' in read) {
    say(usage)
    return 0
  }
  if ('problems' in read) return refuse(read.problems.map(describe))

  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted.abort()
    })
  }
  try {
    const outcome = await rehearse(read.options, { project, say, signal: interrupted.signal })
    const report = writeReport(outcome, resolve(read.options.report ?? join(project, '.tools', 'rehearsal')))
    closing(outcome, report, say)
    return exitCodes[outcome.verdict]
  } catch (error) {
    if (error instanceof ActionError) return refuse(error.problems.map(describe))
    if (error instanceof MissingPrograms) return refuse(error.missing.map((one) => `missing: ${oneLine(one)}`))
    throw error
  }
}

function refuse(lines: readonly string[]): number {
  for (const line of lines) process.stderr.write(`${safeLines(line)}\n`)
  return 1
}
