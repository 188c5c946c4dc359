import type { SandboxRequest, SandboxResponse } from '../service.ts'
import { authenticate, ownerReaches, reachesDomain } from './credentials.ts'
import { entriesOf, findEntry } from './registry.ts'
import { etagOf, namesPayload, packagePayload, versionsPayload, type RegistryKey } from './registry-objects.ts'
import { findOrganization, findPackage, hexpm, type HexState, type RegistryEntry, type Release } from './state.ts'

/** The repository's own memory of what it signed: entries are never changed in place. */
export type SignedEntries = WeakMap<RegistryEntry, Buffer>

interface RepositoryRequest {
  readonly state: HexState
  readonly key: RegistryKey
  readonly signed: SignedEntries
  /** `hexpm` or an organization's name. */
  readonly repository: string
  readonly rest: string
}

/**
 * Answers a read of `https://repo.hex.pm`. `undefined`: a public package that is not here, whose reads may pass to
 * another repository.
 */
export function answerRepository(
  state: HexState,
  key: RegistryKey,
  signed: SignedEntries,
  request: SandboxRequest,
  path: string
): SandboxResponse | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, headers: plainText, body: 'Method Not Allowed' }
  const fixed = fixedFiles[path]?.(key)
  if (fixed !== undefined) return fixed
  const [, organization, rest = path] = /^\/repos\/([^/]+)(\/.*)$/.exec(path) ?? []
  const refused = organization === undefined ? undefined : refuse(state, request, organization)
  if (refused !== undefined) return refused
  const found = find({ state, key, signed, repository: organization ?? hexpm, rest })
  if (found === 'elsewhere') return undefined
  if (found === undefined) return missing
  return serve(request, found, organization === undefined ? 'public' : 'private')
}

const plainText = { 'content-type': 'text/plain; charset=utf-8' }
const octets = 'application/octet-stream'

/** What the repository says of an object that is not there; storage behind it may answer 403 as well. */
export const missing: SandboxResponse = { status: 404, headers: plainText, body: 'Not Found' }

const fixedFiles: Readonly<Record<string, (key: RegistryKey) => SandboxResponse>> = {
  '/public_key': (key) => ({ status: 200, headers: plainText, body: key.publicKey }),
  // Lists Hex's own versions, which the client reads to tell of a newer one; an empty list has none.
  '/installs/hex-1.x.csv': () => ({ status: 200, headers: plainText, body: '' })
}

/** Private repositories are opened by a key for `repository:ORG` or `repositories`, as `/api/auth` tells the edge. */
function refuse(state: HexState, { headers, now }: SandboxRequest, organization: string): SandboxResponse | undefined {
  const actor = authenticate(state, headers.authorization, now)
  if (typeof actor === 'string' || actor.kind === 'nobody')
    return { status: 401, headers: { ...plainText, 'www-authenticate': 'Basic realm=hex' }, body: 'Unauthorized' }
  const forbidden = { status: 403, headers: plainText, body: 'Forbidden' }
  if (!reachesDomain(actor.key, 'repository', organization)) return forbidden
  if (!ownerReaches(state, actor, 'repository', organization)) return forbidden
  return findOrganization(state, organization)?.billing === false ? forbidden : undefined
}

interface Served {
  readonly bytes: Buffer
  readonly type: string
}

function find(request: RepositoryRequest): Served | 'elsewhere' | undefined {
  const { state, key, repository, rest } = request
  if (rest === '/names')
    return { bytes: key.seal(namesPayload(repository, entriesOf(state, repository))), type: octets }
  if (rest === '/versions')
    return { bytes: key.seal(versionsPayload(repository, entriesOf(state, repository))), type: octets }
  const name = /^\/packages\/([^/]+)$/.exec(rest)?.[1]
  if (name !== undefined) return findObject(request, name) ?? orElsewhere(request, name)
  const [, folder, file = ''] = /^\/(tarballs|docs)\/([^/]+)$/.exec(rest) ?? []
  if (folder === undefined) return undefined
  const [, owner = '', version = ''] = (folder === 'docs' ? docsForm : tarballForm).exec(file) ?? []
  const release = findPackage(state, repository, owner)?.releases.find((each) => each.version === version)
  const bytes = release === undefined ? undefined : stored(release, folder)
  if (bytes === undefined) return orElsewhere(request, owner)
  return { bytes, type: folder === 'docs' ? 'application/gzip' : octets }
}

/** A name holds no hyphen, so the first one ends it. */
const tarballForm = /^([^-]+)-(.+)\.tar$/
const docsForm = /^([^-]+)-(.+)\.tar\.gz$/

function stored(release: Release, folder: string): Buffer | undefined {
  return (folder === 'docs' ? release.docs : release.stored) ?? undefined
}

function findObject({ state, key, signed, repository }: RepositoryRequest, name: string): Served | undefined {
  const entry = findEntry(state, repository, name)
  if (entry === undefined) return undefined
  const bytes = signed.get(entry) ?? key.seal(packagePayload(entry))
  signed.set(entry, bytes)
  return { bytes, type: octets }
}

/** Never for a package that has a release here: it must not be mixed with the real one of its name. */
function orElsewhere({ state, repository }: RepositoryRequest, name: string): 'elsewhere' | undefined {
  const owned = findPackage(state, repository, name)
  return repository === hexpm && (owned === undefined || owned.releases.length === 0) ? 'elsewhere' : undefined
}

function serve({ headers }: SandboxRequest, { bytes, type }: Served, privacy: 'public' | 'private'): SandboxResponse {
  const etag = etagOf(bytes)
  const common = { etag, 'cache-control': `${privacy}, max-age=3600` }
  const known = headers['if-none-match']?.split(',').map((each) => each.trim())
  if (known?.includes(etag) === true || known?.includes('*') === true) return { status: 304, headers: common }
  return { status: 200, headers: { ...common, 'content-type': type, 'accept-ranges': 'bytes' }, body: bytes }
}
