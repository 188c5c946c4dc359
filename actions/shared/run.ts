import { existsSync } from 'node:fs'
import * as core from '@actions/core'
import { listenForCancellation } from './cancellation.ts'
import { bugProblem, type Executable, type Execution } from './phases.ts'
import { describe, type Problem, type Remark } from './problem.ts'
import { writeReceipt } from './receipt.ts'
import { readRunContext } from './run-context.ts'
import { below, code, document, fenced, heading, line, list, prose, type Markdown } from './summary.ts'
import { runnerWorld, type World } from './world.ts'

/**
 * Runs an action on a runner: phases, then outputs, summary, receipt, annotations and exit code. The only thing an
 * action's index.ts calls.
 */
export async function run(action: Executable): Promise<void> {
  const world = runnerWorld(action.name, action.endsInOrder === true ? listenForCancellation() : undefined)
  try {
    const execution = await action.execute(world, process.env)
    await tell(action.name, execution, world)
    execution.afterTelling?.()
    // The seconds of a cancelled job are for telling it; what still waits for an answer is not waited for.
    if (world.cancelled.aborted) process.exit()
  } catch (error) {
    bug(action.name, error, world)
  } finally {
    world.http.close()
    // Nothing should keep the process alive now; if something does, the job must not wait for it.
    setTimeout(() => {
      process.exit()
    }, 2_000).unref()
  }
}

async function tell(name: string, execution: Execution, world: World): Promise<void> {
  const { status, problems, report } = execution
  const { secrets, log } = world
  if (status === 'failed') process.exitCode = 1
  const receipt = await tolerantly(log, 'receipt', () =>
    writeReceipt(
      readRunContext(process.env).temp,
      name,
      secrets.redact(`${JSON.stringify(execution.receipt, null, 2)}\n`)
    )
  )
  const outputs = { ...report.outputs, status, ...(receipt === undefined ? {} : { receipt }) }
  const failure = problems.length === 0 || execution.judged ? [] : failureBlocks(name, execution)
  await tolerantly(log, 'job summary', () => writeSummary(secrets.redact(document([...failure, ...report.summary]))))
  annotate(problems, log)
  for (const level of ['warning', 'notice'] as const) {
    remark(
      (report.remarks ?? []).filter((each) => each.level === level),
      log
    )
  }
  tellOutputs(outputs, world)
  if (status === 'failed' && !execution.judged) log.info(whatWasWritten(execution))
  if (execution.bug instanceof Error) log.info(execution.bug.stack ?? '')
}

/** Once everything else is told, as a disk may be full. Steps after this one take an output that is missing for an empty one. */
function tellOutputs(outputs: Readonly<Record<string, string>>, { secrets, log }: World): void {
  try {
    // A path that holds a password's letters by chance leads to its file still: another step is to read it.
    for (const [output, value] of Object.entries(outputs))
      core.setOutput(output, existsSync(value) ? value : secrets.redact(value))
  } catch (error) {
    process.exitCode = 1
    log.error({
      code: 'outputs-not-written',
      message: `The outputs could not be written: ${error instanceof Error ? error.message : String(error)}.`,
      hint: 'What this run did is in the job summary and above. Steps after it would work with empty outputs: look at the disk of the runner.'
    })
  }
}

/** A release that is out must not end red because its record could not be written; that it is missing is said. */
async function tolerantly<T>(log: World['log'], what: string, write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write()
  } catch (error) {
    log.warning(`The ${what} could not be written: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

function whatWasWritten({ writing, done, report }: Execution): string {
  if (!writing) return 'Nothing was written.'
  if (report.written !== undefined) return report.written
  return done === 0
    ? 'Writing had begun, and no write was confirmed. Run it again once this is mended.'
    : 'Writing had begun; the summary lists what was done. Run it again once this is mended.'
}

/** The runner shows 10 annotations of a kind for a step; the rest would vanish without a word. */
const mostAnnotations = 10

function annotate(problems: readonly Problem[], log: World['log']): void {
  const all = problems.length <= mostAnnotations
  const shown = all ? problems : problems.slice(0, mostAnnotations - 1)
  for (const problem of shown) log.error(problem)
  if (all) return
  const rest = problems.slice(shown.length)
  log.error({
    code: 'more-problems',
    message: `${rest.length} more problems.`,
    hint: 'They are listed in the log below, and in the job summary as far as they fit.'
  })
  for (const problem of rest) log.info(describe(problem))
}

/** As `annotate`, for what fails nothing. */
function remark(remarks: readonly Remark[], log: World['log']): void {
  const all = remarks.length <= mostAnnotations
  const shown = all ? remarks : remarks.slice(0, mostAnnotations - 1)
  for (const each of shown) log.remark(each)
  const [first, ...others] = remarks.slice(shown.length)
  if (first === undefined) return
  const rest = [first, ...others]
  log.remark({
    level: first.level,
    problem: {
      code: `more-${first.level}s`,
      message: `${rest.length} more ${first.level}s.`,
      hint: 'They are listed in the log below, and in the job summary as far as they fit.'
    }
  })
  for (const { problem } of rest) log.info(describe(problem))
}

function failureBlocks(name: string, execution: Execution): readonly Markdown[] {
  const { problems } = execution
  return [
    heading(2, `❌ ${name}: ${problems.length === 1 ? '1 problem' : `${problems.length} problems`}`),
    line(whatWasWritten(execution)),
    list(
      problems.map((problem) => {
        const place =
          problem.file === undefined ? '' : `${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}`
        const [message, ...moreOfMessage] = problem.message.split('\n')
        const [hint, ...moreOfHint] = problem.hint.split('\n')
        const told = line(
          place === '' ? '' : code(place),
          place === '' ? '' : ' ',
          message ?? '',
          ' → ',
          prose(hint ?? ''),
          ' (',
          code(problem.code),
          ')'
        )
        return below(told, [moreOfMessage, moreOfHint].map(copyable))
      })
    )
  ]
}

/** What a problem says on further lines is to be copied or read as it is: a step to add, a program's last words. */
function copyable(lines: readonly string[]): Markdown {
  const text = lines.join('\n').replace(/^\n+|\s+$/g, '')
  return text === '' ? { markdown: '' } : fenced('', text)
}

/** Not every engine gives a summary file (older act does not), and a missing one must not fail a release. */
async function writeSummary(markdown: string): Promise<void> {
  if (markdown.trim() === '' || !process.env['GITHUB_STEP_SUMMARY']) return
  await core.summary.addRaw(markdown).write()
}

/** A bug outside the phases: in reading the inputs, or in telling. */
function bug(name: string, error: unknown, { log }: World): void {
  process.exitCode = 1
  log.error(bugProblem(name, error))
  log.info(error instanceof Error ? (error.stack ?? '') : '')
  try {
    core.setOutput('status', 'failed')
  } catch {
    // It is red, and told.
  }
}
