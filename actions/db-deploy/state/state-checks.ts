import { baseOf } from '../../shared/migrations/file-tree.ts'
import { ectoName } from '../../shared/migrations/migration-name.ts'
import type { Problem } from '../../shared/problem.ts'
import type { Check } from '../check.ts'
import { counted } from '../counted.ts'
import { expectedCheck } from './expected-migration.ts'
import { isEdited, type MigrationState, type MigrationStatus, type StateMark } from './migration-state.ts'
import type { StateExpectations } from './read-migration-state.ts'
import { labelOf, someOf } from './wording.ts'

/** What is to be said about a state. Pure. */
export function stateChecks(state: MigrationState, expectations: StateExpectations = {}): readonly Check[] {
  return [
    pendingCheck(state, expectations),
    // What Ecto's table cannot tell stands in `notChecked`, and is told there.
    ...(isTold(state, 'failed') ? [failedCheck(state)] : []),
    ...(isTold(state, 'edited') ? [editedCheck(state)] : []),
    missingCheck(state),
    orderCheck(state, expectations),
    ...(state.framework === 'ecto' ? [duplicatesCheck(state)] : []),
    ...(expectations.expectCurrent === undefined
      ? []
      : [expectedCheck(state, expectations.expectCurrent, expectations)])
  ]
}

/** Whether the table, or the ledger, says anything of it. */
function isTold(state: MigrationState, what: 'failed' | 'edited'): boolean {
  return marked(state, 'edited').length > 0 && what === 'edited'
    ? true
    : !state.notChecked.some((each) => each.includes(`${what}: `))
}

function labelsOf(migrations: readonly MigrationStatus[]): string {
  return someOf(migrations.map(labelOf))
}

function marked({ migrations }: MigrationState, mark: StateMark): readonly MigrationStatus[] {
  return migrations.filter(({ marks }) => marks.includes(mark))
}

function fileOf([first]: readonly MigrationStatus[]): Pick<Problem, 'file'> {
  return first?.path === undefined ? {} : { file: first.path }
}

function pendingCheck({ migrations }: MigrationState, { failOn }: StateExpectations): Check {
  const about = { id: 'migrations-pending', title: 'Pending migrations' }
  const pending = migrations.filter(({ status }) => status === 'pending')
  if (pending.length === 0) return { ...about, told: 'none', result: 'ok' }
  const told = `${pending.length}: ${labelsOf(pending)}`
  if (failOn?.has('pending') !== true) return { ...about, told, result: 'ok' }
  return {
    ...about,
    told,
    result: 'failed',
    problem: {
      code: 'migrations-pending',
      message: `${counted(pending.length, 'migration')} ${pending.length === 1 ? 'is' : 'are'} pending: ${labelsOf(pending)}.`,
      hint: 'Deploy them (`command: deploy`), or take `pending` out of fail-on.',
      ...fileOf(pending)
    }
  }
}

function failedCheck({ migrations }: MigrationState): Check {
  const about = { id: 'migrations-failed', title: 'Failed migrations' }
  const failed = migrations.filter(({ status }) => status === 'failed')
  const [first] = failed
  if (first === undefined) return { ...about, told: 'none', result: 'ok' }
  const edited = isEdited(first) ? ' Its file was edited since, and is not what ran.' : ''
  const logs = first.logs === undefined ? '' : ` The database said: ${databaseSaid(first.logs)}`
  return {
    ...about,
    told: labelsOf(failed),
    result: 'failed',
    problem: {
      code: 'migrations-failed',
      message: `${labelsOf(failed)} ${failed.length === 1 ? 'was' : 'were'} begun${first.startedAt === undefined ? '' : ` (${first.startedAt})`} and neither finished nor rolled back; Prisma runs nothing until that is settled (P3009).${edited}${logs}`,
      hint: `Look what of it is in the database. If nothing is: \`prisma migrate resolve --rolled-back ${first.name}\` (\`command: rollback\` proves it first), then mend the file and deploy. If all of it is: \`prisma migrate resolve --applied ${first.name}\`. If a part of it is, as is usual from Prisma 7.4 on: finish it or take it back by hand first; \`command: rollback\` with \`dry-run: true\` lists what is there, with the commands.`,
      ...fileOf(failed)
    }
  }
}

/** The server's own words in an engine's log, else its first lines as one, without where in the engine it happened. */
function databaseSaid(logs: string): string {
  const told = /Database error:\s*\n\s*(\S[^\n]*)/.exec(logs)?.[1]
  const [words = ''] = logs.split(/^\s+0: \w/m, 1)
  const flat = (told ?? words).replaceAll(/\s+/g, ' ').trim()
  return flat.length <= 300 ? flat : `${flat.slice(0, 300)}…`
}

function editedCheck(state: MigrationState): Check {
  const about = { id: 'migrations-edited', title: 'Edited migrations' }
  // Of a failed one it is told with the failure.
  const edited = marked(state, 'edited').filter(({ status }) => status !== 'failed')
  if (edited.length === 0) return { ...about, told: 'none', result: 'ok' }
  return {
    ...about,
    told: labelsOf(edited),
    result: 'warning',
    problem: {
      code: 'migrations-edited',
      message: `${labelsOf(edited)} ${edited.length === 1 ? 'was' : 'were'} edited after ${edited.length === 1 ? 'it was' : 'they were'} applied. What the file says now was never run here, and no tool says so.`,
      hint: 'Bring back the text that was applied (`git log -- FILE`), and write what is to change into a new migration.',
      ...fileOf(edited)
    }
  }
}

function missingCheck(state: MigrationState): Check {
  const about = { id: 'migrations-missing', title: 'Applied migrations without a file' }
  const missing = state.migrations.filter(({ status }) => status === 'missing')
  if (missing.length === 0) return { ...about, told: 'none', result: 'ok' }
  if (areSquashed(state, missing)) {
    return { ...about, told: `${missing.length}, all older than a history that was squashed`, result: 'ok' }
  }
  if (areBeforeAllFiles(state, missing)) {
    return {
      ...about,
      told: `${missing.length}, all older than the first file: whether the history was squashed, Ecto’s table does not say`,
      result: 'not checked',
      next: `Look in git whether ${labelsOf(missing)} ${missing.length === 1 ? 'was' : 'were'} removed on purpose. If another application shares the table, name its folder in migrations-paths too.`
    }
  }
  return {
    ...about,
    told: labelsOf(missing),
    result: 'warning',
    problem: {
      code: 'migrations-missing',
      message: `${labelsOf(missing)} ${missing.length === 1 ? 'is' : 'are'} applied, and the folders have no such migration: the database is ahead of this commit, or the file was deleted.`,
      hint: `Check that the right commit is deployed. If files were deleted or renamed, bring them back. ${state.framework === 'ecto' ? 'If another application shares the table, name its folder in migrations-paths too.' : 'If another application shares the database, give each a schema of its own.'}`
    }
  }
}

/**
 * A history that was shortened on purpose, as Prisma's documentation has it ("Squashing migrations"): the first migration was
 * marked as applied, without running, after all that are gone.
 */
function areSquashed({ framework, migrations }: MigrationState, missing: readonly MigrationStatus[]): boolean {
  const first = migrations.find(({ path }) => path !== undefined)
  if (framework !== 'prisma' || first?.status !== 'applied') return false
  const { startedAt, steps } = first
  return (
    steps === 0 &&
    startedAt !== undefined &&
    missing.every((migration) => migration.startedAt !== undefined && migration.startedAt < startedAt)
  )
}

/**
 * What a squashed history of Ecto's looks like, which has no mark: the first file that is left is applied, and newer than all
 * that are gone. Where it is pending, the folder may be that of another application or branch.
 */
function areBeforeAllFiles({ framework, migrations }: MigrationState, missing: readonly MigrationStatus[]): boolean {
  const first = migrations.findIndex(({ path }) => path !== undefined)
  return (
    framework === 'ecto' &&
    migrations[first]?.status === 'applied' &&
    missing.every((migration) => migrations.indexOf(migration) < first)
  )
}

function orderCheck(state: MigrationState, { failOn }: StateExpectations): Check {
  const about = { id: 'migrations-order', title: 'Order of migrations' }
  const late = marked(state, 'out-of-order')
  if (late.length === 0) return { ...about, told: 'as their names say', result: 'ok' }
  const problem: Problem = {
    code: 'migrations-out-of-order',
    message: `${labelsOf(late)} ${late.length === 1 ? 'is' : 'are'} pending and older than ${state.current ?? 'what'}${state.current === undefined ? ' is applied' : ', which is applied'}. ${state.framework === 'prisma' ? 'Prisma' : 'Ecto'} runs ${late.length === 1 ? 'it' : 'them'} all the same, in another order than a new database would.`,
    hint: 'If what was applied since does not depend on it, let it be. Else give it a newer name before it is applied anywhere.',
    ...fileOf(late)
  }
  const told = `${labelsOf(late)} ${late.length === 1 ? 'comes' : 'come'} late`
  return { ...about, told, result: failOn?.has('out-of-order') === true ? 'failed' : 'warning', problem }
}

/** Ecto refuses two pending ones with a version or a name, and never runs the second of which one is applied. */
function duplicatesCheck(state: MigrationState): Check {
  const about = { id: 'migrations-duplicate', title: 'Duplicate versions' }
  const hidden = marked(state, 'hidden')
  const [first] = hidden
  if (first !== undefined) {
    // The one that ran is not marked where the ledger knows it.
    const files = state.migrations.filter(({ version }) => version === first.version)
    const pending = files.some(({ status }) => status === 'pending')
    const paths = someOf(files.map(({ path = '' }) => path))
    return {
      ...about,
      told: labelsOf(hidden),
      result: 'failed',
      problem: {
        code: 'migrations-duplicate',
        message: pending
          ? `Two pending migrations have the version ${first.version} (${paths}): Ecto refuses to run any.`
          : `More than one file has the version ${first.version} (${paths}), which is applied: Ecto shows it as up and never runs the other.`,
        hint: 'Give the one that has not run a version of its own, newer than the others.',
        ...fileOf(hidden)
      }
    }
  }
  const twin = sameNames(state.migrations.filter(({ status }) => status === 'pending'))
  if (twin === undefined) return { ...about, told: 'none', result: 'ok' }
  const [one, other] = twin
  return {
    ...about,
    told: `${labelOf(one)}, ${labelOf(other)}`,
    result: 'failed',
    problem: {
      code: 'migrations-duplicate',
      message: `Two pending migrations have one name, ${labelOf(one)} and ${labelOf(other)}: Ecto refuses to run any.`,
      hint: 'Give one of the two files another name, and its module, too.',
      ...fileOf([other])
    }
  }
}

function sameNames(pending: readonly MigrationStatus[]): readonly [MigrationStatus, MigrationStatus] | undefined {
  const seen = new Map<string, MigrationStatus>()
  for (const migration of pending) {
    const name = ectoName(baseOf(migration.path ?? ''))?.name
    if (name === undefined) continue
    const before = seen.get(name)
    if (before !== undefined) return [before, migration]
    seen.set(name, migration)
  }
  return undefined
}
