import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { createOidc } from '../../../sandbox/oidc/issuer.ts'
import type { JobClaims } from '../../../sandbox/oidc/github-claims.ts'
import type { SandboxResponse } from '../../../sandbox/service.ts'
import { sdist, wheel } from '../../support/distributions.ts'
import { basic, indexClient, now, refused, type IndexClient } from './index-client.ts'

const publisher = { owner: 'octo', repository: 'demo', workflow: 'release.yml' }
const mint = 'https://pypi.org/_/oidc/mint-token'

/** A fresh identity token of a job in octo/demo. */
function identity({ oidc }: IndexClient, claims: Partial<JobClaims> = {}, audience = 'pypi'): string {
  oidc.grant({
    requestToken: 'r',
    claims: {
      repository: 'octo/demo',
      ref: 'refs/tags/v1.0.0',
      sha: 'a'.repeat(40),
      workflow_ref: '.github/workflows/release.yml',
      ...claims
    }
  })
  const url = new URL(`${oidc.requestUrl()}&audience=${audience}`)
  const answer = oidc.handle({ method: 'GET', url, headers: { authorization: 'bearer r' }, now, body: Buffer.alloc(0) })
  return String(json(answer)['value'])
}

function json(answer: SandboxResponse | undefined): Record<string, unknown> {
  const value: unknown = JSON.parse(String(answer?.body))
  return Object.fromEntries(Object.entries(value ?? {}))
}

function minted(client: IndexClient, token = identity(client), at = now): Record<string, unknown> {
  return json(client.post(mint, JSON.stringify({ token }), at))
}

function failure(code: string, description: unknown): object {
  return { message: 'Token request failed', errors: [{ code, description }] }
}

/** A client whose index has demo-pkg and its publisher. */
function withPublisher(more: { readonly environment?: string; readonly ownerId?: string } = {}): IndexClient {
  const client = indexClient()
  client.index.addFile(wheel().filename, wheel().bytes, { uploaded: now })
  client.index.addPublisher({ project: 'demo-pkg', ...publisher, ...more })
  return client
}

describe('the audience', () => {
  test.each([
    ['pypi', 'https://upload.pypi.org'],
    ['pypi', 'https://pypi.org'],
    ['testpypi', 'https://test.pypi.org']
  ] as const)('of %s is told at %s', (name, origin) => {
    expect(json(indexClient(name).get(`${origin}/_/oidc/audience`))).toEqual({ audience: name })
  })

  test('is refused when trusted publishing is switched off', () => {
    const { index, get } = indexClient()
    index.setSwitches({ trustedPublishingDisabled: true })
    const answer = get('https://pypi.org/_/oidc/audience')
    expect(answer?.status).toBe(403)
    expect(json(answer)).toEqual({ message: 'Trusted publishing functionality not enabled' })
  })
})

describe('minting', () => {
  test('gives a token for fifteen minutes that uploads to the project', () => {
    const client = withPublisher()
    const answer = minted(client)
    expect(answer).toEqual({
      success: true,
      token: expect.stringMatching(/^pypi-AgEIcHlwaS5vcmc/),
      expires: now / 1000 + 900
    })
    const authorization = basic('__token__', String(answer['token']))
    expect(client.upload(sdist(), { authorization, now: now + 899_000 }).status).toBe(200)
    expect(client.index.releases('demo-pkg')[0]?.files[1]?.uploadedBy).toBe('octo/demo release.yml')
    expect(refused(client.upload(wheel(), { authorization, now: now + 900_000 }))).toBe(
      '403 Invalid API Token: token is expired'
    )
  })

  test('works at the older address of the endpoint', () => {
    const client = withPublisher()
    const answer = client.post('https://pypi.org/_/oidc/github/mint-token', JSON.stringify({ token: identity(client) }))
    expect(json(answer)).toMatchObject({ success: true })
  })

  test('works once for each identity token', () => {
    const client = withPublisher()
    const token = identity(client)
    expect(minted(client, token)).toMatchObject({ success: true })
    expect(minted(client, token)).toEqual(failure('invalid-reuse-token', 'invalid token: already used'))
    expect(minted(client)).toMatchObject({ success: true })
  })

  test.each([
    ['no JSON', 'no json', /^1 validation error for TokenPayload/],
    ['no token', '{}', /Field required/],
    ['a token that is no text', '{"token": 1}', /Input should be a valid string/]
  ])('refuses %s', (_name, body, description) => {
    const answer = indexClient().post(mint, body)
    expect(answer.status).toBe(422)
    expect(json(answer)).toEqual(failure('invalid-payload', expect.stringMatching(description)))
  })

  test('refuses what is no JSON Web Token, and one of an issuer it does not know', () => {
    const client = withPublisher()
    expect(minted(client, 'pypi-abc')).toEqual(failure('invalid-payload', 'malformed JWT'))
    const foreign = ['{"alg":"RS256"}', '{"iss":"https://example.org"}', 'x'].map((part) =>
      Buffer.from(part).toString('base64url')
    )
    expect(minted(client, foreign.join('.'))).toEqual(failure('invalid-payload', 'unknown trusted publishing issuer'))
  })

  test('refuses a token for another audience, of another key, or that has expired', () => {
    const client = withPublisher()
    const invalid = failure('invalid-token', 'malformed or invalid token')
    expect(minted(client, identity(client, {}, 'testpypi'))).toEqual(invalid)
    expect(minted(client, identity({ ...client, oidc: createOidc() }))).toEqual(invalid)
    expect(minted(client, identity(client), now + 1_000_000)).toEqual(invalid)
  })

  test('refuses a job of a repository without a publisher', () => {
    const client = withPublisher()
    expect(minted(client, identity(client, { repository: 'octo/other' }))).toEqual(
      failure(
        'invalid-publisher',
        'valid token, but no corresponding publisher (Publisher with matching claims was not found)'
      )
    )
  })

  test.each<[string, Partial<JobClaims>]>([
    ['another workflow file', { workflow_ref: '.github/workflows/ci.yml' }],
    [
      'a reusable workflow of another repository',
      { job_workflow_ref: 'octo/shared/.github/workflows/publish.yml@refs/heads/main' }
    ],
    ['another owner', { repository: 'mallory/demo' }],
    ['another case', { repository: 'Octo/demo' }]
  ])('refuses a job of %s', (_name, claims) => {
    const client = withPublisher()
    expect(minted(client, identity(client, claims))).toEqual(
      failure('invalid-publisher', expect.stringContaining('Publisher with matching claims was not found'))
    )
  })

  test('tells which reference of the workflow it expected', () => {
    const client = withPublisher()
    const job_workflow_ref = 'octo/demo/.github/workflows/release.yml@refs/heads/main'
    expect(minted(client, identity(client, { job_workflow_ref }))).toEqual(
      failure(
        'invalid-publisher',
        `valid token, but no corresponding publisher (The job_workflow_ref claim does not match, expecting one of ['octo/demo/.github/workflows/release.yml@${'a'.repeat(40)}', 'octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'], got 'octo/demo/.github/workflows/release.yml@refs/heads/main')`
      )
    )
  })

  test('refuses a job that a foreign pull request started', () => {
    const client = withPublisher()
    expect(minted(client, identity(client, { event_name: 'pull_request_target' }))).toEqual(
      failure('invalid-publisher', expect.stringContaining("'pull_request_target' is not supported."))
    )
  })

  test('asks for the environment when the publisher names one, in any case', () => {
    const client = withPublisher({ environment: 'release' })
    expect(minted(client)).toEqual(
      failure('invalid-publisher', expect.stringContaining('Publisher with matching claims was not found'))
    )
    expect(minted(client, identity(client, { environment: 'staging' }))).toMatchObject({
      errors: [{ code: 'invalid-publisher' }]
    })
    expect(minted(client, identity(client, { environment: 'Release' }))).toMatchObject({ success: true })
  })

  test('takes any environment when the publisher names none', () => {
    const client = withPublisher()
    expect(minted(client, identity(client, { environment: 'anything' }))).toMatchObject({ success: true })
  })

  test('refuses an owner who took over the name', () => {
    const client = withPublisher({ ownerId: '1' })
    expect(minted(client)).toMatchObject({ errors: [{ code: 'invalid-publisher' }] })
    expect(minted(client, identity(client, { repository_owner_id: '1' }))).toMatchObject({ success: true })
  })

  test('names a claim that is missing', () => {
    const client = withPublisher()
    const token = identity(client, { sha: undefined as unknown as string })
    expect(minted(client, token)).toEqual(failure('invalid-publisher', expect.stringContaining("Missing claim 'sha'")))
  })

  test('is refused when trusted publishing is switched off', () => {
    const client = withPublisher()
    client.index.setSwitches({ trustedPublishingDisabled: true })
    expect(minted(client)).toEqual(failure('not-enabled', 'github trusted publishing functionality not enabled'))
  })
})

describe('a pending publisher', () => {
  test('creates its project when a token is minted, and serves it from then on', () => {
    const client = indexClient()
    client.index.addPublisher({ project: 'demo-pkg', ...publisher })
    const authorization = basic('__token__', String(minted(client)['token']))
    expect(client.index.projects()).toEqual(['demo-pkg'])
    expect(client.upload(wheel(), { authorization }).status).toBe(200)
    expect(minted(client)).toMatchObject({ success: true })
  })

  test('is void once somebody else has the name', () => {
    const client = indexClient()
    client.index.addPublisher({ project: 'demo-pkg', ...publisher })
    client.upload(wheel())
    expect(minted(client)).toEqual(failure('invalid-pending-publisher', 'valid token, but project already exists'))
  })

  test('with another name than the metadata is told so at the upload', () => {
    const client = indexClient()
    client.index.addPublisher({ project: 'demo-package', ...publisher })
    const authorization = basic('__token__', String(minted(client)['token']))
    expect(refused(client.upload(wheel(), { authorization }))).toBe(
      "400 Non-user identities cannot create new projects. This was probably caused by successfully using a pending publisher but specifying the project name incorrectly (either in the publisher or in your project's metadata). Please ensure that both match. See: https://docs.pypi.org/trusted-publishers/troubleshooting/"
    )
  })
})

describe('a minted token', () => {
  test('is refused for a project of another publisher', () => {
    const client = withPublisher()
    client.index.addFile('other-1.0.0-py3-none-any.whl', wheel({ name: 'other' }).bytes, { uploaded: now })
    const authorization = basic('__token__', String(minted(client)['token']))
    const other = sdist({ name: 'other' })
    expect(refused(client.upload(other, { authorization, fields: { name: 'other' } }))).toBe(
      "403 Invalid API Token: OIDC scoped token is not valid for project 'other'"
    )
  })

  test('of a publisher for any project creates what it uploads', () => {
    const client = indexClient()
    client.index.addPublisher(publisher)
    const authorization = basic('__token__', String(minted(client)['token']))
    expect(client.upload(wheel(), { authorization }).status).toBe(200)
  })

  test('is worth nothing once it was burned', () => {
    const client = withPublisher()
    const { token } = minted(client)
    const burned = client.post('https://upload.pypi.org/_/oidc/burn-token', JSON.stringify({ token }))
    expect(burned.status).toBe(202)
    expect(refused(client.upload(sdist(), { authorization: basic('__token__', String(token)) }))).toMatch(
      /^403 Invalid or non-existent authentication information/
    )
  })

  test('is not told apart from rubbish when it is burned; an API token stays', () => {
    const client = indexClient()
    const burn = (token: string): SandboxResponse =>
      client.post('https://upload.pypi.org/_/oidc/burn-token', JSON.stringify({ token }))
    expect(burn('rubbish')).toEqual(burn('pypi-AgEIcHlwaS5vcmcCdGVzdA'))
    expect(client.upload(wheel()).status).toBe(200)
  })
})

describe('an attestation', () => {
  const file = sdist()
  const statement = (change: object = {}): object => ({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: file.filename, digest: { sha256: createHash('sha256').update(file.bytes).digest('hex') } }],
    predicateType: 'https://docs.pypi.org/attestations/publish/v1',
    predicate: null,
    ...change
  })
  const attestation = (content: object): object => ({
    version: 1,
    verification_material: { certificate: 'AA==', transparency_entries: [{}] },
    envelope: { statement: Buffer.from(JSON.stringify(content)).toString('base64'), signature: 'AA==' }
  })
  const uploaded = (field: string): { readonly client: IndexClient; readonly text: string } => {
    const client = withPublisher()
    const authorization = basic('__token__', String(minted(client)['token']))
    return { client, text: refused(client.upload(file, { authorization, fields: { attestations: field } })) }
  }

  test('is kept and shown with its publisher', () => {
    const { client, text } = uploaded(JSON.stringify([attestation(statement())]))
    expect(text).toBe('200 ')
    expect(client.index.releases('demo-pkg')[0]?.files[1]).toMatchObject({ attested: true })
    const page = json(
      client.get('https://pypi.org/simple/demo-pkg/', { accept: 'application/vnd.pypi.simple.v1+json' })
    )
    const files = page['files'] as { readonly filename: string; readonly provenance: string | null }[]
    expect(files.map(({ provenance }) => provenance === null)).toEqual([true, false])
    const address = files.find(({ filename }) => filename === file.filename)?.provenance ?? ''
    expect(json(client.get(address))).toEqual({
      version: 1,
      attestation_bundles: [
        {
          publisher: { kind: 'GitHub', repository: 'octo/demo', workflow: 'release.yml', environment: null },
          attestations: [attestation(statement())]
        }
      ]
    })
  })

  test.each<[string, string, RegExp]>([
    ['no JSON', 'x', /Malformed attestations/],
    ['an empty set', '[]', /an empty attestation set is not permitted/],
    ['three', JSON.stringify([1, 2, 3].map(() => attestation(statement()))), /A maximum of 2 attestations per file/],
    [
      'two of one kind',
      JSON.stringify([1, 2].map(() => attestation(statement()))),
      /Multiple attestations for the same file/
    ],
    [
      'an unknown kind',
      JSON.stringify([attestation(statement({ predicateType: 'https://example.org/v1' }))]),
      /Attestation with unsupported predicate type: https:\/\/example\.org\/v1/
    ],
    [
      'another file',
      JSON.stringify([attestation(statement({ subject: [{ name: 'x', digest: {} }] }))]),
      /subject does not match distribution name/
    ],
    [
      'other bytes',
      JSON.stringify([attestation(statement({ subject: [{ name: file.filename, digest: { sha256: '0' } }] }))]),
      /subject does not match distribution digest/
    ],
    ['no certificate', JSON.stringify([{ version: 1, envelope: {} }]), /Malformed attestations/]
  ])('is refused for %s', (_name, field, text) => {
    const outcome = uploaded(field)
    expect(outcome.text).toMatch(/^400 Invalid attestations supplied during upload: /)
    expect(outcome.text).toMatch(text)
    expect(outcome.client.index.releases('demo-pkg')[0]?.files).toHaveLength(1)
  })
})
