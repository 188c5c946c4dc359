import { crc32, inflateRawSync } from 'node:zlib'

/** A member by the central directory, which is what pip and Python's `zipfile` read. */
export interface ZipMember {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly compressedSize: number
  readonly size: number
  readonly offset: number
}

export const signatures = {
  localFile: 0x04034b50,
  centralFile: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  end64Locator: 0x07064b50
} as const

/** Where the end of central directory record stands; its comment may be up to 65,535 bytes (APPNOTE 4.3.16). */
export function endOfDirectory(bytes: Buffer): number | undefined {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 0xffff); at -= 1)
    if (bytes.readUInt32LE(at) === signatures.end) return at
  return undefined
}

/** The members in the order of the central directory; `undefined` when the archive cannot be read. */
export function readZip(bytes: Buffer): readonly ZipMember[] | undefined {
  const end = endOfDirectory(bytes)
  if (end === undefined) return undefined
  try {
    return readDirectory(bytes, end)
  } catch (error) {
    // Node throws a RangeError for a read outside the buffer: a truncated or lying archive.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** The member's content; `undefined` when it does not unpack or its checksum is wrong. */
export function unpack(bytes: Buffer, member: ZipMember): Buffer | undefined {
  try {
    const start = member.offset + 30 + bytes.readUInt16LE(member.offset + 26) + bytes.readUInt16LE(member.offset + 28)
    const packed = bytes.subarray(start, start + member.compressedSize)
    const content = member.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, member.size) })
    return content.length === member.size && crc32(content) === member.crc ? content : undefined
  } catch {
    return undefined
  }
}

function readDirectory(bytes: Buffer, end: number): readonly ZipMember[] | undefined {
  let count = bytes.readUInt16LE(end + 10)
  let size = bytes.readUInt32LE(end + 12)
  let at = bytes.readUInt32LE(end + 16)
  if (end >= 20 && bytes.readUInt32LE(end - 20) === signatures.end64Locator) {
    const end64 = Number(bytes.readBigUInt64LE(end - 12))
    if (bytes.readUInt32LE(end64) !== signatures.end64) return undefined
    count = Number(bytes.readBigUInt64LE(end64 + 32))
    size = Number(bytes.readBigUInt64LE(end64 + 40))
    at = Number(bytes.readBigUInt64LE(end64 + 48))
  }
  if (at + size > end) return undefined
  const members: ZipMember[] = []
  for (let index = 0; index < count; index += 1) {
    if (bytes.readUInt32LE(at) !== signatures.centralFile) return undefined
    const nameSize = bytes.readUInt16LE(at + 28)
    const extraSize = bytes.readUInt16LE(at + 30)
    const name = bytes.subarray(at + 46, at + 46 + nameSize)
    const sizes = sizes64(bytes, at, bytes.subarray(at + 46 + nameSize, at + 46 + nameSize + extraSize))
    members.push({
      // Without the UTF-8 flag names are code page 437; the framing rules refuse such names unless they are ASCII.
      name: name.toString((bytes.readUInt16LE(at + 8) & 0x800) === 0 ? 'latin1' : 'utf8'),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      ...sizes
    })
    at += 46 + nameSize + extraSize + bytes.readUInt16LE(at + 32)
  }
  return members
}

/** Sizes and offset, from the ZIP64 field where the header says 0xFFFFFFFF (APPNOTE 4.5.3). */
function sizes64(
  bytes: Buffer,
  at: number,
  extra: Buffer
): { readonly size: number; readonly compressedSize: number; readonly offset: number } {
  const wide: number[] = []
  for (let position = 0; position + 4 <= extra.length; position += 4 + extra.readUInt16LE(position + 2))
    if (extra.readUInt16LE(position) === 1)
      for (let each = position + 4; each + 8 <= position + 4 + extra.readUInt16LE(position + 2); each += 8)
        wide.push(Number(extra.readBigUInt64LE(each)))
  const value = (offset: number): number => {
    const narrow = bytes.readUInt32LE(at + offset)
    return narrow === 0xffffffff ? (wide.shift() ?? narrow) : narrow
  }
  const size = value(24)
  const compressedSize = value(20)
  return { size, compressedSize, offset: value(42) }
}
