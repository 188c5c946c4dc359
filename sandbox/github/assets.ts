import { createHash } from 'node:crypto'
import { storedAssetName } from './asset-name.ts'
import { notFound, refuseFields, refuseUpload, type FieldError } from './errors.ts'
import { readFields } from './json-body.ts'
import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { paginate } from './pagination.ts'
import { mayPush, signedIn } from './permissions.ts'
import { releaseInPath } from './releases.ts'
import { assetShape } from './shapes/release.ts'
import type { Asset, Release } from './state.ts'
import { takeId, timestamp } from './state.ts'
import { storageAddress } from './storage.ts'

const mostAssets = 1000
/** Two gibibytes. A larger asset is refused; one of exactly this size has been seen to end in a 500. */
const largestAsset = 2_147_483_648

/** Assets of releases: upload, download, listing, renaming, deletion. */
export const assetOperations: readonly Operation[] = [
  {
    id: 'repos/list-release-assets',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases/{release_id}/assets',
    documentation: 'releases/assets#list-release-assets',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => {
      const release = releaseInPath(call)
      return paginate(call, release.assets, (asset) => assetShape(call, release, asset))
    }
  },
  {
    id: 'repos/upload-release-asset',
    method: 'POST',
    site: 'uploads',
    path: '/repos/{owner}/{repo}/releases/{release_id}/assets',
    documentation: 'releases/assets#upload-a-release-asset',
    scope: 'repository',
    needs: { permission: 'contents', access: 'write' },
    run: uploadAsset
  },
  {
    id: 'repos/get-release-asset',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases/assets/{asset_id}',
    documentation: 'releases/assets#get-a-release-asset',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => {
      const { release, asset } = assetInPath(call)
      if (!/application\/octet-stream/.test(call.request.headers.accept ?? '')) {
        return { status: 200, body: assetShape(call, release, asset) }
      }
      if (asset.state !== 'uploaded') throw notFound(call.documentation)
      asset.downloads += 1
      return { status: 302, headers: { location: storageAddress(call, asset) } }
    }
  },
  {
    id: 'repos/update-release-asset',
    method: 'PATCH',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases/assets/{asset_id}',
    documentation: 'releases/assets#update-a-release-asset',
    scope: 'repository',
    needs: { permission: 'contents', access: 'write' },
    run: updateAsset
  },
  {
    id: 'repos/delete-release-asset',
    method: 'DELETE',
    site: 'api',
    path: '/repos/{owner}/{repo}/releases/assets/{asset_id}',
    documentation: 'releases/assets#delete-a-release-asset',
    scope: 'repository',
    needs: { permission: 'contents', access: 'write' },
    run: (call) => {
      const { release, asset } = assetInPath(call)
      if (release.immutable) throw refuseFields([immutableError('delete')], call.documentation)
      release.assets = release.assets.filter((candidate) => candidate !== asset)
      return { status: 204 }
    }
  }
]

function assetInPath(call: RepositoryCall): { readonly release: Release; readonly asset: Asset } {
  for (const release of call.repository.releases) {
    const asset = release.assets.find((candidate) => String(candidate.id) === call.params['asset_id'])
    if (asset !== undefined && (!release.draft || mayPush(call.state, call.actor, call.repository))) {
      return { release, asset }
    }
  }
  throw notFound(call.documentation)
}

const assetError = (code: FieldError['code'], field: string, message?: string): FieldError => ({
  resource: 'ReleaseAsset',
  code,
  field,
  ...(message === undefined ? {} : { message })
})

/** Wording of uutils/coreutils#13839; that for a change is formed after it. */
function immutableError(verb: 'delete' | 'update'): FieldError {
  return { resource: 'ReleaseAsset', code: 'custom', message: `Cannot ${verb} asset from an immutable release` }
}

function uploadAsset(call: RepositoryCall): Answer {
  const { request } = call
  const release = releaseInPath(call)
  const body = assetShape(call, release, storeAsset(call, release, request.body))
  return { status: 201, body, headers: { location: body.url } }
}

/**
 * What a 502 leaves of an upload: the name taken by an asset in state `starter`, without bytes and digest (OpenAPI text
 * of upload-release-asset). Throws like an upload when even that is not possible.
 */
export function leaveStarter(call: RepositoryCall): void {
  storeAsset(call, releaseInPath(call), undefined)
}

function storeAsset(call: RepositoryCall, release: Release, bytes: Buffer | undefined): Asset {
  const { request, actor, state } = call
  const now = timestamp(request.now)
  const asked = request.url.searchParams.get('name') ?? ''
  const name = storedAssetName(asked)
  const declared = Number(request.headers['content-length'] ?? request.body.length)
  const size = Math.max(declared, request.body.length)
  if (release.immutable) throw refuseUpload(422, 'Cannot upload assets to an immutable release.')
  if (request.headers['content-length'] === undefined || Number.isNaN(declared)) {
    // Also what a chunked upload gets (denoland/deno#24197, eine/tip#159).
    throw refuseUpload(400, 'Bad Content-Length: ')
  }
  if ((request.headers['content-type'] ?? '') === '') throw refuseUpload(400, 'Bad Content-Type: ')
  const rules: readonly (readonly [boolean, FieldError])[] = [
    [asked === '', assetError('missing_field', 'name')],
    [release.assets.some((asset) => asset.name === name), assetError('already_exists', 'name')],
    [size === 0, assetError('custom', 'size', 'size must be greater than or equal to 1')],
    [size > largestAsset, assetError('custom', 'size', `size must be less than or equal to ${largestAsset}`)],
    [
      release.assets.length >= mostAssets,
      assetError('custom', 'file_count', `file_count limited to ${mostAssets} assets per release`)
    ]
  ]
  const errors = rules.filter(([broken]) => broken).map(([, message]) => message)
  if (errors.length > 0) throw refuseUpload(422, 'Validation Failed', errors)
  if (size === largestAsset) throw refuseUpload(500, 'Error saving asset')
  const id = takeId(state)
  const stored = bytes ?? Buffer.alloc(0)
  const asset: Asset = {
    id,
    storageKey: createHash('sha1').update(`${call.repository.id}/${id}`).digest('hex'),
    uploaderId: signedIn(actor).user.id,
    contentType: request.headers['content-type'] ?? '',
    name,
    label: request.url.searchParams.get('label') ?? '',
    state: bytes === undefined ? 'starter' : 'uploaded',
    size: stored.length,
    digest: bytes === undefined || !state.digests ? null : `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    bytes: stored,
    downloads: 0,
    createdAt: now,
    updatedAt: now
  }
  release.assets.push(asset)
  return asset
}

function updateAsset(call: RepositoryCall): Answer {
  const { release, asset } = assetInPath(call)
  const sent = readFields(
    call.request,
    { name: 'string', label: 'nullable-string', state: 'string' },
    [],
    call.documentation
  )
  if (release.immutable) throw refuseFields([immutableError('update')], call.documentation)
  const name = sent.name === undefined ? asset.name : storedAssetName(sent.name)
  if (sent.name === '') throw refuseFields([assetError('missing_field', 'name')], call.documentation)
  if (release.assets.some((candidate) => candidate !== asset && candidate.name === name)) {
    throw refuseFields([assetError('already_exists', 'name')], call.documentation)
  }
  asset.name = name
  if (sent.label !== undefined) asset.label = sent.label
  asset.updatedAt = timestamp(call.request.now)
  return { status: 200, body: assetShape(call, release, asset) }
}
