import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { hexTarball, tarBytes } from '../../support/hex-tarball.ts'
import { ask } from '../core/client.ts'
import { hexStage, hour, tarball, type Stage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await hexStage()
})

afterEach(async () => {
  await stage.sandbox.close()
})

const errors = (answer: { json: unknown }): unknown => (answer.json as { errors: unknown }).errors

test('a publish answers 201 with the release, its outer checksum and where it is', async () => {
  const bytes = tarball()
  const answer = await stage.publish(bytes)
  expect(answer.status).toBe(201)
  expect(answer.headers.location).toBe('/api/packages/demo/releases/1.0.0')
  expect(answer.json).toMatchObject({
    version: '1.0.0',
    checksum: createHash('sha256').update(bytes).digest('hex'),
    has_docs: false,
    inserted_at: '2026-11-21T13:00:00.000000Z',
    retirement: null,
    docs_html_url: null,
    publisher: { username: 'owner' }
  })
  expect(stage.sandbox.hex.releases('demo')).toHaveLength(1)
})

test('the real host names stand in answers under the real host names', async () => {
  stage.sandbox.hex.addRelease(tarball())
  const answer = await ask(stage.sandbox, 'https://hex.pm/api/packages/demo/releases/1.0.0')
  expect(JSON.parse(answer.body)).toMatchObject({
    url: 'https://hex.pm/api/packages/demo/releases/1.0.0',
    html_url: 'https://hex.pm/packages/demo/1.0.0'
  })
})

describe('an existing release', () => {
  beforeEach(async () => {
    expect((await stage.publish(tarball())).status).toBe(201)
  })

  test('is refused without replace, and what is there stays', async () => {
    const before = stage.sandbox.hex.releases('demo')
    const answer = await stage.publish(tarball({ description: 'other' }))
    expect(answer.status).toBe(422)
    expect(answer.json).toEqual({
      status: 422,
      message: 'Validation error(s)',
      errors: { inserted_at: 'must include the --replace flag to update an existing release' }
    })
    expect(stage.sandbox.hex.releases('demo')).toEqual(before)
  })

  test('is replaced where replace is true, keeping its time, its docs and its retirement', async () => {
    stage.now += 60_000
    const other = tarball({ description: 'other' })
    const answer = await stage.publish(other, { replace: 'true' })
    expect(answer.status).toBe(200)
    expect(answer.headers.location).toBeUndefined()
    expect(answer.json).toMatchObject({
      inserted_at: '2026-11-21T13:00:00.000000Z',
      updated_at: '2026-11-21T13:01:00.000000Z',
      checksum: createHash('sha256').update(other).digest('hex')
    })
  })

  test('is replaced where the parameter is missing: the server takes that for true', async () => {
    const headers = { 'content-type': 'application/octet-stream' }
    const body = tarball({ description: 'other' })
    expect((await stage.api('POST /packages/demo/releases', { key: 'secret', body, headers })).status).toBe(200)
    expect((await stage.api('POST /publish', { key: 'secret', body, headers })).status).toBe(200)
  })
})

describe('the window', () => {
  const edit = 'can only modify a release up to one hour after publication'

  test('of a young package is a day, for every release of it', async () => {
    await stage.publish(tarball())
    stage.now += 24 * hour
    expect((await stage.publish(tarball(), { replace: 'true' })).status).toBe(200)
    stage.now += 1000
    expect(errors(await stage.publish(tarball(), { replace: 'true' }))).toEqual({ inserted_at: edit })
  })

  test('of a release of an older package is an hour, by whole seconds', async () => {
    await stage.publish(tarball())
    stage.now += 48 * hour
    const second = tarball({ version: '1.1.0' })
    await stage.publish(second)
    stage.now += hour + 999
    expect((await stage.publish(second, { replace: 'true' })).status).toBe(200)
    stage.now += 1
    expect(errors(await stage.publish(second, { replace: 'true' }))).toEqual({ inserted_at: edit })
    // The window is told of before the flag.
    expect(errors(await stage.publish(second))).toEqual({ inserted_at: edit })
    const gone = await stage.api('DELETE /packages/demo/releases/1.1.0', { key: 'secret' })
    expect(errors(gone)).toEqual({ inserted_at: 'can only delete a release up to one hour after publication' })
  })

  test('of a private release never ends', async () => {
    stage.sandbox.hex.addOrganization({ name: 'acme', members: [{ username: 'owner', role: 'write' }] })
    const post = (): ReturnType<Stage['api']> =>
      stage.api('POST /repos/acme/packages/demo/releases?replace=true', {
        key: 'secret',
        body: tarball(),
        headers: { 'content-type': 'application/octet-stream' }
      })
    expect((await post()).status).toBe(201)
    stage.now += 1000 * hour
    expect((await post()).status).toBe(200)
    const gone = await stage.api('DELETE /repos/acme/packages/demo/releases/1.0.0', { key: 'secret' })
    expect(gone.status).toBe(204)
  })
})

describe('deleting', () => {
  test('the last release deletes the package', async () => {
    await stage.publish(tarball())
    expect((await stage.api('DELETE /packages/demo/releases/1.0.0', { key: 'secret' })).status).toBe(204)
    expect((await stage.api('GET /packages/demo')).status).toBe(404)
    expect((await stage.repo('/packages/demo')).status).toBe(404)
    expect((await stage.repo('/tarballs/demo-1.0.0.tar')).status).toBe(404)
  })

  test('a package that others need is refused', async () => {
    await stage.publish(tarball())
    const requirements = [{ name: 'demo', app: 'demo', optional: false, requirement: '~> 1.0', repository: 'hexpm' }]
    await stage.publish(tarball({ name: 'user', requirements }), { name: 'user' })
    const answer = await stage.api('DELETE /packages/demo/releases/1.0.0', { key: 'secret' })
    expect(answer.status).toBe(422)
    expect(errors(answer)).toEqual({ name: 'you cannot delete this package because other packages depend on it' })
  })
})

describe('metadata is held to the rules of hexpm', () => {
  const cases: readonly (readonly [string, Parameters<typeof tarball>[0], unknown])[] = [
    ['a version of two numbers', { version: '1.0' }, { version: 'is invalid SemVer' }],
    ['a build number', { version: '1.0.0+1' }, { version: 'build number not allowed' }],
    [
      'a number too large',
      { version: '1.0.100000000000000' },
      { version: 'numeric components must be at most 99999999999999' }
    ],
    [
      'a long pre-release',
      { version: `1.0.0-${'a'.repeat(65)}` },
      { version: 'prerelease must be at most 64 characters' }
    ],
    ['no description', { description: undefined }, { meta: { description: "can't be blank" } }],
    ['a blank description', { description: '  ' }, { meta: { description: "can't be blank" } }],
    ['no licences', { licenses: undefined }, { meta: { licenses: "can't be blank" } }],
    ['an unknown licence', { licenses: ['MIT', 'Free'] }, { meta: { licenses: 'invalid license "Free"' } }],
    ['links of another kind', { links: { a: 'git://x' } }, { meta: { links: 'invalid link "git://x"' } }],
    ['links that are no map', { links: ['x'] }, { meta: { links: 'expected type map(string)' } }],
    ['a description that is no text', { description: 5 }, { meta: { description: 'expected type string' } }],
    ['no files', { files: [] }, { meta: { files: "package can't be empty" } }],
    ['no application', { app: undefined }, { meta: { app: "can't be blank" } }],
    ['no build tools', { build_tools: [] }, { meta: { build_tools: "can't be blank" } }],
    ['a wrong Elixir', { elixir: 'latest' }, { meta: { elixir: 'invalid requirement: "latest"' } }],
    ['requirements missing', { requirements: undefined }, { requirements: 'expected type list(map)' }]
  ]
  test.each(cases)('%s', async (_, metadata, expected) => {
    const answer = await stage.publish(tarball(metadata))
    expect(answer.status).toBe(422)
    expect(errors(answer)).toEqual(expected)
    expect(stage.sandbox.hex.releases('demo')).toEqual([])
  })

  test.each([
    ['elixir', 'is reserved'],
    ['Demo', 'has invalid format'],
    ['d', 'should be at least 2 character(s)'],
    ['de-mo', 'has invalid format']
  ])('the name %s %s', async (name, message) => {
    expect(errors(await stage.publish(tarball({ name }), { name }))).toEqual({ name: message })
  })

  test('the name must be that of the address', async () => {
    const answer = await stage.publish(tarball({ name: 'other' }))
    expect(errors(answer)).toEqual({ name: 'metadata does not match package name' })
  })

  test.each([
    ['nil', 'invalid requirement: "nil"'],
    ['>= 1.0', 'invalid requirement: ">= 1.0"'],
    ['!= 1.0.0', 'invalid requirement: "!= 1.0.0", != is not allowed in requirements'],
    ['~> 1.0 or', 'invalid requirement: "~> 1.0 or"']
  ])('the requirement %s is refused', async (requirement, message) => {
    stage.sandbox.hex.addPackage({ name: 'needed' })
    const requirements = [{ name: 'needed', app: 'needed', optional: false, requirement, repository: 'hexpm' }]
    expect(errors(await stage.publish(tarball({ requirements })))).toEqual({ requirements: { needed: message } })
  })

  test.each(['~> 1.0', '>= 1.0.0 and < 2.0.0', '1.0.0', '~> 1.0 or ~> 2.0-rc', '== 1.0.0-rc.1'])(
    'the requirement %s is taken',
    async (requirement) => {
      stage.sandbox.hex.addPackage({ name: 'needed' })
      const requirements = [{ name: 'needed', app: 'needed', optional: true, requirement, repository: 'hexpm' }]
      const answer = await stage.publish(tarball({ requirements }))
      expect([answer.status, answer.json['requirements']]).toEqual([
        201,
        { needed: { app: 'needed', requirement, optional: true } }
      ])
    }
  )

  test('a requirement must exist in its repository', async () => {
    const requirements = [
      { name: 'nowhere', app: 'nowhere', optional: false, requirement: '~> 1.0', repository: 'hexpm' },
      { name: 'inner', app: 'inner', optional: false, requirement: '~> 1.0', repository: 'acme' }
    ]
    expect(errors(await stage.publish(tarball({ requirements })))).toEqual({
      requirements: {
        nowhere: 'package does not exist in repository "hexpm"',
        inner: 'package does not exist in repository "acme"'
      }
    })
  })

  test('a public package may not need a private one', async () => {
    stage.sandbox.hex.addOrganization({ name: 'acme' })
    stage.sandbox.hex.addPackage({ name: 'inner', organization: 'acme' })
    const requirements = [{ name: 'inner', app: 'inner', optional: false, requirement: '~> 1.0', repository: 'acme' }]
    expect(errors(await stage.publish(tarball({ requirements })))).toEqual({
      requirements: { inner: 'dependencies can only belong to public repository "hexpm", got: "acme"' }
    })
  })

  test('an organization asks for neither description nor licences', async () => {
    stage.sandbox.hex.addOrganization({ name: 'acme', members: [{ username: 'owner', role: 'write' }] })
    const answer = await stage.api('POST /repos/acme/packages/demo/releases?replace=false', {
      key: 'secret',
      body: tarball({ description: undefined, licenses: undefined })
    })
    expect(answer.status).toBe(201)
    expect(answer.json['url']).toMatch('/api/repos/acme/packages/demo/releases/1.0.0')
  })
})

describe('the tarball itself', () => {
  const cases: readonly (readonly [string, Buffer, string | RegExp])[] = [
    [
      'a wrong inner checksum',
      hexTarball({ checksum: () => '0'.repeat(64) }),
      /^tarball error, \{inner_checksum_mismatch,<<0,/
    ],
    ['no checksum', hexTarball({ checksum: () => 'none' }), /invalid_inner_checksum/],
    ['version 4', hexTarball({ version: '4' }), 'unsupported version: <<"4">>'],
    [
      'a missing member',
      hexTarball({ members: ([version]) => (version === undefined ? [] : [version]) }),
      'missing files: ["CHECKSUM"]'
    ],
    ['no end', tarball().subarray(0, -1024), 'tarball error, Unexpected end of file'],
    [
      'something behind the first empty block',
      Buffer.concat([tarball().subarray(0, -512), Buffer.alloc(512, 'x')]),
      'tarball error, Invalid end of archive'
    ],
    ['no tar at all', Buffer.alloc(600, 'x'), /^tarball error, /],
    [
      'metadata that is no term',
      hexTarball({ metadataConfig: '{<<"name">>, ' }),
      'error reading package metadata: invalid terms'
    ],
    [
      'metadata that is no list of pairs',
      hexTarball({ metadataConfig: '<<"name">>.' }),
      'error reading package metadata: not in key-value format'
    ],
    [
      'an atom that nobody made',
      hexTarball({ metadataConfig: '{<<"name">>, unheard_of}.' }),
      'error reading package metadataillegal atom unheard_of'
    ],
    ['a float', hexTarball({ metadataConfig: '{<<"name">>, 1.5}.' }), 'error reading package metadata: invalid terms'],
    ['contents that are no tar', hexTarball({ contents: Buffer.from('x') }), /^inner tarball error, /]
  ]
  test.each(cases)('%s is refused', async (_, bytes, message) => {
    const answer = await stage.publish(bytes, { name: 'demo_schema' })
    expect(answer.status).toBe(422)
    const { tar } = errors(answer) as { tar: string }
    if (typeof message === 'string') expect(tar).toBe(message)
    else expect(tar).toMatch(message)
  })

  test.each([
    [
      'a path that climbs out',
      [{ name: '../out', content: 'x' }],
      'inner tarball error, ../out: The path points above the current working directory'
    ],
    [
      'a link that climbs out',
      [{ name: 'lib/out', type: '2', target: '../../out' }],
      'inner tarball error, ../../out: unknown POSIX error (unsafe_symlink)'
    ],
    [
      'an absolute link',
      [{ name: 'out', type: '2', target: '/etc/passwd' }],
      'inner tarball error, /etc/passwd: unknown POSIX error (unsafe_symlink)'
    ],
    [
      'a path that climbs out through a link inside',
      [
        { name: 'a', type: '2', target: '.' },
        { name: 'a/../../out', content: 'x' }
      ],
      'inner tarball error, a/../../out: The path points above the current working directory'
    ]
  ])('%s is refused', async (_, files, message) => {
    const answer = await stage.publish(tarball({ files: ['lib'] }, { files }))
    expect(errors(answer)).toEqual({ tar: message })
  })

  test('a link that stays inside is taken', async () => {
    const files = [
      { name: 'README.md', content: 'x' },
      { name: 'lib/readme', type: '2', target: '../README.md' }
    ]
    expect((await stage.publish(tarball({ files: ['lib'] }, { files }))).status).toBe(201)
  })

  test('contents over 128 MiB are refused', async () => {
    const contents = gzipSync(tarBytes([{ name: 'lib', content: Buffer.alloc(128 * 1024 ** 2 + 1) }]))
    const answer = await stage.publish(tarball({ files: ['lib'] }, { contents }))
    expect(errors(answer)).toEqual({ tar: 'inner tarball error, too_big_uncompressed: 134217728' })
  })

  test('one over 16 MiB is refused in hex_core’s words, one over 20 MiB is not read', async () => {
    const large = await stage.publish(Buffer.alloc(16 * 1024 ** 2 + 1))
    expect(errors(large)).toEqual({
      tar: 'tarball error, Extraction size exceeds the configured max_size limit'
    })
    const larger = await stage.publish(Buffer.alloc(20 * 1024 ** 2 + 1))
    expect([larger.status, larger.json['message']]).toEqual([413, 'Payload too large'])
  })
})

describe('a client that waits for 100 Continue', () => {
  const send = (key: string | undefined, length: number | undefined): Promise<{ status: number; continued: boolean }> =>
    new Promise((resolve, reject) => {
      let continued = false
      const address = new URL('/api/packages/demo/releases?replace=false', stage.sandbox.address('hex'))
      const request = httpRequest(address, {
        method: 'POST',
        headers: {
          'user-agent': 'hex-tests',
          accept: 'application/json',
          expect: '100-continue',
          'content-type': 'application/octet-stream',
          ...(key !== undefined && { authorization: key }),
          ...(length !== undefined && { 'content-length': String(length) })
        }
      })
      request.once('continue', () => {
        continued = true
        request.end(tarball())
      })
      request.once('response', (response) => {
        response.resume()
        resolve({ status: response.statusCode ?? 0, continued })
        request.destroy()
      })
      request.once('error', reject)
      request.flushHeaders()
    })

  test('is refused before it sends anything', async () => {
    expect(await send(undefined, tarball().length)).toEqual({ status: 401, continued: false })
    expect(await send('secret', 16 * 1024 ** 2 + 1)).toEqual({ status: 422, continued: false })
    expect(await send('secret', undefined)).toEqual({ status: 411, continued: false })
  })

  test('is told to go on when nothing speaks against it, and counted once', async () => {
    expect(await send('secret', tarball().length)).toEqual({ status: 201, continued: true })
    expect(stage.sandbox.hex.state.usage.map(({ count }) => count)).toEqual([1])
  })
})

test('names that every JavaScript object has are names like others', async () => {
  const answer = await stage.publish(
    hexTarball({
      metadata: { name: 'demo', app: 'demo', version: '1.0.0', requirements: [], __proto__x: 'y', constructor: 'z' },
      files: { constructor: 'x', toString: 'y', 'mix.exs': 'z' }
    })
  )
  expect(answer.status).toBe(201)
})
