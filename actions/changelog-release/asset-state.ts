import { createHash } from 'node:crypto'
import { ActionError } from '../shared/problem.ts'
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
  const found = remote.find(({ name }) => name === asset.name)
  if (found === undefined) return { kind: 'absent' }
  // States beyond the two that are documented have been seen; what is complete is called `uploaded`.
  if (found.state === 'starter' || found.state === 'new' || (found.state !== 'uploaded' && found.size === 0)) {
    return { kind: 'unfinished', remote: found }
  }
  if (found.size !== asset.size || (found.sha256 !== undefined && found.sha256 !== asset.sha256)) {
    return { kind: 'different', remote: found }
  }
  return { kind: 'same', remote: found, by: found.sha256 === undefined ? 'size' : 'hash' }
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
    const own = wanted.find(({ name }) => name === each.name)
    const unknown = each.sha256 === undefined && each.state === 'uploaded'
    const comparable = own !== undefined && own.size === each.size && each.size <= longestDownload
    const sha256 = unknown && comparable ? await downloadedHash(releases, each) : undefined
    known.push(sha256 === undefined ? each : { ...each, sha256 })
  }
  return known
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
