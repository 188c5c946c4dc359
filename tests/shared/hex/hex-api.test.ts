import { describe, expect, test } from '@jest/globals'
import { createHexApi, hexProblem, hexProblems, readPackage, readRelease } from '../../../actions/shared/hex/hex-api.ts'
import {
  key,
  packageJson,
  problemsOf,
  refusal,
  releaseJson,
  scriptedHex,
  type Answer
} from '../../hex-publish/scripted-hex.ts'
import { serveRaw } from '../../support/loopback.ts'
import { testHttp } from '../../support/world.ts'

const demo = { name: 'demo' }
const line = 'GET /packages/demo/releases/1.2.3'

describe('a release', () => {
  test('is read with its times, checksum, links and publisher', async () => {
    const { api, asked } = await scriptedHex({
      [line]: { status: 200, json: releaseJson({ has_docs: true, docs_html_url: 'https://demo.hexdocs.pm/1.2.3' }) }
    })
    expect(await readRelease(api, demo, '1.2.3')).toEqual({
      version: '1.2.3',
      checksum: 'ab'.repeat(32),
      hasDocs: true,
      insertedAt: Date.UTC(2026, 7, 20, 10, 11, 12, 345),
      updatedAt: Date.UTC(2026, 7, 20, 10, 12),
      url: 'https://hex.pm/api/packages/demo/releases/1.2.3',
      htmlUrl: 'https://hex.pm/packages/demo/1.2.3',
      docsUrl: 'https://demo.hexdocs.pm/1.2.3',
      publisher: 'alice'
    })
    expect(asked[0]?.headers).toMatchObject({
      accept: 'application/json',
      authorization: key,
      'cache-control': 'no-cache',
      'user-agent': 'release-actions/test'
    })
  })

  test.each([
    [
      { reason: 'security', message: 'Use 1.2.4' },
      { reason: 'security', message: 'Use 1.2.4' }
    ],
    [{ reason: 'other', message: null }, { reason: 'other' }]
  ])('that is retired tells why: %j', async (retirement, expected) => {
    const { api } = await scriptedHex({ [line]: { status: 200, json: releaseJson({ retirement }) } })
    expect((await readRelease(api, demo, '1.2.3'))?.retirement).toEqual(expected)
  })

  test('that Hex does not have is undefined', async () => {
    const { api } = await scriptedHex({})
    expect(await readRelease(api, demo, '1.2.3')).toBeUndefined()
  })

  test('of an organization is read below its repository, with names escaped', async () => {
    const { api, lines } = await scriptedHex({})
    await readRelease(api, { name: 'de/mo', organization: 'ac me' }, '1.0.0-rc.1+x')
    expect(lines()).toEqual(['GET /repos/ac%20me/packages/de%2Fmo/releases/1.0.0-rc.1%2Bx'])
  })

  test.each([
    refusal(401, 'invalid API key'),
    refusal(401, 'key not authorized for this action'),
    refusal(403, 'email not verified'),
    refusal(400, 'Bad request')
  ])('is read without the key where the key stops what everybody may read: %j', async (answer) => {
    const { api, asked } = await scriptedHex({ [line]: [answer, { status: 200, json: releaseJson() }] })
    expect((await readRelease(api, demo, '1.2.3'))?.version).toBe('1.2.3')
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([key, undefined])
  })

  test('of an organization is never read without the key', async () => {
    const { api, asked } = await scriptedHex({
      'GET /repos/acme/packages/demo/releases/1.2.3': refusal(401, 'invalid API key')
    })
    const problems = await problemsOf(readRelease(api, { name: 'demo', organization: 'acme' }, '1.2.3'))
    expect(problems.map(({ code }) => code)).toEqual(['hex-key-refused'])
    expect(asked).toHaveLength(1)
  })

  const wrong: readonly (readonly [string, Answer, string])[] = [
    [
      'HTML',
      { status: 200, body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } },
      'text/html, which is no JSON: \\"<html>Sign in'
    ],
    ['nothing', { status: 200, body: '' }, 'an empty body'],
    [
      'cut JSON',
      { status: 200, body: '{"version":"1.2.3"', headers: { 'content-type': 'application/json' } },
      'which is no JSON'
    ],
    ['a list', { status: 200, json: [] }, 'JSON without what is documented'],
    ['another version', { status: 200, json: releaseJson({ version: '1.2.4' }) }, 'JSON without'],
    ['no checksum', { status: 200, json: releaseJson({ checksum: null }) }, 'JSON without'],
    ['a bad checksum', { status: 200, json: releaseJson({ checksum: 'ab' }) }, 'JSON without'],
    ['a time that is none', { status: 200, json: releaseJson({ inserted_at: 'yesterday' }) }, 'JSON without']
  ]
  test.each(wrong)('answered with %s is a problem that says what came', async (_what, answer, words) => {
    const { api } = await scriptedHex({ [line]: answer })
    const [problem] = await problemsOf(readRelease(api, demo, '1.2.3'))
    expect(problem?.code).toBe('hex-answer')
    expect(JSON.stringify(problem?.message)).toContain(words)
  })

  test('whose answer breaks off is asked for again, and then told', async () => {
    let times = 0
    const url = await serveRaw((socket) => {
      times++
      socket.on('error', () => undefined)
      socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"version"')
    })
    const api = createHexApi(testHttp({ attempts: 3 }), { url })
    const [problem] = await problemsOf(readRelease(api, demo, '1.2.3'))
    expect(problem?.code).toBe('http-reset')
    expect(times).toBe(3)
  })
})

describe('a package', () => {
  test('is read with its releases and owners', async () => {
    const { api } = await scriptedHex({ 'GET /packages/demo': { status: 200, json: packageJson() } })
    expect(await readPackage(api, demo)).toEqual({
      name: 'demo',
      repository: 'hexpm',
      insertedAt: Date.UTC(2026, 7, 1),
      releases: [{ version: '1.2.3', hasDocs: true, insertedAt: Date.UTC(2026, 7, 20, 10, 11, 12, 345) }],
      latestVersion: '1.2.3',
      htmlUrl: 'https://hex.pm/packages/demo',
      docsUrl: 'https://demo.hexdocs.pm/',
      owners: ['alice'],
      private: false
    })
  })

  test('of an organization is private', async () => {
    const { api } = await scriptedHex({
      'GET /repos/acme/packages/demo': { status: 200, json: packageJson({ repository: 'acme', owners: undefined }) }
    })
    const found = await readPackage(api, { name: 'demo', organization: 'acme' })
    expect(found).toMatchObject({ private: true, repository: 'acme' })
    expect(found).not.toHaveProperty('owners')
  })

  test.each([
    ['another package', packageJson({ name: 'other' })],
    ['no releases', packageJson({ releases: null })],
    ['a release without a version', packageJson({ releases: [{ has_docs: true }] })]
  ])('answered with %s is a problem', async (_what, json) => {
    const { api } = await scriptedHex({ 'GET /packages/demo': { status: 200, json } })
    expect((await problemsOf(readPackage(api, demo))).map(({ code }) => code)).toEqual(['hex-answer'])
  })
})

describe('the client', () => {
  test('drops slashes at the end of the API’s address', async () => {
    const { world, url, lines } = await scriptedHex({})
    await createHexApi(world.http, { url: `${url}//` }).get('/users/me')
    expect(lines()).toEqual(['GET /users/me'])
  })

  test('tells once what Hex says to its clients, without control characters', async () => {
    const { api, world } = await scriptedHex({
      'GET /a': { status: 200, json: {}, headers: { 'x-hex-message': '"Old \\"client\\"\t!"; level=warn' } },
      'GET /b': { status: 200, json: {}, headers: { 'x-hex-message': `"Gone: ${key}" ;level=fatal` } }
    })
    for (const path of ['/a', '/a', '/b']) await api.get(path)
    const said = world.log.lines.filter((each) => each.includes('tells its clients'))
    expect(said).toHaveLength(2)
    expect(said[0]).toMatch(/tells its clients: Old "client" !$/)
    expect(said[1]).toMatch(/tells its clients: Gone: \*\*\* \(fatal\)$/)
  })

  test('shows no part of the key, though what Hex says is cut in the middle of it', async () => {
    const message = `"${'x'.repeat(480)}${key}"; level=warn`
    const { api, world } = await scriptedHex({
      'GET /a': { status: 200, json: {}, headers: { 'x-hex-message': message } }
    })
    await api.get('/a')
    expect(world.log.lines.join()).toContain('xxx***')
    expect(world.log.lines.join()).not.toContain(key.slice(0, 8))
  })

  test('knows Hex’s time by its last answer', async () => {
    const date = Date.UTC(2020, 0, 1, 12, 0, 30)
    const { api } = await scriptedHex({
      'GET /a': { status: 200, json: {}, headers: { date: new Date(date).toUTCString() } }
    })
    expect(api.lastAnswered()).toBeUndefined()
    await api.get('/a')
    expect(api.lastAnswered()).toBe(date)
  })

  test.each(['garbage', '""', '"unclosed', ''])('leaves alone a message header %j', async (header) => {
    const { api, world } = await scriptedHex({
      'GET /a': { status: 200, json: {}, headers: { 'x-hex-message': header } }
    })
    await api.get('/a')
    expect(world.log.lines.filter((each) => each.includes('tells its clients'))).toEqual([])
  })

  test('waits for the rate limit’s reset by the server’s clock, whatever the runner’s says', async () => {
    const date = Date.UTC(2020, 0, 1, 12, 0, 30)
    const limited: Answer = {
      ...refusal(429, 'API rate limit exceeded for user 7'),
      headers: {
        date: new Date(date).toUTCString(),
        'x-ratelimit-limit': '500',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String((date + 30_000) / 1000)
      }
    }
    const { api, world } = await scriptedHex({ [line]: [limited, { status: 200, json: releaseJson() }] })
    expect((await readRelease(api, demo, '1.2.3'))?.version).toBe('1.2.3')
    expect(world.clock.slept).toEqual([31_000])
  })

  test('does not wait for a limit beyond reason, and says until when it lasts', async () => {
    const reset = Math.floor(Date.now() / 1000) + 3600
    const { api, world } = await scriptedHex({
      [line]: {
        ...refusal(429, 'API rate limit exceeded for IP 1.2.3.4'),
        headers: { 'x-ratelimit-reset': String(reset) }
      }
    })
    const [problem] = await problemsOf(readRelease(api, demo, '1.2.3'))
    expect(problem?.code).toBe('hex-rate-limit')
    expect(problem?.message).toContain(new Date(reset * 1000).toISOString())
    expect(world.clock.slept).toEqual([])
  })
})

describe('a refusal', () => {
  async function told(answer: Answer) {
    const { api } = await scriptedHex({ 'POST /x': answer })
    return hexProblem(await api.send('POST', '/x', { repeat: 'never' }), 'POST /x')
  }

  test.each([
    [401, 'missing authentication information', 'hex-key-missing'],
    [401, 'invalid authentication information', 'hex-key-refused'],
    [401, 'invalid username and password combination', 'hex-key-refused'],
    [401, 'invalid API key', 'hex-key-refused'],
    [401, 'API key revoked', 'hex-key-revoked'],
    [401, 'key not authorized for this action', 'hex-key-not-allowed'],
    [401, 'Basic authentication is disabled. Update your client to use OAuth or an API key.', 'hex-key-refused'],
    [403, 'account not authorized for this action', 'hex-not-owner'],
    [403, 'email not verified', 'hex-account'],
    [403, 'Two-factor authentication must be enabled for API write access', 'hex-two-factor'],
    [403, 'organization has no active billing subscription', 'hex-billing'],
    [403, 'Blocked', 'hex-forbidden'],
    [400, 'Bad request', 'hex-account'],
    [400, 'invalid version: 1.2', 'hex-invalid'],
    [404, 'Page not found', 'hex-not-found'],
    [413, 'Payload too large', 'hex-too-large'],
    [429, 'API rate limit exceeded for organization 3', 'hex-rate-limit'],
    [429, 'Too many failed two-factor authentication attempts. Please try again later.', 'hex-two-factor'],
    [500, 'Internal server error', 'hex-outage'],
    [599, null, 'hex-outage'],
    [418, 'teapot', 'hex-unexpected']
  ])('with %i %j is %s', async (status, message, code) => {
    const problem = await told(refusal(status, message))
    expect(problem.code).toBe(code)
    expect(problem.message).toContain(`answered ${status} to POST /x${message === null ? '' : `: ${message}`}`)
  })

  test.each(['totp_required', 'invalid_totp'])(
    'that asks for a one-time password (%s) leads to an API key',
    async (error) => {
      const problem = await told({
        ...refusal(401, 'Invalid code'),
        headers: { 'www-authenticate': `Bearer realm="hex", error="${error}"` }
      })
      expect(problem.code).toBe('hex-two-factor')
      expect(problem.hint).toContain('Use an API key')
    }
  )

  test.each([
    [{ inserted_at: 'must include the --replace flag to update an existing release' }, 'hex-release-exists'],
    [{ inserted_at: 'can only modify a release up to one hour after publication' }, 'hex-window-closed'],
    [{ inserted_at: 'can only delete a release up to one hour after publication' }, 'hex-window-closed'],
    [{ version: 'has already been published' }, 'hex-release-exists'],
    [{ version: 'is invalid SemVer' }, 'hex-version-refused'],
    [{ version: 'build number not allowed' }, 'hex-version-refused'],
    [{ name: 'metadata does not match package name' }, 'hex-name-refused'],
    [{ name: 'is reserved' }, 'hex-name-refused'],
    [{ name: 'you cannot delete this package because other packages depend on it' }, 'hex-name-refused'],
    [{ tar: 'too big' }, 'hex-too-large'],
    [{ tar: 'too big (uncompressed)' }, 'hex-too-large'],
    [{ tar: 'tarball error, invalid checksum' }, 'hex-tarball-refused'],
    [{ meta: { licenses: 'invalid license "Foo"' } }, 'hex-metadata-refused'],
    [{ requirements: { ecto: 'package does not exist in repository "hexpm"' } }, 'hex-requirement'],
    [{ retirement: { message: 'should be at most 140 character(s)' } }, 'hex-retirement'],
    [{ something: 'is new' }, 'hex-invalid'],
    [{}, 'hex-invalid']
  ])('of a validation %j is %s', async (errors, code) => {
    const problem = await told(refusal(422, 'Validation error(s)', errors))
    expect(problem.code).toBe(code)
  })

  test('names each field that is wrong, nested ones by their path', async () => {
    const problem = await told(
      refusal(422, 'Validation error(s)', {
        meta: { licenses: 'invalid license "Foo"', links: { Docs: 'invalid link' } },
        requirements: { ecto: 'invalid requirement: "nil"' }
      })
    )
    expect(problem.message).toMatch(
      /meta\.licenses invalid license "Foo"; .*meta\.links\.Docs invalid link; .*requirements\.ecto invalid requirement: "nil"/
    )
  })

  test('of errors without end names the first of them', async () => {
    const deep = `${'{"a":'.repeat(100_000)}"x"${'}'.repeat(100_000)}`
    const many = JSON.stringify(
      Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`f${index}`, 'is bad']))
    )
    for (const errors of [deep, many]) {
      const { api } = await scriptedHex({
        'POST /x': { status: 422, body: `{"status":422,"message":"Validation error(s)","errors":${errors}}` }
      })
      const problems = hexProblems(await api.send('POST', '/x', { repeat: 'never' }), 'POST /x')
      expect(problems.length).toBeGreaterThan(0)
      expect(problems.length).toBeLessThanOrEqual(50)
    }
  })

  test('never quotes the key, control characters, or more than a few lines', async () => {
    const problem = await told({
      status: 502,
      body: `<h1>${key}</h1>\n::error::boo\n\u001b[31m${'x'.repeat(5_000)}`,
      headers: { 'content-type': 'text/html' }
    })
    expect(problem.message).not.toContain(key)
    expect(problem.message).not.toMatch(/\p{Cc}/u)
    expect(problem.message).toContain('***')
    expect(problem.message.length).toBeLessThan(500)
  })
})
