import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import type { SandboxRequest, SandboxResponse, Service } from '../service.ts'
import { githubClaims, type JobClaims } from './github-claims.ts'
import { isSignedBy, readToken, signToken, type Claims, type SigningKey } from './json-web-token.ts'

/** The `iss` of every token that GitHub's runners hand out. */
export const githubIssuer = 'https://token.actions.githubusercontent.com'

/** A job that may ask for tokens: what `permissions: id-token: write` gives it. */
export interface OidcGrant {
  /** The job's `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. */
  readonly requestToken: string
  readonly claims: JobClaims
}

/** Why a token is not believed; the words of a person, for reports. */
export type TokenFault =
  | 'no JSON Web Token'
  | 'the signature is not that of the issuer'
  | 'another issuer'
  | 'another audience'
  | 'issued in the future'
  | 'not valid yet'
  | 'expired'

export type Verification = { readonly claims: Claims } | { readonly reason: TokenFault }

export interface OidcState {
  readonly kid: string
  /** PKCS #8, PEM */
  readonly privateKey: string
  readonly grants: readonly { readonly requestToken: string; readonly claims: Claims }[]
}

export interface OidcService extends Service<OidcState> {
  /** Registers a job: whoever shows its request token gets identity tokens with its claims. */
  grant(grant: OidcGrant): void
  /**
   * What the runner puts into `ACTIONS_ID_TOKEN_REQUEST_URL`: it ends in a query, so that `&audience=` can follow.
   * @param loopback the issuer's plain loopback address; without it the real host name
   */
  requestUrl(loopback?: URL): string
  /**
   * Checks signature, issuer, audience and times as PyPI's `OIDCPublisherService.verify_jwt_signature` does.
   * @param now milliseconds since the epoch
   */
  verify(token: string, expected: { readonly audience: string; readonly now: number }): Verification
}

const requestPath =
  '/sandbox/_apis/distributedtask/hubs/Actions/plans/00000000-0000-0000-0000-000000000001/jobs/00000000-0000-0000-0000-000000000002/idtoken'

/**
 * From GitHub's own example: issued 1632492967, not valid before 1632492067, expires 1632493867.
 * @see https://docs.github.com/en/actions/concepts/security/openid-connect
 */
const lifetime = 900
/** `_JWT_LEEWAY` in warehouse/oidc/services.py, seconds */
const leeway = 30

/** GitHub's identity provider for workflow jobs, with a key that it makes for itself. */
export function createOidc(): OidcService {
  let made: SigningKey | undefined
  // Made at the first need: it takes longer than all the rest of a sandbox's start.
  const key = (): SigningKey =>
    (made ??= { kid: randomUUID(), privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey })
  let grants: { readonly requestToken: string; readonly claims: Claims }[] = []

  function identityToken(request: SandboxRequest): SandboxResponse {
    const presented = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (presented === undefined) return json(401, { message: 'Authorization header is missing' })
    const granted = grants.find(({ requestToken }) => requestToken === presented.trim())
    // Without `id-token: write` the runner sets neither variable; a token made up or of another run ends here.
    if (granted === undefined) return json(403, { message: 'The request token is not valid for this job' })
    const issued = Math.floor(request.now / 1000)
    const claims = {
      jti: randomUUID(),
      ...granted.claims,
      // Without a wish, the audience is the owner's address on GitHub.
      aud:
        request.url.searchParams.get('audience') ?? `https://github.com/${String(granted.claims['repository_owner'])}`,
      iss: githubIssuer,
      nbf: issued - lifetime,
      exp: issued + lifetime,
      iat: issued
    }
    const value = signToken(claims, key())
    return json(200, { count: value.length, value })
  }

  const routes: Readonly<Record<string, (request: SandboxRequest) => SandboxResponse>> = {
    [requestPath]: identityToken,
    '/.well-known/openid-configuration': () => json(200, discovery(Object.keys(grants[0]?.claims ?? {}))),
    '/.well-known/jwks': () => json(200, { keys: [publicKey(key())] })
  }

  return {
    name: 'oidc',
    hosts: [new URL(githubIssuer).host, 'pipelines.actions.githubusercontent.com'],
    grant({ requestToken, claims }) {
      grants = [...grants.filter((other) => other.requestToken !== requestToken)]
      grants.push({ requestToken, claims: githubClaims(claims) })
    },
    requestUrl: (loopback) =>
      new URL(`${requestPath}?api-version=2.0`, loopback ?? 'https://pipelines.actions.githubusercontent.com').href,
    verify: (token, expected) => verifyToken(token, key(), expected),
    handle(request) {
      const route = routes[request.url.pathname]
      if (route === undefined) return json(404, { message: 'Not Found' })
      if (request.method !== 'GET') return json(405, { message: 'Method Not Allowed' })
      return route(request)
    },
    save: () => ({
      kid: key().kid,
      privateKey: key().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      grants: grants.map(({ requestToken, claims }) => ({ requestToken, claims: { ...claims } }))
    }),
    load(state) {
      made = { kid: state.kid, privateKey: createPrivateKey(state.privateKey) }
      grants = [...state.grants]
    }
  }
}

function verifyToken(
  token: string,
  key: SigningKey,
  expected: { readonly audience: string; readonly now: number }
): Verification {
  const unverified = readToken(token)
  if (unverified === undefined) return { reason: 'no JSON Web Token' }
  if (!isSignedBy(unverified, key)) return { reason: 'the signature is not that of the issuer' }
  const { iss, aud, iat, nbf, exp } = unverified.claims
  const now = expected.now / 1000
  if (iss !== githubIssuer) return { reason: 'another issuer' }
  // `strict_aud`: one audience, as a string, and this one.
  if (aud !== expected.audience) return { reason: 'another audience' }
  if (typeof iat !== 'number' || iat > now + leeway) return { reason: 'issued in the future' }
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + leeway)) return { reason: 'not valid yet' }
  if (typeof exp !== 'number' || exp <= now - leeway) return { reason: 'expired' }
  return { claims: unverified.claims }
}

function discovery(claims: readonly string[]): object {
  return {
    issuer: githubIssuer,
    jwks_uri: `${githubIssuer}/.well-known/jwks`,
    subject_types_supported: ['public', 'pairwise'],
    response_types_supported: ['id_token'],
    claims_supported: [...new Set(['sub', 'aud', 'exp', 'iat', 'iss', 'jti', 'nbf', ...claims])],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid']
  }
}

function publicKey(key: SigningKey): object {
  const { n, e } = createPublicKey(key.privateKey).export({ format: 'jwk' })
  return { kty: 'RSA', alg: 'RS256', use: 'sig', kid: key.kid, n, e, x5t: key.kid }
}

function json(status: number, body: object): SandboxResponse {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) }
}
