import { fail, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { readAssets, stateOf } from './asset-state.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import { sameText, type ReleasePlan } from './plan.ts'
import { connect } from './releases.ts'
import type { RemoteAsset, RemoteRelease } from './remote-release.ts'

/** The release as it was read back. */
export interface Verified {
  readonly release: RemoteRelease
  readonly assets: readonly RemoteAsset[]
}

const attempts = 5
/** Milliseconds. Reads lag behind writes by seconds (cli/cli#6599). */
const lag = 2_000

/**
 * Reads the release back, and again while an answer may be from before the write.
 * @param id the release's, as apply gave it
 */
export async function verify(
  _inputs: Inputs,
  facts: Facts,
  plan: ReleasePlan,
  world: World,
  id: number
): Promise<Verified> {
  const releases = connect(facts.destination, world)
  for (let attempt = 1; ; attempt++) {
    const verified = { release: await releases.get(id), assets: await readAssets(releases, id, facts.assets) }
    const problem = differences(facts, plan, verified)
    if (problem === undefined) return verified
    if (attempt === attempts) fail(problem)
    await world.clock.sleep(lag)
  }
}

function differences(facts: Facts, { wanted }: ReleasePlan, { release, assets }: Verified): Problem | undefined {
  const wrong = [
    ...(release.draft === wanted.draft ? [] : [`it is ${release.draft ? 'still a draft' : 'published'}`]),
    ...(release.name === wanted.name ? [] : [`its title is ${JSON.stringify(release.name)}`]),
    ...(sameText(release.body, wanted.body) ? [] : ['its notes are others']),
    ...(release.prerelease === wanted.prerelease ? [] : [`prerelease is ${release.prerelease}`]),
    ...facts.assets.flatMap((asset) => {
      const state = stateOf(asset, assets)
      return state.kind === 'same' ? [] : [`${asset.name} is ${state.kind}`]
    })
  ]
  if (wrong.length === 0) return undefined
  return {
    code: 'release-not-as-wanted',
    message: `The release ${facts.destination.tag.raw} was read back and is not as it was written: ${wrong.join('; ')}.`,
    hint: 'Check that no other job or person changes this release at the same time, then run the job again.'
  }
}
