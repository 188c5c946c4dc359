import { randomBytes, randomUUID } from 'node:crypto'
import { githubIssuer, type OidcService } from '../oidc/issuer.ts'
import { readToken, type Claims } from '../oidc/json-web-token.ts'
import type { SandboxRequest, SandboxResponse } from '../service.ts'
import { json, UploadRefused } from './answers.ts'
import type { HelpPages } from './authentication.ts'
import { createProject } from './project-creation.ts'
import { checkPublisherClaims, findPublisher, PublisherFault } from './publisher-claims.ts'
import { findProject, type PublisherRecord, type Registry } from './registry.ts'

/** What the endpoints need to know of their index. */
export interface TrustedPublishing {
  readonly registry: Registry
  /** `pypi` or `testpypi` */
  readonly audience: string
  /** `pypi.org`: stands in minted tokens. */
  readonly domain: string
  readonly oidc: OidcService
  readonly pages: HelpPages
}

/** GET /_/oidc/audience */
export function audience({ registry, audience }: TrustedPublishing): SandboxResponse {
  return registry.switches.trustedPublishingDisabled
    ? json(403, { message: 'Trusted publishing functionality not enabled' })
    : json(200, { audience })
}

/** Seconds that a minted token lives. */
const lifetime = 900

/** POST /_/oidc/mint-token (warehouse/oidc/views.py, `mint_token_from_oidc`). */
export function mintToken(trusted: TrustedPublishing, request: SandboxRequest): SandboxResponse {
  const { registry, oidc } = trusted
  const payload = tokenPayload(request.body)
  if ('fault' in payload) return refuse('invalid-payload', payload.fault)
  const issuer = readToken(payload.token)?.claims['iss']
  if (issuer === undefined) return refuse('invalid-payload', 'malformed JWT')
  if (issuer !== githubIssuer) return refuse('invalid-payload', 'unknown trusted publishing issuer')
  if (registry.switches.trustedPublishingDisabled)
    return refuse('not-enabled', 'github trusted publishing functionality not enabled')
  const verified = oidc.verify(payload.token, { audience: trusted.audience, now: request.now })
  if ('reason' in verified) return refuse('invalid-token', 'malformed or invalid token')

  const { claims } = verified
  const created = usePendingPublisher(trusted, claims)
  if (created !== undefined) return created
  let publisher: PublisherRecord
  try {
    publisher = findPublisher(registry, claims, false)
    checkPublisherClaims(registry, publisher, claims)
  } catch (error) {
    if (!(error instanceof PublisherFault)) throw error
    if (error.reused) return refuse('invalid-reuse-token', 'invalid token: already used')
    return refuse('invalid-publisher', `valid token, but no corresponding publisher (${error.message})`)
  }
  registry.usedIdentities.push(String(claims['jti']))
  const now = Math.floor(request.now / 1000)
  const token = macaroon(trusted.domain)
  registry.tokens.push({
    token,
    identity: { kind: 'publisher', publisher: publisher.id },
    ...(publisher.projects !== undefined && { projects: [...publisher.projects] }),
    notBefore: now * 1000,
    expires: (now + lifetime) * 1000
  })
  return json(200, { success: true, token, expires: now + lifetime })
}

/**
 * POST /_/oidc/burn-token: a client gives its token back before it expires. The answer says nothing of whether the token
 * was one (warehouse pull request 20197).
 */
export function burnToken({ registry }: TrustedPublishing, request: SandboxRequest): SandboxResponse {
  const payload = tokenPayload(request.body)
  if ('fault' in payload) return refuse('invalid-payload', payload.fault)
  registry.tokens = registry.tokens.filter(({ token, identity }) => token !== payload.token || identity.kind === 'user')
  return json(202, { message: 'Accepted' })
}

/** Creates the project that a pending publisher waits for; gives the refusal when that cannot be. */
function usePendingPublisher(trusted: TrustedPublishing, claims: Claims): SandboxResponse | undefined {
  const { registry, pages } = trusted
  let pending: PublisherRecord
  try {
    pending = findPublisher(registry, claims, true)
    checkPublisherClaims(registry, pending, claims)
  } catch (error) {
    if (error instanceof PublisherFault && !error.reused) return undefined
    if (error instanceof PublisherFault) return refuse('invalid-reuse-token', 'invalid token: already used')
    throw error
  }
  const { pendingFor: name = '', ...publisher } = pending
  const others = registry.publishers.filter(({ id }) => id !== pending.id)
  if (findProject(registry, name) !== undefined) {
    registry.publishers = others
    return refuse('invalid-pending-publisher', 'valid token, but project already exists')
  }
  try {
    const project = createProject(registry, name, [], pages)
    const same = others.find((each) => each.pendingFor === undefined && sameWorkflow(each, pending))
    registry.publishers = registry.publishers.filter(({ id }) => id !== pending.id)
    if (same === undefined) registry.publishers.push({ ...publisher, projects: [project.normalizedName] })
    else same.projects?.push(project.normalizedName)
    return undefined
  } catch (error) {
    if (error instanceof UploadRefused) return refuse('invalid-payload', error.message)
    throw error
  }
}

export function sameWorkflow(a: PublisherRecord, b: PublisherRecord): boolean {
  return (
    a.owner === b.owner && a.repository === b.repository && a.workflow === b.workflow && a.environment === b.environment
  )
}

function refuse(code: string, description: string): SandboxResponse {
  return json(422, { message: 'Token request failed', errors: [{ code, description }] })
}

function tokenPayload(body: Buffer): { readonly token: string } | { readonly fault: string } {
  const fault = (text: string): { readonly fault: string } => ({
    fault: `1 validation error for TokenPayload\n${text}`
  })
  let payload: unknown
  try {
    payload = JSON.parse(body.toString('utf8'))
  } catch (error) {
    return fault(`  Invalid JSON: ${error instanceof Error ? error.message : ''} [type=json_invalid]`)
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    return fault('  Input should be an object [type=model_type]')
  if (!('token' in payload)) return fault('token\n  Field required [type=missing]')
  if (typeof payload.token !== 'string') return fault('token\n  Input should be a valid string [type=string_type]')
  return { token: payload.token }
}

/**
 * A token that looks as PyPI's do: a version 2 macaroon (location, identifier, signature) behind `pypi-`. Scanners for
 * leaked tokens know its first bytes.
 */
export function macaroon(domain: string): string {
  const field = (type: number, value: Buffer): Buffer => Buffer.concat([Buffer.from([type, value.length]), value])
  const bytes = Buffer.concat([
    Buffer.from([2]),
    field(1, Buffer.from(domain)),
    field(2, Buffer.from(randomUUID())),
    Buffer.from([0, 0]),
    field(6, randomBytes(32))
  ])
  return `pypi-${bytes.toString('base64url')}`
}
