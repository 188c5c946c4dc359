import { readFile, readdir } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { readEctoLock } from '../../shared/migrations/ecto-lock.ts'
import type { FileTree, ListedFile } from '../../shared/migrations/file-tree.ts'
import type { LintContext } from '../../shared/migrations/lint.ts'
import { readPrismaVersion } from '../../shared/migrations/prisma-version.ts'
import { isFolder } from './folder-patterns.ts'

/** The Prisma that lock files or package.json pin, for a project whose packages are not installed. */
export async function prismaVersionOf(folder: string): Promise<string | undefined> {
  const root = rootOf(folder)
  const places: string[] = []
  for (let place = folder; ; place = dirname(place)) {
    places.push(place)
    if (place === root) break
  }
  const tree = await treeOf(root, places)
  const path = relative(root, folder).replaceAll('\\', '/')
  return (await readPrismaVersion(tree, { path: path === '' ? '.' : path, framework: 'prisma' }))?.version
}

/** How Ecto keeps two runs apart, as the configuration of the project says; `unknown` where its folders do not agree. */
export async function ectoLockOf(folder: string, folders: readonly string[]): Promise<LintContext['ectoLock']> {
  const applications = folders.flatMap((path) => /^(apps\/[^/]+)\//.exec(path)?.[1] ?? [])
  const tree = await treeOf(
    folder,
    [folder, ...applications.map((path) => join(folder, path))].map((path) => join(path, 'config'))
  )
  const locks = new Set(await Promise.all(folders.map((path) => readEctoLock(tree, { path }))))
  const [only = 'unknown'] = locks
  return locks.size === 1 ? only : 'unknown'
}

/** The repository that a folder is in; without one, the folder itself. */
function rootOf(folder: string): string {
  for (let place = folder; ; place = dirname(place)) {
    if (isFolder(join(place, '.git'))) return place
    if (dirname(place) === place) return folder
  }
}

/** The files that lie directly in some folders, by their paths below a root. */
async function treeOf(root: string, folders: readonly string[]): Promise<FileTree> {
  const files = new Map<string, ListedFile>()
  for (const folder of folders.filter(isFolder)) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isFile() || basename(entry.name).endsWith('.node')) continue
      const path = relative(root, join(folder, entry.name)).replaceAll('\\', '/')
      files.set(path, { path, blob: '' })
    }
  }
  return {
    files,
    read(path) {
      if (!files.has(path)) throw new TypeError(`${path} was not listed`)
      return readFile(join(root, path))
    }
  }
}
