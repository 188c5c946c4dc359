import type { Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { throwIfCancelled } from './cancelled.ts'
import type { DatabaseUrl } from './database/database-url.ts'
import type { Inputs, ToolInputs } from './inputs.ts'
import type { Journal } from './journal.ts'
import type { MigrationTool, ToolResult, ToolRun, ToolStep } from './tool.ts'
import { toolRun } from './tool-run.ts'

/** What our own reading of the table has found, by which the tool's words are judged. */
export interface KnownState {
  /** Something is pending now. */
  readonly pending: boolean
  /** It is asked after migrations were run: what the tool says against the table is then no mere warning. */
  readonly migrated?: boolean
  readonly url: DatabaseUrl
}

/**
 * Runs the tool's own validate, generate and status, each a stage whose output the summary shows, where the inputs ask
 * for them. `status` is there to be read: its exit code is 1 for a database that merely has something pending.
 * @returns what speaks against going on
 */
export async function runToolSteps(
  tool: MigrationTool,
  inputs: Inputs,
  known: KnownState,
  world: World,
  journal: Journal
): Promise<readonly Problem[]> {
  const run = toolRun(inputs, known.url)
  const problems: Problem[] = []
  for (const step of tool.steps) {
    const when = whenOf(step, inputs.tool)
    if (when === 'never' || (when === 'pending' && !known.pending && known.migrated !== true)) continue
    problems.push(...(await runToolStep(step, run, known, world, journal)))
  }
  return problems
}

function whenOf({ name }: ToolStep, { validate, generate, toolStatus }: ToolInputs): ToolInputs['validate'] {
  return { validate, generate, status: toolStatus }[name]
}

async function runToolStep(
  step: ToolStep,
  run: ToolRun,
  known: KnownState,
  world: World,
  journal: Journal
): Promise<readonly Problem[]> {
  return journal.stage(step.name, step.title, async (stage) => {
    throwIfCancelled(world, `${step.title} was about to run`)
    const result = await step.run(run)
    throwIfCancelled(world, `${step.title} ran`)
    const outputs = journal.learned.outputs ?? []
    const again = outputs.some(({ title }) => title === step.title)
    journal.learn({
      outputs: [...outputs, { title: again ? `${step.title}, afterwards` : step.title, text: result.output }]
    })
    const well = isWell(step, result)
    if (well !== undefined) {
      // It says that something is pending, and the table that nothing is.
      const disagrees = step.name === 'status' && !known.pending && result.sentence === 'ok'
      stage.note(disagrees ? `${well}; the table says that nothing is pending` : well)
      if (!disagrees) return []
      stage.result(known.migrated === true ? 'failed' : 'warning')
      return known.migrated === true ? [statusDisagrees(step)] : []
    }
    stage.result('failed')
    stage.note(result.message ?? toldEnd(result))
    return [
      {
        code: 'tool-step-failed',
        message: `${step.title} ${toldEnd(result)}${result.message === undefined ? '' : `: ${result.message}`}.`,
        hint: `Its output is in the log above. Mend what it says, or leave it out with \`${inputNames[step.name]}: never\`.`
      }
    ]
  })
}

/** After the migrations each of the witnesses has to say so: the exit code, the table, and the tool. */
function statusDisagrees({ title }: ToolStep): Problem {
  return {
    code: 'tool-status-other',
    message: `After the migrations ${title} says that something has not been applied, and the table says that all is.`,
    hint: 'The tool may look at another database or another folder: compare its output in the log above with `database-url` and `migrations-paths`. Leave it out with `tool-status: never` only where you know why.'
  }
}

/** The inputs that say when a step runs. */
const inputNames: Readonly<Record<ToolStep['name'], string>> = {
  validate: 'validate',
  generate: 'generate',
  status: 'tool-status'
}

/**
 * What a step that is believed came to: by its sentence, as an engine that dies at its start ends with 0 too. `status`
 * ends with 1 where something is merely pending.
 */
function isWell({ name }: ToolStep, { end, exitCode, sentence }: ToolResult): string | undefined {
  if (end !== 'exited') return undefined
  if (name === 'status' && sentence === 'ok') return 'not up to date, as its output says'
  if (exitCode !== 0) return undefined
  if (name === 'status') return sentence === 'nothing' ? 'up to date' : undefined
  return sentence === 'ok' ? '' : undefined
}

function toldEnd({ end, exitCode }: ToolResult): string {
  if (end === 'timed out') return 'did not end in time'
  if (end === 'killed') return 'was killed'
  if (end === 'not started') return 'could not be started'
  return exitCode === 0
    ? 'ended with exit code 0, and says nowhere that it is done'
    : `failed with exit code ${exitCode}`
}
