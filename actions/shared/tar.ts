/** A member of a tar archive. */
export interface TarMember {
  /** Without a trailing `/`. */
  readonly name: string
  readonly kind: 'file' | 'folder' | 'symlink' | 'hardlink' | 'sparse' | 'other'
  /** Bytes of the content; 0 for all but files. */
  readonly size: number
  /** Where a link points. */
  readonly target: string
}

/** What is wrong with a tar archive, in words that go on from "The archive is refused: …". */
export class TarFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TarFault'
  }
}

export interface TarOptions {
  /** Which contents to give back; the others are passed over. */
  readonly keep: (member: TarMember) => boolean
  /** Longest content that is kept, in bytes. */
  readonly longestKept: number
  /** Bytes of the whole archive, unpacked: a bomb ends here. */
  readonly longest: number
}

export interface TarContents {
  /** In their order; a name may stand more than once. */
  readonly members: readonly TarMember[]
  /** Contents that were kept, by name; of two with one name the later, as unpacking would leave it. */
  readonly kept: ReadonlyMap<string, Buffer>
}

const mostMembers = 500_000
const blockSize = 512
/** Longest name or PAX header taken. */
const longestHeader = 1024 * 1024

/**
 * Reads a tar archive as a stream, without unpacking it: ustar, GNU long names and PAX headers (POSIX.1-2001 pax).
 * @param source the unpacked bytes in pieces of any size
 * @throws {TarFault}
 */
export async function readTar(source: AsyncIterable<Buffer>, options: TarOptions): Promise<TarContents> {
  const bytes = takeFrom(source, options.longest)
  const members: TarMember[] = []
  const kept = new Map<string, Buffer>()
  let globals: ReadonlyMap<string, string> = new Map()
  let pax: ReadonlyMap<string, string> = new Map()
  let longName: string | undefined
  let longTarget: string | undefined
  for (;;) {
    const block = await bytes.take(blockSize)
    // Two blocks of zeros end an archive; one, or none, is taken as well, as GNU tar and Python do.
    if (block === undefined || block.every((byte) => byte === 0)) break
    if (block.length < blockSize || !isTarHeader(block)) throw new TarFault('a header in it is damaged')
    const type = String.fromCharCode(block[156] ?? 0)
    const declared = readNumber(block.subarray(124, 136))
    const paxSize = pax.get('size') ?? globals.get('size')
    const size = paxSize === undefined || 'xgLK'.includes(type) ? declared : Number(paxSize)
    if (!Number.isSafeInteger(size) || size < 0) throw new TarFault('a size in it is absurd')
    if ('xgLK'.includes(type)) {
      if (size > longestHeader) throw new TarFault('a header in it is too long')
      const content = await bytes.content(size, true)
      if (type === 'x') pax = readPax(content)
      else if (type === 'g') globals = new Map([...globals, ...readPax(content)])
      else if (type === 'L') longName = untilNul(content)
      else longTarget = untilNul(content)
      continue
    }
    const all = new Map([...globals, ...pax])
    const sparse = type === 'S' || [...all.keys()].some((key) => key.startsWith('GNU.sparse.'))
    const kind = sparse ? 'sparse' : (kinds[type] ?? 'other')
    const name = all.get('path') ?? longName ?? ustarName(block)
    const target = all.get('linkpath') ?? longTarget ?? untilNul(block.subarray(157, 257))
    const hasContent = kind === 'file' || kind === 'sparse' || kind === 'other'
    const member: TarMember = {
      name: name.replace(/\/+$/, ''),
      // Before ustar a folder was a file whose name ends in a slash.
      kind: kind === 'file' && name.endsWith('/') ? 'folder' : kind,
      size: hasContent ? size : 0,
      target
    }
    if (members.push(member) > mostMembers) throw new TarFault('it has too many members')
    const keep = member.kind === 'file' && options.keep(member)
    if (keep && size > options.longestKept)
      throw new TarFault(`"${member.name}" has ${size} bytes, more than ${options.longestKept}`)
    const content = await bytes.content(hasContent ? size : 0, keep)
    if (keep) kept.set(member.name, content)
    pax = new Map()
    longName = undefined
    longTarget = undefined
  }
  await bytes.drain()
  return { members, kept }
}

/** Whether 512 bytes are a tar header: its checksum tells, counted with unsigned or, by old tars, signed bytes. */
export function isTarHeader(block: Uint8Array): boolean {
  const declared = readNumber(Buffer.from(block.subarray(148, 156)))
  let unsigned = 0
  let signed = 0
  for (let i = 0; i < blockSize; i++) {
    const byte = i >= 148 && i < 156 ? 32 : (block[i] ?? 0)
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  return declared === unsigned || declared === signed
}

const kinds: Readonly<Record<string, TarMember['kind']>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'folder',
  S: 'sparse'
}

function ustarName(block: Buffer): string {
  const name = untilNul(block.subarray(0, 100))
  const magic = block.toString('latin1', 257, 263)
  const prefix = magic === 'ustar\0' ? untilNul(block.subarray(345, 500)) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

/** Octal text, or base 256 with the highest bit set (GNU). NaN where it is neither. */
function readNumber(field: Buffer): number {
  const first = field[0] ?? 0
  if (first === 0x80) return Number(BigInt(`0x${field.subarray(1).toString('hex')}`))
  const text = untilNul(field).trim()
  if (text === '') return 0
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN
}

/** Records of the form `LENGTH KEY=VALUE\n`, the length counting itself. */
function readPax(bytes: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  let at = 0
  while (at < bytes.length && bytes[at] !== 0) {
    const space = bytes.indexOf(0x20, at)
    const length = space < 0 ? Number.NaN : Number(bytes.toString('latin1', at, space))
    const record = bytes.toString('utf8', space + 1, at + length)
    const equals = record.indexOf('=')
    if (!Number.isInteger(length) || at + length > bytes.length || length < 5 || equals < 1 || !record.endsWith('\n')) {
      throw new TarFault('a PAX header in it is damaged')
    }
    found.set(record.slice(0, equals), record.slice(equals + 1, -1))
    at += length
  }
  return found
}

interface Bytes {
  /** The next bytes; fewer only at the end, `undefined` when there are none. */
  take(length: number): Promise<Buffer | undefined>
  /** A content and its padding to whole blocks; an empty buffer unless it is kept. */
  content(length: number, keep: boolean): Promise<Buffer>
  /** Reads the rest, so that the source checks itself to its end. */
  drain(): Promise<void>
}

function takeFrom(source: AsyncIterable<Buffer>, longest: number): Bytes {
  const iterator = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let total = 0

  /** Puts the next piece into `rest`, which has been used up. */
  const more = async (): Promise<boolean> => {
    const next = await iterator.next()
    if (next.done === true) return false
    total += next.value.length
    if (total > longest) throw new TarFault(`it unpacks to more than ${longest} bytes`)
    rest = next.value
    return true
  }
  const skip = async (length: number): Promise<void> => {
    let left = length
    while (left > rest.length) {
      left -= rest.length
      rest = Buffer.alloc(0)
      if (!(await more())) throw new TarFault('it ends too early')
    }
    rest = rest.subarray(left)
  }
  const take = async (length: number): Promise<Buffer | undefined> => {
    const pieces: Buffer[] = []
    let missing = length
    while (missing > 0 && (rest.length > 0 || (await more()))) {
      const piece = rest.subarray(0, missing)
      pieces.push(piece)
      rest = rest.subarray(piece.length)
      missing -= piece.length
    }
    return pieces.length === 0 ? undefined : Buffer.concat(pieces)
  }
  return {
    take,
    async content(length, keep) {
      const padding = (blockSize - (length % blockSize)) % blockSize
      if (!keep) {
        await skip(length + padding)
        return Buffer.alloc(0)
      }
      const taken = length === 0 ? Buffer.alloc(0) : ((await take(length)) ?? Buffer.alloc(0))
      if (taken.length < length) throw new TarFault('it ends too early')
      await skip(padding)
      return taken
    },
    async drain() {
      do rest = Buffer.alloc(0)
      while (await more())
    }
  }
}
