import { HttpFailure } from '../shared/http.ts'
import type { Step } from '../shared/phases.ts'
import { ActionError, fail, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { readAssets, stateOf } from './asset-state.ts'
import type { Asset } from './assets.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import type { ReleasePlan } from './plan.ts'
import { releaseProblem } from './release-answer.ts'
import { connect, type ReleaseFields, type Releases } from './releases.ts'
import { parseRelease, type RemoteRelease } from './remote-release.ts'
import { uploadAll } from './uploads.ts'

/**
 * Makes the release: a draft, its assets, and when all of them are verified, one request that publishes. A run that
 * ends anywhere leaves a draft, which nobody sees and the next run completes. No release is ever deleted but an empty
 * draft of this very run.
 *
 * @returns the release's id, by which it is read back: reads by tag lag behind (softprops/action-gh-release#705)
 */
export async function apply(
  _inputs: Inputs,
  facts: Facts,
  plan: ReleasePlan,
  world: World,
  record: (step: Step) => void
): Promise<number> {
  const releases = connect(facts.destination, world)
  const done = (target: string): void => {
    for (const step of plan.steps) if (step.target === target && step.kind !== 'unchanged') record(step)
  }
  const release = await ensureRelease(releases, facts, plan, world)
  done(`release ${facts.destination.tag.raw}`)
  await uploadAll(releases, release, plan.uploads, facts.remote?.assets ?? [], world, ({ name }) => {
    done(name)
  })
  if (plan.publication === undefined) return release.id
  const problems = await unverified(releases, release.id, facts.assets, world)
  if (problems.length > 0) throw new ActionError(problems)
  await releases.update(release.id, plan.publication)
  done('publication')
  return release.id
}

async function ensureRelease(
  releases: Releases,
  facts: Facts,
  plan: ReleasePlan,
  world: World
): Promise<RemoteRelease> {
  const release = facts.remote?.release
  if (release === undefined) return createDraft(releases, facts.destination.tag.raw, plan.creation, world)
  return plan.change === undefined ? release : releases.update(release.id, plan.change)
}

const attempts = 5
/** Milliseconds. Lists lag behind writes by seconds (softprops/action-gh-release#705). */
const lag = 2_000

/** Creates the draft, once: after an answer that leaves it open, the drafts of the tag are read before another try. */
async function createDraft(
  releases: Releases,
  tag: string,
  fields: ReleaseFields,
  world: World
): Promise<RemoteRelease> {
  for (let attempt = 1; ; attempt++) {
    const created = await tryCreate(releases, tag, fields)
    if ('release' in created) return settle(releases, created.release)
    world.log.info(
      `The draft may not have been made: ${created.problem.message}; reading back (${attempt} of ${attempts})`
    )
    await world.clock.sleep(lag * attempt)
    const [found] = await draftsOf(releases, tag)
    if (found !== undefined) return found
    if (attempt === attempts) fail(created.problem)
  }
}

async function tryCreate(
  releases: Releases,
  tag: string,
  fields: ReleaseFields
): Promise<{ readonly release: RemoteRelease } | { readonly problem: Problem }> {
  try {
    const answer = await releases.create(tag, fields)
    if (answer.status === 201) return { release: parseRelease(answer.body) }
    const problem = releaseProblem(answer, 'the creation of the draft')
    return answer.status >= 500 ? { problem } : fail(problem)
  } catch (error) {
    const [problem] = error instanceof HttpFailure && error.sent ? error.problems : []
    if (problem === undefined) throw error
    return { problem }
  }
}

/**
 * Several jobs of one tag may each have made a draft. The oldest one stays for all of them; this job's own goes, as
 * long as it is empty.
 */
async function settle(releases: Releases, own: RemoteRelease): Promise<RemoteRelease> {
  const [oldest] = await draftsOf(releases, own.tag)
  if (oldest === undefined || oldest.id >= own.id) return own
  const empty = (await releases.assets(own.id)).length === 0
  if (empty) await releases.remove(own.id)
  return oldest
}

async function draftsOf(releases: Releases, tag: string): Promise<readonly RemoteRelease[]> {
  const all = await releases.list()
  return all.filter((release) => release.draft && release.tag === tag).sort((a, b) => a.id - b.id)
}

/** What of the wanted assets is not on the release, or not with its bytes. Read again while reads may lag. */
async function unverified(releases: Releases, id: number, assets: readonly Asset[], world: World): Promise<Problem[]> {
  for (let attempt = 1; ; attempt++) {
    const remote = await readAssets(releases, id, assets)
    const problems = assets.flatMap((asset) => {
      const state = stateOf(asset, remote)
      return state.kind === 'same' ? [] : [assetProblem(asset, state.kind)]
    })
    if (problems.length === 0 || attempt === attempts) return problems
    await world.clock.sleep(lag)
  }
}

function assetProblem(asset: Asset, kind: string): Problem {
  return {
    code: 'asset-not-verified',
    message: `${asset.name} (sha256 ${asset.sha256}) is ${kind} on the draft, so the release was not published.`,
    hint: 'Check that no other job changes this release, then run the job again.',
    file: asset.path
  }
}
