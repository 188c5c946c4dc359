import type { MigrationState } from '../state/migration-state.ts'

/** What a rollback was about, by names: a count would mean others once a part has gone back. */
export interface RollbackGoal {
  readonly framework: MigrationState['framework']
  /** Applied before it, newest first; Prisma's: the failed ones. */
  readonly before: readonly string[]
  /** Those of them that were to go; undefined where a release's own call decides. */
  readonly targets: readonly string[] | undefined
}

/** How far a rollback has come. */
export interface RollbackProgress {
  readonly back: readonly string[]
  readonly left: readonly string[]
  /** Went back, and were to stay. */
  readonly lost: readonly string[]
  /** Sentences for people: what the table says. */
  readonly told: readonly string[]
  /** What is to be done now, with the exact inputs. */
  readonly runbook: readonly string[]
}

/** Of Ecto's: the newest version that is to stay when all of these have gone; `0` where none does. */
export function stayingVersion({ before, targets = [] }: Pick<RollbackGoal, 'before' | 'targets'>): string {
  return before.find((name) => !targets.includes(name)) ?? '0'
}

/** Compares what was to go back with what the table says now. Pure. */
export function rollbackProgress(goal: RollbackGoal, after: readonly MigrationState[]): RollbackProgress {
  const { before, targets } = goal
  const there = new Set(
    after.flatMap(({ migrations }) => migrations.flatMap(({ name, status }) => (status === 'pending' ? [] : [name])))
  )
  const wanted = targets ?? before
  const back = wanted.filter((name) => !there.has(name))
  const left = targets === undefined ? [] : targets.filter((name) => there.has(name))
  const lost = targets === undefined ? [] : before.filter((name) => !targets.includes(name) && !there.has(name))
  const found = { back, left, lost }
  return goal.framework === 'prisma'
    ? { ...found, told: [toldOf(found, 'marked as rolled back', 'still failed')], runbook: prismaNext(found) }
    : { ...found, told: [toldOf(found, 'went back', 'still applied')], runbook: ectoNext(goal, found) }
}

type Found = Pick<RollbackProgress, 'back' | 'left' | 'lost'>

function toldOf({ back, left, lost }: Found, gone: string, still: string): string {
  const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '))
  const more = lost.length === 0 ? '' : `; gone, and to stay, ${list(lost)}`
  return `The table says: ${gone} ${list(back)}; ${still} ${list(left)}${more}.`
}

function prismaNext({ left }: Found): readonly string[] {
  return left.length === 0
    ? ['What was to be marked is marked. Mend the migration, and deploy again.']
    : ['Run this workflow again: it proves once more that nothing of the migration is there.']
}

function ectoNext(goal: RollbackGoal, { back, left, lost }: Found): readonly string[] {
  const forth = 'To apply again what went back: `command: deploy`, on a commit that has these migrations.'
  if (goal.targets === undefined) {
    return [
      'How far the release’s own call goes is not known here. Look at the state first: `command: status`.',
      ...(back.length === 0 ? [] : [forth])
    ]
  }
  const [next] = left
  return [
    ...(next === undefined
      ? ['All that was to go back is back. Do not run the rollback again: by `steps` it would take back as many more.']
      : [
          `Where the file of ${next} has \`@disable_ddl_transaction\`, a part of its \`down\` may have stayed: look at it before anything else. Otherwise nothing of it went back.`,
          `To take back the rest: run this workflow again with \`to: ${stayingVersion(goal)}\` and without \`steps\`, which would count from what is there now.`
        ]),
    ...(back.length === 0 && lost.length === 0 ? [] : [forth])
  ]
}
