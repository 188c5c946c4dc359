import {
  blockSize,
  hasPlainNumbers,
  hasPlainTexts,
  isStarHeader,
  readPax,
  readTarHeader,
  TarFault,
  untilNul,
  type TarHeader,
  type TarKind
} from './tar-header.ts'

export { isTarHeader, TarFault } from './tar-header.ts'

/** A member of a tar archive. */
export interface TarMember {
  /** Without a trailing `/`. */
  readonly name: string
  readonly kind: TarKind
  /** Bytes of the content; 0 for all but files. */
  readonly size: number
  /** Where a link points. */
  readonly target: string
  /** Permission bits. */
  readonly mode: number
}

export interface TarOptions {
  /** Which contents to give back; the others are passed over. */
  readonly keep: (member: TarMember) => boolean
  /** Longest content that is kept, in bytes. */
  readonly longestKept: number
  /** Bytes of the whole archive, unpacked: a bomb ends here. */
  readonly longest: number
  /** Gives what takes the content of a file in pieces, in order, when it is wanted. */
  readonly receive?: (member: TarMember) => ((piece: Buffer) => void) | undefined
  /**
   * Refuses what programs read differently: global PAX headers, sizes in PAX headers, more than one name for a
   * member, files with a folder's name, folders and links with a content, fields that are no numbers. Also paths that
   * no system takes.
   */
  readonly unambiguous?: boolean
}

export interface TarContents {
  /** In their order; a name may stand more than once. */
  readonly members: readonly TarMember[]
  /** Contents that were kept, by name; of two with one name the later, as unpacking would leave it. */
  readonly kept: ReadonlyMap<string, Buffer>
  /**
   * How it ends: with two blocks of zeros, or one and nothing more; without; or with something else after the first of
   * them, which most programs do not look at.
   */
  readonly end: 'marked' | 'missing' | 'followed'
}

const mostMembers = 500_000
/** Longest name or PAX header taken. */
const longestHeader = 1024 * 1024
/** PATH_MAX of Linux, the longest of the systems. Bytes. */
const longestPath = 4096

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
  let extended: Extended = nothingExtended
  let end: 'marked' | 'missing' = 'missing'
  for (;;) {
    const block = await bytes.take(blockSize)
    if (block === undefined) break
    if (block.every((byte) => byte === 0)) {
      // One block of zeros is taken as an end as well, as GNU tar and Python do.
      if (block.length === blockSize) end = 'marked'
      break
    }
    const header = readTarHeader(block)
    if (header === undefined) throw new TarFault('a header in it is damaged')
    if (options.unambiguous === true) refuseAmbiguous(header, block, extended)
    if ('xgLK'.includes(header.type)) {
      if (!isSize(header.size)) throw new TarFault('a size in it is absurd')
      if (header.size > longestHeader) throw new TarFault('a header in it is too long')
      const content = await bytes.content(header.size)
      if (options.unambiguous === true && header.type === 'x' && content.includes(0))
        throw new TarFault('a PAX header in it is damaged')
      if (header.type === 'g') globals = new Map([...globals, ...readPax(content)])
      else extended = extend(extended, header.type, content)
      continue
    }
    const member = memberOf(header, globals, extended)
    extended = nothingExtended
    if (members.push(member) > mostMembers) throw new TarFault('it has too many members')
    const keep = member.kind === 'file' && options.keep(member)
    if (keep && member.size > options.longestKept)
      throw new TarFault(`"${member.name}" has ${member.size} bytes, more than ${options.longestKept}`)
    const receiver = member.kind === 'file' ? options.receive?.(member) : undefined
    if (keep) {
      const content = await bytes.content(member.size)
      kept.set(member.name, content)
      receiver?.(content)
    } else {
      await bytes.pass(member.size, receiver)
    }
  }
  const clean = await bytes.drain()
  return { members, kept, end: !clean && end === 'marked' ? 'followed' : end }
}

/** What the headers before a member say about it. */
interface Extended {
  readonly pax: ReadonlyMap<string, string>
  readonly longName?: string
  readonly longTarget?: string
}

const nothingExtended: Extended = { pax: new Map() }

function extend(before: Extended, type: string, content: Buffer): Extended {
  if (type === 'x') return { ...before, pax: readPax(content) }
  return type === 'L' ? { ...before, longName: untilNul(content) } : { ...before, longTarget: untilNul(content) }
}

function memberOf(header: TarHeader, globals: ReadonlyMap<string, string>, extended: Extended): TarMember {
  const all = new Map([...globals, ...extended.pax])
  const paxSize = all.get('size')
  const size = paxSize === undefined ? header.size : Number(paxSize)
  if (!isSize(size)) throw new TarFault('a size in it is absurd')
  const sparse = header.type === 'S' || [...all.keys()].some((key) => key.startsWith('GNU.sparse.'))
  const kind = sparse ? 'sparse' : header.kind
  const name = all.get('path') ?? extended.longName ?? header.name
  return {
    name: name.replace(/\/+$/, ''),
    // Before ustar a folder was a file whose name ends in a slash.
    kind: kind === 'file' && name.endsWith('/') ? 'folder' : kind,
    size: withoutContent.has(kind) ? 0 : size,
    target: all.get('linkpath') ?? extended.longTarget ?? header.target,
    mode: header.mode
  }
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0
}

const withoutContent: ReadonlySet<TarKind> = new Set(['folder', 'symlink', 'hardlink'])

/** @throws {TarFault} where erl_tar, GNU tar and Python would not see the same member */
function refuseAmbiguous(header: TarHeader, block: Buffer, { pax, longName, longTarget }: Extended): void {
  if (!hasPlainNumbers(block)) throw new TarFault('a header in it has a field that is no number')
  if (!hasPlainTexts(block)) throw new TarFault('a header in it has a text that is not UTF-8')
  if (isStarHeader(block)) throw new TarFault('a header in it is of the old star program')
  if (header.type === 'g') throw new TarFault('it has a global PAX header')
  if ((header.type === 'x' && pax.size > 0) || (header.type === 'L' && longName !== undefined))
    throw new TarFault('two extended headers stand before one member')
  if ('xLK'.includes(header.type)) return
  if (pax.has('size')) throw new TarFault('a PAX header in it gives a size')
  if ((pax.has('path') && longName !== undefined) || (pax.has('linkpath') && longTarget !== undefined))
    throw new TarFault('a member of it has two names')
  if ([...pax.values()].some((value) => value === '' || value.includes('\n')))
    throw new TarFault('a PAX header in it has an empty value, or one of two lines')
  const name = pax.get('path') ?? longName ?? header.name
  const target = pax.get('linkpath') ?? longTarget ?? header.target
  const length = Math.max(Buffer.byteLength(name), Buffer.byteLength(target))
  if (length > longestPath) throw new TarFault(`a path in it has ${length} bytes, and systems take ${longestPath}`)
  if (header.kind === 'file' && name.endsWith('/'))
    throw new TarFault(`the file ${JSON.stringify(name)} is named as a folder`)
  // Erlang and Python read members in these bytes, GNU tar passes over them.
  if (withoutContent.has(header.kind) && header.size !== 0)
    throw new TarFault(`${JSON.stringify(name)} is a ${header.kind}, and its header gives it ${header.size} bytes`)
}

interface Bytes {
  /** The next bytes; fewer only at the end, `undefined` when there are none. */
  take(length: number): Promise<Buffer | undefined>
  /** A content, with its padding to whole blocks passed over. */
  content(length: number): Promise<Buffer>
  /** Passes over a content and its padding, giving the pieces of the content to the receiver. */
  pass(length: number, receiver: ((piece: Buffer) => void) | undefined): Promise<void>
  /** Reads the rest, so that the source checks itself to its end; tells whether it is zeros, in whole blocks or none. */
  drain(): Promise<boolean>
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
  const skip = async (length: number, receiver?: (piece: Buffer) => void): Promise<void> => {
    let left = length
    while (left > rest.length) {
      left -= rest.length
      if (rest.length > 0) receiver?.(rest)
      rest = Buffer.alloc(0)
      if (!(await more())) throw new TarFault('it ends too early')
    }
    if (left > 0) receiver?.(rest.subarray(0, left))
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
    async content(length) {
      const taken = length === 0 ? Buffer.alloc(0) : ((await take(length)) ?? Buffer.alloc(0))
      if (taken.length < length) throw new TarFault('it ends too early')
      await skip(paddingOf(length))
      return taken
    },
    async pass(length, receiver) {
      await skip(length, receiver)
      await skip(paddingOf(length))
    },
    async drain() {
      let length = 0
      let zeros = true
      do {
        length += rest.length
        zeros &&= rest.equals(Buffer.alloc(rest.length))
        rest = Buffer.alloc(0)
      } while (await more())
      return zeros && (length === 0 || length >= blockSize)
    }
  }
}

function paddingOf(length: number): number {
  return (blockSize - (length % blockSize)) % blockSize
}
