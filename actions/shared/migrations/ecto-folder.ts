import { baseOf, parentOf, type ListedFile } from './file-tree.ts'
import { ectoName } from './migration-name.ts'
import type { FolderContents, IgnoredFile, Migration, MigrationFolder } from './migration-set.ts'

/**
 * Folders of Ecto's migrations among a repository's paths: `priv/REPO/migrations` (Mix.EctoSQL.source_repo_priv/1), and
 * `priv/REPO/…_migrations`, which projects run by `--migrations-path`. In an umbrella each application has its own.
 */
export function ectoFolders(paths: readonly string[]): readonly MigrationFolder[] {
  const mixProjects = new Set(paths.filter((path) => baseOf(path) === 'mix.exs').map(parentOf))
  const found = new Set<string>()
  for (const path of paths) {
    if (!path.endsWith('.exs')) continue
    const folder = /^((?:.*\/)?priv\/(?:[^/]+\/)?(?:[^/]*_)?migrations)\/.*\.exs$/.exec(path)?.[1]
    if (folder === undefined || ectoName(baseOf(path)) === undefined) continue
    if (!isGenerated(folder, mixProjects)) found.add(folder)
  }
  return [...found].map((path) => ({ path, framework: 'ecto' }))
}

/** Whether a path lies in what Mix fetched or built. */
function isGenerated(path: string, mixProjects: ReadonlySet<string>): boolean {
  const parts = path.split('/')
  return parts.some(
    (part, index) =>
      part === '_build' ||
      part === 'node_modules' ||
      (part === 'deps' && mixProjects.has(index === 0 ? '.' : parts.slice(0, index).join('/')))
  )
}

/**
 * What Ecto finds in a folder: `Path.wildcard("**\/*.{ex,exs}")`, so in folders below it too, and nothing whose name, or
 * whose folder's name, begins with a dot.
 */
export function ectoFiles(files: readonly { readonly below: string; readonly file: ListedFile }[]): FolderContents {
  const migrations: Migration[] = []
  const ignored: IgnoredFile[] = []
  for (const { below, file } of files) {
    const { path, blob } = file
    const base = baseOf(below)
    const name = ectoName(base)
    const hidden = below.split('/').some((part) => part.startsWith('.'))
    const ignore = (kind: IgnoredFile['kind']): void => void ignored.push({ path, blob, kind })
    if (base.endsWith('.exs') && !hidden) {
      if (name === undefined) ignore('name')
      else migrations.push({ ...name, path, blob, below })
    } else if (base.endsWith('.ex') && !hidden) ignore(name === undefined ? 'stray' : 'extension')
    else if (!hidden && name !== undefined && /\.(?:exs?\..+|eex|sql)$/.test(base)) ignore('stray')
    else ignore('beside')
  }
  return { migrations, ignored, lock: undefined }
}
