import { createHash } from 'node:crypto'
import { ActionError, type Problem } from '../shared/problem.ts'
import type { Asset } from './assets.ts'
import type { Releases } from './releases.ts'
import type { RemoteAsset } from './remote-release.ts'

/**
 * What stands under a local file's name on the release. `unfinished` is what is left of an upload that broke off;
 * `same` was compared by hash, or by size alone where the server gives no digest and the bytes cannot be read back.
 */
export type AssetState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'same'; readonly remote: RemoteAsset; readonly by: 'hash' | 'size' }
  | { readonly kind: 'unfinished' | 'different'; readonly remote: RemoteAsset }

export function stateOf(asset: Asset, remote: readonly RemoteAsset[]): AssetState {
  const found = remote.find(({ name }) => name === asset.name) ?? remote.find((each) => isOf(each, asset))
  if (found === undefined) return { kind: 'absent' }
  if (isUnfinished(found)) return { kind: 'unfinished', remote: found }
  if (found.size !== asset.size || (found.sha256 !== undefined && found.sha256 !== asset.sha256)) {
    return { kind: 'different', remote: found }
  }
  return { kind: 'same', remote: found, by: found.sha256 === undefined ? 'size' : 'hash' }
}

/**
 * Whether it stands for that file: by the name it should have, or by the label that a file with another name of its own
 * was sent with, should GitHub have rewritten the name in another way than was expected.
 */
export function isOf(remote: RemoteAsset, { name, label }: Asset): boolean {
  return remote.name === name || (label !== undefined && remote.label === label)
}

/** States beyond the two that are documented have been seen; what is complete is called `uploaded`. */
export function isUnfinished({ state, size }: RemoteAsset): boolean {
  return state === 'starter' || state === 'new' || (state !== 'uploaded' && size === 0)
}

/** What an upload left behind under a name that is not wanted now: of an earlier run, with other files. */
export function isLeftover(remote: RemoteAsset, wanted: readonly Asset[]): boolean {
  return isUnfinished(remote) && !wanted.some((asset) => isOf(remote, asset))
}

/** Larger assets without a digest are not read back. Bytes. */
const longestDownload = 200 * 1024 * 1024

/**
 * The release's assets, each with its hash as far as it can be known: where the server gives no digest, the bytes of an
 * asset that could be one of ours are read and hashed.
 */
export async function readAssets(
  releases: Releases,
  releaseId: number,
  wanted: readonly Asset[]
): Promise<readonly RemoteAsset[]> {
  const remote = await releases.assets(releaseId)
  const known: RemoteAsset[] = []
  for (const each of remote) {
    const own = wanted.find((asset) => isOf(each, asset))
    const unknown = each.sha256 === undefined && each.state === 'uploaded'
    const comparable = own !== undefined && own.size === each.size && each.size <= longestDownload
    const sha256 = unknown && comparable ? await downloadedHash(releases, each) : undefined
    known.push(sha256 === undefined ? each : { ...each, sha256 })
  }
  return known
}

/** What people may have downloaded already is never replaced. */
export function assetDiffers({ name, sha256, path }: Asset, there: RemoteAsset): Problem {
  const bytes = there.sha256 === undefined ? `${there.size} bytes` : `sha256 ${there.sha256}`
  return {
    code: 'asset-differs',
    message: `${name} is on the published release with other bytes: there ${bytes}, here sha256 ${sha256}.`,
    hint: 'What people have downloaded is not replaced. Release the new bytes as a new version; or, if it must be, delete the asset on the release page and run the job again.',
    file: path
  }
}

/** Unknown also where other than the asset was served: some servers that stand in for GitHub answer with its JSON. */
async function downloadedHash(releases: Releases, { id, size }: RemoteAsset): Promise<string | undefined> {
  try {
    const bytes = await releases.download(id)
    return bytes?.length === size ? createHash('sha256').update(bytes).digest('hex') : undefined
  } catch (error) {
    if (error instanceof ActionError) return undefined
    throw error
  }
}
