import { baseOf } from '../../shared/migrations/file-tree.ts'
import { compareNames, timeOf } from '../../shared/migrations/migration-name.ts'
import { migrationsAmong, type Migration } from '../../shared/migrations/migration-set.ts'
import type { PolicyFacts } from './facts.ts'
import type { MigrationChanges } from './migration-changes.ts'
import { newestOf, nextVersions, numberingOf, tolerance, type Numbering } from './numbering.ts'
import type { PolicyFinding } from './rules.ts'
import { writtenVersion } from './wording.ts'

/** What is wrong with the versions of a folder's new migrations, and the commands that mend all of it at once. */
export interface RenamePlan {
  readonly numbering: Numbering
  /** What a new migration must come after; undefined where there is nothing. */
  readonly newest: Migration | undefined
  /** New ones that come before it. */
  readonly late: readonly Migration[]
  /** New ones, and the other that has their version: of the branch, or an earlier one of the change. */
  readonly clashing: ReadonlyMap<Migration, Migration>
  /** New ones of the future. */
  readonly future: readonly Migration[]
  /** Commands by migration, in order. Empty where nothing needs one, or no version can be had. */
  readonly commands: ReadonlyMap<Migration, string>
  /** A free version behind all of them. */
  readonly free: string | undefined
}

/**
 * Plans new versions for the new migrations that are late, of the future, or have another's version, and for the new ones
 * that come after them, because one may need what another made.
 */
export function renamePlan(facts: PolicyFacts, { folder, standing, added }: MigrationChanges): RenamePlan {
  const { framework } = folder
  const { now } = facts
  const numbering = numberingOf(standing.length === 0 ? added : standing)
  const newest = newestOf(framework, standing, numbering, now)
  const clashing = clashes(standing, added)
  const late = added.filter(
    (migration) =>
      newest !== undefined &&
      migration.version !== '' &&
      compareNames(framework, migration, newest) < 0 &&
      // In Ecto the same version is another fault, and is told as that.
      !(framework === 'ecto' && clashing.has(migration))
  )
  const future = added.filter(({ version }) => {
    const time = timeOf(version)
    return time.kind === 'time' && time.at > now + tolerance
  })
  const theirs = inOtherPulls(facts, folder)
  const taken = new Set(theirs.map(({ version }) => version))
  const isTroubled = (migration: Migration): boolean =>
    late.includes(migration) ||
    future.includes(migration) ||
    (framework === 'ecto' && (clashing.has(migration) || taken.has(migration.version)))
  const first = added.findIndex(isTroubled)
  const moved = first === -1 ? [] : added.slice(first)
  const stays = first === -1 ? added : added.slice(0, first)
  const there = [...standing, ...stays, ...theirs]
  const versions = nextVersions(framework, numbering, there, moved.length + 1, now)
  return {
    numbering,
    newest,
    late,
    clashing,
    future,
    commands: new Map(
      versions === undefined
        ? []
        : moved.map((migration, index) => [migration, gitMv(renamed(migration, versions[index] ?? ''))])
    ),
    free: versions?.at(-1)
  }
}

function clashes(standing: readonly Migration[], added: readonly Migration[]): ReadonlyMap<Migration, Migration> {
  const seen = new Map(standing.map((migration) => [migration.version, migration]))
  const found = new Map<Migration, Migration>()
  for (const migration of added) {
    if (migration.version === '') continue
    const other = seen.get(migration.version)
    if (other === undefined) seen.set(migration.version, migration)
    else found.set(migration, other)
  }
  return found
}

/** Migrations that other pull requests add in the same folder. Theirs at a path of ours is no other. */
function inOtherPulls({ otherPulls, change }: PolicyFacts, folder: MigrationChanges['folder']): readonly Migration[] {
  if (otherPulls === undefined || 'notAvailable' in otherPulls) return []
  return otherPulls
    .filter(({ number }) => !change.pulls.includes(number))
    .flatMap(({ added }) => migrationsAmong(added, folder))
    .filter(({ path }) => !change.head.files.has(path))
}

/** What to do about one migration, and the whole recipe with the first finding that needs it. */
export function mended(
  { commands }: RenamePlan,
  migration: Migration,
  otherwise: string,
  isFirst: boolean
): Pick<PolicyFinding, 'hint' | 'recipe'> {
  const command = commands.get(migration)
  if (command === undefined) return { hint: otherwise }
  if (commands.size === 1) return { hint: `Run \`${command}\`.` }
  return {
    hint: `Run \`${command}\`, with the other commands of the recipe, which keep the order of the new migrations.`,
    ...(isFirst ? { recipe: { language: 'sh', text: [...commands.values()].join('\n') } } : {})
  }
}

/** What is moved to give a migration another version: Ecto's file, Prisma's folder. */
export function renamed(migration: Migration, version: string): { readonly from: string; readonly to: string } {
  const isFolder = migration.below.endsWith('/migration.sql')
  const from = isFolder ? migration.path.slice(0, -'/migration.sql'.length) : migration.path
  const base = baseOf(from)
  const written = writtenVersion(migration)
  const rest = written === '' ? `_${base}` : base.slice(written.length)
  return { from, to: `${from.slice(0, from.length - base.length)}${version}${rest}` }
}

/** A command of the shell that renames, for POSIX shells. */
export function gitMv({ from, to }: { readonly from: string; readonly to: string }): string {
  return `git mv ${quoted(from)} ${quoted(to)}`
}

/** A word of a POSIX shell. */
export function quoted(word: string): string {
  if (/^[\w@%+:,./-]+$/.test(word) && !word.startsWith('-')) return word
  return `'${word.replaceAll("'", `'\\''`)}'`
}
