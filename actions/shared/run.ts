import * as core from '@actions/core'
import { execute, type Action, type CommonInputs, type Execution, type Plan } from './phases.ts'
import { describe, type Problem } from './problem.ts'
import { writeReceipt } from './receipt.ts'
import { readRunContext } from './run-context.ts'
import { code, document, heading, line, list, type Markdown } from './summary.ts'
import { runnerWorld, type World } from './world.ts'

/**
 * Runs an action on a runner: phases, then outputs, summary, receipt, annotations and exit code. The only thing an
 * action's index.ts calls.
 */
export async function run<I extends CommonInputs, F, P extends Plan, V, A>(
  action: Action<I, F, P, V, A>
): Promise<void> {
  const world = runnerWorld(action.name)
  try {
    const execution = await execute(action, world, process.env)
    await tell(action.name, execution, world)
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
  const receipt = await writeReceipt(
    readRunContext(process.env).temp,
    name,
    secrets.redact(`${JSON.stringify(execution.receipt, null, 2)}\n`)
  )
  for (const [output, value] of Object.entries({ ...report.outputs, status, receipt })) {
    core.setOutput(output, secrets.redact(value))
  }
  const failure = problems.length === 0 ? [] : failureBlocks(name, execution)
  await writeSummary(secrets.redact(document([...failure, ...report.summary])))
  annotate(problems, log)
  if (status !== 'failed') return
  process.exitCode = 1
  log.info(
    execution.writing
      ? 'Writing had begun; the summary lists what was done. Run it again once this is mended.'
      : 'Nothing was written.'
  )
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
    hint: 'They are listed in the log below and in the job summary.'
  })
  for (const problem of rest) log.info(describe(problem))
}

function failureBlocks(name: string, execution: Execution): readonly Markdown[] {
  const { problems, writing } = execution
  return [
    heading(2, `❌ ${name}: ${problems.length === 1 ? '1 problem' : `${problems.length} problems`}`),
    line(
      writing
        ? 'Writing had begun; what was done stands below. Run it again once this is mended.'
        : 'Nothing was written.'
    ),
    list(
      problems.map((problem) => {
        const place =
          problem.file === undefined ? '' : `${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}`
        return line(
          place === '' ? '' : code(place),
          place === '' ? '' : ' ',
          problem.message,
          ' → ',
          problem.hint,
          ' (',
          code(problem.code),
          ')'
        )
      })
    )
  ]
}

/** Not every engine gives a summary file (older act does not), and a missing one must not fail a release. */
async function writeSummary(markdown: string): Promise<void> {
  if (markdown.trim() === '' || !process.env['GITHUB_STEP_SUMMARY']) return
  await core.summary.addRaw(markdown).write()
}

function bug(name: string, error: unknown, { secrets, log }: World): void {
  process.exitCode = 1
  const message = error instanceof Error ? error.message : String(error)
  core.setOutput('status', 'failed')
  log.error({
    code: 'bug',
    message: `${name} met something it does not expect: ${message}`,
    hint: 'This is a bug in the action. Please report it with this log; running it again is safe.'
  })
  log.info(secrets.redact(error instanceof Error ? (error.stack ?? '') : ''))
}
