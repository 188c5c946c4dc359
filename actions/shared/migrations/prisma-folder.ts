import { baseOf, parentOf, type ListedFile } from './file-tree.ts'
import { prismaName } from './migration-name.ts'
import type { FolderContents, IgnoredFile, Migration, MigrationFolder } from './migration-set.ts'

export const lockName = 'migration_lock.toml'
const scriptName = 'migration.sql'

/**
 * Folders of Prisma's migrations among a repository's paths, wherever `migrations.path` or `package.json#prisma` put
 * them: a folder with migration_lock.toml, or one of `NAME/migration.sql` at Prisma's usual place or where a schema of its is near. Drizzle
 * writes `NAME/migration.sql` too, with a `snapshot.json` beside it.
 */
export function prismaFolders(paths: readonly string[]): readonly MigrationFolder[] {
  const found = new Set<string>()
  const schemas = paths.filter((path) => path.endsWith('.prisma'))
  const known = new Set(paths)
  const add = (folder: string): void => {
    if (!folder.split('/').some((part) => part === 'node_modules' || part === '_build')) found.add(folder)
  }
  for (const path of paths) {
    const base = baseOf(path)
    if (base === lockName) add(parentOf(path))
    if (base !== scriptName || !path.includes('/')) continue
    const migration = parentOf(path)
    const folder = parentOf(migration)
    if (folder === '.' || known.has(`${migration}/snapshot.json`)) continue
    const near = parentOf(folder) === '.' ? '' : `${parentOf(folder)}/`
    if (/(?:^|\/)prisma\/migrations$/.test(folder) || schemas.some((schema) => schema.startsWith(near))) add(folder)
  }
  return [...found].map((path) => ({ path, framework: 'prisma' }))
}

/**
 * What Prisma finds in a folder: each folder in it is a migration, at any depth none but these (prisma,
 * packages/migrate/src/utils/listMigrations.ts); one without migration.sql stops it with P3015.
 */
export function prismaFiles(files: readonly { readonly below: string; readonly file: ListedFile }[]): FolderContents {
  const migrations: Migration[] = []
  const ignored: IgnoredFile[] = []
  let lock: ListedFile | undefined
  const withScript = new Set(
    files.filter(({ below }) => /^[^/]+\/migration\.sql$/.test(below)).map(({ below }) => parentOf(below))
  )
  for (const { below, file } of files) {
    const { path, blob } = file
    const ignore = (kind: IgnoredFile['kind']): void => void ignored.push({ path, blob, kind })
    const [folder = '', ...rest] = below.split('/')
    if (below === lockName) lock = file
    else if (rest.length === 0) ignore(below.endsWith('.sql') ? 'stray' : 'beside')
    else if (rest.join('/') === scriptName) migrations.push({ ...prismaName(folder), path, blob, below })
    else if (!withScript.has(folder)) ignore('without-sql')
    else ignore(rest.length > 1 && rest.at(-1) === scriptName ? 'stray' : 'beside')
  }
  return { migrations, ignored, lock }
}
