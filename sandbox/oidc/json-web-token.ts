import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto'

/** A claim set, as JSON carries it (RFC 7519, section 4). */
export type Claims = Readonly<Record<string, ClaimValue>>
export type ClaimValue = string | number | boolean | readonly string[]

export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
}

/** Signs a claim set as a compact JWT with RS256 (RFC 7515, section 3.1; RFC 7518, section 3.3). */
export function signToken(claims: Claims, key: SigningKey): string {
  // GitHub names the certificate thumbprint (`x5t`) beside the key id; both name the same key.
  const header = { typ: 'JWT', alg: 'RS256', x5t: key.kid, kid: key.kid }
  const unsigned = `${encode(header)}.${encode(claims)}`
  return `${unsigned}.${sign('sha256', Buffer.from(unsigned), key.privateKey).toString('base64url')}`
}

/** A compact JWT taken apart, nothing of it believed yet; `undefined` when it is none. */
export interface UnverifiedToken {
  readonly header: Claims
  readonly claims: Claims
  readonly signed: Buffer
  readonly signature: Buffer
}

export function readToken(token: string): UnverifiedToken | undefined {
  const parts = token.split('.')
  const [header, claims, signature] = parts
  if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined) return undefined
  const decodedHeader = decode(header)
  const decodedClaims = decode(claims)
  if (decodedHeader === undefined || decodedClaims === undefined) return undefined
  return {
    header: decodedHeader,
    claims: decodedClaims,
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url')
  }
}

/** Whether the signature is that of the key; only RS256 is taken, as PyPI does (`algorithms=["RS256"]`). */
export function isSignedBy(token: UnverifiedToken, key: SigningKey): boolean {
  if (token.header['alg'] !== 'RS256' || token.header['kid'] !== key.kid) return false
  return verify('sha256', token.signed, createPublicKey(key.privateKey), token.signature)
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(part: string): Claims | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return isClaims(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isClaims(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
