import type { Migration } from '../../shared/migrations/migration-set.ts'
import type { PolicyFacts } from './facts.ts'
import { migrationChanges, type MigrationChanges } from './migration-changes.ts'
import { gitMv, mended, renamePlan } from './rename-plan.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { counted, shown } from './wording.ts'

/** No two migrations with one version or one name: within the change, and against what the branch has. */
export const duplicates: Family = {
  name: 'Duplicate migrations',
  rules: ['duplicate-version', 'duplicate-name'],
  look(facts) {
    const changes = migrationChanges(facts).filter(({ added, kept }) => added.length + kept.length > 0)
    if (changes.length === 0) return undefined
    const brought = changes.reduce((sum, { added, kept }) => sum + added.length + kept.length, 0)
    const all = changes.reduce((sum, { added, standing }) => sum + added.length + standing.length, 0)
    const ofEcto = changes.filter(({ folder }) => folder.framework === 'ecto')
    const read = ofEcto
      .flatMap((change) => [...change.standing, ...change.added])
      .filter(({ path }) => facts.modules.has(path)).length
    return {
      detail: `${counted(brought, 'new or changed migration')} among ${String(all)}${ofEcto.length === 0 ? '' : `, names of ${counted(read, 'module')} compared`}`,
      findings: changes.flatMap((change) => [
        ...sameVersion(facts, change),
        ...(change.folder.framework === 'ecto' ? sameName(facts, change) : [])
      ])
    }
  }
}

function sameVersion(facts: PolicyFacts, change: MigrationChanges): readonly PolicyFinding[] {
  const plan = renamePlan(facts, change)
  return [...plan.clashing].map(([migration, other], index): PolicyFinding => {
    const where = change.added.includes(other) ? 'of this change' : 'of the branch'
    if (change.folder.framework !== 'ecto') {
      // Prisma orders by the whole name and takes both; several of one number in one change are often meant so.
      return {
        rule: 'duplicate-version',
        level: facts.change.kind === 'merge_group' ? 'warning' : 'notice',
        file: migration.path,
        message: `${shown(migration)} has the number of ${shown(other)} ${where}. Both are applied; the rest of their names alone decides which is first.`,
        ...mended(plan, migration, 'Where the order matters, give it a number of its own.', index === 0)
      }
    }
    // Ecto.Migrator: pending is what has no row in schema_migrations; ensure_no_duplication!/1 looks at that alone.
    return {
      rule: 'duplicate-version',
      level: 'error',
      file: migration.path,
      message: `${shown(migration)} has the version ${migration.version} of ${other.path} ${where}. Where one of them has run, Ecto never runs the other and says nothing; where neither has, it refuses to run anything.`,
      ...mended(plan, migration, 'Give it a version of its own.', index === 0)
    }
  })
}

/**
 * Ecto only: Prisma reads nothing out of names. Two pending files of one name are refused (ensure_no_duplication!/1).
 * Two of one module are both loaded before the first runs, so the code of the later runs for both (Migrator.run/4).
 */
function sameName(facts: PolicyFacts, change: MigrationChanges): readonly PolicyFinding[] {
  const names = pairsBy(change, ({ name }) => name).map(({ migration, other }): PolicyFinding => ({
    rule: 'duplicate-name',
    level: 'error',
    file: migration.path,
    message: `${shown(migration)} has the name of ${other.path}. On a database where neither has run, Ecto refuses to run anything: "migration name ${migration.name} is duplicated".`,
    hint: `Give the file a name that says what it adds to the other, such as \`${gitMv({ from: migration.path, to: migration.path.replace(/(?=\.[^./]*$)/, '_once_more') })}\`, and its module with it.`
  }))
  const told = new Set(names.map(({ file }) => file))
  const modules = pairsBy(change, ({ path }) => facts.modules.get(path))
    .filter(({ migration }) => !told.has(migration.path))
    .map(({ migration, other }): PolicyFinding => {
      const span = facts.ecto.get(migration.path)?.moduleSpan
      return {
        rule: 'duplicate-name',
        level: 'error',
        file: migration.path,
        ...(span === undefined ? {} : { span }),
        message: `${shown(migration)} defines ${facts.modules.get(migration.path) ?? ''}, as ${other.path} does. Where both are pending, Ecto loads both before it runs one, and the code of one of them never runs.`,
        hint: 'Give the module a name of its own, such as that of the file.'
      }
    })
  return [...names, ...modules]
}

/** Each migration whose key the change brings, with another that has it. */
function pairsBy(
  { added, kept, standing }: MigrationChanges,
  keyOf: (migration: Migration) => string | undefined
): readonly { readonly migration: Migration; readonly other: Migration }[] {
  const brought = [...added, ...kept.map(({ after }) => after)]
  const isBrought = new Set(brought.map(({ path }) => path))
  const merged = new Set(kept.map(({ before }) => keyOf(before)))
  const seen = new Map<string, Migration>()
  for (const migration of standing) {
    const key = keyOf(migration)
    if (key !== undefined && !isBrought.has(migration.path)) seen.set(key, migration)
  }
  return brought.flatMap((migration) => {
    const key = keyOf(migration)
    if (key === undefined || key === '') return []
    const other = seen.get(key)
    if (other === undefined) seen.set(key, migration)
    // What an edited one was called before is no news.
    const isNews = !kept.some(({ after }) => after === migration) || !merged.has(key)
    return other === undefined || !isNews ? [] : [{ migration, other }]
  })
}
