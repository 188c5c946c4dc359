import type { Framework } from '../../shared/migrations/migration.ts'
import { migrationChanges } from './migration-changes.ts'
import { mended, renamePlan } from './rename-plan.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { counted, shown } from './wording.ts'

/** New migrations come after those that the branch has. */
export const order: Family = {
  name: 'Order of migrations',
  rules: ['out-of-order'],
  look(facts) {
    const changes = migrationChanges(facts).filter(({ added }) => added.length > 0)
    if (changes.length === 0) return undefined
    const added = changes.reduce((sum, change) => sum + change.added.length, 0)
    const standing = changes.reduce((sum, change) => sum + change.standing.length, 0)
    return {
      detail: `${counted(added, 'new migration')} compared with the ${String(standing)} of the branch`,
      findings: changes.flatMap((change): readonly PolicyFinding[] => {
        const plan = renamePlan(facts, change)
        const { newest, late } = plan
        if (newest === undefined) return []
        return late.map((migration, index) => ({
          rule: 'out-of-order',
          level: 'warning',
          file: migration.path,
          message: `${shown(migration)} is older than ${shown(newest)}, the newest on the branch. ${consequence[change.folder.framework]}`,
          ...mended(plan, migration, `Rename it so that it sorts behind ${shown(newest)}.`, index === 0)
        }))
      })
    }
  }
}

/** What really happens: Ecto.Migrator.run/4 takes all that is pending, and so does `prisma migrate deploy`. */
const consequence: Readonly<Record<Framework, string>> = {
  ecto: 'Ecto runs it all the same: after the newer ones where those have run, before them on a new database; and `mix ecto.rollback` takes back the newer one first.',
  prisma:
    'Prisma applies it all the same: after the newer ones where those have been applied, before them on a new database.',
  sql: 'It runs after the newer ones where those have run, and before them on a new database.'
}
