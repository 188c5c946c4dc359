import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { uploadDocs } from '../../actions/hex-publish/docs-upload.ts'
import { readRegistry, waitForRegistry } from '../../actions/hex-publish/registry.ts'
import { retire, revert, unretire } from '../../actions/hex-publish/release-change.ts'
import { uploadRelease, type ReleaseUpload } from '../../actions/hex-publish/release-upload.ts'
import { releaseWindow } from '../../actions/hex-publish/release-window.ts'
import { readPackage, readRelease, type HexApi } from '../../actions/shared/hex/hex-api.ts'
import { demo, demoTarball, rehearsedHex, tarball, version, type RehearsedHex } from './hex-rehearsed.ts'
import { problemsOf } from './scripted-hex.ts'

const key = 'a-key-of-alice-that-may-write'
const checksum = createHash('sha256').update(tarball).digest('hex')

let rehearsed: RehearsedHex
let empty: ReturnType<RehearsedHex['hex']['save']>
let api: HexApi
beforeAll(async () => {
  rehearsed = await rehearsedHex()
  empty = rehearsed.hex.save()
  api = rehearsed.as(key)
})
beforeEach(() => {
  rehearsed.hex.load(empty)
  rehearsed.hex.addUser({ username: 'alice', keys: [key] })
})
afterAll(async () => {
  await rehearsed.close()
})

function upload(bytes = tarball, options: Partial<ReleaseUpload> = {}) {
  const { world } = rehearsed
  return uploadRelease(api, demo, bytes, { version, replace: false, clock: world.clock, log: world.log, ...options })
}

function posts(): number {
  return rehearsed.sandbox.requests.filter(({ method, url }) => method === 'POST' && url.includes('/releases?')).length
}

/** Whether every fault that was asked for came about. */
function struck(): boolean {
  return rehearsed.sandbox.faults.every((fault) => fault.struck > 0)
}

async function codesOf(promise: Promise<unknown>): Promise<readonly string[]> {
  return (await problemsOf(promise)).map(({ code }) => code)
}

test('what is published has our bytes, in the API, in the registry, and as a tarball', async () => {
  expect(await upload()).toBe('created')
  expect(rehearsed.hex.releases('demo').map((release) => release.checksum)).toEqual([checksum])
  expect(await readRelease(api, demo, version)).toMatchObject({ checksum, hasDocs: false, publisher: 'alice' })
  expect(await readPackage(api, demo)).toMatchObject({ owners: ['alice'], latestVersion: version, private: false })
  const registry = await readRegistry(rehearsed.world.http, demo, { url: rehearsed.registryUrl })
  expect(registry?.releases).toMatchObject([{ version, outerChecksum: checksum }])
})

describe('a fault of the upload', () => {
  test.each([
    'POST hex/api/packages/demo/releases #1 reset-before',
    'POST hex/api/packages/demo/releases #1 reset-body',
    'POST hex/api/packages/demo/releases #1 reset-after',
    'POST hex/api/packages/demo/releases #1 502 html',
    'POST hex/api/packages/demo/releases #1 502 html after',
    'POST hex/api/packages/demo/releases #1 503 retry-after=3',
    'POST hex/api/packages/demo/releases #1 429 retry-after=7',
    'POST hex/api/packages/demo/releases #1 truncate',
    'POST hex/api/packages/demo/releases #1 corrupt-json'
  ])('%s does no harm: the release is there once', async (rule) => {
    rehearsed.sandbox.fault(rule)
    const before = posts()
    expect(['created', 'reconciled']).toContain(await upload())
    expect(rehearsed.hex.releases('demo').map((release) => release.checksum)).toEqual([checksum])
    expect(posts() - before).toBeLessThanOrEqual(2)
    expect(struck()).toBe(true)
  })

  test.each(['reset-after', '502 html after', 'truncate', 'corrupt-json'])(
    '%s is settled without a second POST',
    async (fault) => {
      rehearsed.sandbox.fault(`POST hex/api/packages/demo/releases #1 ${fault}`)
      const before = posts()
      expect(await upload()).toBe('reconciled')
      expect(posts() - before).toBe(1)
      expect(struck()).toBe(true)
    }
  )

  test('half-way leaves a release that nobody can get, which the wait tells from one that is late', async () => {
    rehearsed.sandbox.fault('POST hex/api/packages/demo/releases #1 500 partial')
    expect(await upload()).toBe('reconciled')
    const wait = { ...rehearsed.world, package: demo, version, checksum, url: rehearsed.registryUrl, timeout: 60_000 }
    expect(await waitForRegistry(wait)).toMatchObject({ state: 'unstored' })
    // As its words say, the same bytes once more mend that.
    expect(await upload(tarball, { replace: true, replaces: checksum })).toBe('replaced')
    expect(await waitForRegistry(wait)).toMatchObject({ state: 'visible' })
  })
})

test('a release that is there is refused with other bytes, and recognised with the same', async () => {
  await upload()
  expect(await upload()).toBe('reconciled')
  const others = demoTarball({ description: 'Something else' })
  expect(await codesOf(upload(others))).toEqual(['hex-different-release', 'hex-release-exists'])
  expect(rehearsed.hex.releases('demo')).toHaveLength(1)
})

describe('the window', () => {
  const hour = 3_600_000

  test.each([
    ['an hour less a minute', 59 * 60_000, true],
    ['an hour and a minute', 61 * 60_000, false]
  ])('of a release after %s is what Hex keeps to', async (_what, age, open) => {
    rehearsed.hex.addPackage({ name: 'demo', owners: ['alice'], insertedAt: rehearsed.world.clock.now() - 48 * hour })
    rehearsed.hex.addRelease(tarball, { insertedAt: rehearsed.world.clock.now() - age, publisher: 'alice' })
    const [release, pkg] = [await readRelease(api, demo, version), await readPackage(api, demo)]
    if (release === undefined || pkg === undefined) throw new Error('the release is not there')
    expect(releaseWindow({ release, package: pkg, now: rehearsed.world.clock.now() }).open).toBe(open)
    const replaced = demoTarball({ description: 'Something else' })
    const codes = await codesOf(upload(replaced, { replace: true, replaces: checksum }))
    expect(codes).toEqual(open ? [] : ['hex-window-closed'])
    expect(await codesOf(revert(api, demo, version, rehearsed.world.clock))).toEqual(open ? [] : ['hex-window-closed'])
  })

  test('of a new package is a day', async () => {
    rehearsed.hex.addRelease(tarball, { insertedAt: rehearsed.world.clock.now() - 23 * hour, publisher: 'alice' })
    const [release, pkg] = [await readRelease(api, demo, version), await readPackage(api, demo)]
    if (release === undefined || pkg === undefined) throw new Error('the release is not there')
    expect(releaseWindow({ release, package: pkg, now: rehearsed.world.clock.now() }).open).toBe(true)
    expect(await revert(api, demo, version, rehearsed.world.clock)).toBe('reverted')
    expect(await readPackage(api, demo)).toBeUndefined()
  })
})

describe('the registry', () => {
  const wait = (timeout: number) =>
    waitForRegistry({ ...rehearsed.world, package: demo, version, checksum, url: rehearsed.registryUrl, timeout })

  test('that is built later is waited for', async () => {
    rehearsed.hex.setSettings({ registryDelay: 90_000 })
    await upload()
    expect(await wait(30_000)).toMatchObject({ state: 'late' })
    expect(await wait(120_000)).toMatchObject({ state: 'visible' })
  })

  test.each([
    'GET hex/repo/packages/demo #1-2 503',
    'GET hex/repo/packages/demo #1 reset-before',
    'GET hex/repo/packages/demo #1 truncate',
    'GET hex/repo/packages/demo #1 200 body="<html>sign in</html>"',
    'GET hex/repo/tarballs/* #1 truncate',
    'GET hex/repo/tarballs/* #1 404'
  ])('through %s is seen at last', async (rule) => {
    await upload()
    rehearsed.sandbox.fault(rule)
    expect(await wait(60_000)).toMatchObject({ state: 'visible' })
    expect(struck()).toBe(true)
  })

  test('of an organization is read with a key for its repository alone', async () => {
    const acme = { ...demo, organization: 'acme' }
    rehearsed.hex.addOrganization({ name: 'acme', members: [{ username: 'alice', role: 'write' }] })
    rehearsed.hex.addKey({
      secret: 'a-key-that-writes',
      user: 'alice',
      permissions: [{ domain: 'api', resource: 'write' }]
    })
    rehearsed.hex.addKey({
      secret: 'a-key-that-reads',
      user: 'alice',
      permissions: [{ domain: 'repository', resource: 'acme' }]
    })
    const writer = rehearsed.as('a-key-that-writes')
    await uploadRelease(writer, acme, tarball, {
      version,
      replace: false,
      clock: rehearsed.world.clock,
      log: rehearsed.world.log
    })
    const look = (secret: string) =>
      waitForRegistry({
        ...rehearsed.world,
        package: acme,
        version,
        checksum,
        url: rehearsed.registryUrl,
        key: secret,
        timeout: 0
      })
    expect(await look('a-key-that-reads')).toMatchObject({ state: 'visible' })
    expect(await look('a-key-that-writes')).toMatchObject({
      state: 'late',
      detail: expect.stringContaining('“Organization repository”')
    })
  })
})

describe('documentation', () => {
  const docs = gzipSync('<h1>demo</h1>')
  const send = () =>
    uploadDocs(api, demo, version, docs, { replaces: false, clock: rehearsed.world.clock, log: rehearsed.world.log })

  test.each([
    [undefined, 'sent'],
    ['POST hex/api/packages/demo/releases/1.2.3/docs #1 reset-before', 'sent'],
    ['POST hex/api/packages/demo/releases/1.2.3/docs #1 reset-after', 'reconciled'],
    ['POST hex/api/packages/demo/releases/1.2.3/docs #1-2 503', 'sent'],
    ['POST hex/api/packages/demo/releases/1.2.3/docs #1 500 partial', 'sent'],
    ['GET hex/api/packages/demo/releases/1.2.3 #1 503', 'sent']
  ])('through %s is there, and %s', async (rule, outcome) => {
    await upload()
    if (rule !== undefined) rehearsed.sandbox.fault(rule)
    expect(await send()).toBe(outcome)
    expect(rehearsed.hex.docs('demo', version)?.equals(docs)).toBe(true)
    expect(await readRelease(api, demo, version)).toMatchObject({ hasDocs: true })
    expect(struck()).toBe(true)
  })

  test('of a release that is missing is refused', async () => {
    expect(await codesOf(send())).toEqual(['hex-not-found'])
  })
})

describe('a release that is changed', () => {
  const retirement = { reason: 'security', message: 'Use 1.2.4' } as const

  test.each([
    undefined,
    'POST hex/api/packages/demo/releases/1.2.3/retire #1 reset-before',
    'POST hex/api/packages/demo/releases/1.2.3/retire #1 reset-after',
    'POST hex/api/packages/demo/releases/1.2.3/retire #1 502 html after'
  ])('through %s is retired, in the registry too', async (rule) => {
    await upload()
    if (rule !== undefined) rehearsed.sandbox.fault(rule)
    await retire(api, demo, version, retirement, rehearsed.world.clock)
    await retire(api, demo, version, retirement, rehearsed.world.clock)
    expect(rehearsed.hex.releases('demo')[0]?.retirement).toEqual(retirement)
    const registry = await readRegistry(rehearsed.world.http, demo, { url: rehearsed.registryUrl })
    expect(registry?.releases[0]?.retirement).toEqual(retirement)
    await unretire(api, demo, version, rehearsed.world.clock)
    await unretire(api, demo, version, rehearsed.world.clock)
    expect(rehearsed.hex.releases('demo')[0]?.retirement).toBeUndefined()
    expect(struck()).toBe(true)
  })

  test('with a message that is too short is refused as Hex words it', async () => {
    await upload()
    const short = { reason: 'other', message: 'ab' } as const
    expect(await codesOf(retire(api, demo, version, short, rehearsed.world.clock))).toEqual(['hex-retirement'])
  })

  test.each([
    'DELETE hex/api/packages/demo/releases/1.2.3 #1 reset-before',
    'DELETE hex/api/packages/demo/releases/1.2.3 #1 reset-after',
    'DELETE hex/api/packages/demo/releases/1.2.3 #1 503'
  ])('through %s is gone', async (rule) => {
    await upload()
    rehearsed.sandbox.fault(rule)
    await revert(api, demo, version, rehearsed.world.clock)
    expect(rehearsed.hex.releases('demo')).toEqual([])
    expect(struck()).toBe(true)
    expect(await revert(api, demo, version, rehearsed.world.clock)).toBe('absent')
  })
})
