import { readdir, readFile } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { errorCode } from '../http-failure.ts'
import type { Problem } from '../problem.ts'
import { readMixExs, type MixExs, type Setting } from './mix-exs.ts'

/** A Mix project as its files say, with the mix.exs of each application where it is an umbrella. */
export interface MixProject {
  /** The root's first; empty where there is none. */
  readonly sources: readonly MixSource[]
  /** Where Mix keeps dependencies and the lock; undefined where only running mix.exs tells. */
  readonly deps: Place | undefined
  readonly lock: Place | undefined
  /** What keeps a mix.exs from being read. */
  readonly problems: readonly Problem[]
}

export interface MixSource {
  /** Path as the user would write it. */
  readonly file: string
  readonly mixExs: MixExs
}

export interface Place {
  readonly path: string
  readonly shown: string
}

/**
 * Reads a project's files, without running anything.
 *
 * @param folder absolute
 * @param shown the folder as the user wrote it, `.` for the workspace
 * @param env `MIX_DEPS_PATH` wins over what mix.exs says (Mix.Project.deps_path/1)
 */
export async function readMixProject(folder: string, shown: string, env: NodeJS.ProcessEnv): Promise<MixProject> {
  const sources: MixSource[] = []
  const problems: Problem[] = []
  const read = async (path: string): Promise<MixExs | undefined> => {
    const file = shownBelow(folder, shown, path)
    const text = await textOf(path)
    if (text === undefined) return undefined
    const result = readMixExs(text, file)
    if ('problems' in result) {
      problems.push(...result.problems)
      return undefined
    }
    sources.push({ file, mixExs: result.mixExs })
    return result.mixExs
  }
  const root = await read(join(folder, 'mix.exs'))
  const apps = root?.appsPath
  if (typeof apps === 'object') {
    for (const app of await foldersOf(join(folder, apps.text))) await read(join(app, 'mix.exs'))
  }
  const place = (setting: Setting | undefined, otherwise: string): Place | undefined => {
    if (setting === undefined || setting === 'computed') return undefined
    const path = resolve(folder, setting === 'not given' ? otherwise : setting.text)
    return { path, shown: shownBelow(folder, shown, path) }
  }
  const depsPath = env['MIX_DEPS_PATH']
  return {
    sources,
    problems,
    deps: place(depsPath === undefined || depsPath === '' ? root?.depsPath : { text: depsPath }, 'deps'),
    lock: place(root?.lockfile, 'mix.lock')
  }
}

/** The file's text; undefined where there is no such file. */
export async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error))) return undefined
    throw error
  }
}

async function foldersOf(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name))
      .toSorted()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return []
    throw error
  }
}

/** A path as it would be written beside the folder's: `apps/shop` and `/…/apps/shop/deps` → `apps/shop/deps`. */
function shownBelow(folder: string, shown: string, path: string): string {
  const below = relative(folder, path).split(sep).join('/')
  if (shown === '.' || shown === '') return below === '' ? basename(path) : below
  return join(shown, below).split(sep).join('/')
}
