import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { ActionError, type Problem } from '../actions/shared/problem.ts'
import { events, type EventName } from './options.ts'
import { readPulls, type Pull } from './pulls.ts'
import { readWorkflowList, type ListedWorkflow } from './workflow-list.ts'
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
  /** What is run, in its order, when the command line names nothing else. */
  readonly workflows: readonly ListedWorkflow[]
  /** Name of a database that the rehearsal has a server for. */
  readonly database?: string
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
  if (!existsSync(file)) return { first: [], beside: [], pulls: [], workflows: [] }
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
  known(top, ['event', 'tag', 'workflow', 'first', 'beside', 'pulls', 'pull', 'workflows', 'database'], '')
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
  const workflows = readWorkflowList(top['workflows'], pulls, complain)
  const database = text(top['database'], 'database')
  if (database !== undefined && !/^[a-z_][a-z\d_]{0,62}$/.test(database))
    complain(`database is ${database}`, 'write a plain name: small letters, digits and underscores')
  if (problems.length > 0) throw new ActionError(problems)
  return {
    ...(event !== undefined && { event }),
    ...(tag !== undefined && { tag }),
    ...(workflow !== undefined && { workflow }),
    ...(pull !== undefined && { pull }),
    ...(database !== undefined && { database }),
    first,
    beside,
    pulls,
    workflows
  }
}
