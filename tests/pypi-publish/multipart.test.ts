import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { truncateSync, writeFileSync } from 'node:fs'
import { createBlake2b256 } from '../../actions/pypi-publish/blake2b.ts'
import { multipartBody } from '../../actions/pypi-publish/multipart.ts'
import { readFormData } from '../support/form-data.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { writeFiles } from '../support/distributions.ts'

const folder = temporaryFolder('multipart')
const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256))

function body(filename = 'demo-1.0.tar.gz') {
  const [path = ''] = writeFiles(folder, { filename, bytes: content })
  return {
    path,
    body: multipartBody(
      [
        ['description', 'one\ntwo\r\nthree\rß'],
        ['empty', '']
      ],
      {
        field: 'content',
        filename,
        path,
        size: content.length,
        sha256: createHash('sha256').update(content).digest('hex')
      }
    )
  }
}

async function bytesOf(made: ReturnType<typeof multipartBody>): Promise<Buffer> {
  if (!('open' in made)) throw new Error('not a stream')
  const chunks: Buffer[] = []
  for await (const chunk of made.open() as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('a multipart body', () => {
  test('is as long as it says, so that Content-Length is known beforehand', async () => {
    const { body: made } = body()
    expect((await bytesOf(made)).length).toBe('length' in made ? made.length : -1)
  })

  test('carries values and file byte for byte, line breaks included', async () => {
    const { body: made } = body()
    const parts = readFormData(made.type, await bytesOf(made))
    expect(parts.map(({ name, filename }) => [name, filename])).toEqual([
      ['description', undefined],
      ['empty', undefined],
      ['content', 'demo-1.0.tar.gz']
    ])
    expect(parts[0]?.content.toString()).toBe('one\ntwo\r\nthree\rß')
    expect(parts[2]?.content.equals(content)).toBe(true)
  })

  test('can be sent again: each opening gives the same bytes', async () => {
    const { body: made } = body()
    expect((await bytesOf(made)).equals(await bytesOf(made))).toBe(true)
  })

  test('escapes quotes and line breaks of a file name', async () => {
    const { body: made } = body('a"b\n.tar.gz')
    expect((await bytesOf(made)).includes('filename="a%22b%0A.tar.gz"')).toBe(true)
  })

  test.each<[string, (path: string) => void]>([
    [
      'shorter',
      (path) => {
        truncateSync(path, 10)
      }
    ],
    [
      'longer',
      (path) => {
        writeFileSync(path, Buffer.concat([content, Buffer.from('more')]))
      }
    ],
    [
      'of the same size with other bytes at its beginning',
      (path) => {
        writeFileSync(path, Buffer.concat([Buffer.from('x'), content.subarray(1)]))
      }
    ],
    [
      'of the same size with other bytes at its end',
      (path) => {
        writeFileSync(path, Buffer.concat([content.subarray(0, -1), Buffer.from('x')]))
      }
    ]
  ])('breaks off before the last bytes go out when the file is %s', async (_how, change) => {
    const { body: made, path } = body()
    change(path)
    if (!('open' in made)) throw new Error('not a stream')
    let sent = 0
    const reading = (async () => {
      for await (const chunk of made.open() as AsyncIterable<Buffer>) sent += chunk.length
    })()
    await expect(reading).rejects.toThrow(
      /changed while the job ran: it was checked with sha256 [0-9a-f]{64} .* has [0-9a-f]{64}/
    )
    // A piece of the file itself is kept back, not only the boundary after it.
    expect(sent).toBeLessThan(made.length - 1_000)
  })
})

describe('BLAKE2b-256', () => {
  // RFC 7693 gives vectors for 64 bytes only; these are of Python's hashlib.blake2b(digest_size=32).
  test.each([
    ['', '0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8'],
    ['abc', 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319'],
    ['x'.repeat(128), '164ffb7089bae6f5a62fb0795e751dc9e88eac92e1a5b2fafe93a25abf2d9c3b'],
    ['x'.repeat(129), '03b0758fa71d249c846c2304a2b9996e6ae66ffa7e5528f9e612e089a360fc8d']
  ])('of %j', (text, expected) => {
    const hash = createBlake2b256()
    hash.update(Buffer.from(text))
    expect(hash.hexDigest()).toBe(expected)
  })

  test('does not depend on how the bytes are cut', () => {
    const digests = [1, 63, 128, 129, 4096].map((size) => {
      const hash = createBlake2b256()
      for (let at = 0; at < 10_000; at += size) hash.update(content.subarray(at, Math.min(10_000, at + size)))
      return hash.hexDigest()
    })
    expect(new Set(digests)).toEqual(new Set(['c8c5a3c1b664d4a385d1547f65ad561c73ef0438c5b271a6149eacc5dd8c9754']))
  })
})
