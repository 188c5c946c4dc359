import { ActionError, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { isLeftover, readAssets, stateOf } from './asset-state.ts'
import type { Asset } from './assets.ts'
import type { Facts } from './inspect.ts'
import { lookUntil } from './lag.ts'
import { markOfNew, type LatestMark, type LatestRule } from './latest.ts'
import type { ReleasePlan } from './plan.ts'
import type { ReleaseFields, Releases } from './releases.ts'
import type { RemoteAsset } from './remote-release.ts'
import { readTag, tagProblems } from './remote-tag.ts'

/**
 * Publishes a draft, after everything that could have changed since it was inspected was read again: its assets, its
 * tag, and the releases that decide which is the latest.
 *
 * @returns the mark that was sent last
 * @throws {ActionError} with the draft left a draft
 */
export async function publish(
  releases: Releases,
  id: number,
  fields: ReleaseFields,
  facts: Facts,
  { latest: rule }: ReleasePlan,
  world: World,
  done: (target: string) => void
): Promise<LatestMark> {
  const remote = await verifiedAssets(releases, id, facts.assets, world)
  for (const leftover of remote.filter((each) => isLeftover(each, facts.assets))) {
    await releases.removeAsset(leftover.id)
    done(leftover.name)
  }
  const wrong = tagProblems(facts.destination, await readTag(releases, facts.destination, world.clock))
  if (wrong.length > 0) throw new ActionError(wrong)
  const mark = await markNow(releases, rule)
  await releases.update(id, { ...fields, ...(mark === undefined ? {} : { make_latest: mark }) })
  done('publication')
  return giveWay(releases, id, rule, mark)
}

async function markNow(releases: Releases, rule: LatestRule): Promise<LatestMark> {
  const decides = rule.makeLatest === 'auto' && !rule.prerelease
  return markOfNew(rule, decides ? await releases.list() : [])
}

/** Two tags may be published in the same moment, and neither run see the other: the lower one takes its mark back. */
async function giveWay(releases: Releases, id: number, rule: LatestRule, sent: LatestMark): Promise<LatestMark> {
  if (sent !== 'true' || rule.makeLatest !== 'auto') return sent
  const mark = await markNow(releases, rule)
  if (mark !== 'true') await releases.update(id, { make_latest: 'false' })
  return mark
}

/** The draft's assets, when all wanted ones are among them with their bytes. Read again while reads may lag. */
async function verifiedAssets(
  releases: Releases,
  id: number,
  wanted: readonly Asset[],
  { clock }: World
): Promise<readonly RemoteAsset[]> {
  const problemsOf = (remote: readonly RemoteAsset[]): Problem[] =>
    wanted.flatMap((asset) => {
      const { kind } = stateOf(asset, remote)
      return kind === 'same' ? [] : [notVerified(asset, kind)]
    })
  const remote = await lookUntil(
    clock,
    () => readAssets(releases, id, wanted),
    (seen) => problemsOf(seen).length === 0
  )
  const problems = problemsOf(remote)
  if (problems.length > 0) throw new ActionError(problems)
  return remote
}

function notVerified(asset: Asset, kind: string): Problem {
  return {
    code: 'asset-not-verified',
    message: `${asset.name} (sha256 ${asset.sha256}) is ${kind} on the draft, so the release was not published.`,
    hint: 'Check that no other job changes this release, then run the job again.',
    file: asset.path
  }
}
