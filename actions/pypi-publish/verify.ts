import { ActionError, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import type { Distribution } from './distribution.ts'
import { readIndexedHashes } from './indexed-files.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import type { ReleasePlan } from './plan.ts'

/** Where the index has each file, by file name. */
export type Verified = ReadonlyMap<string, string>

/** Within which the index, whose pages pass through a cache, must show the files. Milliseconds. */
const longestWait = 5 * 60_000

/** Waits between looks; the last one is repeated. Milliseconds. */
const waits = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000] as const
const lastWait = 60_000

/**
 * Reads the index back until it shows every file of the plan with the right hash.
 * @throws {ActionError} when it still does not after five minutes: what was not read back is not called published
 */
export async function verify(_inputs: Inputs, facts: Facts, plan: ReleasePlan, world: World): Promise<Verified> {
  const wanted = [...plan.uploads, ...plan.unchanged]
  const deadline = world.clock.now() + longestWait
  for (let look = 0; ; look++) {
    let problems: readonly Problem[]
    try {
      const { there, urls } = await readIndexedHashes(plan.name, wanted, facts.destination, world, {
        // The loop is what repeats: each read has the time that is left, and no more.
        repeat: 'never',
        timeout: Math.max(1_000, deadline - world.clock.now())
      })
      problems = wanted.flatMap((distribution) => compare(distribution, there.get(distribution.filename), facts, plan))
      if (problems.length === 0) return urls
    } catch (error) {
      if (!(error instanceof ActionError)) throw error
      problems = error.problems
    }
    const left = deadline - world.clock.now()
    if (left <= 0) throw new ActionError(problems)
    const wait = Math.min(left, waits[look] ?? lastWait)
    world.log.info(
      `not all files are seen on ${facts.destination.index.label} yet; looking again in ${Math.ceil(wait / 1000)} s`
    )
    await world.clock.sleep(wait)
  }
}

function compare(
  { filename, sha256 }: Distribution,
  found: string | undefined,
  { destination, shownDir }: Facts,
  { unchanged }: ReleasePlan
): readonly Problem[] {
  const { label } = destination.index
  const file = `${shownDir}/${filename}`
  const before = unchanged.some((each) => each.filename === filename) ? 'was there before' : 'was uploaded'
  if (found === sha256) return []
  if (found === undefined) {
    return [
      {
        code: 'not-read-back',
        message: `${filename} ${before}, and ${label} does not show it after five minutes.`,
        hint: 'Run the job again: it reads the index and uploads only what is missing.',
        file
      }
    ]
  }
  return [
    {
      code: 'different-file',
      message: `${filename} ${before}, and ${label} shows it with other bytes: sha256 ${found} there, ${sha256} here.`,
      hint: 'Something else uploaded a file of this name at the same time. Let one job publish, and release a new version.',
      file
    }
  ]
}
