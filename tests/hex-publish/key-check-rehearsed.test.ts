import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { checkKey, type KeyFacts } from '../../actions/hex-publish/key-check.ts'
import { uploadRelease } from '../../actions/hex-publish/release-upload.ts'
import type { HexPackage } from '../../actions/shared/hex/hex-api.ts'
import { demo, rehearsedHex, tarball, version, type RehearsedHex } from './hex-rehearsed.ts'
import { problemsOf } from './scripted-hex.ts'

const secret = 'the-key-that-is-checked'
const day = 24 * 3_600_000

let rehearsed: RehearsedHex
let empty: ReturnType<RehearsedHex['hex']['save']>
beforeAll(async () => {
  rehearsed = await rehearsedHex()
  empty = rehearsed.hex.save()
})
beforeEach(() => {
  rehearsed.hex.load(empty)
})
afterAll(async () => {
  await rehearsed.close()
})

/** What the check says, and then what Hex says to the upload itself. */
async function checkAndPublish(
  pkg: HexPackage,
  key = secret
): Promise<KeyFacts & { readonly refusals: readonly string[] }> {
  const { world } = rehearsed
  const api = rehearsed.as(key)
  const facts = await checkKey(api, pkg, world.clock.now())
  const upload = { version, replace: false, clock: world.clock, log: world.log }
  const problems = await problemsOf(uploadRelease(api, pkg, tarball, upload))
  return { ...facts, refusals: problems.map(({ code }) => code) }
}

interface Owner {
  readonly label: string
  readonly key: { readonly user: string } | { readonly organization: string }
}

const owners: readonly Owner[] = [
  { label: 'the owner', key: { user: 'alice' } },
  { label: 'a stranger', key: { user: 'mallory' } },
  { label: 'a writing member of the owning organization', key: { user: 'bob' } },
  { label: 'a reading member of the owning organization', key: { user: 'carol' } },
  { label: 'the owning organization', key: { organization: 'acme' } },
  { label: 'another organization', key: { organization: 'umbrella' } }
]

const permissions: readonly (readonly { readonly domain: string; readonly resource?: string }[])[] = [
  [{ domain: 'api' }],
  [{ domain: 'api', resource: 'read' }],
  [{ domain: 'api', resource: 'write' }],
  [{ domain: 'package', resource: 'hexpm/demo' }],
  [{ domain: 'package', resource: 'acme/demo' }],
  [{ domain: 'package', resource: 'hexpm/other' }],
  [{ domain: 'repositories' }],
  [{ domain: 'repository', resource: 'acme' }],
  [{ domain: 'docs', resource: 'acme' }],
  [
    { domain: 'repository', resource: 'acme' },
    { domain: 'api', resource: 'write' }
  ]
]

type Place = 'a new public package' | 'a public package' | 'a new private package' | 'a private package'
const places: readonly Place[] = [
  'a new public package',
  'a public package',
  'a new private package',
  'a private package'
]

function arrange(place: Place): HexPackage {
  const { hex } = rehearsed
  for (const username of ['alice', 'bob', 'carol', 'mallory']) hex.addUser({ username })
  hex.addOrganization({
    name: 'acme',
    members: [
      { username: 'alice', role: 'admin' },
      { username: 'bob', role: 'write' },
      { username: 'carol', role: 'read' }
    ]
  })
  hex.addOrganization({ name: 'umbrella' })
  const organization = place.includes('private') ? 'acme' : undefined
  const pkg = organization === undefined ? demo : { ...demo, organization }
  if (!place.includes('new')) {
    hex.addPackage({ ...pkg, owners: organization === undefined ? ['alice', 'acme'] : ['alice'] })
  }
  return pkg
}

describe.each(places)('of %s', (place) => {
  describe.each(owners)('a key of $label', ({ key }) => {
    test.each(permissions)('says before the upload what Hex says to it, with %j', async (...given) => {
      const pkg = arrange(place)
      rehearsed.hex.addKey({ secret, name: 'ci', permissions: given.flat(), ...key })
      const facts = await checkAndPublish(pkg)
      expect({ state: facts.state, notChecked: facts.notChecked }).toEqual({
        state: facts.refusals.length === 0 ? 'may write' : 'refused',
        notChecked: []
      })
      expect(facts.state === 'refused').toBe(facts.problems.length > 0)
    })
  })
})

describe('what is wrong with the key itself', () => {
  test('that has ended is refused before, as by the upload', async () => {
    rehearsed.hex.addKey({ secret, user: 'alice', expires: rehearsed.world.clock.now() - 1_000 })
    const facts = await checkAndPublish(demo)
    expect(facts.problems.map(({ code }) => code)).toEqual(['hex-key-revoked'])
    expect(facts.refusals).toEqual(['hex-key-revoked'])
  })

  test('that ends within days is a warning', async () => {
    rehearsed.hex.addKey({ secret, user: 'alice', expires: rehearsed.world.clock.now() + 3 * day })
    const facts = await checkAndPublish(demo)
    expect(facts.warnings.map(({ code }) => code)).toEqual(['hex-key-expires'])
    expect(facts.refusals).toEqual([])
  })

  test('that Hex does not know is refused', async () => {
    const facts = await checkAndPublish(demo)
    expect(facts.problems.map(({ code }) => code)).toEqual(['hex-key-refused'])
    expect(facts.refusals).toEqual(['hex-key-refused'])
  })

  test.each([
    [{ verified: false }, 'hex-account'],
    [{ deactivated: true }, 'hex-account']
  ])('of an account with %j is refused', async (account, code) => {
    rehearsed.hex.addUser({ username: 'alice', keys: [secret], ...account })
    const facts = await checkAndPublish(demo)
    expect(facts.problems.map((problem) => problem.code)).toEqual([code])
    expect(facts.refusals).toEqual([code])
  })

  test('of an organization that has not paid is told where the key may ask', async () => {
    rehearsed.hex.addOrganization({ name: 'acme', billing: false })
    const write = { domain: 'api', resource: 'write' }
    const read = { domain: 'repository', resource: 'acme' }
    rehearsed.hex.addKey({ secret, organization: 'acme', permissions: [write, read] })
    const facts = await checkAndPublish({ ...demo, organization: 'acme' })
    expect(facts.problems.map(({ code }) => code)).toEqual(['hex-billing'])
    expect(facts.refusals).toEqual(['hex-billing'])
  })
})

describe('an OAuth token', () => {
  const bearer = `Bearer ${secret}`

  test('of a user needs a one-time password, which is told as not checked', async () => {
    rehearsed.hex.addUser({ username: 'alice', otp: '123456' })
    rehearsed.hex.addKey({ secret, kind: 'oauth', user: 'alice', permissions: [{ domain: 'api', resource: 'write' }] })
    const facts = await checkAndPublish(demo, bearer)
    expect(facts.state).toBe('may write')
    expect(facts.notChecked.join(' ')).toContain('one-time password')
    expect(facts.refusals).toEqual(['hex-two-factor'])
  })

  test('that may only read is refused', async () => {
    rehearsed.hex.addKey({ secret, kind: 'oauth', user: 'alice', permissions: [{ domain: 'api', resource: 'read' }] })
    const facts = await checkAndPublish(demo, bearer)
    expect(facts.state).toBe('refused')
    expect(facts.refusals).toEqual(['hex-key-not-allowed'])
  })
})
