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

/** The member's content; `undefined` when its local header is another's, it does not unpack or its checksum is wrong. */
export function unpack(bytes: Buffer, member: ZipMember): Buffer | undefined {
  try {
    const header = member.offset
    if (bytes.readUInt32LE(header) !== signatures.localFile) return undefined
    const nameEnd = header + 30 + bytes.readUInt16LE(header + 26)
    if (nameOf(bytes.subarray(header + 30, nameEnd), bytes.readUInt16LE(header + 6)) !== member.name) return undefined
    const start = nameEnd + bytes.readUInt16LE(header + 28)
    const packed = bytes.subarray(start, start + member.compressedSize)
    const content = member.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, member.size) })
    return content.length === member.size && crc32(content) === member.crc ? content : undefined
  } catch {
    return undefined
  }
}

/** Without the UTF-8 flag a name is code page 437; the framing rules refuse such names unless they are ASCII. */
function nameOf(name: Buffer, flags: number): string {
  return name.toString((flags & 0x800) === 0 ? 'latin1' : 'utf8')
}

/** What the end records say, with everything before the archive counted in (`zipfile._EndRecData`). */
interface DirectoryPlace {
  readonly start: number
  readonly size: number
  /** Bytes before the archive: offsets in it are relative to its own start. */
  readonly prefix: number
}

function readDirectory(bytes: Buffer, end: number): readonly ZipMember[] | undefined {
  const place = directoryPlace(bytes, end)
  if (place === undefined) return undefined
  const members: ZipMember[] = []
  const stop = place.start + place.size
  for (let at = place.start; at < stop;) {
    if (at + 46 > stop || bytes.readUInt32LE(at) !== signatures.centralFile) return undefined
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28)
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30)
    const sizes = sizesOf(bytes, at, bytes.subarray(nameEnd, extraEnd))
    if (sizes === undefined) return undefined
    members.push({
      name: nameOf(bytes.subarray(at + 46, nameEnd), bytes.readUInt16LE(at + 8)),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      size: sizes.size,
      compressedSize: sizes.compressedSize,
      offset: sizes.offset + place.prefix
    })
    at = extraEnd + bytes.readUInt16LE(at + 32)
  }
  return members
}

function directoryPlace(bytes: Buffer, end: number): DirectoryPlace | undefined {
  const hasLocator = end >= 20 && bytes.readUInt32LE(end - 20) === signatures.end64Locator
  const place = hasLocator
    ? directoryPlace64(bytes, end - 20)
    : placed(end, bytes.readUInt32LE(end + 12), bytes.readUInt32LE(end + 16))
  return place !== undefined && place.start >= 0 ? place : undefined
}

/** The ZIP64 end record stands where its locator says, or right before it when something was put before the archive. */
function directoryPlace64(bytes: Buffer, locator: number): DirectoryPlace | undefined {
  const said = Number(bytes.readBigUInt64LE(locator + 8))
  const close = locator - 56
  if (said > close) return undefined
  const at = bytes.readUInt32LE(said) === signatures.end64 ? said : close
  if (bytes.readUInt32LE(at) !== signatures.end64) return undefined
  if (at + 12 + Number(bytes.readBigUInt64LE(at + 4)) !== locator) return undefined
  return placed(at, Number(bytes.readBigUInt64LE(at + 40)), Number(bytes.readBigUInt64LE(at + 48)))
}

function placed(end: number, size: number, offset: number): DirectoryPlace {
  return { start: end - size, size, prefix: end - size - offset }
}

interface Sizes {
  readonly size: number
  readonly compressedSize: number
  readonly offset: number
}

/**
 * Sizes and offset, from the ZIP64 field where the header says 0xFFFFFFFF (APPNOTE 4.5.3); `undefined` when an extra
 * field is cut short or lacks what the header promises.
 */
function sizesOf(bytes: Buffer, at: number, extra: Buffer): Sizes | undefined {
  const wide: number[] = []
  for (let position = 0; position + 4 <= extra.length;) {
    const id = extra.readUInt16LE(position)
    const length = extra.readUInt16LE(position + 2)
    const value = extra.subarray(position + 4, position + 4 + length)
    // The Unicode path has a version and a checksum before it.
    if (value.length !== length || (id === 0x7075 && length < 5)) return undefined
    if (id === 1) for (let each = 0; each + 8 <= length; each += 8) wide.push(Number(value.readBigUInt64LE(each)))
    position += 4 + length
  }
  const value = (offset: number): number | undefined => {
    const narrow = bytes.readUInt32LE(at + offset)
    return narrow === 0xffffffff ? wide.shift() : narrow
  }
  const size = value(24)
  const compressedSize = value(20)
  const offset = value(42)
  return size === undefined || compressedSize === undefined || offset === undefined
    ? undefined
    : { size, compressedSize, offset }
}
