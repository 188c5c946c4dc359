import { gunzipSync } from 'node:zlib'

export interface TarMember {
  readonly name: string
  readonly sparse: boolean
  readonly content: Buffer
}

/** A decompressed sdist beyond this is refused as unreadable rather than held in memory. */
const largest = 1024 ** 3

/** The members of a gzipped tar in ustar, GNU or pax form; `undefined` when it cannot be read. */
export function readTarGz(bytes: Buffer): readonly TarMember[] | undefined {
  let tar: Buffer
  try {
    tar = gunzipSync(bytes, { maxOutputLength: largest })
  } catch {
    return undefined
  }
  return readTar(tar)
}

/** Whether the bytes begin as a tar does: a first header whose checksum is right. */
export function isTar(bytes: Buffer): boolean {
  return bytes.length >= 512 && isHeader(bytes.subarray(0, 512))
}

function readTar(tar: Buffer): readonly TarMember[] | undefined {
  const members: TarMember[] = []
  let pax: ReadonlyMap<string, string> = new Map()
  const globalPax = new Map<string, string>()
  let longName: string | undefined
  for (let at = 0; at + 512 <= tar.length;) {
    const header = tar.subarray(at, at + 512)
    if (header.every((byte) => byte === 0)) return members
    if (!isHeader(header)) return undefined
    const size = octal(header.subarray(124, 136))
    if (size === undefined || at + 512 + size > tar.length) return undefined
    const content = tar.subarray(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
    const type = String.fromCharCode(header[156] ?? 0)
    if (type === 'x') pax = paxRecords(content)
    else if (type === 'g') for (const [key, value] of paxRecords(content)) globalPax.set(key, value)
    else if (type === 'L') longName = text(content)
    else if (type !== 'K') {
      const name = pax.get('path') ?? globalPax.get('path') ?? longName ?? headerName(header)
      const sparse = type === 'S' || [...pax.keys()].some((key) => key.startsWith('GNU.sparse.'))
      members.push({ name: name.replace(/\/+$/, ''), sparse, content })
      pax = new Map()
      longName = undefined
    }
  }
  // Python takes an archive without the two empty blocks at its end, as long as there is a member.
  return members.length > 0 ? members : undefined
}

function isHeader(header: Buffer): boolean {
  const expected = octal(header.subarray(148, 156))
  let sum = 0
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte
  return expected === sum
}

function headerName(header: Buffer): string {
  const name = text(header.subarray(0, 100))
  // Only POSIX ustar has a prefix; GNU keeps times in that place.
  const prefix = header.subarray(257, 263).toString('latin1') === 'ustar\0' ? text(header.subarray(345, 500)) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** `length key=value\n`, the length counting itself (POSIX pax, extended header). */
function paxRecords(content: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(' ', at)
    const length = Number(content.subarray(at, space).toString('latin1'))
    if (space < 0 || !Number.isInteger(length) || length <= 0) break
    const record = content.subarray(space + 1, at + length - 1).toString('utf8')
    const equals = record.indexOf('=')
    records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}

function text(field: Buffer): string {
  const end = field.indexOf(0)
  return (end < 0 ? field : field.subarray(0, end)).toString('utf8')
}

function octal(field: Buffer): number | undefined {
  // GNU writes sizes over 8 GiB in base 256; no upload is that large.
  const digits = field.toString('latin1').replaceAll('\0', ' ').trim()
  return /^[0-7]*$/.test(digits) ? parseInt(digits === '' ? '0' : digits, 8) : undefined
}
