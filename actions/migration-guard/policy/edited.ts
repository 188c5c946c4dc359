import type { Framework } from '../../shared/migrations/migration.ts'
import type { Migration } from '../../shared/migrations/migration-set.ts'
import { symlinkMode, type Tree } from '../tree.ts'
import type { EditComparison, PolicyFacts } from './facts.ts'
import { frozenChanges } from './frozen-paths.ts'
import { handedOver, isAsInSource } from './listings.ts'
import { migrationChanges, type KeptMigration, type MigrationChanges } from './migration-changes.ts'
import { quoted } from './rename-plan.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { byReview, counted, listed, shown } from './wording.ts'

/** What was merged stays as it is: a database that has run it does not run it again. */
export const edited: Family = {
  name: 'Merged migrations',
  rules: ['edited-after-merge'],
  look(facts) {
    const changes = migrationChanges(facts)
    const merged = changes.reduce((sum, { facts: { base } }) => sum + base.migrations.length, 0)
    if (merged === 0) return undefined
    const kept = changes.flatMap((change) => change.kept)
    const deleted = changes.reduce((sum, change) => sum + change.deleted.length, 0)
    const moved = kept.filter((each) => each.identity === 'same' && comparisonOf(facts, each) === 'identical')
    const detail = [
      `${counted(merged, 'merged migration')}: ${String(kept.length - moved.length)} edited or renamed, ${String(deleted)} deleted`,
      ...(moved.length === 0 ? [] : [`${String(moved.length)} moved or renamed with the same version and contents`])
    ].join(', ')
    return {
      detail,
      findings: changes.flatMap((change) => [
        ...change.kept.flatMap((migration) => editOf(facts, change, migration)),
        ...equalOnes(facts, change),
        ...moduleRenames(facts, change),
        ...deletions(facts, change)
      ])
    }
  }
}

function comparisonOf({ edits, change }: PolicyFacts, { before, after }: KeptMigration): EditComparison {
  // Its text is now the name of another file: the same bytes are another migration.
  if (isLink(change.base, before.path) !== isLink(change.head, after.path)) return 'different'
  if (before.blob === after.blob) return 'identical'
  const comparison = edits.get(after.path)
  return comparison === undefined || comparison === 'identical' ? 'unreadable' : comparison
}

function isLink({ files }: Pick<Tree, 'files'>, path: string): boolean {
  return files.get(path)?.mode === symlinkMode
}

/** What a database that has run it makes of the new contents. */
const already: Readonly<Record<Framework, string>> = {
  ecto: 'Where its version is in schema_migrations, Ecto never runs the new contents: databases come to differ.',
  prisma:
    'Where it has been applied, `prisma migrate deploy` passes over the new contents without a word, and `prisma migrate dev` asks to reset the database: databases come to differ.',
  sql: 'Where it has run, it does not run again: databases come to differ.'
}

const anew: Readonly<Record<Framework, string>> = {
  ecto: 'mix ecto.gen.migration NAME',
  prisma: 'npx prisma migrate dev --create-only --name NAME',
  sql: 'git add NAME.sql'
}

function editOf(
  facts: PolicyFacts,
  { folder: { framework } }: MigrationChanges,
  migration: KeptMigration
): readonly PolicyFinding[] {
  const { before, after, identity } = migration
  const rule = 'edited-after-merge'
  if (identity === 'other') {
    const again =
      framework === 'ecto'
        ? `Ecto runs ${shown(after)} once more where ${shown(before)} has run.`
        : framework === 'prisma'
          ? `Prisma applies it once more under the new name where ${shown(before)} was applied, and fails with P3018 where that cannot be.`
          : 'It runs once more under the new name.'
    return [
      {
        rule,
        level: 'error',
        file: after.path,
        message: `${shown(before)} was merged and is now called ${shown(after)}. ${again}`,
        hint: `Give it its name back: \`git rm -q ${quoted(after.path)} && git checkout ${commitOf(facts)} -- ${quoted(before.path)}\`.`
      }
    ]
  }
  const back = `Restore it: \`${restoring(facts, before, after)}\`; and make the change in a migration of its own: \`${anew[framework]}\`.`
  const comparison = comparisonOf(facts, migration)
  switch (comparison) {
    case 'identical':
    case 'equal':
    case 'line-endings':
    case 'module-renamed':
      return []
    case 'different':
    case 'unreadable': {
      const how = comparison === 'different' ? 'is edited' : 'is edited, and what changed cannot be read'
      const follows = isLink(facts.change.head, after.path) ? undefined : isAsInSource(facts, after)
      return [
        {
          rule,
          level: follows === undefined ? 'error' : 'warning',
          file: after.path,
          message: `${shown(after)} was merged and ${how}${follows === undefined ? '' : `, as it was in ${follows}`}. ${already[framework]}`,
          hint: back
        }
      ]
    }
  }
}

/** Sweeps of a formatter touch hundreds: one notice a folder says it for all. */
function equalOnes(facts: PolicyFacts, { folder, kept }: MigrationChanges): readonly PolicyFinding[] {
  const equal = kept.filter((migration) => migration.identity === 'same' && comparisonOf(facts, migration) === 'equal')
  const endings = kept.filter(
    (migration) => migration.identity === 'same' && comparisonOf(facts, migration) === 'line-endings'
  )
  const first = equal[0] ?? endings[0]
  if (first === undefined) return []
  const names = [...equal, ...endings].map(({ after }) => shown(after))
  // The checksum is of the bytes, and one with other line endings is taken too (schema-connector, checksum.rs).
  const checksum =
    folder.framework === 'prisma' && equal.length > 0
      ? ' Where they have been applied, the checksum that Prisma keeps no longer fits: `prisma migrate deploy` passes over that, `prisma migrate dev` says "was modified after it was applied" and asks to reset the development database.'
      : ''
  const what =
    equal.length === 0
      ? 'line endings'
      : endings.length === 0
        ? 'layout or comments'
        : 'layout, comments or line endings'
  return [
    {
      rule: 'edited-after-merge',
      level: 'notice',
      file: first.after.path,
      message: `${counted(names.length, 'merged migration')} changed in ${what} only, not in what ${names.length === 1 ? 'it does' : 'they do'}: ${listed(names)}.${checksum}`,
      hint:
        folder.framework === 'prisma' && equal.length > 0
          ? `Leave merged migrations out of formatting: \`${restoring(facts, first.before, first.after)}\`.`
          : isFrozen(facts, [...equal, ...endings])
            ? 'Databases are not harmed; what frozen paths demand is told by itself.'
            : 'Nothing needs to be done.'
    }
  ]
}

/** Whether another rule speaks of the same files. */
function isFrozen(facts: PolicyFacts, migrations: readonly KeptMigration[]): boolean {
  const paths = new Set(migrations.map(({ after }) => after.path))
  return frozenChanges(facts).some(({ path, conditions }) => conditions.length > 0 && paths.has(path))
}

function moduleRenames(facts: PolicyFacts, { kept }: MigrationChanges): readonly PolicyFinding[] {
  const renamed = kept.filter(
    (migration) => migration.identity === 'same' && comparisonOf(facts, migration) === 'module-renamed'
  )
  const first = renamed[0]
  if (first === undefined) return []
  return [
    {
      rule: 'edited-after-merge',
      level: 'warning',
      file: first.after.path,
      message: `${counted(renamed.length, 'merged migration')} ${renamed.length === 1 ? 'has' : 'have'} another module name and nothing else new: ${listed(renamed.map(({ after }) => shown(after)))}. Ecto keeps versions, not modules, and what runs is the same.`,
      hint: `Leave it so where the names are what you want; otherwise \`${restoring(facts, first.before, first.after)}\`.`
    }
  ]
}

/** A squash deletes many: one finding a folder. What the package holds was handed over, and is no loss. */
function deletions(facts: PolicyFacts, { folder, deleted }: MigrationChanges): readonly PolicyFinding[] {
  const lost = deleted.filter((migration) => handedOver(facts, migration) === undefined)
  const first = lost[0]
  if (first === undefined) return []
  const one = lost.length === 1
  const loss: Readonly<Record<Framework, string>> = {
    ecto: `A new database never gets what ${one ? 'it makes' : 'they make'}; one that has run ${one ? 'it' : 'them'} shows "** FILE NOT FOUND **" and cannot roll ${one ? 'it' : 'them'} back.`,
    prisma: `A new database never gets what ${one ? 'it makes' : 'they make'}; where ${one ? 'it was' : 'they were'} applied, \`prisma migrate deploy\` passes over that without a word, and \`prisma migrate dev\` asks to reset the database.`,
    sql: `A new database never gets what ${one ? 'it makes' : 'they make'}.`
  }
  return [
    {
      rule: 'edited-after-merge',
      level: 'error',
      file: first.path,
      message: `${counted(lost.length, 'merged migration')} ${one ? 'is' : 'are'} deleted: ${listed(lost.map(shown))}. ${loss[folder.framework]}`,
      hint: `Restore ${one ? 'it' : 'them'}: \`git checkout ${commitOf(facts)} -- ${lost
        .slice(0, 5)
        .map(({ path }) => quoted(path))
        .join(
          ' '
        )}${lost.length > 5 ? ' …' : ''}\`. What ${one ? 'it' : 'they'} made is taken back by a new migration: \`${anew[folder.framework]}\`.${byReview(facts)}`
    }
  ]
}

/** Brings the merged contents back, where the migration is now. */
function restoring(facts: PolicyFacts, before: Migration, after: Migration): string {
  return before.path === after.path
    ? `git checkout ${commitOf(facts)} -- ${quoted(before.path)}`
    : `git show ${commitOf(facts)}:${quoted(before.path)} > ${quoted(after.path)}`
}

/** The base as a command takes it; a short id is enough for people. */
function commitOf({ change: { base } }: PolicyFacts): string {
  return /^[0-9a-f]{40,64}$/.test(base.commit) ? base.commit.slice(0, 12) : base.commit
}
