import type { Check } from '../check.ts'
import type { MigrationState, MigrationStatus } from './migration-state.ts'
import type { StateExpectations } from './read-migration-state.ts'
import { labelOf, someOf } from './wording.ts'

/**
 * Whether the newest migration is the one that a release expects. Pure.
 * @param wanted its name, its version, or a beginning of its name that no other has
 */
export function expectedCheck(
  { migrations, current }: MigrationState,
  wanted: string,
  { expected = 'now' }: StateExpectations
): Check {
  const about = { id: 'expected-migration', title: 'Expected migration' }
  const newest =
    expected === 'now'
      ? migrations.findLast(({ name, status }) => name === current && status !== 'pending')
      : migrations.findLast(({ status }) => status !== 'failed')
  const shown = newest === undefined ? 'nothing' : labelOf(newest)
  const matching = matchesOf(migrations, wanted)
  const names = new Set(matching.map(({ name }) => name))
  const [match] = matching
  if (names.size === 1 && match?.name === newest?.name) return { ...about, told: shown, result: 'ok' }
  const when = expected === 'now' ? 'the newest that is applied' : 'the newest when this deploy is done'
  const known =
    match === undefined
      ? 'No migration here is called so.'
      : names.size > 1
        ? `That may be any of ${someOf(matching.map(labelOf))}.`
        : `${labelOf(match)} is ${match.status === 'missing' ? 'applied' : match.status}.`
  return {
    ...about,
    told: `${wanted} expected, ${shown} there`,
    result: 'failed',
    problem: {
      code: 'migrations-unexpected',
      message: `Expected is ${wanted} as ${when}, and it is ${shown}. ${known}`,
      hint: 'Check that this commit, and the dependency that brings the migrations, are of the version that is to be deployed; then set expect-current to the whole name of its newest migration.'
    }
  }
}

/** Whole names count before beginnings. */
function matchesOf(migrations: readonly MigrationStatus[], wanted: string): readonly MigrationStatus[] {
  const whole = migrations.filter((migration) => {
    const label = labelOf(migration)
    return [migration.name, migration.version, label, label.replace(/^\d+_/, '')].includes(wanted)
  })
  return whole.length > 0 ? whole : migrations.filter((migration) => labelOf(migration).startsWith(wanted))
}
