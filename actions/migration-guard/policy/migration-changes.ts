import { spelled } from '../../shared/migrations/migration-name.ts'
import type { Migration, MigrationFolder } from '../../shared/migrations/migration-set.ts'
import type { ChangedFile } from '../change.ts'
import type { FolderFacts, PolicyFacts } from './facts.ts'

/** What a change does to the migrations of one folder. */
export interface MigrationChanges {
  readonly facts: FolderFacts
  readonly folder: MigrationFolder
  /** New to the branch that the change goes to, in the tool's order. */
  readonly added: readonly Migration[]
  /** Merged before, and changed now. `after` may be elsewhere or called otherwise. */
  readonly kept: readonly KeptMigration[]
  /** Merged before, and gone now. */
  readonly deleted: readonly Migration[]
  /** All others that will be there once it is merged: of the branch and of the head, without what it adds or deletes. */
  readonly standing: readonly Migration[]
}

export interface KeptMigration {
  readonly before: Migration
  readonly after: Migration
  /** What the tool knows it by has changed: Ecto's version, Prisma's folder. */
  readonly identity: 'same' | 'other'
}

/** What the change does in each folder of migrations. Moved from one folder to another, a migration is of the new one. */
export function migrationChanges(facts: PolicyFacts): readonly MigrationChanges[] {
  const known = cached.get(facts)
  if (known !== undefined) return known
  const changes = changesOf(facts)
  cached.set(facts, changes)
  return changes
}

/** Most rules ask for the same. */
const cached = new WeakMap<PolicyFacts, readonly MigrationChanges[]>()

function changesOf(facts: PolicyFacts): readonly MigrationChanges[] {
  const changed = new Map(facts.change.files.map((file) => [file.path, file]))
  const before = new Map(
    facts.folders.flatMap(({ base }) => base.migrations.map((migration) => [migration.path, migration] as const))
  )
  const pairs = pairsOf(facts, changed, before)
  const taken = new Set([...pairs.values()].map(({ path }) => path))
  return facts.folders.map((folder) => {
    const { framework } = folder.head.folder
    const onTarget = new Map(folder.target.migrations.map(({ path, blob }) => [path, blob]))
    const isNew = ({ path, blob }: Migration): boolean => isFresh(changed.get(path)) && onTarget.get(path) !== blob
    const added = folder.head.migrations.filter((migration) => isNew(migration) && !pairs.has(migration.path))
    const kept = folder.head.migrations.flatMap((after): readonly KeptMigration[] => {
      const earlier = pairs.get(after.path)
      if (earlier === undefined) return []
      return [
        {
          before: earlier,
          after,
          identity: identity(framework, earlier) === identity(framework, after) ? 'same' : 'other'
        }
      ]
    })
    const deleted = folder.base.migrations.filter(({ path }) => !facts.change.head.files.has(path) && !taken.has(path))
    const stays = new Set(kept.map(({ after }) => after.path))
    const goes = new Set([...deleted, ...added].map(({ path }) => path))
    const standing = new Map(
      [...folder.target.migrations, ...folder.head.migrations]
        .filter(({ path }) => stays.has(path) || !(goes.has(path) || taken.has(path)))
        .map((migration) => [migration.path, migration])
    )
    return { facts: folder, folder: folder.head.folder, added, kept, deleted, standing: [...standing.values()] }
  })
}

function isFresh(file: ChangedFile | undefined): boolean {
  return file?.kind === 'added' || file?.kind === 'renamed'
}

/** Which merged migration a migration of the head was, by the latter's path. */
function pairsOf(
  { folders, change }: PolicyFacts,
  changed: ReadonlyMap<string, ChangedFile>,
  before: ReadonlyMap<string, Migration>
): ReadonlyMap<string, Migration> {
  const pairs = new Map<string, Migration>()
  const unpaired: { readonly migration: Migration; readonly key: string }[] = []
  for (const { head } of folders) {
    for (const migration of head.migrations) {
      const file = changed.get(migration.path)
      if (file === undefined || file.kind === 'deleted') continue
      const earlier = file.kind === 'added' ? undefined : before.get(file.before.path)
      if (earlier !== undefined) pairs.set(migration.path, earlier)
      else unpaired.push({ migration, key: `${head.folder.framework} ${spelled(migration)}` })
    }
  }
  const deleted = new Map<string, Migration>(
    folders.flatMap(({ base }) =>
      base.migrations
        .filter(({ path }) => !change.head.files.has(path))
        .map((migration) => [`${base.folder.framework} ${spelled(migration)}`, migration] as const)
    )
  )
  // Moved to another folder and edited on the way: git sees a file go and another come.
  for (const { migration, key } of unpaired) {
    const earlier = deleted.get(key)
    if (earlier === undefined) continue
    pairs.set(migration.path, earlier)
    deleted.delete(key)
  }
  return pairs
}

/** What the tool's table knows a migration by: `schema_migrations.version`, `_prisma_migrations.migration_name`. */
function identity(framework: MigrationFolder['framework'], migration: Migration): string {
  return framework === 'ecto' ? migration.version : spelled(migration)
}
