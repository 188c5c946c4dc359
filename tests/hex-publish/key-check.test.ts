import { describe, expect, test } from '@jest/globals'
import { checkKeyForm, hexCredentials } from '../../actions/hex-publish/credentials.ts'
import { checkKey } from '../../actions/hex-publish/key-check.ts'
import type { HexPackage } from '../../actions/shared/hex/hex-api.ts'
import { testWorld } from '../support/world.ts'
import { key, packageJson, refusal, scriptedHex, type Answer, type Script } from './scripted-hex.ts'

const now = Date.UTC(2026, 7, 20, 12)
const demo: HexPackage = { name: 'demo' }
const private_: HexPackage = { name: 'demo', organization: 'acme' }

const auth = 'GET /auth?domain=api&resource=read'

function ofUser(name = 'alice'): Answer {
  return { status: 200, json: { key: { name: 'publish-ci', owner: { type: 'user', name } } } }
}

function ofOrganization(name = 'acme'): Answer {
  return { status: 200, json: { key: { name: 'publish-ci', owner: { type: 'organization', name } } } }
}

/** The list of keys, with the one that asks among others. */
function keys(permissions: readonly (readonly [string, string | null])[], revokeAt: string | null = null): Answer {
  const each = (name: string, authing: boolean) => ({
    name,
    authing_key: authing,
    secret: null,
    permissions: authing
      ? permissions.map(([domain, resource]) => ({ domain, resource }))
      : [{ domain: 'api', resource: null }],
    revoke_at: authing ? revokeAt : null,
    inserted_at: '2026-01-01T00:00:00.000000Z',
    updated_at: '2026-01-01T00:00:00.000000Z',
    url: `https://hex.pm/api/keys/${name}`,
    last_use: null
  })
  return { status: 200, json: [each('laptop', false), each('publish-ci', true)] }
}

function me(...organizations: readonly (readonly [string, string])[]): Answer {
  return {
    status: 200,
    json: { username: 'alice', organizations: organizations.map(([name, role]) => ({ name, role })) }
  }
}

const existing: Answer = { status: 200, json: packageJson() }

async function check(script: Script, pkg = demo, given: string | undefined = key) {
  const { api, asked, lines } = await scriptedHex(script, { key: given })
  const facts = await checkKey(api, pkg, now)
  expect(asked.every(({ line }) => line.startsWith('GET '))).toBe(true)
  return { ...facts, codes: facts.problems.map(({ code }) => code), lines: lines() }
}

describe('a user’s key', () => {
  const script = { [auth]: ofUser(), 'GET /packages/demo': existing }

  test.each([
    ['everything', ['api', null]],
    ['writing', ['api', 'write']],
    ['this package', ['package', 'hexpm/demo']]
  ] as const)('for %s may publish a package of its owner', async (_what, permission) => {
    const facts = await check({ ...script, 'GET /keys': keys([permission]) })
    expect(facts).toMatchObject({ state: 'may write', codes: [], warnings: [], notChecked: [] })
    expect(facts.notes.join(' ')).toContain('the key “publish-ci” of the user alice')
  })

  test.each([
    ['reading', [['api', 'read']]],
    ['another package', [['package', 'hexpm/other']]],
    ['a private package of the same name', [['package', 'acme/demo']]],
    [
      'another package and reading',
      [
        ['package', 'hexpm/demo_two'],
        ['api', 'read']
      ]
    ]
  ] as const)('for %s may not, and its permissions are named', async (_what, permissions) => {
    const facts = await check({ ...script, 'GET /keys': keys(permissions) })
    expect(facts).toMatchObject({ state: 'refused', codes: ['hex-key-not-allowed'] })
    expect(facts.problems[0]?.message).toContain(permissions[0].join(':'))
    expect(facts.problems[0]?.hint).toContain('package:hexpm/demo')
  })

  test('for a package alone cannot create it, which is told before', async () => {
    const facts = await check({ [auth]: ofUser(), 'GET /keys': keys([['package', 'hexpm/demo']]) })
    expect(facts).toMatchObject({ state: 'refused', codes: ['hex-key-new-package'] })
  })

  test('for writing can create a package', async () => {
    const facts = await check({ [auth]: ofUser(), 'GET /keys': keys([['api', 'write']]) })
    expect(facts).toMatchObject({ state: 'may write', codes: [] })
    expect(facts.lines).not.toContain('GET /users/me')
  })

  test.each([
    ['2026-08-21T12:00:00.000000Z', 1],
    ['2026-09-03T11:59:00.000000Z', 13]
  ])('that ends %s is worth a warning', async (revokeAt, days) => {
    const facts = await check({ ...script, 'GET /keys': keys([['api', 'write']], revokeAt) })
    expect(facts.state).toBe('may write')
    expect(facts.warnings.map(({ code }) => code)).toEqual(['hex-key-expires'])
    expect(facts.warnings[0]?.message).toContain(`in ${days} day`)
  })

  test('that lasts longer is not, and its end is noted', async () => {
    const facts = await check({ ...script, 'GET /keys': keys([['api', 'write']], '2027-01-01T00:00:00Z') })
    expect(facts.warnings).toEqual([])
    expect(facts.notes.join(' ')).toContain('ends 2027-01-01 00:00:00 UTC')
  })

  test('of somebody else may not publish, and the owners are named', async () => {
    const facts = await check({
      [auth]: ofUser('mallory'),
      'GET /packages/demo': existing,
      'GET /keys': keys([['api', 'write']]),
      'GET /users/me': me()
    })
    expect(facts).toMatchObject({ state: 'refused', codes: ['hex-not-owner'] })
    expect(facts.problems[0]?.message).toMatch(/mallory is not among the owners of demo on Hex: alice/)
  })

  test.each([
    ['write', 'may write'],
    ['admin', 'may write'],
    ['read', 'refused']
  ])('of a member with the role %s of an organization that owns the package: %s', async (role, state) => {
    const facts = await check({
      [auth]: ofUser('bob'),
      'GET /packages/demo': { status: 200, json: packageJson({ owners: [{ username: 'acme' }] }) },
      'GET /keys': keys([['api', 'write']]),
      'GET /users/me': me(['other', 'admin'], ['acme', role])
    })
    expect(facts.state).toBe(state)
  })
})

describe('a key for a private package', () => {
  const script = {
    [auth]: ofUser(),
    'GET /repos/acme/packages/demo': { status: 200, json: packageJson({ repository: 'acme' }) },
    'GET /keys': keys([
      ['api', 'write'],
      ['repository', 'acme']
    ]),
    'GET /auth?domain=repository&resource=acme': { status: 200, json: {} }
  }

  test.each([
    ['write', 'may write'],
    ['admin', 'may write'],
    // alice is an owner of the package itself.
    ['read', 'may write']
  ])('of a member with the role %s: %s', async (role, state) => {
    expect((await check({ ...script, 'GET /users/me': me(['acme', role]) }, private_)).state).toBe(state)
  })

  test('of a member that may only read, and no owner, is refused', async () => {
    const facts = await check({ ...script, [auth]: ofUser('bob'), 'GET /users/me': me(['acme', 'read']) }, private_)
    expect(facts.codes).toEqual(['hex-not-owner'])
    expect(facts.problems[0]?.message).toContain('has the role read')
  })

  test('of no member is refused, even of one who is listed as owner', async () => {
    const facts = await check({ ...script, 'GET /users/me': me() }, private_)
    expect(facts.codes).toEqual(['hex-not-owner'])
    expect(facts.problems[0]?.message).toContain('is no member')
  })

  test('tells an organization that is not paid for', async () => {
    const facts = await check(
      {
        ...script,
        'GET /users/me': me(['acme', 'write']),
        'GET /auth?domain=repository&resource=acme': refusal(403, 'organization has no active billing subscription')
      },
      private_
    )
    expect(facts.codes).toEqual(['hex-billing'])
  })

  test.each([
    [
      [
        ['api', 'write'],
        ['repository', 'acme']
      ],
      true
    ],
    [
      [
        ['api', 'write'],
        ['repositories', null]
      ],
      true
    ],
    [
      [
        ['api', 'write'],
        ['repository', 'other']
      ],
      false
    ],
    [[['api', null]], false]
  ] as const)('with %j may read its registry: %s', async (permissions, readsRegistry) => {
    const facts = await check(
      { ...script, 'GET /keys': keys(permissions), 'GET /users/me': me(['acme', 'write']) },
      private_
    )
    expect(facts).toMatchObject({ state: 'may write', readsRegistry })
  })
})

describe('an organization’s key', () => {
  const script = { [auth]: ofOrganization(), 'GET /orgs/acme/keys': keys([['api', 'write']]) }

  test('may publish its private packages, new ones too', async () => {
    const facts = await check(script, private_)
    expect(facts).toMatchObject({ state: 'may write', codes: [] })
    expect(facts.lines).not.toContain('GET /keys')
    expect(facts.notes.join(' ')).toContain('of the organization acme')
  })

  test('for one of its packages may publish that', async () => {
    const facts = await check(
      {
        ...script,
        'GET /orgs/acme/keys': keys([['package', 'acme/demo']]),
        'GET /repos/acme/packages/demo': { status: 200, json: packageJson({ repository: 'acme' }) }
      },
      private_
    )
    expect(facts.state).toBe('may write')
  })

  test('may not publish another organization’s packages', async () => {
    const facts = await check(
      { [auth]: ofOrganization('umbrella'), 'GET /orgs/umbrella/keys': keys([['api', 'write']]) },
      private_
    )
    expect(facts.codes).toEqual(['hex-not-owner'])
  })

  test.each([
    ['acme', 'may write'],
    ['alice', 'refused']
  ])('may publish a public package that %s owns: %s', async (owner, state) => {
    const facts = await check({
      ...script,
      'GET /packages/demo': { status: 200, json: packageJson({ owners: [{ username: owner }] }) }
    })
    expect(facts.state).toBe(state)
  })

  test('is found by a server that does not name owners, where /keys is answered 404', async () => {
    const facts = await check({ [auth]: { status: 204 }, 'GET /orgs/acme/keys': keys([['api', 'write']]) }, private_)
    expect(facts).toMatchObject({ state: 'may write', notChecked: [] })
  })
})

describe('what Hex does not tell', () => {
  test('is not checked: no key at all', async () => {
    const { api, lines } = await scriptedHex({}, {})
    const facts = await checkKey(api, demo, now)
    expect(facts).toMatchObject({ state: 'not checked', problems: [], notChecked: ['the API key: none was given'] })
    expect(lines()).toEqual([])
  })

  test.each<readonly [string, Script]>([
    ['a server without the question', {}],
    [
      'a list that is none',
      { [auth]: ofUser(), 'GET /packages/demo': existing, 'GET /keys': { status: 200, json: {} } }
    ],
    ['a list without it', { [auth]: ofUser(), 'GET /packages/demo': existing, 'GET /keys': { status: 200, json: [] } }],
    [
      'a list that may not be read',
      {
        [auth]: ofUser(),
        'GET /packages/demo': existing,
        'GET /keys': refusal(401, 'key not authorized for this action')
      }
    ],
    ['HTML', { [auth]: ofUser(), 'GET /packages/demo': { status: 200, body: '<html>' } }]
  ])('is not checked, and no problem: %s', async (_what, script) => {
    const facts = await check(script)
    expect(facts).toMatchObject({ state: 'not checked', problems: [] })
    expect(facts.notChecked.join(' ')).toMatch(/API key/)
  })

  test('is not checked: whose key it is', async () => {
    const facts = await check({
      [auth]: { status: 204 },
      'GET /packages/demo': existing,
      'GET /keys': keys([['api', 'write']])
    })
    expect(facts).toMatchObject({
      state: 'may write',
      notChecked: ['whether the key’s owner may publish demo: Hex does not tell whose key it is']
    })
  })

  test('is not checked: the owner’s organizations', async () => {
    const facts = await check({
      [auth]: ofUser('bob'),
      'GET /packages/demo': existing,
      'GET /keys': keys([['api', 'write']]),
      'GET /users/me': refusal(404, 'Page not found')
    })
    expect(facts.state).toBe('may write')
    expect(facts.notChecked.join(' ')).toContain('whether the key’s owner may publish demo')
  })
})

test.each([
  [refusal(401, 'invalid API key'), 'hex-key-refused'],
  [refusal(401, 'API key revoked'), 'hex-key-revoked'],
  // For repositories or docs alone: Hex lets such a key read nothing of the API.
  [refusal(401, 'key not authorized for this action'), 'hex-key-not-allowed'],
  [refusal(403, 'email not verified'), 'hex-account'],
  [refusal(400, 'Bad request'), 'hex-account']
])('a key that Hex refuses is a problem: %j', async (answer, code) => {
  const facts = await check({ [auth]: answer })
  expect(facts).toMatchObject({ state: 'refused', codes: [code] })
  expect(facts.lines).toEqual([auth])
})

describe('an OAuth token', () => {
  const write = 'GET /auth?domain=api&resource=write'

  test('is asked about with the right to write, and what stays open is told', async () => {
    const facts = await check({ [write]: { status: 204 } }, demo, 'Bearer abc.def.ghi')
    expect(facts).toMatchObject({ state: 'may write', problems: [] })
    expect(facts.notChecked.join(' ')).toContain('one-time password')
  })

  test('without that right is refused', async () => {
    const facts = await check(
      { [write]: refusal(401, 'key not authorized for this action') },
      demo,
      'Bearer abc.def.ghi'
    )
    expect(facts.codes).toEqual(['hex-key-not-allowed'])
  })
})

describe('what the user gives', () => {
  test.each([
    [undefined, { kind: 'none' }],
    ['', { kind: 'none' }],
    [key, { kind: 'api key', authorization: key }],
    ['hex_0123456789', { kind: 'api key', authorization: 'hex_0123456789' }],
    ['bearer  abc.def.ghi', { kind: 'oauth token', authorization: 'Bearer abc.def.ghi' }]
  ])('%j becomes %j', (apiKey, credential) => {
    expect(hexCredentials({ apiKey }, testWorld().secrets)).toEqual(credential)
  })

  test('is masked, a token also without its scheme', () => {
    const world = testWorld()
    hexCredentials({ apiKey: 'Bearer abc.def.ghi' }, world.secrets)
    expect(world.masks).toContain('abc.def.ghi')
  })

  test.each([key, 'hex_0123456789abcdef', 'Bearer abc.def-ghi_jkl'])('%j may be a key', (apiKey) => {
    expect(checkKeyForm(apiKey)).toEqual([])
  })

  test('without a token after Bearer is no key', () => {
    expect(checkKeyForm('Bearer')[0]?.message).toContain('nothing after “Bearer”')
  })

  test.each([
    ['abc\ndef', 'line break'],
    ['abc\r\n', 'line break'],
    ['abc def', 'white space'],
    ['Bearer abc def', 'white space'],
    ['Basic YWxpY2U6c2VjcmV0', 'user and password'],
    ['"abcdef"', 'quotes'],
    ['$HEX_API_KEY', 'name of a variable'],
    ['${{secrets.KEY}}', 'name of a variable'],
    ['schlüssel', 'characters that no key has']
  ])('%j cannot, and is not shown', (apiKey, why) => {
    const problems = checkKeyForm(apiKey)
    expect(problems.map(({ code }) => code)).toEqual(['hex-key-form'])
    expect(problems[0]?.message).toContain(why)
    expect(JSON.stringify(problems)).not.toContain(apiKey)
  })
})
