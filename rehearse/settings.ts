import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { ActionError, type Problem } from '../actions/shared/problem.ts'
import { events, type EventName, type Options } from './options.ts'
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
  if (!existsSync(file)) return { first: [] }
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
  known(top, ['event', 'tag', 'workflow', 'first'], '')
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
  const tag = text(top['tag'], 'tag')
  const workflow = text(top['workflow'], 'workflow')
  if (problems.length > 0) throw new ActionError(problems)
  return {
    ...(event !== undefined && { event }),
    ...(tag !== undefined && { tag }),
    ...(workflow !== undefined && { workflow }),
    first
  }
}

/** Options with what the repository says about itself filled in. */
export interface SettledOptions extends Options {
  readonly repository: string
  readonly event: EventName
  /** The tag that the repository names for its rehearsals, for when none is given and none is at HEAD. */
  readonly usualTag?: string
}

/** @param repository folder of what is rehearsed */
export function settle(options: Options, settings: Settings, repository: string): SettledOptions {
  // The workflow that a repository names belongs to the event that it names.
  const workflow = options.workflow ?? (options.event === undefined ? settings.workflow : undefined)
  return {
    ...options,
    repository,
    event: options.event ?? settings.event ?? 'push',
    ...(settings.tag !== undefined && { usualTag: settings.tag }),
    ...(workflow !== undefined && { workflow })
  }
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
