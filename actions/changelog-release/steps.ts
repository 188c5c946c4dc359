import { readableSize } from '../shared/files.ts'
import type { Step } from '../shared/phases.ts'
import type { AssetState } from './asset-state.ts'
import type { Asset } from './assets.ts'
import type { Facts, RemoteFacts } from './inspect.ts'
import type { WantedRelease } from './plan.ts'
import type { LatestMark } from './latest.ts'
import type { ReleaseFields } from './releases.ts'
import type { RemoteAsset, RemoteRelease } from './remote-release.ts'

/** A step that was done to the release itself, with what GitHub made of it. */
export interface ReleaseStep extends Step {
  readonly release: RemoteRelease
}

export function isReleaseStep(step: Step): step is ReleaseStep {
  return 'release' in step
}

/** What becomes of the release itself, as a person reads it. */
export function releaseStep(
  { destination: { tag } }: Facts,
  { release }: RemoteFacts,
  change: ReleaseFields | undefined,
  publishes: boolean,
  wanted: WantedRelease
): Step {
  const target = `release ${tag.raw}`
  const kind = wanted.prerelease ? 'prerelease' : 'release'
  if (release === undefined) {
    return { kind: 'create', target, wanted: `a draft ${kind} with its notes`, why: 'there is none of this tag' }
  }
  const there = `${release.draft ? 'draft' : 'published'} ${release.id}`
  if (change !== undefined) {
    const changed = Object.keys(change).join(', ') || 'latest release'
    return { kind: 'update', target, there, wanted: `other ${changed}`, why: 'they differ' }
  }
  if (publishes)
    return { kind: 'unchanged', target, there, wanted: `this draft ${kind}`, why: 'it is completed, then published' }
  return { kind: 'unchanged', target, there, wanted: `a ${kind} with these notes`, why: 'it is as wanted' }
}

/** What becomes of one file. */
export function assetStep({ name, size, sha256 }: Asset, state: AssetState): Step {
  const target = name
  const wanted = `${readableSize(size)}, sha256 ${sha256}`
  switch (state.kind) {
    case 'absent':
      return { kind: 'create', target, wanted, why: 'the release lacks it' }
    case 'same':
      return {
        kind: 'unchanged',
        target,
        wanted,
        why: `the same ${state.by === 'hash' ? 'bytes are' : 'size is'} there`
      }
    case 'unfinished':
      return {
        kind: 'update',
        target,
        there: `${state.remote.state}, ${state.remote.size} bytes`,
        wanted,
        why: 'an upload broke off'
      }
    case 'different':
      return {
        kind: 'update',
        target,
        there: state.remote.sha256 === undefined ? `${state.remote.size} bytes` : `sha256 ${state.remote.sha256}`,
        wanted,
        why: 'the draft has other bytes'
      }
  }
}

/** What becomes of the rest of an upload that nobody finishes. */
export function leftoverStep({ name, state, size }: RemoteAsset): Step {
  return {
    kind: 'update',
    target: name,
    there: `${state}, ${size} bytes`,
    wanted: 'deleted',
    why: 'an upload broke off, and the file is not wanted now'
  }
}

/** @param latest what would be sent as `make_latest` now; it is decided anew at the publication */
export function publicationStep({ destination: { tag } }: Facts, latest: LatestMark): Step {
  const place = latest === 'true' ? ', as the latest one' : latest === 'false' ? ', not as the latest one' : ''
  return {
    kind: 'update',
    target: 'publication',
    there: 'draft or nothing',
    wanted: `${tag.raw} published${place}`,
    why: 'in one request, when all assets are verified'
  }
}
