import { migrationsAmong } from '../../shared/migrations/migration-set.ts'
import type { OtherPull } from '../pull-request.ts'
import type { PolicyFacts } from './facts.ts'
import { migrationChanges } from './migration-changes.ts'
import { mended, renamePlan } from './rename-plan.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { counted, shown } from './wording.ts'

/** Two pull requests can each be right, and wrong together: git sees no conflict between two new files. */
export const otherPulls: Family = {
  name: 'Other pull requests',
  rules: ['duplicate-in-pull'],
  look(facts) {
    const changes = migrationChanges(facts).filter(({ added }) => added.length > 0)
    if (changes.length === 0 || facts.otherPulls === undefined) return undefined
    if ('notAvailable' in facts.otherPulls) {
      const { notAvailable, next } = facts.otherPulls
      return {
        detail: notAvailable,
        findings: [],
        skipped: true,
        notChecked: [`Whether another pull request adds the same version: ${notAvailable} ${next}`]
      }
    }
    const pulls = others(facts)
    const queued = pulls.filter((pull) => pull.queued).length
    return {
      detail: `${counted(pulls.length, 'other pull request')} against the same branch, ${String(queued)} in the merge queue`,
      findings: inPulls(facts)
    }
  }
}

function inPulls(facts: PolicyFacts): readonly PolicyFinding[] {
  const pulls = others(facts)
  return migrationChanges(facts).flatMap((change) => {
    const { folder, added } = change
    const isEcto = folder.framework === 'ecto'
    const plan = renamePlan(facts, change)
    const theirs = pulls.map((pull) => ({ pull, migrations: migrationsAmong(pull.added, folder) }))
    return added.flatMap((migration, index): readonly PolicyFinding[] => {
      for (const { pull, migrations } of theirs) {
        const other = migrations.find(
          ({ path, version, name }) =>
            // The same path is a conflict that git tells, or the same work in a stack of pull requests.
            path !== migration.path &&
            version !== '' &&
            (version === migration.version || (isEcto && name === migration.name))
        )
        if (other === undefined) continue
        const isVersion = other.version === migration.version
        const what = isVersion ? `the version ${migration.version}` : `the name ${migration.name}`
        return [
          {
            rule: 'duplicate-in-pull',
            level: isEcto ? (pull.queued ? 'error' : 'warning') : 'notice',
            file: migration.path,
            message: `#${String(pull.number)} (${pull.title})${pull.queued ? ', which waits in the merge queue,' : ''} adds ${shown(other)}, with ${what} of ${shown(migration)}. ${
              isEcto
                ? 'Once both are merged, Ecto runs only one of them, or none.'
                : 'Once both are merged, the rest of their names alone decides which is first.'
            }`,
            ...(isVersion
              ? mended(plan, migration, `Give it a number of its own, here or in ${pull.url}.`, index === 0)
              : { hint: `Rename the file and its module, here or in ${pull.url}.` })
          }
        ]
      }
      return []
    })
  })
}

/** The pull requests that are not those judged here. */
function others({ otherPulls, change }: PolicyFacts): readonly OtherPull[] {
  if (otherPulls === undefined || 'notAvailable' in otherPulls) return []
  return otherPulls.filter(({ number }) => !change.pulls.includes(number))
}
