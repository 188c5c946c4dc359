import { createHmac } from 'node:crypto'
import type { SandboxRequest, SandboxResponse } from '../service.ts'
import type { RepositoryCall } from './operation.ts'
import type { Place } from './origins.ts'
import type { Asset, GithubState } from './state.ts'

const hourInSeconds = 3600
/** Signs addresses so that a guessed one is refused; no secret, for it guards nothing but a sandbox. */
const signingKey = 'sandbox storage'

/** Where a download is redirected to: the storage host, with a signature that holds for an hour. */
export function storageAddress(call: Pick<RepositoryCall, 'links' | 'repository' | 'request'>, asset: Asset): string {
  const path = `/github-production-release-asset/${call.repository.id}/${asset.storageKey}`
  const expires = String(Math.floor(call.request.now / 1000) + hourInSeconds)
  const url = new URL(`${call.links.storage}${path}`)
  url.searchParams.set('se', expires)
  url.searchParams.set('sig', signature(path, expires))
  url.searchParams.set('rscd', `attachment; filename=${asset.name}`)
  url.searchParams.set('rsct', 'application/octet-stream')
  return url.href
}

/**
 * The storage itself, which is no part of GitHub's API: it knows no tokens and, like Azure Blob Storage, refuses a
 * request that carries an Authorization header besides its signature. So a client that takes its token along over the
 * redirect is caught (rapid7/metakitty#30). (An Enterprise Server stores under its own address, where the header may come along.)
 */
export function serveStorage(state: GithubState, request: SandboxRequest, place: Place): SandboxResponse {
  const query = request.url.searchParams
  if (request.headers.authorization !== undefined && !place.enterprise) {
    return refusal(
      400,
      'InvalidAuthenticationInfo',
      'Authentication information is not given in the correct format. Check the value of Authorization header.'
    )
  }
  const expires = query.get('se') ?? ''
  if (query.get('sig') !== signature(place.path, expires) || Number(expires) * 1000 < request.now) {
    return refusal(403, 'AuthenticationFailed', 'Server failed to authenticate the request.')
  }
  const [repositoryId, storageKey] = place.path.split('/').slice(-2)
  const asset = state.repositories
    .filter((repository) => String(repository.id) === repositoryId)
    .flatMap((repository) => repository.releases.flatMap((release) => release.assets))
    .find((candidate) => candidate.storageKey === storageKey)
  if (asset === undefined) return refusal(404, 'BlobNotFound', 'The specified blob does not exist.')
  return {
    status: 200,
    headers: {
      'content-type': query.get('rsct') ?? 'application/octet-stream',
      'content-disposition': query.get('rscd') ?? 'attachment',
      'content-length': String(asset.bytes.length)
    },
    body: asset.bytes
  }
}

function signature(path: string, expires: string): string {
  return createHmac('sha256', signingKey).update(`${path}\n${expires}`).digest('base64url')
}

function refusal(status: number, code: string, message: string): SandboxResponse {
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`
  }
}
