import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { ActionError, type Problem } from '../actions/shared/problem.ts'
import type { RunEvent } from './event.ts'
import { events, type EventName, type Options } from './options.ts'
import { readPulls, type Pull } from './pulls.ts'
import { isMapping, list, plain, type Mapping, type Plain } from './workflow.ts'

/** Where a repository says how it is rehearsed. */
export const settingsFile = '.github/rehearsal.yml'

/** What a repository says about its own rehearsal; the command line goes before all of it. */
export interface Settings {
  readonly event?: EventName
  readonly tag?: string
  readonly workflow?: string
  /** Releases of other repositories that this one needs: rehearsed before it, in the same sandbox. */
  readonly first: readonly Earlier[]
  /** Folders of repositories that GitHub has besides, absolute: a workflow may read them. */
  readonly beside: readonly string[]
  /** Pull requests that can be rehearsed. */
  readonly pulls: readonly Pull[]
  /** The one that is, when none is named. */
  readonly pull?: string
}

/** A rehearsal that goes before another. */
export interface Earlier {
  /** Absolute. */
  readonly repository: string
  readonly tag?: string
  readonly workflow?: string
}

/**
 * Reads `.github/rehearsal.yml` of a repository; without it, nothing is said.
 *
 * @param repository its folder
 * @throws ActionError with everything that is wrong in it
 */
export function readSettings(repository: string): Settings {
  const file = join(repository, settingsFile)
  if (!existsSync(file)) return { first: [], beside: [], pulls: [] }
  const problems: Problem[] = []
  const complain = (message: string, hint: string): void => {
    problems.push({ code: 'rehearse-settings', message, hint, file: settingsFile })
  }
  let top: Plain
  try {
    const document = parseDocument(readFileSync(file, 'utf8'), { version: '1.2' })
    if (document.errors[0] !== undefined) throw document.errors[0]
    // An empty file says nothing, as none does.
    top = plain(document.toJS() ?? {})
  } catch (error) {
    complain(
      `it cannot be read: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
      'mend the file'
    )
    throw new ActionError(problems)
  }
  if (!isMapping(top)) {
    complain('it is no mapping', 'write `tag: v1.0.0`, for example')
    throw new ActionError(problems)
  }
  const known = (given: Mapping, names: readonly string[], where: string): void => {
    for (const name of Object.keys(given))
      if (!names.includes(name)) complain(`${where}${name} is nothing that is known here`, `write ${names.join(', ')}`)
  }
  const text = (value: Plain | undefined, name: string): string | undefined => {
    if (value === undefined || (typeof value === 'string' && value !== '')) return value
    complain(`${name} is ${JSON.stringify(value)}, and has to be a text`, `write it in quotes: ${name}: "…"`)
    return undefined
  }
  known(top, ['event', 'tag', 'workflow', 'first', 'beside', 'pulls', 'pull'], '')
  const event = events.find((one) => one === top['event'])
  if (top['event'] !== undefined && event === undefined)
    complain(`event is ${JSON.stringify(top['event'])}`, `write one of ${events.join(', ')}`)
  const first = list(top['first']).flatMap((entry, index): Earlier[] => {
    const where = `first[${index}].`
    const given = isMapping(entry) ? entry : {}
    known(given, ['repo', 'tag', 'workflow'], where)
    const repo = text(given['repo'], `${where}repo`)
    const tag = text(given['tag'], `${where}tag`)
    const workflow = text(given['workflow'], `${where}workflow`)
    if (repo === undefined) {
      complain(`${where}repo is missing`, 'write the folder of the repository to rehearse first, relative to this one')
      return []
    }
    const earlier = resolve(repository, repo)
    if (statSync(earlier, { throwIfNoEntry: false })?.isDirectory() !== true)
      complain(`${where}repo is ${repo}, and there is no such folder`, 'put it beside this one')
    return [{ repository: earlier, ...(tag !== undefined && { tag }), ...(workflow !== undefined && { workflow }) }]
  })
  const beside = list(top['beside']).flatMap((entry, index) => {
    const folder = text(entry, `beside[${index}]`)
    if (folder === undefined) return []
    if (statSync(resolve(repository, folder), { throwIfNoEntry: false })?.isDirectory() !== true)
      complain(`beside[${index}] is ${folder}, and there is no such folder`, 'put it beside this one')
    return [resolve(repository, folder)]
  })
  const pulls = readPulls(top['pulls'], repository, complain)
  const pull = text(top['pull'], 'pull')
  if (pull !== undefined && !pulls.some(({ name }) => name === pull))
    complain(
      `pull is ${pull}, and pulls has none of that name`,
      `write one of ${pulls.map(({ name }) => name).join(', ')}`
    )
  const tag = text(top['tag'], 'tag')
  const workflow = text(top['workflow'], 'workflow')
  if (problems.length > 0) throw new ActionError(problems)
  return {
    ...(event !== undefined && { event }),
    ...(tag !== undefined && { tag }),
    ...(workflow !== undefined && { workflow }),
    ...(pull !== undefined && { pull }),
    first,
    beside,
    pulls
  }
}

/** Options with what the repository says about itself filled in. */
export interface SettledOptions extends Omit<Options, 'pull' | 'event'> {
  readonly repository: string
  readonly event: RunEvent
  /** The tag that the repository names for its rehearsals, for when none is given and none is at HEAD. */
  readonly usualTag?: string
  /** The pull request that is rehearsed, where one is described. */
  readonly pull: Pull | undefined
  readonly beside: readonly string[]
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
    ...(workflow !== undefined && { workflow })
  }
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
