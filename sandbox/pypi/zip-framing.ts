import { signatures, type ZipMember } from './zip.ts'

/**
 * Whether a reader that streams local headers and one that reads the central directory see the same archive: PyPI's
 * rules against parser differentials (warehouse/utils/zipfiles.py, `_validate_zipfile`).
 *
 * @param members what the central directory says
 * @returns PyPI's words, or `undefined` when the archive is accepted
 * @see https://docs.pypi.org/archives
 */
export function framingFault(bytes: Buffer, members: readonly ZipMember[]): string | undefined {
  try {
    walk(bytes, new Map(members.map((member) => [member.name, member])))
    return undefined
  } catch (error) {
    if (error instanceof FramingFault) return error.message
    if (error instanceof RangeError) return 'Malformed zip file'
    throw error
  }
}

class FramingFault extends Error {}

interface Directory {
  readonly records: number
  readonly size: number
  readonly offset: number
}

function walk(bytes: Buffer, members: ReadonlyMap<string, ZipMember>): void {
  const local = new Set<string>()
  const central = new Set<string>()
  let at = 0
  let firstRecord: number | undefined
  let size = 0
  let directory64: Directory | undefined
  let locatorSeen = false
  for (;;) {
    const start = at
    const signature = bytes.readUInt32LE(at)
    at += 4
    if (signature === signatures.localFile) {
      const record = localRecord(bytes, at, members)
      if (local.has(record.key)) throw new FramingFault('Duplicate filename in local headers')
      local.add(record.key)
      at = record.end
    } else if (signature === signatures.centralFile) {
      firstRecord ??= start
      const record = centralRecord(bytes, at)
      size += record.end - start
      if (central.has(record.key)) throw new FramingFault('Duplicate filename in central directory')
      if (!local.has(record.key)) throw new FramingFault('Missing filename in local headers')
      central.add(record.key)
      at = record.end
    } else if (signature === signatures.end64) {
      directory64 = end64Record(bytes, at)
      at += 52
    } else if (signature === signatures.end64Locator) {
      locatorSeen = true
      at += 16
    } else if (signature === signatures.end) {
      if (directory64 !== undefined && !locatorSeen) throw new FramingFault('Malformed zip file')
      const narrow = endRecord(bytes, at)
      const directory = directory64 ?? narrow
      if (directory.records !== central.size) throw new FramingFault('Mismatched central directory records')
      if (directory.offset !== (firstRecord ?? start)) throw new FramingFault('Mismatched central directory offset')
      if (directory.size !== size) throw new FramingFault('Mismatched central directory size')
      if (central.size !== local.size) throw new FramingFault('Mis-matched local headers and central directory')
      at += 18 + bytes.readUInt16LE(at + 16)
      if (at !== bytes.length) throw new FramingFault('Trailing data')
      return
    } else throw new FramingFault('Unknown record signature')
  }
}

/** APPNOTE 4.3.7 */
function localRecord(
  bytes: Buffer,
  at: number,
  members: ReadonlyMap<string, ZipMember>
): { readonly key: string; readonly end: number } {
  const flags = bytes.readUInt16LE(at + 2)
  const nameEnd = at + 26 + bytes.readUInt16LE(at + 22)
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 24)
  if (extraEnd > bytes.length) throw new FramingFault('Malformed zip file')
  const name = bytes.subarray(at + 26, nameEnd)
  refuseUnprintable(name)
  const sizes = {
    method: bytes.readUInt16LE(at + 4),
    compressed: bytes.readUInt32LE(at + 14),
    size: bytes.readUInt32LE(at + 18)
  }
  const { compressed, size } = readExtras(bytes.subarray(nameEnd, extraEnd), sizes)
  if ((flags & 0x08) !== 0) throw new FramingFault('ZIP contains a data descriptor')
  const text = utf8(name, 'Filename not unicode')
  const member = members.get(text)
  if (member === undefined) throw new FramingFault('Filename not in central directory')
  if (member.compressedSize !== compressed) throw new FramingFault('Mis-matched data size')
  if (member.size !== size) throw new FramingFault('Mis-matched file size')
  return { key: name.toString('latin1'), end: extraEnd + compressed }
}

/** APPNOTE 4.3.12 */
function centralRecord(bytes: Buffer, at: number): { readonly key: string; readonly end: number } {
  const nameSize = bytes.readUInt16LE(at + 24)
  const end = at + 42 + nameSize + bytes.readUInt16LE(at + 26)
  if (bytes.readUInt16LE(at + 28) !== 0) throw new FramingFault('Comment in central directory')
  if (end > bytes.length) throw new FramingFault('Malformed zip file')
  const name = bytes.subarray(at + 42, at + 42 + nameSize)
  refuseUnprintable(name)
  return { key: name.toString('latin1'), end }
}

function endRecord(bytes: Buffer, at: number): Directory {
  const records = bytes.readUInt16LE(at + 6)
  if (bytes.readUInt16LE(at + 4) !== records) throw new FramingFault('Malformed zip file')
  return { records, size: bytes.readUInt32LE(at + 8), offset: bytes.readUInt32LE(at + 12) }
}

function end64Record(bytes: Buffer, at: number): Directory {
  const records = bytes.readBigUInt64LE(at + 28)
  if (bytes.readBigUInt64LE(at + 20) !== records) throw new FramingFault('Malformed zip file')
  if (bytes.readBigUInt64LE(at) !== 44n) throw new FramingFault('ZIP64 extensible data not allowed')
  return {
    records: Number(records),
    size: Number(bytes.readBigUInt64LE(at + 36)),
    offset: Number(bytes.readBigUInt64LE(at + 44))
  }
}

/** Extra fields that may come only once: ZIP64 sizes and the Info-ZIP Unicode path. */
const single = new Set([0x0001, 0x7075])

function readExtras(
  extra: Buffer,
  header: { readonly method: number; readonly compressed: number; readonly size: number }
): { readonly compressed: number; readonly size: number } {
  let { compressed, size } = header
  const seen = new Set<number>()
  for (let at = 0; at < extra.length;) {
    if (extra.length - at < 4) throw new FramingFault('Malformed zip file')
    const id = extra.readUInt16LE(at)
    const length = extra.readUInt16LE(at + 2)
    const value = extra.subarray(at + 4, at + 4 + length)
    if (value.length !== length) throw new FramingFault('Malformed zip file')
    if (seen.has(id) && single.has(id)) throw new FramingFault('Invalid duplicate extra in local file')
    seen.add(id)
    if (id === 0x0001) {
      if (![0, 8, 16, 24, 28].includes(length)) throw new FramingFault('Malformed zip file')
      if (length === 0 && (compressed === 0xffffffff || size === 0xffffffff))
        throw new FramingFault('Malformed zip file')
      // One size alone is the unpacked one: enough only when nothing is packed.
      if (length === 8 && header.method !== 0) throw new FramingFault('Malformed zip file')
      if (length >= 8 && size === 0xffffffff) size = Number(value.readBigUInt64LE(0))
      if (length >= 8) compressed = Number(value.readBigUInt64LE(length === 8 ? 0 : 8))
    } else if (id === 0x7075) {
      refuseUnprintable(value.subarray(5))
      utf8(value.subarray(5), 'Filename not valid UTF-8')
    }
    at += 4 + length
  }
  return { compressed, size }
}

function refuseUnprintable(name: Buffer): void {
  if (name.some((byte) => byte < 0x20 || byte === 0x7f)) throw new FramingFault('Invalid character in filename')
}

function utf8(name: Buffer, fault: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(name)
  } catch {
    throw new FramingFault(fault)
  }
}
