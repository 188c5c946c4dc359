import { posix } from 'node:path'
import { readMixExs } from '../shared/hex/mix-exs.ts'
import { readMixLock, type LockEntry } from '../shared/hex/mix-lock.ts'
import type { Tree } from './tree.ts'

/** Of which package, in which Mix project. */
interface Locked {
  readonly name: string
  /** The Mix project's folder, `.` for the root. */
  readonly project: string
  /** What the head locks; undefined without an entry. */
  readonly entry: LockEntry | undefined
}

/**
 * Why a package may not be believed until somebody has reviewed where it comes from. Whoever writes the change writes
 * mix.exs and mix.lock as well, and could name a package of their own that holds the same bytes, and others beside them.
 * Believed is what the branch already locks from the same place, and a release of hex.pm under the package's own name.
 *
 * @param target the newest state of the branch that the change goes to
 * @returns a sentence; undefined where it may be believed
 */
export async function packageDoubt(
  target: Tree,
  head: Tree,
  { name, project, entry }: Locked
): Promise<string | undefined> {
  const before = await dependencyOf(target, project, name)
  const now = await dependencyOf(head, project, name)
  const lock = posix.join(project, 'mix.lock')
  if (entry === undefined || now.byPath) {
    return `${name} is taken from a folder of this repository, which the change itself may fill.`
  }
  const { entry: was } = before
  if (entry.kind === 'git') {
    return was?.kind === 'git' && was.url === entry.url
      ? undefined
      : `${lock} of the change names the git repository that ${name} comes from; the branch does not.`
  }
  if (now.byGit) return `mix.exs takes ${name} from a git repository, whatever ${lock} says.`
  if (entry.kind !== 'hex') return undefined
  if (was?.kind === 'hex' && was.package === entry.package && was.repository === entry.repository) return undefined
  return entry.package === name && entry.repository === 'hexpm'
    ? undefined
    : `${lock} of the change takes ${name} from the package ${entry.package} of ${entry.repository}; the branch does not.`
}

interface Dependency {
  readonly entry: LockEntry | undefined
  /** What mix.exs says wins over the lock. */
  readonly byPath: boolean
  readonly byGit: boolean
}

async function dependencyOf(tree: Tree, project: string, name: string): Promise<Dependency> {
  const lock = await textOf(tree, posix.join(project, 'mix.lock'))
  const mixExs = await textOf(tree, posix.join(project, 'mix.exs'))
  const locked = lock === undefined ? undefined : readMixLock(lock, 'mix.lock')
  const read = mixExs === undefined ? undefined : readMixExs(mixExs, 'mix.exs')
  const named =
    read !== undefined && 'mixExs' in read ? read.mixExs.dependencies.filter((each) => each.name === name) : []
  return {
    entry: locked !== undefined && 'lock' in locked ? locked.lock.get(name) : undefined,
    byPath: named.some(({ source }) => source === 'path' || source === 'umbrella'),
    byGit: named.some(({ source }) => source === 'git')
  }
}

async function textOf(tree: Tree, path: string): Promise<string | undefined> {
  return tree.files.has(path) ? (await tree.read(path)).toString('utf8') : undefined
}
