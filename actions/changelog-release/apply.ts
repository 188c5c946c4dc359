import { HttpFailure } from '../shared/http.ts'
import type { Step } from '../shared/phases.ts'
import { fail, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import { lookUntil, looks, pause } from './lag.ts'
import { markOfCorrected, markOfNew, type LatestMark } from './latest.ts'
import type { ReleasePlan } from './plan.ts'
import { publish } from './publication.ts'
import { releaseProblem } from './release-answer.ts'
import { connect, type ReleaseFields, type Releases } from './releases.ts'
import { parseRelease, type RemoteRelease } from './remote-release.ts'
import type { ReleaseStep } from './steps.ts'
import { uploadAll } from './uploads.ts'

/** What was written, for reading back. */
export interface Applied {
  /** Reads by tag lag behind (softprops/action-gh-release#705). */
  readonly id: number
  /** The mark that was sent last, if any was. */
  readonly latest: LatestMark
}

/**
 * Makes the release: a draft, its assets, and when all of them are verified, one request that publishes. A run that
 * ends anywhere leaves a draft, which nobody sees and the next run completes. No release is ever deleted but an empty
 * draft of this very run.
 */
export async function apply(
  _inputs: Inputs,
  facts: Facts,
  plan: ReleasePlan,
  world: World,
  record: (step: Step) => void
): Promise<Applied> {
  const releases = connect(facts.destination, world)
  const done = (target: string): void => {
    for (const step of plan.steps) if (step.target === target && step.kind !== 'unchanged') record(step)
  }
  const recordRelease = (release: RemoteRelease): void => {
    for (const step of plan.steps) {
      if (step.target !== `release ${facts.destination.tag.raw}` || step.kind === 'unchanged') continue
      const made: ReleaseStep = { ...step, release }
      record(made)
    }
  }
  const { release, latest } = await ensureRelease(releases, facts, plan, world)
  recordRelease(release)
  await uploadAll(releases, release, plan.uploads, facts.remote?.assets ?? [], world, ({ name }) => {
    done(name)
  })
  if (plan.publication === undefined) return { id: release.id, latest }
  const mark = await publish(releases, release.id, plan.publication, facts, plan, world, done)
  return { id: release.id, latest: mark }
}

async function ensureRelease(
  releases: Releases,
  facts: Facts,
  plan: ReleasePlan,
  world: World
): Promise<{ readonly release: RemoteRelease; readonly latest: LatestMark }> {
  const release = facts.remote?.release
  if (release === undefined) {
    return { release: await createDraft(releases, facts.destination.tag.raw, plan.creation, world), latest: undefined }
  }
  if (plan.change === undefined) return { release, latest: undefined }
  const latest = release.draft ? undefined : await markOfChange(releases, release, facts, plan, world)
  const fields = { ...plan.change, ...(latest === undefined ? {} : { make_latest: latest }) }
  return { release: await releases.update(release.id, fields), latest }
}

/** Left out, it would default to true, and the correction of an old release would make it the latest one. */
async function markOfChange(
  releases: Releases,
  release: RemoteRelease,
  { remote }: Facts,
  { latest: rule }: ReleasePlan,
  { clock }: World
): Promise<LatestMark> {
  if (rule.prerelease) return undefined
  if (release.prerelease) return markOfNew(rule, await releases.list())
  // One 404 of a lagging read must not cost the release its mark.
  const seen = await lookUntil(
    clock,
    () => releases.latest(),
    (found) => found !== undefined
  )
  return markOfCorrected(rule, (seen ?? remote?.latest)?.id === release.id)
}

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
      `The draft may not have been made: ${created.problem.message}; reading back (${attempt} of ${looks})`
    )
    await world.clock.sleep(pause * attempt)
    const [found] = await draftsOf(releases, tag)
    if (found !== undefined) return found
    if (attempt === looks) fail(created.problem)
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
