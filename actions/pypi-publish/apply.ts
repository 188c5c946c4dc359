import type { Step } from '../shared/phases.ts'
import { ActionError, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { createCredentials } from './credentials.ts'
import type { Distribution } from './distribution.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import type { ReleasePlan } from './plan.ts'
import { upload, type Uploader } from './upload.ts'

/** Uploads at a time, after the first. */
const lanes = 4

/**
 * Uploads what the plan says: the first file alone, the other wheels side by side, the sdist last.
 * @param record called for each file that the index has taken
 * @throws {ActionError} with every refusal; what runs is finished, nothing new is begun
 */
export async function apply(
  _inputs: Inputs,
  facts: Facts,
  plan: ReleasePlan,
  world: World,
  record: (step: Step) => void
): Promise<void> {
  const { index, credentials } = facts.destination
  const uploader: Uploader = {
    destination: facts.destination,
    credentials: createCredentials(credentials, index, world),
    world
  }
  if (credentials.kind === 'none') {
    world.log.notice(`Uploads to ${index.label} go without credentials: the inputs user and password are not given.`)
  }
  const problems: Problem[] = []
  const one = async (distribution: Distribution): Promise<void> => {
    try {
      await upload(uploader, distribution, `${facts.shownDir}/${distribution.filename}`)
      record({
        kind: 'create',
        target: distribution.filename,
        wanted: `sha256 ${distribution.sha256}`,
        why: `uploaded to ${index.label}`
      })
    } catch (error) {
      if (!(error instanceof ActionError)) throw error
      problems.push(...error.problems)
    }
  }

  const [first, ...rest] = plan.uploads
  for (const group of [
    first === undefined ? [] : [first],
    rest.filter(({ kind }) => kind === 'wheel'),
    rest.filter(({ kind }) => kind === 'sdist')
  ]) {
    const waiting = [...group]
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined && problems.length === 0; next = waiting.shift())
        await one(next)
    }
    await Promise.all(Array.from({ length: Math.min(lanes, group.length) }, lane))
    if (problems.length > 0) throw new ActionError(unique(problems))
  }
}

/** One cause that stopped several uploads, a minting that failed for one, is told once. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()]
}
