import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { hexStage, tarball, type Answered, type Stage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await hexStage()
})

afterEach(async () => {
  await stage.sandbox.close()
})

const said = ({ status, json }: Answered): unknown => [status, json['message']]
const write = (key: string | undefined): Promise<Answered> =>
  stage.api('POST /packages/demo/releases/1.0.0/retire', {
    ...(key !== undefined && { key }),
    body: '{"reason":"other"}',
    headers: { 'content-type': 'application/json' }
  })

describe('a credential that is refused', () => {
  beforeEach(() => {
    const { hex } = stage.sandbox
    hex.addRelease(tarball(), { publisher: 'owner' })
    hex.addKey({ secret: 'expired', user: 'owner', expires: stage.now - 1 })
    hex.addKey({ secret: 'reader', user: 'owner', permissions: [{ domain: 'api', resource: 'read' }] })
    hex.addKey({ secret: 'stranger', user: 'someone' })
    hex.addUser({ username: 'unverified', verified: false, keys: ['unverified'] })
    hex.addUser({ username: 'gone', deactivated: true, keys: ['gone'] })
    hex.addKey({ secret: 'token', kind: 'oauth', user: 'owner' })
    hex.addUser({ username: 'careful', otp: '123456' })
    hex.addKey({ secret: 'careful-token', kind: 'oauth', user: 'careful' })
  })

  const basic = 'Basic realm=hex'
  test.each([
    ['none', undefined, 403, 'account not authorized for this action', undefined],
    ['an unknown key', 'unknown', 401, 'invalid API key', basic],
    ['an expired key', 'expired', 401, 'API key revoked', basic],
    ['a key that may read', 'reader', 401, 'key not authorized for this action', basic],
    ['a key of someone else', 'stranger', 403, 'account not authorized for this action', undefined],
    ['a key of an account without verified mail', 'unverified', 403, 'email not verified', undefined],
    ['a key of a deactivated account', 'gone', 400, 'Bad request', undefined],
    ['a key as a token', 'Bearer secret', 401, 'invalid API key', basic],
    ['a token as a key', 'token', 401, 'invalid API key', basic],
    [
      'a token without two factors',
      'Bearer token',
      403,
      'Two-factor authentication must be enabled for API write access',
      undefined
    ],
    [
      'a token without its password',
      'Bearer careful-token',
      401,
      'Two-factor authentication required. Include X-Hex-OTP header with your TOTP code.',
      'Bearer realm="hex", error="totp_required"'
    ],
    [
      'user name and password',
      `Basic ${Buffer.from('owner:secret').toString('base64')}`,
      401,
      'Basic authentication is disabled. Update your client to use OAuth or an API key.',
      'Bearer realm="hex"'
    ]
  ])('%s', async (_, key, status, message, challenge) => {
    const answer = await write(key)
    expect(said(answer)).toEqual([status, message])
    expect(answer.headers['www-authenticate']).toBe(challenge)
  })

  test('publishing without one says so', async () => {
    const answer = await stage.api('POST /packages/demo/releases', { body: tarball() })
    expect(said(answer)).toEqual([401, 'missing authentication information'])
  })

  test('a token with its password writes', async () => {
    stage.sandbox.hex.addRelease(tarball({ name: 'other' }), { publisher: 'careful' })
    const retire = (otp: string): Promise<Answered> =>
      stage.api('POST /packages/other/releases/1.0.0/retire', {
        key: 'Bearer careful-token',
        body: '{"reason":"other"}',
        headers: { 'content-type': 'application/json', 'x-hex-otp': otp }
      })
    expect(said(await retire('000000'))).toEqual([401, 'Invalid two-factor authentication code'])
    expect((await retire('123456')).status).toBe(204)
  })

  test('a key that is about to expire still works', async () => {
    stage.sandbox.hex.addKey({ secret: 'late', user: 'owner', expires: stage.now + 1000 })
    expect((await write('late')).status).toBe(204)
    stage.now += 1001
    expect(said(await write('late'))).toEqual([401, 'API key revoked'])
  })
})

test('a request that names no program is refused', async () => {
  const answer = await stage.api('GET /packages/demo', { headers: { 'user-agent': undefined } })
  expect(said(answer)).toEqual([400, 'User-Agent header is required'])
})

describe('a key for one package', () => {
  beforeEach(() => {
    stage.sandbox.hex.addKey({
      secret: 'narrow',
      user: 'owner',
      permissions: [{ domain: 'package', resource: 'demo' }]
    })
  })

  test('cannot make the package', async () => {
    expect(said(await stage.publish(tarball(), { key: 'narrow' }))).toEqual([401, 'key not authorized for this action'])
  })

  test('publishes, deletes and documents the package, and no other', async () => {
    stage.sandbox.hex.addRelease(tarball(), { publisher: 'owner' })
    stage.sandbox.hex.addRelease(tarball({ name: 'other' }), { publisher: 'owner' })
    expect((await stage.publish(tarball({ version: '1.1.0' }), { key: 'narrow' })).status).toBe(201)
    expect((await stage.api('DELETE /packages/demo/releases/1.1.0', { key: 'narrow' })).status).toBe(204)
    const other = tarball({ name: 'other', version: '1.1.0' })
    expect(said(await stage.publish(other, { key: 'narrow', name: 'other' }))).toEqual([
      401,
      'key not authorized for this action'
    ])
  })

  test('reads, so that it can tell what it is', async () => {
    const answer = await stage.api('GET /keys', { key: 'narrow' })
    expect(answer.status).toBe(200)
    const keys = answer.json as unknown as readonly Record<string, unknown>[]
    expect(keys.find((key) => key['authing_key'] === true)).toMatchObject({
      permissions: [{ domain: 'package', resource: 'hexpm/demo' }],
      secret: null,
      revoke_at: null
    })
  })

  test('does not pass where the API is asked for writing', async () => {
    const auth = (query: string): Promise<Answered> => stage.api(`GET /auth?${query}`, { key: 'narrow' })
    expect((await auth('domain=api&resource=read')).status).toBe(200)
    expect(said(await auth('domain=api&resource=write'))).toEqual([401, 'key not authorized for this action'])
    // No package is loaded there, so not even its own one passes.
    expect((await auth('domain=package&resource=hexpm/demo')).status).toBe(401)
    expect(said(await auth('resource=write'))).toEqual([400, 'missing required parameters: "domain"'])
  })
})

test('/auth tells whose key it is', async () => {
  stage.sandbox.hex.addOrganization({ name: 'acme' })
  stage.sandbox.hex.addKey({ secret: 'org', name: 'ci', organization: 'acme' })
  stage.sandbox.hex.addKey({ secret: 'token', kind: 'oauth', user: 'owner' })
  const auth = (key: string): Promise<Answered> => stage.api('GET /auth?domain=api&resource=write', { key })
  expect((await auth('org')).json).toEqual({ key: { name: 'ci', owner: { type: 'organization', name: 'acme' } } })
  expect((await auth('secret')).json).toMatchObject({ key: { owner: { type: 'user', name: 'owner' } } })
  expect((await auth('Bearer token')).status).toBe(204)
})

describe('a key of an organization', () => {
  beforeEach(() => {
    stage.sandbox.hex.addOrganization({ name: 'acme' })
    stage.sandbox.hex.addKey({ secret: 'org', organization: 'acme' })
  })

  test('is nobody at /users/me and /keys, and is listed by its organization', async () => {
    expect((await stage.api('GET /users/me', { key: 'org' })).status).toBe(404)
    expect((await stage.api('GET /keys', { key: 'org' })).status).toBe(404)
    expect((await stage.api('GET /orgs/acme/keys', { key: 'org' })).json).toMatchObject([{ authing_key: true }])
    expect((await stage.api('GET /orgs/nowhere/keys', { key: 'org' })).status).toBe(404)
    expect((await stage.api('GET /orgs/acme/keys', { key: 'secret' })).status).toBe(404)
  })

  test('publishes private packages, and public ones that the organization then owns', async () => {
    const path = 'POST /repos/acme/packages/demo/releases?replace=false'
    expect((await stage.api(path, { key: 'org', body: tarball() })).status).toBe(201)
    expect((await stage.publish(tarball(), { key: 'org' })).status).toBe(201)
    expect((await stage.api('GET /packages/demo')).json).toMatchObject({ owners: [{ username: 'acme' }] })
  })

  test('writes nothing while the organization has not paid', async () => {
    stage.sandbox.hex.addOrganization({ name: 'acme', billing: false })
    const path = 'POST /repos/acme/packages/demo/releases?replace=false'
    expect(said(await stage.api(path, { key: 'org', body: tarball() }))).toEqual([
      403,
      'organization has no active billing subscription'
    ])
  })
})

describe('a private package', () => {
  beforeEach(() => {
    const { hex } = stage.sandbox
    hex.addOrganization({
      name: 'acme',
      members: [
        { username: 'owner', role: 'write' },
        { username: 'reader', role: 'read' }
      ]
    })
    hex.addKey({ secret: 'reader', user: 'reader' })
    hex.addKey({ secret: 'stranger', user: 'stranger' })
    hex.addRelease(tarball(), { organization: 'acme' })
  })

  test('is there for members alone', async () => {
    const read = (key?: string): Promise<Answered> =>
      stage.api('GET /repos/acme/packages/demo/releases/1.0.0', key === undefined ? {} : { key })
    expect((await read('reader')).status).toBe(200)
    expect((await read('stranger')).status).toBe(404)
    expect((await read()).status).toBe(404)
    expect((await stage.api('GET /packages/demo')).status).toBe(404)
  })

  test('is written by members that may write', async () => {
    const publish = (key: string, name: string): Promise<Answered> =>
      stage.api(`POST /repos/acme/packages/${name}/releases?replace=true`, { key, body: tarball({ name }) })
    expect((await publish('owner', 'demo')).status).toBe(401)
    expect((await publish('secret', 'demo')).status).toBe(200)
    expect((await publish('reader', 'demo')).status).toBe(404)
    // What does not exist yet tells a reader that it is a member.
    expect(said(await publish('reader', 'new'))).toEqual([403, 'account not authorized for this action'])
    expect((await publish('stranger', 'new')).status).toBe(404)
    expect(
      (await stage.api('POST /repos/nowhere/packages/demo/releases', { key: 'secret', body: tarball() })).status
    ).toBe(404)
  })

  test('is resolved with a key for its repository', async () => {
    const { hex } = stage.sandbox
    hex.addKey({ secret: 'ci', organization: 'acme', permissions: [{ domain: 'repository', resource: 'acme' }] })
    hex.addKey({ secret: 'all', user: 'reader', permissions: [{ domain: 'repositories' }] })
    const read = (key?: string): Promise<Answered> =>
      stage.repo('/repos/acme/packages/demo', key === undefined ? {} : { key })
    expect((await read('ci')).status).toBe(200)
    expect((await read('all')).status).toBe(200)
    expect((await stage.repo('/repos/acme/tarballs/demo-1.0.0.tar', { key: 'ci' })).body).toEqual(tarball())
    expect((await read('reader')).status).toBe(403)
    expect((await read()).status).toBe(401)
    expect((await stage.repo('/packages/demo')).status).toBe(404)
  })
})

describe('a key that is exchanged for a token, as Mix does for a private repository', () => {
  const exchange = (secret: string, scope: string): Promise<Answered> =>
    stage.api('POST /oauth/token', {
      body: JSON.stringify({ grant_type: 'client_credentials', client_id: 'mix', client_secret: secret, scope }),
      headers: { 'content-type': 'application/json' }
    })

  beforeEach(() => {
    const { hex } = stage.sandbox
    hex.addOrganization({ name: 'acme' })
    hex.addRelease(tarball(), { organization: 'acme' })
    hex.addKey({ secret: 'ci', organization: 'acme', permissions: [{ domain: 'repository', resource: 'acme' }] })
  })

  test('opens that repository for half an hour', async () => {
    const { json } = await exchange('ci', 'repositories')
    expect(json).toMatchObject({ token_type: 'bearer', expires_in: 1800, scope: 'repository:acme' })
    const key = `Bearer ${(json as unknown as { access_token: string }).access_token}`
    expect((await stage.repo('/repos/acme/packages/demo', { key })).status).toBe(200)
    stage.now += 1800_001
    expect((await stage.repo('/repos/acme/packages/demo', { key })).status).toBe(401)
  })

  test.each([
    ['unknown', 'repositories', 401, 'invalid_client'],
    ['', 'repositories', 400, 'invalid_request'],
    ['ci', 'api:write', 400, 'invalid_scope']
  ])('is refused for the key "%s" and the scope %s', async (secret, scope, status, error) => {
    const answer = await exchange(secret, scope)
    expect([answer.status, answer.json['error']]).toEqual([status, error])
  })
})

const askForKey = (fields: object) =>
  stage.api('POST /keys', {
    key: 'secret',
    body: JSON.stringify({ name: 'ci', ...fields }),
    headers: { 'content-type': 'application/json' }
  })

test.each([
  [{ permissions: 'api' }, { permissions: 'is invalid' }],
  [{ permissions: [], revoke_at: 5 }, { revoke_at: 'is invalid' }],
  [{ permissions: [{ domain: 'everything' }] }, { permissions: { domain: 'is invalid' } }]
])('a key that is asked for as %j is not made', async (fields, errors) => {
  const answer = await askForKey(fields)
  expect({ status: answer.status, errors: answer.json['errors'] }).toEqual({ status: 422, errors })
})

test('permissions with indices are a list, as forms send one', async () => {
  const answer = await askForKey({ permissions: { 0: { domain: 'api', resource: 'read' } } })
  expect(answer.json).toMatchObject({ permissions: [{ domain: 'api', resource: 'read' }] })
})

test('keys are made, shown once, numbered when their name is taken, and revoked', async () => {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ name: 'ci', permissions: [{ domain: 'api', resource: 'write' }] })
  const made = await stage.api('POST /keys', { key: 'secret', body, headers })
  expect(made.status).toBe(201)
  const secret = (made.json as unknown as { secret: string }).secret
  expect(secret).toMatch(/^[0-9a-f]{32}$/)
  expect((await stage.api('POST /keys', { key: 'secret', body, headers })).json['name']).toBe('ci-2')
  expect((await stage.api('GET /keys/ci', { key: secret })).json['secret']).toBeNull()
  expect((await stage.api('DELETE /keys/ci', { key: 'secret' })).status).toBe(200)
  expect(said(await stage.api('GET /keys', { key: secret }))).toEqual([401, 'API key revoked'])
  const foreign = JSON.stringify({ name: 'x', permissions: [{ domain: 'repository', resource: 'acme' }] })
  expect((await stage.api('POST /keys', { key: 'secret', body: foreign, headers })).json['errors']).toEqual({
    permissions: { resource: 'you do not have access to this repository' }
  })
})

describe('the rate limit', () => {
  test('is 500 a minute for an account, 100 for an address, and tells how much is left', async () => {
    const first = await stage.api('GET /packages/demo')
    expect(first.headers).toMatchObject({
      'x-ratelimit-limit': '100',
      'x-ratelimit-remaining': '99',
      'x-ratelimit-reset': String((stage.now + 60_000) / 1000)
    })
    for (let n = 2; n <= 100; n += 1) await stage.api('GET /packages/demo')
    const over = await stage.api('GET /packages/demo')
    expect(said(over)).toEqual([429, 'API rate limit exceeded for IP 127.0.0.1'])
    expect(over.headers['x-ratelimit-remaining']).toBe('0')
    expect((await stage.api('GET /users/me', { key: 'secret' })).headers['x-ratelimit-limit']).toBe('500')
    // The repository has none.
    expect((await stage.repo('/packages/demo')).headers['x-ratelimit-limit']).toBeUndefined()
    stage.now += 60_000
    expect((await stage.api('GET /packages/demo')).headers['x-ratelimit-remaining']).toBe('99')
  })

  test('can be switched off', async () => {
    stage.sandbox.hex.setSettings({ rateLimits: false })
    expect((await stage.api('GET /packages/demo')).headers['x-ratelimit-limit']).toBeUndefined()
  })
})

test('a message of the operators comes with every answer of the API', async () => {
  stage.sandbox.hex.setSettings({ hexMessage: '"update"; level=warn' })
  expect((await stage.api('GET /packages/demo')).headers['x-hex-message']).toBe('"update"; level=warn')
})
