import { migrationChanges } from './migration-changes.ts'
import type { Family } from './rules.ts'
import { counted, shown } from './wording.ts'

/** New migrations of Ecto can be rolled back. */
export const reversible: Family = {
  name: 'Rollback',
  rules: ['irreversible'],
  look(facts) {
    const added = migrationChanges(facts)
      .filter(({ folder }) => folder.framework === 'ecto')
      .flatMap((change) => change.added)
    if (added.length === 0) return undefined
    const read = added.filter(({ path }) => facts.ecto.has(path))
    return {
      detail: `${counted(read.length, "new migration of Ecto's", "new migrations of Ecto's")} read`,
      ...(read.length === 0 ? { skipped: true } : {}),
      notChecked:
        read.length === added.length
          ? []
          : [`Whether ${counted(added.length - read.length, 'new migration')} can be rolled back: not read.`],
      findings: read.flatMap((migration) =>
        (facts.ecto.get(migration.path)?.irreversible ?? []).map(({ span, what, hint }) => ({
          rule: 'irreversible',
          level: 'warning',
          file: migration.path,
          span,
          message: `${shown(migration)} cannot be rolled back: ${what}.`,
          hint
        }))
      )
    }
  }
}
