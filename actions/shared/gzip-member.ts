import { crc32, createInflateRaw } from 'node:zlib'
import { errorCode } from './http-failure.ts'
import { TarFault } from './tar.ts'

/**
 * Unpacks gzip in pieces, and takes exactly one member with nothing behind it (RFC 1952): Node and GNU gzip go on with
 * what follows, Erlang's zlib stops, so that two readers would see two archives.
 * @throws {TarFault} in words that go on from "… is refused: …"
 */
export async function* unzipMember(bytes: Buffer): AsyncGenerator<Buffer> {
  const start = headerLength(bytes)
  const inflate = createInflateRaw({ chunkSize: 64 * 1024 })
  inflate.end(bytes.subarray(start))
  let checksum = 0
  let size = 0
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) {
      checksum = crc32(piece, checksum)
      size += piece.length
      yield piece
    }
  } catch (error) {
    if (/^Z_/.test(errorCode(error))) throw new TarFault(`contents.tar.gz is damaged (${errorCode(error)})`)
    throw error
  } finally {
    inflate.destroy()
  }
  const trailer = bytes.subarray(start + inflate.bytesWritten)
  if (trailer.length < 8) throw new TarFault('contents.tar.gz ends too early')
  if (trailer.readUInt32LE(0) !== checksum || trailer.readUInt32LE(4) !== size % 2 ** 32)
    throw new TarFault('contents.tar.gz is damaged: its own checksum is of other bytes')
  if (trailer.length > 8) throw new TarFault(`contents.tar.gz has ${trailer.length - 8} bytes behind its end`)
}

/** Flags of RFC 1952, 2.3.1. */
const [checked, extra, named, commented] = [2, 4, 8, 16] as const

function headerLength(bytes: Buffer): number {
  if (bytes.length < 18 || bytes.readUInt16BE(0) !== 0x1f8b || bytes[2] !== 8)
    throw new TarFault('contents.tar.gz is no gzip file')
  const flags = bytes[3] ?? 0
  let at = 10
  if ((flags & extra) !== 0) at += 2 + (at + 2 <= bytes.length ? bytes.readUInt16LE(at) : bytes.length)
  for (const flag of [named, commented]) {
    if ((flags & flag) === 0) continue
    const end = bytes.indexOf(0, at)
    at = end < 0 ? bytes.length : end + 1
  }
  if ((flags & checked) !== 0) at += 2
  if (at >= bytes.length) throw new TarFault('contents.tar.gz ends in its header')
  return at
}
