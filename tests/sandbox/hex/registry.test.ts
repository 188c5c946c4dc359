import { createHash, createVerify } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readFields } from '../../../sandbox/hex/protobuf.ts'
import { hexStage, hour, tarball, type Answered, type Stage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await hexStage()
})

afterEach(async () => {
  await stage.sandbox.close()
})

/** A message's fields by number; numbers and texts are not told apart, so the test says which it wants. */
function message(bytes: Buffer): ReadonlyMap<number, readonly Buffer[]> {
  const fields = new Map<number, Buffer[]>()
  for (const { number, bytes: value = Buffer.alloc(0) } of readFields(bytes) ?? [])
    fields.set(number, [...(fields.get(number) ?? []), value])
  return fields
}

/** The payload of a registry object, whose signature must be right. */
function payload({ body }: Answered): Buffer {
  const [signed, signature] = [1, 2].map((number) => message(gunzipSync(body)).get(number)?.[0] ?? Buffer.alloc(0))
  const verifier = createVerify('sha512').update(signed ?? '')
  expect(verifier.verify(stage.sandbox.hex.publicKey, signature ?? Buffer.alloc(0))).toBe(true)
  return signed ?? Buffer.alloc(0)
}

function versions(answer: Answered): readonly string[] {
  const releases = message(payload(answer)).get(1) ?? []
  return releases.map((release) => message(release).get(1)?.[0]?.toString() ?? '')
}

test('a package is signed, with the checksums of each release, oldest first', async () => {
  stage.sandbox.hex.addPackage({ name: 'needed' })
  const requirements = [{ name: 'needed', app: 'other', optional: true, requirement: '~> 2.0', repository: 'hexpm' }]
  const bytes = tarball({ requirements })
  await stage.publish(tarball({ version: '1.10.0' }))
  await stage.publish(bytes)
  await stage.publish(tarball({ version: '1.9.0' }))
  const answer = await stage.repo('/packages/demo')
  expect(versions(answer)).toEqual(['1.0.0', '1.9.0', '1.10.0'])
  const found = message(payload(answer))
  expect([found.get(2), found.get(3)]).toEqual([[Buffer.from('demo')], [Buffer.from('hexpm')]])
  const release = message(found.get(1)?.[0] ?? Buffer.alloc(0))
  expect(release.get(5)).toEqual([createHash('sha256').update(bytes).digest()])
  expect(release.get(2)?.[0]).toHaveLength(32)
  const dependency = message(release.get(3)?.[0] ?? Buffer.alloc(0))
  expect([1, 2, 4].map((number) => dependency.get(number)?.[0]?.toString())).toEqual(['needed', '~> 2.0', 'other'])
  // Optional, and of the same repository, which is not said.
  expect([dependency.has(3), dependency.has(5)]).toEqual([true, false])
})

test('the key that signs is given out', async () => {
  expect((await stage.repo('/public_key')).body.toString()).toBe(stage.sandbox.hex.publicKey)
})

test('names and versions list what is there', async () => {
  await stage.publish(tarball())
  await stage.publish(tarball({ name: 'another' }), { name: 'another' })
  const names = message(payload(await stage.repo('/names'))).get(1) ?? []
  expect(names.map((name) => message(name).get(1)?.[0]?.toString())).toEqual(['another', 'demo'])
  const listed = message(payload(await stage.repo('/versions'))).get(1) ?? []
  expect(listed.map((each) => message(each).get(2)?.[0]?.toString())).toEqual(['1.0.0', '1.0.0'])
})

test('a tarball has an ETag, and is not sent to one who has it', async () => {
  await stage.publish(tarball())
  const answer = await stage.repo('/tarballs/demo-1.0.0.tar')
  expect([answer.status, answer.body]).toEqual([200, tarball()])
  const etag = `"${createHash('md5').update(tarball()).digest('hex')}"`
  expect(answer.headers.etag).toBe(etag)
  const again = await stage.repo('/tarballs/demo-1.0.0.tar', { headers: { 'if-none-match': etag } })
  expect([again.status, again.body.length]).toEqual([304, 0])
})

test.each([
  '/packages/nowhere',
  '/tarballs/nowhere-1.0.0.tar',
  '/tarballs/demo-9.9.9.tar',
  '/docs/demo-1.0.0.tar.gz',
  '/x'
])('%s is not there', async (path) => {
  await stage.publish(tarball())
  expect((await stage.repo(path)).status).toBe(404)
})

describe('with a delay', () => {
  beforeEach(() => {
    stage.sandbox.hex.setSettings({ registryDelay: 30_000 })
  })

  test('a release can be fetched at once, and resolved when the registry is built', async () => {
    await stage.publish(tarball())
    expect((await stage.repo('/tarballs/demo-1.0.0.tar')).status).toBe(200)
    stage.now += 29_999
    expect((await stage.repo('/packages/demo')).status).toBe(404)
    stage.now += 1
    expect(versions(await stage.repo('/packages/demo'))).toEqual(['1.0.0'])
  })

  test('resolvers see what was, until then', async () => {
    await stage.publish(tarball())
    stage.now += 60_000
    await stage.publish(tarball({ version: '1.1.0' }))
    expect(versions(await stage.repo('/packages/demo'))).toEqual(['1.0.0'])
    // A job reads what is there when it runs: the one of 1.1.0 sees 1.2.0 too, which came before it ran.
    stage.now += 20_000
    await stage.publish(tarball({ version: '1.2.0' }))
    stage.now += 10_000
    expect(versions(await stage.repo('/packages/demo'))).toEqual(['1.0.0', '1.1.0', '1.2.0'])
  })
})

describe('a release that was retired', () => {
  const retire = (body: unknown): Promise<Answered> =>
    stage.api('POST /packages/demo/releases/1.0.0/retire', {
      key: 'secret',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' }
    })

  beforeEach(async () => {
    await stage.publish(tarball())
  })

  test('says so to the API and to resolvers, until it is taken back', async () => {
    stage.now += 1000 * hour
    expect((await retire({ reason: 'security', message: 'leaks' })).status).toBe(204)
    const shown = await stage.api('GET /packages/demo/releases/1.0.0')
    expect(shown.json['retirement']).toEqual({ reason: 'security', message: 'leaks' })
    expect((await stage.api('GET /packages/demo')).json['retirements']).toEqual({
      '1.0.0': { reason: 'security', message: 'leaks' }
    })
    const status = (answer: Answered): Buffer | undefined =>
      message(message(payload(answer)).get(1)?.[0] ?? Buffer.alloc(0)).get(4)?.[0]
    expect(status(await stage.repo('/packages/demo'))).toEqual(Buffer.from([8, 2, 18, 5, ...Buffer.from('leaks')]))
    expect((await stage.api('DELETE /packages/demo/releases/1.0.0/retire', { key: 'secret' })).status).toBe(204)
    expect((await stage.api('GET /packages/demo/releases/1.0.0')).json['retirement']).toBeNull()
    expect(status(await stage.repo('/packages/demo'))).toBeUndefined()
  })

  test.each([
    [{}, { reason: "can't be blank" }],
    [{ reason: 'ugly' }, { reason: 'is invalid' }],
    [{ reason: 'other', message: 'no' }, { message: 'should be at least 3 character(s)' }],
    [{ reason: 'other', message: 'x'.repeat(141) }, { message: 'should be at most 140 character(s)' }],
    [{ reason: 5 }, { reason: 'expected type string' }]
  ])('%j is refused', async (body, errors) => {
    const answer = await retire(body)
    expect([answer.status, answer.json['errors']]).toEqual([422, { retirement: errors }])
  })

  test('can be every release of a package', async () => {
    await stage.publish(tarball({ version: '1.1.0' }))
    const all = await stage.api('POST /packages/demo/retire', {
      key: 'secret',
      body: '{"reason":"renamed"}',
      headers: { 'content-type': 'application/json' }
    })
    expect(all.status).toBe(204)
    expect(stage.sandbox.hex.releases('demo').map(({ retirement }) => retirement?.reason)).toEqual([
      'renamed',
      'renamed'
    ])
  })
})

describe('documentation', () => {
  const docs = gzipSync('docs')
  const send = (body: Buffer, key = 'secret'): Promise<Answered> =>
    stage.api('POST /packages/demo/releases/1.0.0/docs', { key, body })

  test('is stored as it was sent, shown by the API, and replaced', async () => {
    await stage.publish(tarball())
    expect((await stage.api('GET /packages/demo/releases/1.0.0/docs')).status).toBe(404)
    const answer = await send(docs)
    expect([answer.status, answer.body.length]).toEqual([201, 0])
    expect(answer.headers.location).toMatch(/\/docs\/demo-1\.0\.0\.tar\.gz$/)
    const shown = await stage.api('GET /packages/demo/releases/1.0.0')
    expect(shown.json).toMatchObject({ has_docs: true, docs_html_url: 'https://demo.hexdocs.pm/1.0.0/' })
    const found = await stage.api('GET /packages/demo/releases/1.0.0/docs')
    expect([found.status, found.headers.location]).toEqual([302, answer.headers.location])
    expect((await stage.repo('/docs/demo-1.0.0.tar.gz')).body).toEqual(docs)
    expect((await send(gzipSync('other'))).status).toBe(201)
    expect(stage.sandbox.hex.docs('demo', '1.0.0')).toEqual(gzipSync('other'))
    stage.now += 1000 * hour
    expect((await stage.api('DELETE /packages/demo/releases/1.0.0/docs', { key: 'secret' })).status).toBe(204)
    expect((await stage.api('GET /packages/demo/releases/1.0.0')).json['has_docs']).toBe(false)
  })

  test('needs its release, a key, and a size', async () => {
    expect((await send(docs)).status).toBe(404)
    await stage.publish(tarball())
    expect((await send(docs, 'unknown')).status).toBe(401)
    expect((await send(Buffer.alloc(16 * 1024 ** 2 + 1))).json['errors']).toEqual({ tar: 'too big' })
    const bomb = gzipSync(Buffer.alloc(128 * 1024 ** 2 + 1))
    expect((await send(bomb)).json['errors']).toEqual({ tar: 'too big (uncompressed)' })
  })
})

describe('a failure half-way', () => {
  test('of a publish leaves a release that nobody can fetch or resolve, and that replacing repairs', async () => {
    stage.sandbox.fault('POST hex.pm/api/packages/*/releases 500 partial')
    const answer = await stage.publish(tarball())
    expect([answer.status, answer.json]).toEqual([500, { status: 500, message: 'Internal server error' }])
    expect((await stage.api('GET /packages/demo/releases/1.0.0')).status).toBe(200)
    expect((await stage.repo('/packages/demo')).status).toBe(404)
    expect((await stage.repo('/tarballs/demo-1.0.0.tar')).status).toBe(404)
    expect((await stage.publish(tarball(), { replace: 'true' })).status).toBe(200)
    expect(versions(await stage.repo('/packages/demo'))).toEqual(['1.0.0'])
    expect((await stage.repo('/tarballs/demo-1.0.0.tar')).status).toBe(200)
  })

  test('of a replacing publish leaves the tarball that was there', async () => {
    await stage.publish(tarball())
    stage.sandbox.fault('POST hex.pm/api/packages/*/releases 500 partial')
    const other = tarball({ description: 'other' })
    expect((await stage.publish(other, { replace: 'true' })).status).toBe(500)
    const { json } = await stage.api('GET /packages/demo/releases/1.0.0')
    expect(json['checksum']).toBe(createHash('sha256').update(other).digest('hex'))
    expect((await stage.repo('/tarballs/demo-1.0.0.tar')).body).toEqual(tarball())
  })

  test('of the docs leaves their tarball, which the API does not know of', async () => {
    await stage.publish(tarball())
    stage.sandbox.fault('POST hex/*/docs 500 partial')
    const body = gzipSync('docs')
    expect((await stage.api('POST /packages/demo/releases/1.0.0/docs', { key: 'secret', body })).status).toBe(500)
    expect((await stage.repo('/docs/demo-1.0.0.tar.gz')).status).toBe(200)
    expect((await stage.api('GET /packages/demo/releases/1.0.0')).json['has_docs']).toBe(false)
  })

  test('in front of the service is a page, of the service JSON', async () => {
    stage.sandbox.fault('GET hex.pm 503')
    stage.sandbox.fault('GET repo.hex.pm 429 retry-after=1')
    const page = await stage.api('GET /packages/demo')
    expect([page.status, page.headers['content-type']]).toEqual([503, 'text/html; charset=utf-8'])
    const limit = await stage.repo('/packages/demo')
    expect(limit.json).toEqual({ status: 429, message: 'API rate limit exceeded for IP 127.0.0.1' })
  })
})

test('a state that was saved brings releases, docs, keys and the registry back', async () => {
  await stage.publish(tarball())
  await stage.api('POST /packages/demo/releases/1.0.0/docs', { key: 'secret', body: gzipSync('docs') })
  const saved = stage.sandbox.hex.save()
  await stage.api('DELETE /packages/demo/releases/1.0.0', { key: 'secret' })
  stage.sandbox.hex.load(saved)
  expect(versions(await stage.repo('/packages/demo'))).toEqual(['1.0.0'])
  expect(stage.sandbox.hex.docs('demo', '1.0.0')).toEqual(gzipSync('docs'))
  expect((await stage.publish(tarball({ version: '1.1.0' }))).status).toBe(201)
})
