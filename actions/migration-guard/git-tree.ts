import { isUtf8 } from 'node:buffer'
import type { ReadBlob } from './contents.ts'
import type { Git } from './git.ts'
import { pathText } from './path-bytes.ts'
import { submoduleMode, type Tree, type TreeFile } from './tree.ts'

/** Whole commit id of what a revision names; undefined where it names no commit that is here. */
export async function resolveCommit(git: Git, revision: string): Promise<string | undefined> {
  const { exitCode, output } = await git.run(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`])
  const id = output.toString('latin1').trim()
  return exitCode === 0 && isObjectId(id) ? id : undefined
}

/** The tree of a commit; undefined where the commit, or a folder of its tree, is not in this clone. */
export async function readCommitTree(git: Git, commit: string, read: ReadBlob): Promise<Tree | undefined> {
  const files = await listTree(git, commit)
  return files === undefined ? undefined : treeOf(commit, files, read)
}

/** Files and submodules of a commit or a tree by its id, by path. */
export async function listTree(git: Git, id: string): Promise<Map<string, TreeFile> | undefined> {
  const { exitCode, output } = await git.run(['ls-tree', '-r', '-z', '--full-tree', id])
  if (exitCode !== 0) return undefined
  const files = new Map<string, TreeFile>()
  for (const entry of nulSeparated(output)) {
    // MODE SP TYPE SP ID TAB PATH; the modes have six digits. `commit` is a submodule.
    const tab = entry.indexOf('\t')
    const path = entry.slice(tab + 1)
    const id = entry.slice(entry.startsWith('blob ', 7) ? 12 : 14, tab)
    files.set(path, { path, mode: entry.slice(0, 6), blob: id })
  }
  return files
}

/** A tree over files and submodules that are known. */
export function treeOf(commit: string, listed: ReadonlyMap<string, TreeFile>, read: ReadBlob): Tree {
  const submodules = new Map([...listed].filter(([, { mode }]) => mode === submoduleMode))
  const files = submodules.size === 0 ? listed : new Map([...listed].filter(([path]) => !submodules.has(path)))
  return {
    commit,
    files,
    ...(submodules.size === 0 ? {} : { submodules }),
    async read(path) {
      const file = files.get(path)
      if (file === undefined) throw new TypeError(`${path} is not in the tree ${commit}`)
      return read(file.blob)
    }
  }
}

export function isObjectId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
}

/** What git lists with `-z`, as texts of path-bytes.ts. */
export function nulSeparated(output: Buffer): string[] {
  if (isUtf8(output)) {
    const entries = output.toString('utf8').split('\0')
    entries.pop()
    return entries
  }
  const entries: string[] = []
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(0, at)
    if (end < 0) break
    entries.push(pathText(output.subarray(at, end)))
    at = end + 1
  }
  return entries
}
