import { randomBytes } from 'node:crypto'
import { ActionError } from '../actions/shared/problem.ts'
import type { RunEvent } from './event.ts'
import type { Options } from './options.ts'
import type { Pull } from './pulls.ts'
import { readSettings, settingsFile, type Settings } from './settings.ts'
import { askedFor, withRuns } from './workflow-list.ts'

/** Options with what the repository says about itself filled in. */
export interface SettledOptions extends Omit<Options, 'pull' | 'event'> {
  readonly repository: string
  readonly event: RunEvent
  /** The tag that the repository names for its rehearsals, for when none is given and none is at HEAD. */
  readonly usualTag?: string
  /** The pull request that is rehearsed, where one is described. */
  readonly pull: Pull | undefined
  readonly beside: readonly string[]
  /** Name of the database that its secrets lead to. */
  readonly database?: string
  /** Number of the run, where another's input names it. */
  readonly runId?: string
  /** Which of the workflow's schedules starts it. */
  readonly cron?: string
}

/**
 * @param repository folder of what is rehearsed
 * @throws ActionError for a pull request that the settings do not have
 */
export function settle(options: Options, settings: Settings, repository: string): SettledOptions {
  const event = options.event ?? (options.pull === undefined ? settings.event : 'pull_request') ?? 'push'
  const pull = event === 'pull_request' ? chosenPull(options, settings) : undefined
  // The workflow that a repository names belongs to the event that it names.
  const workflow = options.workflow ?? (options.event === undefined ? settings.workflow : undefined)
  return {
    ...options,
    repository,
    event,
    beside: settings.beside,
    pull,
    ...(settings.tag !== undefined && { usualTag: settings.tag }),
    ...(settings.database !== undefined && { database: settings.database }),
    ...(workflow !== undefined && { workflow })
  }
}

/**
 * Everything that the command line asks for in one repository, in its order: the runs that the repository lists, as far
 * as the command line names them, or the one that it names besides. Inputs and the tag of the command line are for the
 * last, the rest of it is for all.
 *
 * @throws ActionError for a pull request that the settings do not have
 */
export function settleAll(options: Options, settings: Settings, repository: string): readonly SettledOptions[] {
  const asked = askedFor(options, settings.workflows)
  if (asked.length === 0) return [settle(options, settings, repository)]
  const runs: { readonly workflow: string; readonly runId: string }[] = []
  return asked.map(({ workflow, event, inputs, tag, pull, cron }, index) => {
    const last = index === asked.length - 1
    const chosenTag = last ? (options.tag ?? tag) : tag
    const given = new Map([...withRuns(inputs, runs), ...(last ? options.inputs : [])])
    const runId = inventRunId()
    runs.push({ workflow, runId })
    const { secrets, variables, actions, faults } = options
    const entry: Options = {
      ...{ secrets, variables, actions, faults, workflow, event, inputs: given },
      ...(chosenTag !== undefined && { tag: chosenTag }),
      ...(pull !== undefined && { pull })
    }
    return { ...settle(entry, settings, repository), runId, ...(cron !== undefined && { cron }) }
  })
}

/** Of the length that GitHub's have by now. */
function inventRunId(): string {
  return String(10_000_000_000 + randomBytes(4).readUInt32BE())
}

function chosenPull({ pull: asked }: Options, { pulls, pull: usual }: Settings): Pull | undefined {
  const name = asked ?? usual
  const found = pulls.find((one) => one.name === name)
  if (name === undefined || found !== undefined) return found
  throw new ActionError([
    {
      code: 'rehearse-settings',
      message: `--pull ${name}: the repository describes no such pull request`,
      hint:
        pulls.length === 0
          ? `describe it under pulls in ${settingsFile}`
          : `give one of ${pulls.map((one) => one.name).join(', ')}`
    }
  ])
}

/**
 * The rehearsals that go before one, outermost first, each with its own settings. Secrets, variables, actions and
 * faults of the command line are for the last one.
 *
 * @throws ActionError when repositories want each other first
 */
export function earlierRehearsals(
  settings: Settings,
  actions: Options['actions'],
  behind: readonly string[]
): readonly SettledOptions[] {
  return settings.first.flatMap((earlier) => {
    // A repository's own release may go before another of its workflows; what it wants first has gone before by then.
    const itself = earlier.repository === behind.at(-1)
    if (!itself && behind.includes(earlier.repository)) {
      throw new ActionError([
        {
          code: 'rehearse-settings',
          message: `${settingsFile} of ${earlier.repository} wants, by way of others, itself rehearsed first`,
          hint: 'take one of the entries under `first` away'
        }
      ])
    }
    const own = readSettings(earlier.repository)
    const options: Options = {
      ...(earlier.tag !== undefined && { tag: earlier.tag }),
      ...(earlier.workflow !== undefined && { workflow: earlier.workflow }),
      event: 'push',
      inputs: new Map(),
      secrets: new Map(),
      variables: new Map(),
      actions,
      faults: []
    }
    return [
      ...(itself ? [] : earlierRehearsals(own, actions, [...behind, earlier.repository])),
      settle(options, own, earlier.repository)
    ]
  })
}
