import { ActionError, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import type { Distribution } from './distribution.ts'
import { readIndexedHashes, type Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import type { ReleasePlan } from './plan.ts'

/** Where the index has each file, by file name. */
export type Verified = ReadonlyMap<string, string>

/** Waits between looks at the index, whose pages pass through a cache. Milliseconds; five minutes in all. */
const waits = [0, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 80_000, 92_000] as const

/**
 * Reads the index back until it shows every file of the plan with the right hash.
 * @throws {ActionError} when it still does not after five minutes: what was not read back is not called published
 */
export async function verify(_inputs: Inputs, facts: Facts, plan: ReleasePlan, world: World): Promise<Verified> {
  const wanted = [...plan.uploads, ...plan.unchanged]
  let problems: readonly Problem[] = []
  for (const wait of waits) {
    if (wait > 0) {
      world.log.info(`not all files are on ${facts.destination.index.label} yet; looking again in ${wait / 1000} s`)
      await world.clock.sleep(wait)
    }
    try {
      const { there, urls } = await readIndexedHashes(plan.name, wanted, facts.destination, world)
      problems = wanted.flatMap((distribution) => compare(distribution, there.get(distribution.filename), facts))
      if (problems.length === 0) return urls
    } catch (error) {
      if (!(error instanceof ActionError)) throw error
      problems = error.problems
    }
  }
  throw new ActionError(problems)
}

function compare({ filename, sha256 }: Distribution, found: string | undefined, facts: Facts): readonly Problem[] {
  const { label } = facts.destination.index
  if (found === sha256) return []
  if (found === undefined) {
    return [
      {
        code: 'not-read-back',
        message: `${filename} was uploaded, and ${label} does not show it after five minutes.`,
        hint: 'Run the job again: it reads the index and uploads only what is missing.'
      }
    ]
  }
  return [
    {
      code: 'different-file',
      message: `${label} shows ${filename} with other bytes than were uploaded: sha256 ${found} there, ${sha256} here.`,
      hint: 'Something else uploaded a file of this name at the same time. Let one job publish, and release a new version.'
    }
  ]
}
