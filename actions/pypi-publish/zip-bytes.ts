import type { FileHandle } from 'node:fs/promises'

/** What is wrong with a zip archive, in words that go on from "The archive is refused: …". */
export class ZipFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ZipFault'
  }
}

/** Exactly `length` bytes from `position`. Throws `ZipFault` where the file ends before. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done)
    if (bytesRead === 0) throw new ZipFault('it ends too early')
    done += bytesRead
  }
  return bytes
}

/** A 64-bit size or offset as a number. Nothing real is beyond 2^53. */
export function readSize64(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ZipFault('a 64-bit size in it is absurd')
  return Number(value)
}

const zip64 = 0x0001
const unicodePath = 0x7075

/**
 * The extra fields of a header by their id (APPNOTE 4.5).
 * @throws {ZipFault} where they do not fit together, or one that changes sizes or names stands twice
 */
export function readExtra(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>()
  let at = 0
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw new ZipFault('an extra field is cut off')
    const id = bytes.readUInt16LE(at)
    const end = at + 4 + bytes.readUInt16LE(at + 2)
    if (end > bytes.length) throw new ZipFault('an extra field is cut off')
    if (found.has(id) && (id === zip64 || id === unicodePath)) throw new ZipFault('an extra field stands twice')
    found.set(id, bytes.subarray(at + 4, end))
    at = end
  }
  return found
}

/** Sizes and offset of a header, from its 32-bit values and the zip64 extra field (APPNOTE 4.5.3). */
export function widen(
  header: { readonly size: number; readonly compressedSize: number; readonly offset: number },
  extra: ReadonlyMap<number, Buffer>
): { readonly size: number; readonly compressedSize: number; readonly offset: number } {
  const wide = extra.get(zip64)
  let at = 0
  const next = (value: number): number => {
    if (value !== 0xffffffff) return value
    if (wide === undefined || at + 8 > wide.length) throw new ZipFault('a 64-bit size is missing')
    at += 8
    return readSize64(wide, at - 8)
  }
  return { size: next(header.size), compressedSize: next(header.compressedSize), offset: next(header.offset) }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A member's name. Without the UTF-8 flag only ASCII has one meaning: readers take other bytes as code page 437.
 * @throws {ZipFault}
 */
export function readName(bytes: Buffer, flags: number, extra: ReadonlyMap<number, Buffer>): string {
  const names = [bytes, ...[extra.get(unicodePath)].flatMap((path) => (path === undefined ? [] : [path.subarray(5)]))]
  const [name = '', other = name] = names.map((each) => {
    if (each.some((byte) => byte < 0x20 || byte === 0x7f)) throw new ZipFault('a file name holds a control character')
    try {
      return utf8.decode(each)
    } catch {
      throw new ZipFault(`the file name "${each.toString('latin1')}" is not UTF-8`)
    }
  })
  if (other !== name) throw new ZipFault(`"${name}" is also called "${other}"`)
  if (bytes.some((byte) => byte > 0x7e) && (flags & 0x800) === 0) {
    throw new ZipFault(`the file name "${name}" is not ASCII and not marked as UTF-8`)
  }
  if (name === '') throw new ZipFault('a file has no name')
  return name
}
