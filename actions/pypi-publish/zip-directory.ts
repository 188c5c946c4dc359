import type { FileHandle } from 'node:fs/promises'
import { readAt, readExtra, readName, readSize64, widen, ZipFault } from './zip-bytes.ts'

/** One entry of the central directory, checked against its local header. */
export interface DirectoryEntry {
  readonly name: string
  readonly size: number
  readonly compressedSize: number
  readonly crc: number
  readonly deflated: boolean
  /** Where its bytes begin in the file. */
  readonly start: number
}

/** More entries than any distribution has; keeps a forged count from exhausting memory. */
const mostEntries = 200_000
const largestDirectory = 128 * 1024 * 1024

/**
 * Reads the central directory (APPNOTE 4.3) and walks over the local headers, which must follow one another from the
 * first byte to the directory.
 * @throws {ZipFault}
 */
export async function readDirectory(file: FileHandle, size: number): Promise<readonly DirectoryEntry[]> {
  const place = await findDirectory(file, size)
  if (place.length > largestDirectory || place.entries > mostEntries) throw new ZipFault('it has too many files')
  const bytes = await readAt(file, place.offset, place.length)
  const records: DirectoryRecord[] = []
  let at = 0
  while (at < bytes.length) {
    const record = readRecord(bytes, at)
    records.push(record)
    at += record.length
  }
  if (records.length !== place.entries)
    throw new ZipFault(`its directory has ${records.length} entries and declares ${place.entries}`)
  const names = new Set<string>()
  for (const { name } of records) {
    if (names.has(name)) throw new ZipFault(`"${name}" is in it twice`)
    names.add(name)
  }
  const starts = await walk(file, records, place.offset)
  return records.map((record) => ({ ...record, start: starts.get(record) ?? 0 }))
}

const signatures = {
  local: 0x04034b50,
  directory: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50
}

interface DirectoryPlace {
  readonly offset: number
  readonly length: number
  readonly entries: number
}

/** Finds the end record, whose comment must reach to the last byte, and the directory before it without a gap. */
async function findDirectory(file: FileHandle, size: number): Promise<DirectoryPlace> {
  if (size < 22) throw new ZipFault('it is no zip file')
  const tailLength = Math.min(size, 22 + 0xffff)
  const tail = await readAt(file, size - tailLength, tailLength)
  let at = tailLength - 22
  while (at >= 0 && !(tail.readUInt32LE(at) === signatures.end && at + 22 + tail.readUInt16LE(at + 20) === tailLength))
    at--
  if (at < 0) {
    throw new ZipFault(
      tail.includes(Buffer.from('504b0506', 'hex'))
        ? 'there is data after its end'
        : 'it is no zip file, or its end is missing'
    )
  }
  const end = size - tailLength + at
  if (tail.readUInt16LE(at + 4) !== 0 || tail.readUInt16LE(at + 8) !== tail.readUInt16LE(at + 10)) {
    throw new ZipFault('it is one part of several')
  }
  const short = {
    entries: tail.readUInt16LE(at + 10),
    length: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16)
  }
  const wide = await findDirectory64(file, end)
  const place = wide?.place ?? short
  if (wide === undefined && (short.entries === 0xffff || short.length === 0xffffffff || short.offset === 0xffffffff)) {
    throw new ZipFault('its 64-bit end record is missing')
  }
  if (place.offset + place.length !== (wide?.begin ?? end)) throw new ZipFault('its directory is not where it declares')
  return place
}

async function findDirectory64(
  file: FileHandle,
  end: number
): Promise<{ readonly place: DirectoryPlace; readonly begin: number } | undefined> {
  if (end < 20) return undefined
  const locator = await readAt(file, end - 20, 20)
  if (locator.readUInt32LE(0) !== signatures.locator64) return undefined
  const begin = readSize64(locator, 8)
  if (begin !== end - 20 - 56) throw new ZipFault('its 64-bit end record is not where it declares')
  const record = await readAt(file, begin, 56)
  if (record.readUInt32LE(0) !== signatures.end64) throw new ZipFault('its 64-bit end record is missing')
  if (readSize64(record, 4) !== 44) throw new ZipFault('its 64-bit end record has extensible data')
  const entries = readSize64(record, 32)
  if (readSize64(record, 24) !== entries) throw new ZipFault('it is one part of several')
  return { begin, place: { entries, length: readSize64(record, 40), offset: readSize64(record, 48) } }
}

interface DirectoryRecord extends Omit<DirectoryEntry, 'start'> {
  /** Of the local header. */
  readonly offset: number
  /** Of this record. */
  readonly length: number
}

function readRecord(bytes: Buffer, at: number): DirectoryRecord {
  if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== signatures.directory)
    throw new ZipFault('its directory is damaged')
  const nameEnd = at + 46 + bytes.readUInt16LE(at + 28)
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30)
  if (extraEnd > bytes.length) throw new ZipFault('its directory is damaged')
  if (bytes.readUInt16LE(at + 32) !== 0) throw new ZipFault('its directory has a comment')
  const extra = readExtra(bytes.subarray(nameEnd, extraEnd))
  const flags = bytes.readUInt16LE(at + 8)
  const name = readName(bytes.subarray(at + 46, nameEnd), flags, extra)
  checkFlags(name, flags)
  const sizes = widen(
    {
      compressedSize: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42)
    },
    extra
  )
  return {
    name,
    ...sizes,
    crc: bytes.readUInt32LE(at + 16),
    deflated: isDeflated(name, bytes.readUInt16LE(at + 10)),
    length: extraEnd - at
  }
}

function checkFlags(name: string, flags: number): void {
  if ((flags & 0x2041) !== 0) throw new ZipFault(`"${name}" is encrypted`)
  if ((flags & 0x08) !== 0) throw new ZipFault(`"${name}" has a data descriptor (it was written as a stream)`)
  if ((flags & 0x20) !== 0) throw new ZipFault(`"${name}" is patched data`)
}

function isDeflated(name: string, method: number): boolean {
  if (method !== 0 && method !== 8)
    throw new ZipFault(`"${name}" is compressed by method ${method}; only stored and deflate are allowed`)
  return method === 8
}

/** Checks each local header against its record, and that nothing lies between the files. Gives where the bytes begin. */
async function walk(
  file: FileHandle,
  records: readonly DirectoryRecord[],
  directory: number
): Promise<ReadonlyMap<DirectoryRecord, number>> {
  const starts = new Map<DirectoryRecord, number>()
  let at = 0
  for (const record of records.toSorted((a, b) => a.offset - b.offset)) {
    const { name } = record
    if (record.offset !== at)
      throw new ZipFault(`there is data before "${name}" that its directory does not list, or files overlap`)
    const fixed = await readAt(file, at, 30)
    if (fixed.readUInt32LE(0) !== signatures.local) throw new ZipFault(`the local header of "${name}" is missing`)
    const nameLength = fixed.readUInt16LE(26)
    const rest = await readAt(file, at + 30, nameLength + fixed.readUInt16LE(28))
    const extra = readExtra(rest.subarray(nameLength))
    const flags = fixed.readUInt16LE(6)
    const localName = readName(rest.subarray(0, nameLength), flags, extra)
    checkFlags(localName, flags)
    const sizes = widen({ compressedSize: fixed.readUInt32LE(18), size: fixed.readUInt32LE(22), offset: 0 }, extra)
    const agrees =
      localName === name &&
      sizes.size === record.size &&
      sizes.compressedSize === record.compressedSize &&
      fixed.readUInt32LE(14) === record.crc &&
      isDeflated(localName, fixed.readUInt16LE(8)) === record.deflated
    if (!agrees) throw new ZipFault(`the local header of "${name}" does not agree with the directory`)
    const start = at + 30 + rest.length
    starts.set(record, start)
    at = start + record.compressedSize
  }
  if (at !== directory) throw new ZipFault('there is data before its directory that belongs to no file')
  return starts
}
