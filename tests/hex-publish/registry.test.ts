import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { readRegistry, waitForRegistry } from '../../actions/hex-publish/registry.ts'
import { readRegistryObject } from '../../actions/hex-publish/registry-object.ts'
import { field, packageMessage, registryObject } from './registry-bytes.ts'
import { key, problemsOf, scriptedHex, type Answer, type Asked, type Script } from './scripted-hex.ts'

const demo = { name: 'demo' }
const tarball = Buffer.from('the bytes of a tarball')
const checksum = createHash('sha256').update(tarball).digest('hex')
const other = 'cd'.repeat(32)

const packageLine = 'GET /packages/demo'
const tarballLine = 'GET /tarballs/demo-1.2.3.tar'

function serving(...releases: Parameters<typeof packageMessage>[0]): Answer {
  return { status: 200, body: registryObject(packageMessage(releases)), headers: { etag: `"${releases.length}"` } }
}

describe('a registry object', () => {
  test('gives releases with both checksums, retirement and time', () => {
    const read = readRegistryObject(
      registryObject(
        packageMessage([
          { version: '0.9.0', inner: 'aa'.repeat(32) },
          { version: '1.0.0', outer: other, retired: { reason: 2, message: 'Use 1.2.3' } },
          { version: '1.2.3', outer: checksum, publishedAt: 1_787_220_000 },
          { version: '1.2.4', outer: other, retired: { reason: 0 } }
        ])
      ),
      demo
    )
    expect(read).toEqual({
      package: {
        name: 'demo',
        repository: 'hexpm',
        releases: [
          { version: '0.9.0', innerChecksum: 'aa'.repeat(32) },
          {
            version: '1.0.0',
            innerChecksum: '11'.repeat(32),
            outerChecksum: other,
            retirement: { reason: 'security', message: 'Use 1.2.3' }
          },
          {
            version: '1.2.3',
            innerChecksum: '11'.repeat(32),
            outerChecksum: checksum,
            publishedAt: 1_787_220_000_005
          },
          {
            version: '1.2.4',
            innerChecksum: '11'.repeat(32),
            outerChecksum: other,
            retirement: { reason: 'other' }
          }
        ]
      }
    })
  })

  test('may have fields of every kind that this reader does not know', () => {
    // Field 20 of eight bytes, and of four.
    const tag64 = Buffer.concat([Buffer.from([0xa1, 0x01]), Buffer.alloc(8)])
    const tag32 = Buffer.concat([Buffer.from([0xa5, 0x01]), Buffer.alloc(4)])
    const message = Buffer.concat([
      field(9, 'new'),
      tag64,
      packageMessage([{ version: '1.2.3', outer: checksum }]),
      tag32,
      field(30, 3_000_000_000)
    ])
    expect(readRegistryObject(registryObject(message), demo)).toMatchObject({
      package: { releases: [{ version: '1.2.3', outerChecksum: checksum }] }
    })
  })

  test.each([
    ['another package', packageMessage([], { name: 'other' }), 'it is of "hexpm/other", not of hexpm/demo'],
    ['another repository', packageMessage([], { repository: 'acme' }), 'it is of "acme/demo", not of hexpm/demo'],
    ['no name', field(3, 'hexpm'), 'it has no name'],
    ['no repository', field(2, 'demo'), 'it has no repository'],
    ['a release without a version', Buffer.concat([field(1, field(2, 'x')), packageMessage([])]), 'it has no version'],
    ['a release that is a number', Buffer.concat([field(1, 7), packageMessage([])]), 'field 1 is no message'],
    ['a name that is a number', Buffer.concat([field(2, 7), field(3, 'hexpm')]), 'field 2 is no bytes'],
    ['a name that is no UTF-8', Buffer.concat([field(2, Buffer.from([0xff])), field(3, 'hexpm')]), 'no UTF-8'],
    ['a field that is longer than the rest', Buffer.from([0x12, 0x7f, 0x61]), 'it ends within a field'],
    [
      'a field of a length beyond all',
      Buffer.from([0x12, ...Array<number>(9).fill(0xff), 0x01]),
      'it ends within a field'
    ],
    ['a number without an end', Buffer.alloc(4, 0xff), 'it ends within a number'],
    ['a number too long', Buffer.alloc(40, 0xff), 'more than ten bytes'],
    ['a group', Buffer.from([0x0b]), 'unknown kind 3'],
    ['the field number 0', Buffer.from([0x02, 0x00]), 'has the number 0']
  ])('of %s is refused', (_what, message, fault) => {
    const read = readRegistryObject(registryObject(message), demo)
    expect(read).toHaveProperty('fault')
    expect(JSON.stringify(read)).toContain(JSON.stringify(fault).slice(1, -1))
  })

  test('that is no gzip, or a bomb, is refused', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    for (const bytes of [Buffer.from('<html>'), Buffer.alloc(0), bomb]) {
      expect(readRegistryObject(bytes, demo)).toEqual({ fault: 'it cannot be unpacked (gzip)' })
    }
  })

  test('of millions of tiny fields is refused before they fill the memory', () => {
    // 31 KiB that would become more than a gigabyte.
    const many = gzipSync(Buffer.alloc(31 * 1024 * 1024, Buffer.from([0x08, 0x00])))
    expect(readRegistryObject(many, demo)).toEqual({ fault: 'it has more than 100000 fields' })
  })

  test('cut or changed anywhere never throws', () => {
    const whole = Buffer.concat([field(1, packageMessage([{ version: '1.2.3', outer: checksum, publishedAt: 1 }]))])
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 0xff
      for (const bytes of [whole.subarray(0, at), changed]) {
        expect(Object.keys(readRegistryObject(gzipSync(bytes), demo))).toHaveLength(1)
      }
    }
  })
})

describe('reading the registry', () => {
  test('of the public repository sends no key', async () => {
    const { world, url, asked } = await scriptedHex({ [packageLine]: serving({ version: '1.2.3', outer: checksum }) })
    const found = await readRegistry(world.http, demo, { key, url })
    expect(found?.releases.map(({ version }) => version)).toEqual(['1.2.3'])
    expect(asked[0]?.headers.authorization).toBeUndefined()
  })

  test('of an organization sends the key, and wants its name in the object', async () => {
    const body = registryObject(packageMessage([{ version: '1.2.3' }], { repository: 'acme' }))
    const { world, url, asked } = await scriptedHex({ 'GET /repos/acme/packages/demo': { status: 200, body } })
    const found = await readRegistry(world.http, { name: 'demo', organization: 'acme' }, { key, url })
    expect(found?.repository).toBe('acme')
    expect(asked[0]?.headers.authorization).toBe(key)
  })

  test.each([403, 404])('that answers %i does not have the package', async (status) => {
    const { world, url } = await scriptedHex({ [packageLine]: { status } })
    expect(await readRegistry(world.http, demo, { url })).toBeUndefined()
  })

  test.each<readonly [string, Answer, string]>([
    ['401', { status: 401 }, 'answered 401'],
    ['an outage', { status: 503 }, 'answered 503'],
    ['HTML', { status: 200, body: '<html>Sign in</html>' }, 'gave no registry object: it cannot be unpacked'],
    ['another’s object', { status: 200, body: registryObject(packageMessage([], { name: 'other' })) }, 'it is of']
  ])('that answers with %s is a problem', async (_what, answer, words) => {
    const { world, url } = await scriptedHex({ [packageLine]: answer })
    const [problem] = await problemsOf(readRegistry(world.http, demo, { url }))
    expect(problem?.code).toBe('hex-registry-unreadable')
    expect(problem?.message).toContain(words)
  })
})

async function wait(script: Script, timeout = 300_000) {
  const { world, url, asked, lines } = await scriptedHex(script)
  const sight = await waitForRegistry({
    http: world.http,
    package: demo,
    version: '1.2.3',
    checksum,
    clock: world.clock,
    log: world.log,
    timeout,
    url
  })
  return { sight, asked, lines: lines(), waited: world.clock.slept.reduce((sum, each) => sum + each, 0) }
}

describe('waiting for the registry', () => {
  const there = serving({ version: '1.2.3', outer: checksum })
  const file: Answer = { status: 200, body: tarball }

  test('ends when version, checksum and tarball are there', async () => {
    const { sight, lines, waited } = await wait({ [packageLine]: there, [tarballLine]: file })
    expect(sight.state).toBe('visible')
    expect(lines).toEqual([packageLine, tarballLine])
    expect(waited).toBe(0)
  })

  test('goes through a package that is missing, a version that is, and a tarball that is', async () => {
    const { sight, lines } = await wait({
      [packageLine]: [{ status: 404 }, { status: 403 }, serving({ version: '1.2.2', outer: other }), there],
      [tarballLine]: [{ status: 404 }, file]
    })
    expect(sight.state).toBe('visible')
    expect(lines).toEqual([packageLine, packageLine, packageLine, packageLine, tarballLine, packageLine, tarballLine])
  })

  test('goes through outages, broken connections and pages that are no object', async () => {
    const { sight } = await wait({
      [packageLine]: [{ status: 503 }, 'reset', { status: 200, body: '<html>' }, there],
      [tarballLine]: ['reset', file]
    })
    expect(sight.state).toBe('visible')
  })

  test('asks as resolvers do, conditionally, and believes a 304', async () => {
    const old = serving({ version: '1.2.2', outer: other })
    const unchanged = (asked: Asked): Answer => (asked.headers['if-none-match'] === '"1"' ? { status: 304 } : there)
    const { sight, asked } = await wait({
      [packageLine]: [old, unchanged, { ...there, headers: { etag: '"2"' } }],
      [tarballLine]: file
    })
    expect(sight.state).toBe('visible')
    expect(asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', '"1"', undefined])
    expect(asked.every(({ headers }) => headers['cache-control'] === undefined)).toBe(true)
  })

  test('looks again at the tarball behind an object that has not changed', async () => {
    const unchanged = (asked: Asked): Answer => (asked.headers['if-none-match'] === '"1"' ? { status: 304 } : there)
    const { sight } = await wait({ [packageLine]: [there, unchanged], [tarballLine]: [{ status: 404 }, file] })
    expect(sight.state).toBe('visible')
  })

  test('ends late when the time is over, and says what was seen', async () => {
    const { sight, waited } = await wait({
      [packageLine]: serving({ version: '1.2.2', outer: other }),
      [tarballLine]: file
    })
    expect(sight).toEqual({ state: 'late', detail: 'the registry has the package without this version' })
    expect(waited).toBeGreaterThan(290_000)
    expect(waited).toBeLessThanOrEqual(300_000)
  })

  test('of no time is one look', async () => {
    const { sight, lines } = await wait({ [tarballLine]: file }, 0)
    expect(sight.state).toBe('late')
    expect(lines).toEqual([packageLine, tarballLine])
  })

  test('in vain, where a filter answers 403 to everything, says nothing of the release', async () => {
    const closed = { status: 403 }
    const { sight } = await wait({ [packageLine]: closed, [tarballLine]: closed, 'GET /public_key': closed })
    expect(sight.state).toBe('late')
  })

  test('in vain, while the tarball was missing only once, says nothing of the release', async () => {
    const { sight } = await wait({ [packageLine]: { status: 404 }, [tarballLine]: [{ status: 404 }, { status: 200 }] })
    expect(sight.state).toBe('late')
  })

  test.each([403, 404])('in vain, while the tarball is answered %i too, tells that Hex broke off', async (status) => {
    const { sight } = await wait({
      [packageLine]: { status: 404 },
      [tarballLine]: { status },
      'GET /public_key': { status: 200, body: 'a key' }
    })
    expect(sight.state).toBe('unstored')
    expect(sight.detail).toContain('replace: true')
  })

  test.each([{ status: 500 }, 'reset' as const])(
    'in vain, while the tarball cannot be asked for (%j), is late',
    async (answer) => {
      expect((await wait({ [packageLine]: { status: 404 }, [tarballLine]: answer })).sight.state).toBe('late')
    }
  )

  test('for a checksum that stays another is told apart from being late', async () => {
    const { sight } = await wait({ [packageLine]: serving({ version: '1.2.3', outer: other }) })
    expect(sight.state).toBe('other')
    expect(sight.detail).toContain(other)
  })

  test('sees through a cache that still has the bytes of before', async () => {
    const { sight } = await wait({
      [packageLine]: [serving({ version: '1.2.3', outer: other }), there],
      [tarballLine]: [{ status: 200, body: 'the bytes of before' }, file]
    })
    expect(sight.state).toBe('visible')
  })

  test('for a tarball that stays another is told apart from being late', async () => {
    const { sight } = await wait({ [packageLine]: there, [tarballLine]: { status: 200, body: 'others' } })
    expect(sight.state).toBe('other')
  })

  test('for an organization says that the key may lack the permission', async () => {
    const { world, url } = await scriptedHex({
      'GET /repos/acme/packages/demo': { status: 403 },
      'GET /repos/acme/tarballs/demo-1.2.3.tar': { status: 403 }
    })
    const sight = await waitForRegistry({
      http: world.http,
      package: { name: 'demo', organization: 'acme' },
      key,
      version: '1.2.3',
      checksum,
      clock: world.clock,
      log: world.log,
      timeout: 0,
      url
    })
    expect(sight.detail).toContain('“Organization repository”')
  })
})
