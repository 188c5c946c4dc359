import type { Problem } from '../../shared/problem.ts'
import type { RollbackInputs } from '../inputs.ts'
import type { MigrationState, MigrationStatus } from '../state/migration-state.ts'
import type { Project } from '../state/project.ts'

/** What goes back: Ecto's applied migrations, newest first, or the one that Prisma has as failed. */
export type Targets = { readonly targets: readonly MigrationStatus[] } | { readonly problems: readonly Problem[] }

/**
 * Which migrations of Ecto's a rollback is about. Ecto takes back by version, highest first, and passes over versions
 * whose file is gone (Ecto.Migrator.run/4): what it would pass over is a problem here. Pure.
 *
 * @param byCall a release's own call decides, as it has a place for neither `to` nor `steps`: there is nothing to choose, and
 *   whoever gives one of them would not be heard
 */
export function ectoTargets(
  states: readonly MigrationState[],
  { to, steps }: Pick<RollbackInputs, 'to' | 'steps'>,
  byCall: boolean
): Targets {
  const applied = appliedNewestFirst(states)
  if (to !== undefined && steps !== undefined) {
    return rejected('Both to and steps are given.', 'Give one of them: the version that stays, or how many go.')
  }
  const [given] = [to === undefined ? [] : [`to is ${to}`], steps === undefined ? [] : [`steps is ${steps}`]].flat()
  if (byCall) {
    if (given === undefined) return { targets: [] }
    return rejected(
      `Input ${given}, and release-rollback-call has no place for it: the call takes back what it takes back.`,
      'Write `{to}` into the call, as in `App.Release.rollback(App.Repo, {to})` (it becomes the oldest version that goes back), or leave that input out.'
    )
  }
  if (given === undefined) {
    return rejected(
      'How far back is not said.',
      'Set `to` to the version that is to stay, or `steps` to how many migrations are to be taken back.'
    )
  }
  if (to !== undefined && to !== '0' && !applied.some(({ name }) => name === to)) {
    const known = applied.slice(0, 5).map(({ name }) => name)
    return rejected(
      `Version ${to}, which is to stay, is not applied.`,
      `Set \`to\` to one that is: ${known.length === 0 ? 'none is' : known.join(', ')}${applied.length > 5 ? ' …' : ''}. 0 takes all back.`
    )
  }
  if (steps !== undefined && steps > applied.length) {
    const gone = applied.filter(({ status }) => status === 'missing').length
    return rejected(
      `${steps} are to be taken back, and ${applied.length} are applied${gone === 0 ? '' : `, ${gone} of them without a file here`}.`,
      'Set `steps` to fewer.'
    )
  }
  const targets = to === undefined ? applied.slice(0, steps) : applied.filter(({ name }) => BigInt(name) > BigInt(to))
  const gone = targets.filter(({ status }) => status === 'missing')
  if (gone.length > 0) {
    return {
      problems: gone.map(({ name }) => ({
        code: 'rollback-file-missing',
        message: `${name} is applied and its file is gone: Ecto would pass over it and take back an older one.`,
        hint: 'Run this on the commit that has the file.'
      }))
    }
  }
  return { targets }
}

/** Which inputs say how far a way back goes, by framework. */
const heard: Readonly<Record<Project['framework'], readonly (keyof RollbackInputs)[]>> = {
  prisma: ['migration'],
  ecto: ['to', 'steps']
}

/** What is given for the other framework's way back: whoever gives it means something else than would be done. Pure. */
export function unheardProblems(framework: Project['framework'], inputs: RollbackInputs): readonly Problem[] {
  const names = ['to', 'steps', 'migration'] as const
  return names.flatMap((name) =>
    inputs[name] === undefined || heard[framework].includes(name)
      ? []
      : [
          {
            code: 'rollback-target',
            message: `Input ${name} is ${inputs[name]}, and this project is of ${framework === 'prisma' ? 'Prisma, which has no way back to a version' : 'Ecto, which goes back by version'}.`,
            hint: `Leave \`${name}\` out${framework === 'prisma' ? ': what can be marked as rolled back is a migration that failed (`migration`)' : ', and say how far by `to` or `steps`'}.`
          }
        ]
  )
}

/** Ecto's applied ones by version, those without a file included. */
export function appliedNewestFirst(states: readonly MigrationState[]): readonly MigrationStatus[] {
  return states
    .flatMap(({ migrations }) => migrations)
    .filter(({ status }) => status === 'applied' || status === 'missing')
    .toSorted((a, b) => compareVersions(b, a))
}

/** Which of Prisma's migrations may be marked as rolled back: the one that is named, or the only one that failed. Pure. */
export function prismaTarget(states: readonly MigrationState[], migration: string | undefined): Targets {
  const all = states.flatMap(({ migrations }) => migrations)
  const failed = all.filter(({ status }) => status === 'failed')
  const chosen = migration === undefined ? failed : failed.filter(({ name }) => name === migration)
  if (chosen.length === 1) return { targets: chosen }
  if (failed.length > 1 && migration === undefined) {
    return rejected(
      `${failed.length} migrations failed: ${failed.map(({ name }) => name).join(', ')}.`,
      'Set `migration` to the one that is meant.'
    )
  }
  return {
    problems: [
      {
        code: 'rollback-nothing-failed',
        message:
          migration === undefined
            ? 'No migration of Prisma’s is marked as failed.'
            : `${migration} is not marked as failed${all.some(({ name }) => name === migration) ? '' : ', and is not known at all'}.`,
        hint: 'Prisma has no way back from a migration that was applied: write a new migration that undoes it, restore a backup (`command: restore`), or deploy the last good commit again where it can live with this schema.'
      }
    ]
  }
}

function compareVersions(a: MigrationStatus, b: MigrationStatus): number {
  const [left, right] = [BigInt(a.name), BigInt(b.name)]
  return left < right ? -1 : left > right ? 1 : 0
}

function rejected(message: string, hint: string): Targets {
  return { problems: [{ code: 'rollback-target', message, hint }] }
}
