import { baseOf, joinPath, parentOf } from '../../shared/migrations/file-tree.ts'
import { timeOf, versionAt } from '../../shared/migrations/migration-name.ts'
import type { IgnoredFile, Migration } from '../../shared/migrations/migration-set.ts'
import type { PolicyFacts } from './facts.ts'
import { migrationChanges, type MigrationChanges } from './migration-changes.ts'
import { gitMv, mended, renamed, renamePlan, type RenamePlan } from './rename-plan.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { counted, shown, writtenVersion } from './wording.ts'

/** Names that the tool passes over, and versions that make it do what nobody expects. Only of what is new. */
export const names: Family = {
  name: 'Names of migrations',
  rules: ['migration-name', 'future-version', 'stray-file'],
  look(facts) {
    const looked = migrationChanges(facts).map((change) => ({ change, files: newlyIgnored(facts, change) }))
    const added = looked.reduce((sum, { change }) => sum + change.added.length, 0)
    const others = looked.reduce((sum, { files }) => sum + files.length, 0)
    if (added + others === 0) return undefined
    return {
      detail: `${counted(added, 'new migration')}, ${counted(others, 'other new file')} beside them`,
      findings: looked.flatMap(({ change, files }) => {
        const plan = renamePlan(facts, change)
        return [
          ...change.added.flatMap((migration) => versionOf(change, migration, plan)),
          ...plan.future.map((migration, index) => futureOne(facts, migration, plan, index === 0)),
          ...files.flatMap((file) => ignoredOne(file, change, plan))
        ]
      })
    }
  }
}

/** Files that the tool passes over, and that the change brought. */
function newlyIgnored({ change }: PolicyFacts, { facts: { head } }: MigrationChanges): readonly IgnoredFile[] {
  const brought = new Set(
    change.files.filter(({ kind }) => kind === 'added' || kind === 'renamed').map(({ path }) => path)
  )
  return head.ignored.filter(({ path }) => brought.has(path))
}

function futureOne(facts: PolicyFacts, migration: Migration, plan: RenamePlan, isFirst: boolean): PolicyFinding {
  return {
    rule: 'future-version',
    level: 'error',
    file: migration.path,
    message: `${shown(migration)} lies in the future: it is ${versionAt(facts.now)} now (UTC). Until then every other new migration is older than it.`,
    ...mended(plan, migration, 'Give it the time of today.', isFirst)
  }
}

function versionOf(
  { folder: { framework }, standing }: MigrationChanges,
  migration: Migration,
  plan: RenamePlan
): readonly PolicyFinding[] {
  const rule = 'migration-name'
  const file = migration.path
  const time = timeOf(writtenVersion(migration))
  if (time.kind === 'no time') {
    return [
      {
        rule,
        level: 'notice',
        file,
        message: `${shown(migration)} has ${time.fault}: its version is no time. It is ordered by its digits all the same.`,
        hint: 'Nothing needs to be done; versions from the generator are times.'
      }
    ]
  }
  if (time.kind === 'time' && time.at < Date.UTC(2000, 0, 1)) {
    return [
      {
        rule,
        level: 'warning',
        file,
        message: `${shown(migration)} is of the year ${writtenVersion(migration).slice(0, 4)}.`,
        hint: hintOf(migration, plan, 'Give it the time of today.')
      }
    ]
  }
  if (plan.numbering !== 'time' || standing.length === 0) return []
  if (time.kind === 'none') {
    if (framework === 'ecto') return []
    return [
      {
        rule,
        level: 'error',
        file,
        message: `${shown(migration)} has no timestamp, as the others have: it is ordered behind all of them, and all that come later.`,
        hint: hintOf(migration, plan, 'Put a timestamp in front of its name.')
      }
    ]
  }
  if (time.kind !== 'number') return []
  if (framework === 'ecto' && time.digits > 14) {
    return [
      {
        rule,
        level: 'error',
        file,
        message: `${shown(migration)} has a version of ${String(time.digits)} digits, the others of 14: as a number it is later than every timestamp for ever, so all that come after are older.`,
        hint: hintOf(migration, plan, 'Give it a version of 14 digits.')
      }
    ]
  }
  return [
    {
      rule,
      level: 'warning',
      file,
      message: `${shown(migration)} has a version of ${counted(time.digits, 'digit')}, the others of 14.`,
      hint: hintOf(migration, plan, 'Give it a version of 14 digits.')
    }
  ]
}

function hintOf(migration: Migration, plan: RenamePlan, otherwise: string): string {
  const command =
    plan.commands.get(migration) ?? (plan.free === undefined ? undefined : gitMv(renamed(migration, plan.free)))
  return command === undefined ? otherwise : `Run \`${command}\`.`
}

function ignoredOne(
  { path, kind }: IgnoredFile,
  { folder }: MigrationChanges,
  plan: RenamePlan
): readonly PolicyFinding[] {
  const base = baseOf(path)
  if (kind === 'name') {
    const to = joinPath(parentOf(path), `${plan.free ?? 'VERSION'}_${base.replace(/^[\d_]+/, '')}`)
    return [
      {
        rule: 'migration-name',
        level: 'error',
        file: path,
        message: `Ecto passes over ${base} without a word: a migration is called VERSION_name.exs, the version in digits.`,
        hint: `Run \`${gitMv({ from: path, to })}\`, or move it out of ${folder.path} where it is no migration.`
      }
    ]
  }
  if (kind === 'extension') {
    return [
      {
        rule: 'migration-name',
        level: 'error',
        file: path,
        message: `Ecto does not run ${base}: it ends in .ex, and a migration ends in .exs.`,
        hint: `Run \`${gitMv({ from: path, to: `${path}s` })}\`.`
      }
    ]
  }
  if (kind !== 'stray') return []
  const runs = folder.framework === 'prisma' ? 'NAME/migration.sql' : 'VERSION_name.exs'
  return [
    {
      rule: 'stray-file',
      level: 'warning',
      file: path,
      message: `Nothing runs ${path}: in ${folder.path} only ${runs} is a migration.`,
      hint: `Make it a migration, or move it out of ${folder.path}.`
    }
  ]
}
