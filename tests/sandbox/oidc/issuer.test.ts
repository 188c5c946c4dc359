import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { createOidc, type OidcGrant, type OidcService } from '../../../sandbox/oidc/issuer.ts'
import type { SandboxResponse } from '../../../sandbox/service.ts'

const now = Date.UTC(2026, 10, 21, 10, 0, 0)

const job: OidcGrant = {
  requestToken: 'request-token',
  claims: {
    repository: 'Octo/demo',
    ref: 'refs/tags/v1.0.0',
    sha: 'a'.repeat(40),
    workflow_ref: '.github/workflows/release.yml',
    run_id: '42'
  }
}

function issuer(grant: OidcGrant = job): OidcService {
  const oidc = createOidc()
  oidc.grant(grant)
  return oidc
}

function ask(oidc: OidcService, address: string, authorization?: string): SandboxResponse {
  const headers = authorization === undefined ? {} : { authorization }
  const answer = oidc.handle({ method: 'GET', url: new URL(address), headers, now, body: Buffer.alloc(0) })
  if (answer === undefined) throw new Error('the issuer gave the request away')
  return answer
}

function body(answer: SandboxResponse): Record<string, unknown> {
  const value: unknown = JSON.parse(String(answer.body))
  return Object.fromEntries(Object.entries(value ?? {}))
}

function identityToken(oidc: OidcService, audience = 'pypi'): string {
  return String(body(ask(oidc, `${oidc.requestUrl()}&audience=${audience}`, 'bearer request-token'))['value'])
}

function part(token: string, index: number): Record<string, unknown> {
  const value: unknown = JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString())
  return Object.fromEntries(Object.entries(value ?? {}))
}

describe('the token request', () => {
  test("gives a token with the claims GitHub would give, in GitHub's spelling", () => {
    const token = identityToken(issuer())
    expect(part(token, 0)).toMatchObject({ typ: 'JWT', alg: 'RS256', kid: expect.any(String) })
    expect(part(token, 1)).toMatchObject({
      iss: 'https://token.actions.githubusercontent.com',
      aud: 'pypi',
      sub: 'repo:Octo/demo:ref:refs/tags/v1.0.0',
      repository: 'Octo/demo',
      repository_owner: 'Octo',
      ref: 'refs/tags/v1.0.0',
      ref_type: 'tag',
      event_name: 'push',
      run_id: '42',
      run_attempt: '1',
      runner_environment: 'github-hosted',
      workflow_ref: 'Octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0',
      job_workflow_ref: 'Octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0',
      iat: now / 1000,
      nbf: now / 1000 - 900,
      exp: now / 1000 + 900
    })
  })

  test('gives each token a jti of its own', () => {
    const oidc = issuer()
    expect(part(identityToken(oidc), 1)['jti']).not.toBe(part(identityToken(oidc), 1)['jti'])
  })

  test('tells the length beside the token, as the runner service does', () => {
    const oidc = issuer()
    const answer = body(ask(oidc, `${oidc.requestUrl()}&audience=x`, 'bearer request-token'))
    expect(answer).toEqual({ count: String(answer['value']).length, value: expect.any(String) })
  })

  test('takes the owner for the audience when none is asked for', () => {
    const oidc = issuer()
    const token = String(body(ask(oidc, oidc.requestUrl(), 'Bearer request-token'))['value'])
    expect(part(token, 1)['aud']).toBe('https://github.com/Octo')
  })

  test('names the environment in the subject', () => {
    const claims = part(identityToken(issuer({ ...job, claims: { ...job.claims, environment: 'pypi release' } })), 1)
    expect(claims).toMatchObject({ sub: 'repo:Octo/demo:environment:pypi%20release', environment: 'pypi release' })
  })

  test('names the pull request in the subject', () => {
    const grant = { ...job, claims: { ...job.claims, event_name: 'pull_request', ref: 'refs/pull/1/merge' } }
    expect(part(identityToken(issuer(grant)), 1)['sub']).toBe('repo:Octo/demo:pull_request')
  })

  test('lets a grant say any claim itself', () => {
    const job_workflow_ref = 'other/shared/.github/workflows/publish.yml@refs/heads/main'
    const claims = part(identityToken(issuer({ ...job, claims: { ...job.claims, job_workflow_ref } })), 1)
    expect(claims).toMatchObject({
      job_workflow_ref,
      workflow_ref: 'Octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'
    })
  })

  test('is refused without the request token, and with one of no job', () => {
    const oidc = issuer()
    expect(ask(oidc, oidc.requestUrl()).status).toBe(401)
    expect(ask(oidc, oidc.requestUrl(), 'bearer other').status).toBe(403)
    expect(ask(createOidc(), oidc.requestUrl(), 'bearer request-token').status).toBe(403)
    expect(ask(oidc, 'https://pipelines.actions.githubusercontent.com/other', 'bearer request-token').status).toBe(404)
  })

  test('has an address that can be extended, also on loopback', () => {
    const oidc = issuer()
    expect(oidc.requestUrl()).toMatch(/^https:\/\/pipelines\.actions\.githubusercontent\.com\/.*\?[^&]+$/)
    expect(oidc.requestUrl(new URL('http://127.0.0.1:8000/'))).toMatch(/^http:\/\/127\.0\.0\.1:8000\/.*\?[^&]+$/)
  })
})

describe('whoever reads the discovery document', () => {
  test('finds the key that verifies the signature', () => {
    const oidc = issuer()
    const discovery = body(ask(oidc, 'https://token.actions.githubusercontent.com/.well-known/openid-configuration'))
    expect(discovery).toMatchObject({
      issuer: 'https://token.actions.githubusercontent.com',
      id_token_signing_alg_values_supported: ['RS256']
    })
    const keys = body(ask(oidc, String(discovery['jwks_uri'])))['keys'] as (JsonWebKey & { readonly kid: string })[]
    const token = identityToken(oidc)
    const jwk = keys.find(({ kid }) => kid === part(token, 0)['kid'])
    if (jwk === undefined) throw new Error('no key of that id')
    const [header, claims, signature = ''] = token.split('.')
    const signed = Buffer.from(`${String(header)}.${String(claims)}`)
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    expect(verify('sha256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true)
  })
})

describe('verify', () => {
  test('gives the claims of a token of this issuer for this audience', () => {
    const oidc = issuer()
    expect(oidc.verify(identityToken(oidc), { audience: 'pypi', now })).toMatchObject({
      claims: { repository: 'Octo/demo' }
    })
  })

  test('refuses another audience', () => {
    const oidc = issuer()
    expect(oidc.verify(identityToken(oidc, 'testpypi'), { audience: 'pypi', now })).toEqual({
      reason: 'another audience'
    })
  })

  test('allows thirty seconds behind the end and no more', () => {
    const oidc = issuer()
    const token = identityToken(oidc)
    expect(oidc.verify(token, { audience: 'pypi', now: now + 929_000 })).toHaveProperty('claims')
    expect(oidc.verify(token, { audience: 'pypi', now: now + 930_000 })).toEqual({ reason: 'expired' })
  })

  test('refuses a token from the future', () => {
    const oidc = issuer()
    const earlier = { audience: 'pypi', now: now - 31_000 }
    expect(oidc.verify(identityToken(oidc), earlier)).toEqual({ reason: 'issued in the future' })
  })

  test('refuses changed claims, other signers, and what is no token', () => {
    const oidc = issuer()
    const [header = '', , signature = ''] = identityToken(oidc).split('.')
    const claims = Buffer.from(JSON.stringify({ ...part(identityToken(oidc), 1), repository: 'evil/demo' }))
    const changed = `${header}.${claims.toString('base64url')}.${signature}`
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims.toString('base64url')}.`
    for (const token of [changed, identityToken(issuer()), unsigned.replace(/\.$/, '.AA')])
      expect(oidc.verify(token, { audience: 'pypi', now })).toEqual({
        reason: 'the signature is not that of the issuer'
      })
    for (const token of ['', 'a.b', 'a.b.c', 'pypi-token'])
      expect(oidc.verify(token, { audience: 'pypi', now })).toEqual({ reason: 'no JSON Web Token' })
  })
})

test('a saved issuer goes on with the same key and grants', () => {
  const oidc = issuer()
  const token = identityToken(oidc)
  const other = createOidc()
  other.load(oidc.save())
  expect(other.verify(token, { audience: 'pypi', now })).toHaveProperty('claims')
  expect(identityToken(other)).not.toBe('undefined')
})
