import type { Dirent, Stats } from 'node:fs'
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { namesNothing } from './mix-project.ts'

/** What is wrong with a folder, or that nothing is. The fault goes on from the folder's path: "… is missing". */
export type FolderState = { readonly files: number } | { readonly fault: string; readonly missing: boolean }

/** More than any package holds; the rest is not walked. */
const mostEntries = 100_000

/**
 * Whether a folder is a real one with files in it, and nothing in it leads elsewhere: no part of its path below
 * `root` is a symbolic link, no link in it points out of `root`, and at least one file with contents stands in it.
 * `.gitkeep`, `.formatter.exs` and other hidden files are no contents of a folder.
 *
 * @param root the folder it must stay in, such as `deps/NAME`
 * @param folder relative to `root`
 * @throws what the file system throws beyond "is not there"
 */
export async function readDependencyFolder(root: string, folder: string): Promise<FolderState> {
  const home = await realpath(root)
  for (const path of partsOf(root, folder)) {
    const status = await statusOf(path)
    if (status === undefined) return { fault: 'is missing', missing: true }
    if (status.isSymbolicLink())
      return { fault: `is no real folder: ${shownIn(root, path)} is a symbolic link`, missing: false }
    if (!status.isDirectory()) return { fault: `is no folder: ${shownIn(root, path)} is a file`, missing: false }
  }
  let files = 0
  let filled = false
  let seen = 0
  const waiting = [{ folder: join(root, folder), hidden: false }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of await readdir(next.folder, { withFileTypes: true })) {
      if (++seen > mostEntries) return { fault: `has more than ${mostEntries} entries`, missing: false }
      const path = join(next.folder, entry.name)
      const hidden = next.hidden || entry.name.startsWith('.')
      const kind = await kindOf(entry, path, home)
      if (kind === 'link out')
        return { fault: `has a symbolic link that leads out: ${shownIn(root, path)}`, missing: false }
      if (kind === 'folder') waiting.push({ folder: path, hidden })
      if (kind !== 'file' || hidden) continue
      files++
      filled ||= (await stat(path)).size > 0
    }
  }
  if (files === 0) return { fault: 'has no file in it', missing: false }
  return filled ? { files } : { fault: 'has only empty files in it', missing: false }
}

/** `root/a`, `root/a/b` for the folder `a/b`. */
function partsOf(root: string, folder: string): readonly string[] {
  const names = folder.split(/[\\/]/).filter((name) => name !== '' && name !== '.')
  return names.map((_, index) => join(root, ...names.slice(0, index + 1)))
}

async function statusOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (namesNothing(error)) return undefined
    throw error
  }
}

/** A link within the root counts as what it leads to, but is not walked: what it leads to is, where it stands. */
async function kindOf(
  entry: Dirent,
  path: string,
  home: string
): Promise<'file' | 'folder' | 'link' | 'link out' | 'other'> {
  if (entry.isDirectory()) return 'folder'
  if (entry.isFile()) return 'file'
  if (!entry.isSymbolicLink()) return 'other'
  try {
    const target = await realpath(path)
    if (target !== home && !target.startsWith(home + sep)) return 'link out'
    return (await stat(target)).isFile() ? 'file' : 'link'
  } catch {
    // It leads nowhere; where it would lead decides.
    const target = await readlink(path)
    return /^(?:[\\/]|[A-Za-z]:)|(?:^|[\\/])\.\.(?:[\\/]|$)/.test(target) ? 'link out' : 'link'
  }
}

function shownIn(root: string, path: string): string {
  return relative(root, path).split(sep).join('/')
}
