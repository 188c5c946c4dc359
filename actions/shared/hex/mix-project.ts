import { readdir, readFile } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { errorCode } from '../http-failure.ts'
import type { Problem } from '../problem.ts'
import { readMixExs, type MixExs, type Setting } from './mix-exs.ts'

/** A Mix project as its files say, with the mix.exs of each application where it is an umbrella. */
export interface MixProject {
  /** The root's first; empty where there is none. */
  readonly sources: readonly MixSource[]
  /** Where Mix keeps dependencies and the lock; its own defaults where only running mix.exs tells, which is a doubt. */
  readonly deps: Place
  readonly lock: Place
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
 * @param env `MIX_EXS` names another file than mix.exs (Mix.CLI), `MIX_DEPS_PATH` wins over what mix.exs says
 *   (Mix.Project.deps_path/1)
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
  const root = await read(resolve(folder, env['MIX_EXS'] ?? 'mix.exs'))
  const apps = root?.appsPath
  if (typeof apps === 'object') {
    // The applications' own files are mix.exs, whatever MIX_EXS says (Mix.Project.in_project/4).
    for (const app of await entriesOf(resolve(folder, apps.text))) await read(join(app, 'mix.exs'))
  }
  const place = (setting: Setting | undefined, otherwise: string): Place => {
    const path = resolve(folder, typeof setting === 'object' ? setting.text : otherwise)
    return { path, shown: shownBelow(folder, shown, path) }
  }
  const { MIX_DEPS_PATH: depsPath } = env
  const deps = place(depsPath === undefined || depsPath === '' ? root?.depsPath : { text: depsPath }, 'deps')
  return { sources, problems, deps, lock: place(root?.lockfile, 'mix.lock') }
}

/** The file's text; undefined where there is no such file. */
export async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (namesNothing(error)) return undefined
    throw error
  }
}

const nothingThere: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  // A NUL in the path.
  'ERR_INVALID_ARG_VALUE'
])

/** Whether the file system refused a path because nothing of the kind is there, or can be. */
export function namesNothing(error: unknown): boolean {
  return nothingThere.has(errorCode(error))
}

/** As Mix's wildcard finds them: links too, nothing that begins with a dot. */
async function entriesOf(path: string): Promise<readonly string[]> {
  try {
    const names = await readdir(path)
    return names
      .filter((name) => !name.startsWith('.'))
      .map((name) => join(path, name))
      .toSorted()
  } catch (error) {
    if (namesNothing(error)) return []
    throw error
  }
}

/** A path as it would be written beside the folder's: `apps/shop` and `/…/apps/shop/deps` → `apps/shop/deps`. */
function shownBelow(folder: string, shown: string, path: string): string {
  const below = relative(folder, path).split(sep).join('/')
  if (shown === '.' || shown === '') return below === '' ? basename(path) : below
  return join(shown, below).split(sep).join('/')
}
