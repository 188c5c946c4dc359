import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { decodeExternalTerm, ExternalTermFault } from '../../../actions/shared/hex/external-term-format.ts'
import { readHexManifest } from '../../../actions/shared/hex/hex-manifest.ts'
import { innerChecksum, manifestBytes, outerChecksum } from '../../support/hex-consumer.ts'

const manifest = {
  name: 'diwa_schema',
  version: '0.1.0',
  innerChecksum,
  outerChecksum,
  repository: 'hexpm',
  managers: ['mix']
}

/** As term_to_binary(Term, [compressed]) writes it, saying this size. */
function compressedBytes(content: Buffer, size = content.length): Buffer {
  const header = Buffer.from([131, 80, 0, 0, 0, 0])
  header.writeUInt32BE(size, 2)
  return Buffer.concat([header, deflateSync(content)])
}

describe('a manifest', () => {
  test('is read as Erlang of today writes it, and as older ones did', () => {
    expect(readHexManifest(manifestBytes())).toEqual({ manifest })
    expect(readHexManifest(manifestBytes({}, 25))).toEqual({ manifest })
  })

  test('is read compressed', () => {
    expect(readHexManifest(compressedBytes(manifestBytes().subarray(1)))).toEqual({ manifest })
  })

  test('is read as the text of old Hex', () => {
    expect(readHexManifest(Buffer.from(`ecto,2.0.0,${innerChecksum.toUpperCase()},hexpm\nmix,make\n`))).toEqual({
      manifest: {
        name: 'ecto',
        version: '2.0.0',
        innerChecksum,
        outerChecksum: undefined,
        repository: 'hexpm',
        managers: ['mix', 'make']
      }
    })
    expect(readHexManifest(Buffer.from('ecto,1.0.0'))).toMatchObject({
      manifest: { innerChecksum: undefined, repository: undefined }
    })
  })

  test.each([
    [
      'of a later version',
      manifestBytes().fill(3, manifestBytes().indexOf('hex') + 4, manifestBytes().indexOf('hex') + 5),
      'only a later Hex knows'
    ],
    ['that ends too early', manifestBytes().subarray(0, 60), 'ends too early'],
    ['with bytes behind it', Buffer.concat([manifestBytes(), Buffer.from([1])]), '1 bytes follow'],
    ['that is another term', Buffer.from([131, 97, 1]), 'another term'],
    ['that is empty', Buffer.alloc(0), 'neither a term nor'],
    ['that is a script', Buffer.from('#!/bin/sh\necho\n'), 'neither a term nor']
  ])('%s is refused', (_, bytes, fault) => {
    expect(readHexManifest(bytes)).toEqual({ fault: expect.stringContaining(fault) })
  })
})

describe('hostile bytes', () => {
  test.each([
    ['a list of four thousand million', Buffer.from([131, 108, 255, 255, 255, 255, 97, 1]), 'ends too early'],
    ['a binary of four thousand million', Buffer.from([131, 109, 255, 255, 255, 255, 97]), 'ends too early'],
    ['a map of four thousand million', Buffer.from([131, 116, 255, 255, 255, 255, 97]), 'ends too early'],
    [
      'a million tuples in one another',
      Buffer.concat([Buffer.from([131]), Buffer.alloc(500_000, Buffer.from([104, 1]))]),
      'nested too deeply'
    ],
    ['a number of a million bytes', Buffer.from([131, 111, 0, 15, 66, 64, 0]), 'number of 1000000 bytes'],
    ['a function', Buffer.from([131, 112, 0, 0, 0, 4]), 'tag 112'],
    ['a bomb that tells its size', compressedBytes(Buffer.alloc(4_000_000)), '4000000 bytes are compressed'],
    ['a bomb that lies about its size', compressedBytes(Buffer.alloc(4_000_000), 100), 'cannot be decompressed'],
    ['an improper list', Buffer.from([131, 108, 0, 0, 0, 1, 97, 1, 97, 2]), 'does not end with an empty one'],
    ['no version', Buffer.from([97, 1]), 'byte 131']
  ])('%s is refused at once', (_, bytes, fault) => {
    const start = performance.now()
    expect(() => decodeExternalTerm(bytes)).toThrow(fault)
    expect(performance.now() - start).toBeLessThan(500)
  })

  test('of any kind are refused with a reason, or are a term', () => {
    const whole = manifestBytes()
    let refused = 0
    for (let round = 0; round < 3_000; round++) {
      const bytes = Buffer.from(whole)
      const noise = randomBytes(4)
      bytes[1 + ((noise[0] ?? 0) % (bytes.length - 1))] = noise[1] ?? 0
      bytes[1 + (noise.readUInt16BE(2) % (bytes.length - 1))] = noise[0] ?? 0
      try {
        decodeExternalTerm(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(ExternalTermFault)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(100)
  })
})
