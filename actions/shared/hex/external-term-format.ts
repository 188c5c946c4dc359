import { inflateSync } from 'node:zlib'
import type { ErlangTerm } from './erlang-terms.ts'

/** Why bytes are no term that can be read; the message goes on from "it is refused: ". */
export class ExternalTermFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ExternalTermFault'
  }
}

export interface ExternalTermLimits {
  /** Bytes, also after decompression. */
  readonly size: number
  readonly depth: number
}

/**
 * Reads what `term_to_binary` writes, also compressed. Atoms stay texts and nothing is made of funs, pids, ports and
 * references: they are refused, as are floats, which nothing here writes.
 *
 * @throws ExternalTermFault for anything else, and beyond the limits
 * @see https://www.erlang.org/doc/apps/erts/erl_ext_dist.html
 */
export function decodeExternalTerm(
  bytes: Buffer,
  limits: ExternalTermLimits = { size: 1024 * 1024, depth: 64 }
): ErlangTerm {
  if (bytes.length > limits.size) throw new ExternalTermFault(`it has ${bytes.length} bytes, more than ${limits.size}`)
  if (bytes[0] !== version) throw new ExternalTermFault('it does not begin with byte 131')
  const reader = createReader(bytes[1] === compressed ? inflated(bytes, limits.size) : bytes.subarray(1))
  const term = readTerm(reader, limits.depth)
  if (reader.left() > 0) throw new ExternalTermFault(`${reader.left()} bytes follow the term`)
  return term
}

const version = 131
const compressed = 80

/** Tag 80: the size of what comes out, then zlib's bytes. */
function inflated(bytes: Buffer, limit: number): Buffer {
  const size = bytes.length < 6 ? undefined : bytes.readUInt32BE(2)
  if (size === undefined || size > limit)
    throw new ExternalTermFault(`it says that ${size ?? 'no'} bytes are compressed in it`)
  let content: Buffer
  try {
    content = inflateSync(bytes.subarray(6), { maxOutputLength: Math.max(size, 1) })
  } catch (error) {
    throw new ExternalTermFault(`it cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (content.length !== size)
    throw new ExternalTermFault(`it says that ${size} bytes are compressed in it, and there are ${content.length}`)
  return content
}

interface Reader {
  left(): number
  take(count: number): Buffer
  /** An unsigned big-endian number of so many bytes. */
  number(width: 1 | 2 | 4): number
  /** A count of terms, each of which takes a byte at least, so that no count can ask for more memory than there are bytes. */
  count(width: 1 | 2 | 4): number
}

function createReader(bytes: Buffer): Reader {
  let at = 0
  const left = (): number => bytes.length - at
  const take = (count: number): Buffer => {
    if (count > left()) throw new ExternalTermFault('it ends too early')
    at += count
    return bytes.subarray(at - count, at)
  }
  const number = (width: 1 | 2 | 4): number => take(width).readUIntBE(0, width)
  return {
    left,
    take,
    number,
    count(width) {
      const count = number(width)
      if (count > left()) throw new ExternalTermFault('it ends too early')
      return count
    }
  }
}

function readTerm(reader: Reader, depth: number): ErlangTerm {
  if (depth === 0) throw new ExternalTermFault('its terms are nested too deeply')
  const tag = reader.number(1)
  const read = readers[tag]
  if (read === undefined) throw new ExternalTermFault(`it holds a term of tag ${tag}`)
  return read(reader, depth - 1)
}

type TermReader = (reader: Reader, depth: number) => ErlangTerm

const readers: Readonly<Partial<Record<number, TermReader>>> = {
  97: (reader) => ({ kind: 'integer', value: BigInt(reader.number(1)) }),
  98: (reader) => ({ kind: 'integer', value: BigInt(reader.take(4).readInt32BE()) }),
  // Atoms: OTP 25 writes 100, OTP 26 and later 119; before OTP 20 they were Latin-1.
  100: (reader) => ({ kind: 'atom', name: reader.take(reader.number(2)).toString('latin1') }),
  115: (reader) => ({ kind: 'atom', name: reader.take(reader.number(1)).toString('latin1') }),
  118: (reader) => ({ kind: 'atom', name: reader.take(reader.number(2)).toString('utf8') }),
  119: (reader) => ({ kind: 'atom', name: reader.take(reader.number(1)).toString('utf8') }),
  104: (reader, depth) => ({ kind: 'tuple', items: readTerms(reader, reader.count(1), depth) }),
  105: (reader, depth) => ({ kind: 'tuple', items: readTerms(reader, reader.count(4), depth) }),
  106: () => ({ kind: 'list', items: [] }),
  // A list of bytes.
  107: (reader) => ({ kind: 'string', text: reader.take(reader.number(2)).toString('latin1') }),
  108: (reader, depth) => {
    const items = readTerms(reader, reader.count(4), depth)
    if (reader.number(1) !== 106) throw new ExternalTermFault('it holds a list that does not end with an empty one')
    return { kind: 'list', items }
  },
  109: (reader) => ({ kind: 'binary', bytes: reader.take(reader.number(4)) }),
  110: (reader) => readBigInteger(reader, reader.number(1)),
  111: (reader) => readBigInteger(reader, reader.number(4)),
  116: (reader, depth) => {
    const entries = Array.from({ length: reader.count(4) }, (): readonly [ErlangTerm, ErlangTerm] => [
      readTerm(reader, depth),
      readTerm(reader, depth)
    ])
    return { kind: 'map', entries }
  }
}

function readTerms(reader: Reader, count: number, depth: number): readonly ErlangTerm[] {
  return Array.from({ length: count }, () => readTerm(reader, depth))
}

/** A sign and the bytes of the number, the least significant first. */
function readBigInteger(reader: Reader, size: number): ErlangTerm {
  if (size > 1024) throw new ExternalTermFault(`it holds a number of ${size} bytes`)
  const negative = reader.number(1) === 1
  const digits = Buffer.from(reader.take(size)).reverse().toString('hex')
  const value = BigInt(`0x${digits === '' ? '0' : digits}`)
  return { kind: 'integer', value: negative ? -value : value }
}
