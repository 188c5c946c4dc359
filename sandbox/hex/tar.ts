/** One member of a tar, with what decides whether unpacking it is safe. */
export interface TarMember {
  readonly name: string
  readonly kind: 'file' | 'link' | 'folder' | 'other'
  /** Where a symbolic link leads. */
  readonly target: string
  readonly content: Buffer
}

/** The archive cannot be read; the message is `hex_erl_tar:format_error/1`'s. */
export class TarRefused extends Error {}

/**
 * The members of a tar in ustar, GNU or pax form, in order, with what `hex_erl_tar.erl` demands of an archive: an empty
 * block at its end, and none but empty ones after the first.
 *
 * @throws TarRefused
 */
export function readTar(tar: Buffer): readonly TarMember[] {
  const members: TarMember[] = []
  let pax: ReadonlyMap<string, string> = new Map()
  let long: { readonly name?: string; readonly target?: string } = {}
  for (let at = 0; ;) {
    if (at + 512 > tar.length) throw new TarRefused('Unexpected end of file')
    const header = tar.subarray(at, at + 512)
    if (isEmpty(header)) {
      if (!isEmpty(tar.subarray(at + 512, at + 1024))) throw new TarRefused('Invalid end of archive')
      return members
    }
    const size = sizeOf(header)
    if (at + 512 + size > tar.length) throw new TarRefused('Unexpected end of file')
    const content = tar.subarray(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
    const type = String.fromCharCode(header[156] ?? 0)
    if (type === 'x') pax = paxRecords(content)
    else if (type === 'L') long = { ...long, name: text(content) }
    else if (type === 'K') long = { ...long, target: text(content) }
    else if (type !== 'g') {
      const name = pax.get('path') ?? long.name ?? headerName(header)
      const target = pax.get('linkpath') ?? long.target ?? text(header.subarray(157, 257))
      members.push({ name: name.replace(/\/+$/, ''), kind: kinds[type] ?? 'other', target, content })
      pax = new Map()
      long = {}
    }
  }
}

const isEmpty = (block: Buffer): boolean => block.every((byte) => byte === 0)

const kinds: Readonly<Record<string, TarMember['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '2': 'link',
  '5': 'folder'
}

/** Where mode, user, group, time and size stand: each is read, though only the size matters. */
const numbers = [
  [100, 108],
  [108, 116],
  [116, 124],
  [136, 148],
  [124, 136]
] as const

/** @throws TarRefused for a header that is none */
function sizeOf(header: Buffer): number {
  let sum = 0
  for (let index = 0; index < 512; index += 1) sum += index >= 148 && index < 156 ? 0x20 : (header[index] ?? 0)
  if (octal(header.subarray(148, 156)) !== sum) throw new TarRefused('Unrecognized tar header format')
  return numbers.map(([from, to]) => octal(header.subarray(from, to))).at(-1) ?? 0
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

/** Spaces and NULs may stand anywhere; any other character is told as a wrong checksum (`do_parse_octal/2`). */
function octal(field: Buffer): number {
  // Sizes over 8 GiB stand in base 256; no tarball here is that large, and times before 1970 do not matter.
  if (((field[0] ?? 0) & 0x80) !== 0) return 0
  const digits = field.toString('latin1').replaceAll(/[\0 ]/g, '')
  if (!/^[0-7]*$/.test(digits)) throw new TarRefused('Checksum failed')
  return parseInt(digits === '' ? '0' : digits, 8)
}
