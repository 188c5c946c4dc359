import type { Plan } from '../shared/phases.ts'
import type { Problem } from '../shared/problem.ts'
import { stateOf, type AssetState } from './asset-state.ts'
import type { Asset } from './assets.ts'
import type { Facts, RemoteFacts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import { isHighest } from './latest.ts'
import type { ReleaseFields } from './releases.ts'
import type { RemoteRelease } from './remote-release.ts'
import { assetStep, publicationStep, releaseStep } from './steps.ts'

/** What will be done. */
export interface ReleasePlan extends Plan {
  /** What the release shall say in the end. */
  readonly wanted: WantedRelease
  /** Sent to create the draft; unused where a release is there. */
  readonly creation: ReleaseFields
  /** Sent to a release that is there and stays what it is, draft or published. */
  readonly change: ReleaseFields | undefined
  /** Sent in the one request that publishes. */
  readonly publication: ReleaseFields | undefined
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
    ...tagProblems(facts, there),
    ...states.flatMap(({ asset, state }) => assetProblems(asset, state, there.release)),
    ...countProblems(states, there)
  ]
  const problems = [
    ...facts.problems,
    ...latestProblems(inputs, facts),
    ...(remote === undefined ? [] : remoteProblems(remote))
  ]
  if (problems.length > 0 || remote === undefined || notes === undefined) return { problems }
  const wanted = wantedRelease(inputs, facts, remote.release, notes.body)
  const publishes = !wanted.draft && remote.release?.draft !== false
  const change =
    remote.release === undefined || publishes ? undefined : changeOf(inputs, remote, remote.release, wanted)
  const latest = publishes ? latestOf(inputs, facts, remote, wanted) : undefined
  const { name, body, prerelease } = wanted
  return {
    plan: {
      wanted,
      creation: {
        name,
        body,
        prerelease,
        draft: true,
        // Sent only where no read shows the tag: sent with a tag it can cost the permission (cli/cli#9514).
        ...(remote.tagExists || facts.destination.pushedCommit === undefined
          ? {}
          : { target_commitish: facts.destination.pushedCommit })
      },
      change,
      publication: publishes
        ? { draft: false, name, body, prerelease, ...(latest && { make_latest: latest }) }
        : undefined,
      uploads: states.flatMap(({ asset, state }) => (state.kind === 'same' ? [] : [asset])),
      steps: [
        releaseStep(facts, remote, change, publishes, wanted),
        ...states.map(({ asset, state }) => assetStep(asset, state)),
        ...(publishes ? [publicationStep(facts, latest)] : [])
      ]
    }
  }
}

function tagProblems({ destination }: Facts, remote: RemoteFacts): Problem[] {
  if (remote.tagExists || destination.pushedCommit !== undefined) return []
  return [
    {
      code: 'tag-not-on-github',
      message: `${destination.repository} has no tag ${destination.tag.raw}.`,
      hint: `Push it first (git push origin ${JSON.stringify(destination.tag.raw)}): GitHub would otherwise make the tag on the default branch, whatever is there.`
    }
  ]
}

function latestProblems(inputs: Inputs, { destination }: Facts): Problem[] {
  const prerelease = inputs.prerelease === 'auto' ? destination.tag.prerelease : inputs.prerelease
  if (inputs.makeLatest !== 'true' || !prerelease) return []
  return [
    {
      code: 'latest-not-released',
      message: `${destination.tag.raw} is a prerelease (${destination.tag.channel}), which cannot be the latest release, and make-latest is true.`,
      hint: 'Leave make-latest out, or set `prerelease: false`.'
    }
  ]
}

function assetProblems(asset: Asset, state: AssetState, release: RemoteRelease | undefined): Problem[] {
  if (release === undefined || release.draft || state.kind === 'same') return []
  if (state.kind === 'different') {
    const there = state.remote.sha256 === undefined ? `${state.remote.size} bytes` : `sha256 ${state.remote.sha256}`
    return [
      {
        code: 'asset-differs',
        message: `${asset.name} is on the published release with other bytes: there ${there}, here sha256 ${asset.sha256}.`,
        hint: 'What people have downloaded is not replaced. Release the new bytes as a new version; or, if it must be, delete the asset on the release page and run the job again.',
        file: asset.path
      }
    ]
  }
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

/** What is asked for; where nothing is asked, what a person set on a release that is there stays. */
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
    prerelease: prerelease === 'auto' ? (published ? release.prerelease : tag.prerelease) : prerelease,
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
  if (Object.keys(change).length === 0 && !moved) return undefined
  // Left out, it would default to true, and the correction of an old release would make it the latest one.
  const stays = isLatest ? 'true' : 'false'
  const make_latest = moved ? makeLatest : stays
  return canBeLatest ? { ...change, make_latest } : change
}

/** GitHub's editor stores CRLF, and white space at the end shows nowhere. */
export function sameText(a: string, b: string): boolean {
  return a.replaceAll('\r\n', '\n').trimEnd() === b.replaceAll('\r\n', '\n').trimEnd()
}

function latestOf(
  { makeLatest }: Inputs,
  { destination, section }: Facts,
  { releases }: RemoteFacts,
  { prerelease }: WantedRelease
): 'true' | 'false' | 'legacy' | undefined {
  if (prerelease) return undefined
  if (makeLatest !== 'auto') return makeLatest
  return section?.heading.reading.yanked !== true && isHighest(destination.tag, releases) ? 'true' : 'false'
}
