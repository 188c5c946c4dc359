import { basename } from 'node:path'
import { events, type EventName, type Options } from './options.ts'
import type { Pull } from './pulls.ts'
import { isMapping, list, type Mapping, type Plain } from './workflow.ts'

/** One run of those that a repository lists in `workflows` of `.github/rehearsal.yml`. */
export interface ListedWorkflow {
  readonly workflow: string
  readonly event: EventName
  /** Of a manual start; `{run of FILE}` stands for the run's number of the newest run of that workflow before this one. */
  readonly inputs: ReadonlyMap<string, string>
  readonly tag?: string
  /** Name of the pull request that starts it. */
  readonly pull?: string
  /** Which of the workflow's schedules starts it; its first unless said. */
  readonly cron?: string
}

type Complain = (message: string, hint: string) => void

/**
 * Reads `workflows`: what runs, in its order.
 *
 * @param pulls those that the repository describes
 */
export function readWorkflowList(
  value: Plain | undefined,
  pulls: readonly Pull[],
  complain: Complain
): readonly ListedWorkflow[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length === 0) {
    complain('workflows is no list', 'write a line for each: `- {workflow: db-deploy.yml, event: workflow_dispatch}`')
    return []
  }
  const listed: ListedWorkflow[] = []
  for (const [index, given] of list(value).entries()) {
    const read = readEntry(isMapping(given) ? given : {}, `workflows[${index}].`, pulls, listed, complain)
    if (read !== undefined) listed.push(read)
  }
  return listed
}

const known = ['workflow', 'event', 'inputs', 'tag', 'pull', 'cron']

function readEntry(
  entry: Mapping,
  where: string,
  pulls: readonly Pull[],
  before: readonly ListedWorkflow[],
  complain: Complain
): ListedWorkflow | undefined {
  for (const name of Object.keys(entry))
    if (!known.includes(name)) complain(`${where}${name} is nothing that is known here`, `write ${known.join(', ')}`)
  const text = (name: string): string | undefined => {
    const value = entry[name]
    if (value === undefined || (typeof value === 'string' && value !== '')) return value
    complain(`${where}${name} is ${JSON.stringify(value)}, and has to be a text`, 'write it in quotes')
    return undefined
  }
  const workflow = text('workflow')
  if (workflow === undefined) complain(`${where}workflow is missing`, 'write the name of its file')
  const pull = text('pull')
  if (pull !== undefined && !pulls.some(({ name }) => name === pull))
    complain(`${where}pull is ${pull}, and pulls has none of that name`, 'describe it under pulls')
  const cron = text('cron')
  const tag = text('tag')
  const event = eventOf(entry, where, complain)
  const inputs = readInputs(entry['inputs'], where, before, complain)
  const belongs = (name: string, to: EventName): void => {
    if (event !== undefined && event !== to && entry[name] !== undefined)
      complain(`${where}${name} belongs to ${to}, and the event is ${event}`, `take it away, or write event: ${to}`)
  }
  belongs('inputs', 'workflow_dispatch')
  belongs('pull', 'pull_request')
  belongs('cron', 'schedule')
  if (workflow === undefined || event === undefined) return undefined
  return {
    workflow,
    event,
    inputs,
    ...(tag !== undefined && { tag }),
    ...(pull !== undefined && { pull }),
    ...(cron !== undefined && { cron })
  }
}

/** What only one event has says which it is. */
function eventOf(entry: Mapping, where: string, complain: Complain): EventName | undefined {
  const event = events.find((one) => one === entry['event'])
  if (event !== undefined) return event
  if (entry['event'] === undefined) {
    if (entry['inputs'] !== undefined) return 'workflow_dispatch'
    if (entry['pull'] !== undefined) return 'pull_request'
    if (entry['cron'] !== undefined) return 'schedule'
  }
  complain(`${where}event is ${JSON.stringify(entry['event'] ?? null)}`, `write one of ${events.join(', ')}`)
  return undefined
}

function readInputs(
  value: Plain | undefined,
  where: string,
  before: readonly ListedWorkflow[],
  complain: Complain
): ReadonlyMap<string, string> {
  const inputs = new Map<string, string>()
  if (value === undefined) return inputs
  if (!isMapping(value)) {
    complain(`${where}inputs is no mapping`, 'write a name and a value for each')
    return inputs
  }
  for (const [name, given] of Object.entries(value)) {
    if (typeof given !== 'string' && typeof given !== 'number' && typeof given !== 'boolean') {
      complain(`${where}inputs.${name} is ${JSON.stringify(given)}`, 'write a text, a number, true or false')
      continue
    }
    inputs.set(name, String(given))
    for (const file of runsNamed(String(given))) {
      const found = before.findLast((one) => isSameFile(one.workflow, file))
      if (found === undefined)
        complain(`${where}inputs.${name} names the run of ${file}, and none is before it`, 'list that one first')
      else if (found.pull !== undefined)
        complain(`${where}inputs.${name} names the run of ${file}`, 'name one that no pull request starts')
    }
  }
  return inputs
}

const runOf = /\{run of ([^{}]+)\}/g

function runsNamed(text: string): readonly string[] {
  return [...text.matchAll(runOf)].map(([, file = '']) => file)
}

/** Inputs with the numbers of the runs that they name. @param runs of those before, in their order */
export function withRuns(
  inputs: ReadonlyMap<string, string>,
  runs: readonly { readonly workflow: string; readonly runId: string }[]
): ReadonlyMap<string, string> {
  return new Map(
    [...inputs].map(([name, text]) => [
      name,
      text.replaceAll(
        runOf,
        (whole, file: string) => runs.findLast((one) => isSameFile(one.workflow, file))?.runId ?? whole
      )
    ])
  )
}

function isSameFile(one: string, other: string): boolean {
  return basename(one) === basename(other)
}

/**
 * Which runs of the list the command line asks for: all of them when it names none; else those up to the last that it
 * names, since each finds what the earlier ones left. Empty when it names something that is not in the list.
 */
export function askedFor(
  { workflow, event, pull }: Pick<Options, 'workflow' | 'event' | 'pull'>,
  workflows: readonly ListedWorkflow[]
): readonly ListedWorkflow[] {
  const last = workflows.findLastIndex(
    (one) =>
      (workflow === undefined || isSameFile(one.workflow, workflow)) &&
      (event === undefined || one.event === event) &&
      (pull === undefined || one.pull === pull)
  )
  return workflows.slice(0, last + 1)
}
