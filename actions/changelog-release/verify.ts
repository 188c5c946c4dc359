import { ActionError, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import type { Applied } from './apply.ts'
import { readAssets, stateOf } from './asset-state.ts'
import { checkLatest } from './check-latest.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import { lookUntil } from './lag.ts'
import type { ReleasePlan } from './plan.ts'
import { connect } from './releases.ts'
import { sameText, type RemoteAsset, type RemoteRelease } from './remote-release.ts'

/** The release as it was read back. */
export interface Verified {
  readonly release: RemoteRelease
  readonly assets: readonly RemoteAsset[]
  /** What could not be read back, in words. */
  readonly notChecked: readonly string[]
}

/** Reads the release back, and again while an answer may be from before the write. */
export async function verify(
  _inputs: Inputs,
  facts: Facts,
  plan: ReleasePlan,
  world: World,
  { id, latest }: Applied
): Promise<Verified> {
  const releases = connect(facts.destination, world)
  const readBack = async (): Promise<Read> => {
    const release = await releases.get(id)
    const assets = await readAssets(releases, id, facts.assets)
    const check = await checkLatest(releases, plan.latest, id, latest)
    const problems = [...differences(facts, plan, release, assets), ...(check.problem ? [check.problem] : [])]
    return { verified: { release, assets, notChecked: check.notChecked ? [check.notChecked] : [] }, problems }
  }
  const { verified, problems } = await lookUntil(
    world.clock,
    readBack,
    (read) => read.problems.length === 0 && read.verified.notChecked.length === 0
  )
  if (problems.length > 0) throw new ActionError(problems)
  return verified
}

interface Read {
  readonly verified: Verified
  readonly problems: readonly Problem[]
}

function differences(
  facts: Facts,
  { wanted }: ReleasePlan,
  release: RemoteRelease,
  assets: readonly RemoteAsset[]
): Problem[] {
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
  if (wrong.length === 0) return []
  return [
    {
      code: 'release-not-as-wanted',
      message: `The release ${facts.destination.tag.raw} was read back and is not as it was written: ${wrong.join('; ')}.`,
      hint: 'Check that no other job or person changes this release at the same time, then run the job again.'
    }
  ]
}
