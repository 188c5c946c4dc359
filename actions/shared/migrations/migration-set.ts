import { ectoFiles, ectoFolders } from './ecto-folder.ts'
import { filesBelow, type FileTree, type ListedFile } from './file-tree.ts'
import type { Framework } from './migration.ts'
import { compareNames, ectoName, type MigrationName } from './migration-name.ts'
import { prismaFiles, prismaFolders } from './prisma-folder.ts'

/** A folder of migrations, and whose it is. */
export interface MigrationFolder {
  /** Relative to the repository's root, with `/`. */
  readonly path: string
  readonly framework: Framework
}

/** One migration of a folder. */
export interface Migration extends MigrationName {
  /** Of its file: Ecto's `.exs`, Prisma's `migration.sql`. */
  readonly path: string
  readonly blob: string
  /** Below the folder: `20250101120000_add_users.exs`, `20250101120000_add_users/migration.sql`. */
  readonly below: string
}

/** A file in the folder that the tool passes over. */
export interface IgnoredFile {
  readonly path: string
  readonly blob: string
  readonly kind: IgnoredKind
}

/**
 * `name`: would be a migration, but the tool passes over its name without a word; `extension`: Ecto's migration with the
 * ending .ex, which it warns of and skips; `stray`: SQL or code where nothing runs it; `without-sql`: in a folder of
 * Prisma's that has no migration.sql; `beside`: known to be no migration (a README, `.keep`, a `down.sql`).
 */
export type IgnoredKind = 'name' | 'extension' | 'stray' | 'without-sql' | 'beside'

/** What is in a folder of migrations, in the order in which the tool runs it. */
export interface MigrationSet {
  readonly folder: MigrationFolder
  readonly migrations: readonly Migration[]
  readonly ignored: readonly IgnoredFile[]
  /** Prisma's migration_lock.toml. */
  readonly lock: ListedFile | undefined
}

/** What a tool's folder holds, not yet ordered. */
export type FolderContents = Pick<MigrationSet, 'migrations' | 'ignored' | 'lock'>

/**
 * Where migrations are: the folders that were named, or all that look like a folder of Prisma's or Ecto's. Generated and
 * fetched code (`node_modules`, `_build`, a Mix project's `deps`) counts only where it is named.
 */
export function findMigrationFolders(
  tree: Pick<FileTree, 'files'>,
  configured: readonly MigrationFolder[]
): readonly MigrationFolder[] {
  if (configured.length > 0) return configured
  const paths = [...tree.files.keys()]
  return [...prismaFolders(paths), ...ectoFolders(paths)].toSorted((a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : 0
  )
}

/** What a folder holds in one state of the repository. Reads the listing only. */
export function readMigrationSet(tree: Pick<FileTree, 'files'>, folder: MigrationFolder): MigrationSet {
  const contents = readers[folder.framework](filesBelow(tree.files, folder.path))
  const migrations = contents.migrations.toSorted((a, b) => compareNames(folder.framework, a, b))
  return { ...contents, folder, migrations }
}

/** Which of some files are migrations of a folder, in its order: for listings that are no whole tree. */
export function migrationsAmong(files: readonly ListedFile[], folder: MigrationFolder): readonly Migration[] {
  return readMigrationSet({ files: new Map(files.map((file) => [file.path, file])) }, folder).migrations
}

const readers: Readonly<
  Record<Framework, (files: readonly { readonly below: string; readonly file: ListedFile }[]) => FolderContents>
> = {
  prisma: prismaFiles,
  ecto: ectoFiles,
  sql: (files) => ({
    lock: undefined,
    ignored: [],
    migrations: files
      .filter(({ below }) => below.endsWith('.sql'))
      .map(({ below, file: { path, blob } }) => ({
        ...(ectoName(below) ?? { version: '', name: below.replace(/\.sql$/, '') }),
        path,
        blob,
        below
      }))
  })
}
