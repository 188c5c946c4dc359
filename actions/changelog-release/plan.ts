import type { Plan } from '../shared/phases.ts'
import type { Problem } from '../shared/problem.ts'
import { assetDiffers, isLeftover, stateOf, type AssetState } from './asset-state.ts'
import type { Asset } from './assets.ts'
import type { Facts, RemoteFacts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import { markOfNew, type LatestRule } from './latest.ts'
import type { ReleaseFields } from './releases.ts'
import { sameText, type RemoteRelease } from './remote-release.ts'
import { tagProblems } from './remote-tag.ts'
import { assetStep, leftoverStep, publicationStep, releaseStep } from './steps.ts'

/** What will be done. */
export interface ReleasePlan extends Plan {
  /** What the release shall say in the end. */
  readonly wanted: WantedRelease
  /** Sent to create the draft; unused where a release is there. */
  readonly creation: ReleaseFields
  /** Sent, with its mark, to a release that is there and stays what it is, draft or published. */
  readonly change: ReleaseFields | undefined
  /** Sent, with its mark, in the one request that publishes. */
  readonly publication: ReleaseFields | undefined
  /** Decides the "Latest" mark, each time by what is there when it is sent. */
  readonly latest: LatestRule
  readonly uploads: readonly Asset[]
}

export interface WantedRelease {
  readonly name: string
  readonly body: string
  readonly prerelease: boolean
  readonly draft: boolean
}

/** GitHub's limit for all assets of a release, those that were there included. */
const mostAssets = 1_000

/** Compares what is wanted with what is there. Pure. */
export function plan(
  inputs: Inputs,
  facts: Facts
): { readonly plan: ReleasePlan } | { readonly problems: readonly Problem[] } {
  const { remote, notes, assets } = facts
  const states = assets.map((asset) => ({ asset, state: stateOf(asset, remote?.assets ?? []) }))
  const remoteProblems = (there: RemoteFacts): Problem[] => [
    ...tagProblems(facts.destination, there.tagObjects),
    ...states.flatMap(({ asset, state }) => assetProblems(asset, state, there.release)),
    ...countProblems(states, there)
  ]
  const wanted = wantedRelease(inputs, facts, remote?.release, notes?.body ?? '')
  const problems = [
    ...facts.problems,
    ...latestProblems(inputs, facts, wanted),
    ...(remote === undefined ? [] : remoteProblems(remote))
  ]
  if (problems.length > 0 || remote === undefined || notes === undefined) return { problems }
  const publishes = !wanted.draft && remote.release?.draft !== false
  const change =
    remote.release === undefined || publishes ? undefined : changeOf(inputs, remote, remote.release, wanted)
  const { name, body, prerelease } = wanted
  const latest: LatestRule = {
    tag: facts.destination.tag,
    makeLatest: inputs.makeLatest,
    prerelease,
    yanked: facts.section?.heading.reading.yanked === true
  }
  // Published along, they would be files of no bytes.
  const leftovers = publishes ? remote.assets.filter((each) => isLeftover(each, assets)) : []
  return {
    plan: {
      wanted,
      creation: { name, body, prerelease, draft: true },
      change,
      publication: publishes ? { draft: false, name, body, prerelease } : undefined,
      latest,
      uploads: states.flatMap(({ asset, state }) => (state.kind === 'same' ? [] : [asset])),
      steps: [
        releaseStep(facts, remote, change, publishes, wanted),
        ...states.map(({ asset, state }) => assetStep(asset, state)),
        ...leftovers.map(leftoverStep),
        ...(publishes ? [publicationStep(facts, markOfNew(latest, remote.releases))] : [])
      ]
    }
  }
}

function latestProblems(inputs: Inputs, { destination: { tag } }: Facts, { prerelease }: WantedRelease): Problem[] {
  if (inputs.makeLatest !== 'true' || !prerelease) return []
  const why = tag.prerelease || inputs.prerelease === true ? tag.channel : 'it is marked as one on GitHub'
  return [
    {
      code: 'latest-not-released',
      message: `${tag.raw} is a prerelease (${why}), which cannot be the latest release, and make-latest is true.`,
      hint: 'Leave make-latest out, or set `prerelease: false`.'
    }
  ]
}

function assetProblems(asset: Asset, state: AssetState, release: RemoteRelease | undefined): Problem[] {
  if (release === undefined || release.draft || state.kind === 'same') return []
  if (state.kind === 'different') return [assetDiffers(asset, state.remote)]
  if (!release.immutable) return []
  return [
    {
      code: 'release-immutable',
      message: `The release of ${release.tag} is immutable and lacks ${asset.name} (sha256 ${asset.sha256}).`,
      hint: 'Nothing can be added to it any more. Release a new version with this file.',
      file: asset.path
    }
  ]
}

function countProblems(states: readonly { readonly state: AssetState }[], { assets }: RemoteFacts): Problem[] {
  const count = assets.length + states.filter(({ state }) => state.kind === 'absent').length
  if (count <= mostAssets) return []
  return [
    {
      code: 'assets-too-many',
      message: `With these files the release would have ${count} assets; GitHub takes ${mostAssets}.`,
      hint: 'Delete assets that are not needed on the release page, or pack files into archives.'
    }
  ]
}

/**
 * What is asked for; where nothing is asked, what a person set on a release that is there stays. That a draft is no
 * prerelease is not known to be set by anybody: its tag decides.
 */
function wantedRelease(
  { title, prerelease, draft }: Inputs,
  { destination: { tag } }: Facts,
  release: RemoteRelease | undefined,
  body: string
): WantedRelease {
  const published = release?.draft === false
  return {
    name: title ?? (release?.name || tag.raw),
    body,
    prerelease: prerelease === 'auto' ? release?.prerelease === true || (!published && tag.prerelease) : prerelease,
    draft: draft && !published
  }
}

function changeOf(
  { makeLatest }: Inputs,
  { latest }: RemoteFacts,
  release: RemoteRelease,
  { name, body, prerelease }: WantedRelease
): ReleaseFields | undefined {
  const isLatest = latest?.id === release.id
  const canBeLatest = !release.draft && !prerelease
  const moved = canBeLatest && ((makeLatest === 'true' && !isLatest) || (makeLatest === 'false' && isLatest))
  const change: ReleaseFields = {
    ...(release.name === name ? {} : { name }),
    ...(sameText(release.body, body) ? {} : { body }),
    ...(release.prerelease === prerelease ? {} : { prerelease })
  }
  return Object.keys(change).length === 0 && !moved ? undefined : change
}
