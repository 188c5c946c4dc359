import { readFileSync, readdirSync, statSync, type Dirent } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { baseOf, joinPath, parentOf, type ListedFile } from '../../shared/migrations/file-tree.ts'
import { compareNames, spelled } from '../../shared/migrations/migration-name.ts'
import { readMigrationSet, type IgnoredFile } from '../../shared/migrations/migration-set.ts'
import { lockName } from '../../shared/migrations/prisma-folder.ts'
import { isFolder } from './folder-patterns.ts'
import type { MigrationSource } from './project.ts'

/** One migration as it lies in a folder. */
export interface FileOnDisk {
  /** As the framework names it: Prisma's folder, Ecto's version. */
  readonly name: string
  /** `20250101120000_add_users` of both. */
  readonly spelled: string
  readonly version: string
  /** Relative to the working directory, or absolute outside of it. */
  readonly path: string
}

/** What the folders of a source hold, in the order in which the framework runs it. */
export interface MigrationFiles {
  readonly files: readonly FileOnDisk[]
  /** What the framework passes over without running it, though it may be meant to run. */
  readonly passedOver: readonly IgnoredFile[]
  /** Folders among Prisma's migrations that have no migration.sql: Prisma stops at them (P3015). */
  readonly withoutScript: readonly string[]
  /** The provider of Prisma's migration_lock.toml. */
  readonly lockText: string | undefined
}

/** Reads the listings of the folders. One that is not there holds nothing. */
export function listMigrationFiles({ folder, framework, folders }: MigrationSource): MigrationFiles {
  const places = folders.map((place) => (framework === 'prisma' ? prismaListing : ectoListing)(place, folder))
  const sets = places.map(({ path, files }) =>
    readMigrationSet({ files: new Map(files.map((file) => [file.path, file])) }, { path, framework })
  )
  const lock = sets.map((set) => set.lock).find((file) => file !== undefined)
  return {
    // Ecto sorts the files of all folders as one list (Ecto.Migrator, migrations_for/1).
    files: sets
      .flatMap(({ migrations }) => migrations)
      .toSorted((a, b) => compareNames(framework, a, b) || compareText(a.path, b.path))
      .map((migration) => ({
        name: framework === 'prisma' ? baseOf(parentOf(migration.path)) : migration.version,
        spelled: framework === 'prisma' ? baseOf(parentOf(migration.path)) : spelled(migration),
        version: migration.version,
        path: migration.path
      })),
    passedOver: sets.flatMap(({ ignored }) => ignored).filter(({ kind }) => kind === 'extension' || kind === 'name'),
    withoutScript: places.flatMap(({ withoutScript }) => withoutScript),
    lockText: lock === undefined ? undefined : readMigrationFile(lock.path, folder).toString('utf8')
  }
}

/** The bytes of a file that a listing named. Throws what the file system throws. */
export function readMigrationFile(path: string, folder: string): Buffer {
  return readFileSync(isAbsolute(path) ? path : join(folder, path))
}

interface Listing {
  readonly path: string
  readonly files: readonly ListedFile[]
  readonly withoutScript: readonly string[]
}

/** Folders in the folder, and in each of them migration.sql: Prisma follows no links and looks no deeper. */
function prismaListing(path: string, folder: string): Listing {
  const entries = entriesOf(resolve(folder, path))
  const files: ListedFile[] = []
  const withoutScript: string[] = []
  for (const entry of entries) {
    const below = joinPath(path, entry.name)
    if (entry.isFile() && entry.name === lockName) files.push({ path: below, blob: '' })
    if (!entry.isDirectory()) continue
    const script = joinPath(below, 'migration.sql')
    const found = statSync(resolve(folder, script), { throwIfNoEntry: false })
    if (found?.isFile() === true) files.push({ path: script, blob: '' })
    else withoutScript.push(below)
  }
  return { path, files, withoutScript }
}

/** All files below the folder, links followed as `Path.wildcard` follows them, nothing hidden. */
function ectoListing(path: string, folder: string): Listing {
  const files: ListedFile[] = []
  const walk = (place: string, depth: number): void => {
    for (const entry of entriesOf(resolve(folder, place))) {
      if (entry.name.startsWith('.')) continue
      const below = joinPath(place, entry.name)
      const isLink = entry.isSymbolicLink()
      // A link that leads back up would be followed for ever.
      if (entry.isDirectory() || (isLink && isFolder(resolve(folder, below)))) {
        if (depth < deepest) walk(below, depth + 1)
      } else files.push({ path: below, blob: '' })
    }
  }
  walk(path, 0)
  return { path, files, withoutScript: [] }
}

const deepest = 8

function entriesOf(place: string): readonly Dirent[] {
  return isFolder(place) ? readdirSync(place, { withFileTypes: true }) : []
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
