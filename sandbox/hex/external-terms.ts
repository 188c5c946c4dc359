/** What an answer or a request says, whichever format carries it. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }

/**
 * Erlang's external term format (erts, "External Term Format"), as `term_to_binary` gives it for what hexpm's
 * `binarify` leaves: maps with binary keys, lists, binaries, integers, `nil`, `true`, `false`.
 */
export function encodeTerm(value: Plain): Buffer {
  const pieces: Buffer[] = [Buffer.from([131])]
  write(pieces, value)
  return Buffer.concat(pieces)
}

/**
 * Reads a term that a client sent; atoms other than `nil`, `true` and `false` become text. `undefined` for what
 * `binary_to_term` with `safe` refuses, and for compressed terms (hexpm's `ErlangFormat`).
 */
export function decodeTerm(bytes: Buffer): Plain | undefined {
  if (bytes[0] !== 131 || bytes[1] === 80) return undefined
  try {
    const reader = { bytes, at: 1 }
    const value = read(reader)
    return reader.at === bytes.length ? value : undefined
  } catch (error) {
    // Reads past the end, and tags that are not ours.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function write(pieces: Buffer[], value: Plain): void {
  if (value === null || typeof value === 'boolean') {
    const name = Buffer.from(value === null ? 'nil' : String(value))
    pieces.push(Buffer.from([119, name.length]), name)
  } else if (typeof value === 'number') pieces.push(integer(value))
  else if (typeof value === 'string') {
    const text = Buffer.from(value)
    pieces.push(head(109, text.length), text)
  } else if (isList(value)) {
    if (value.length > 0) pieces.push(head(108, value.length))
    for (const item of value) write(pieces, item)
    pieces.push(Buffer.from([106]))
  } else {
    const entries = Object.entries(value)
    pieces.push(head(116, entries.length))
    for (const [key, item] of entries) {
      write(pieces, key)
      write(pieces, item)
    }
  }
}

const isList = (value: Plain): value is readonly Plain[] => Array.isArray(value)

function integer(value: number): Buffer {
  if (value >= 0 && value < 256) return Buffer.from([97, value])
  if (value >= -(2 ** 31) && value < 2 ** 31) {
    const bytes = Buffer.alloc(5)
    bytes.writeUInt8(98)
    bytes.writeInt32BE(value, 1)
    return bytes
  }
  const digits = Buffer.alloc(8)
  digits.writeBigUInt64LE(BigInt(Math.abs(value)))
  return Buffer.concat([Buffer.from([110, 8, value < 0 ? 1 : 0]), digits])
}

function head(tag: number, length: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt8(tag)
  bytes.writeUInt32BE(length, 1)
  return bytes
}

interface Reader {
  readonly bytes: Buffer
  at: number
}

function read(reader: Reader): Plain {
  const tag = takeNumber(reader, 1)
  const known = readers[tag]
  if (known === undefined) throw new RangeError(`tag ${String(tag)}`)
  return known(reader)
}

const readers: Readonly<Record<number, (reader: Reader) => Plain>> = {
  97: (reader) => takeNumber(reader, 1),
  98: (reader) => take(reader, 4).readInt32BE(),
  70: (reader) => take(reader, 8).readDoubleBE(),
  110: (reader) => {
    const length = takeNumber(reader, 1)
    const negative = takeNumber(reader, 1) === 1
    const value = [...take(reader, length)].reduceRight((sum, byte) => sum * 256 + byte, 0)
    return negative ? -value : value
  },
  100: (reader) => atom(take(reader, takeNumber(reader, 2)).toString('latin1')),
  115: (reader) => atom(take(reader, takeNumber(reader, 1)).toString('latin1')),
  118: (reader) => atom(take(reader, takeNumber(reader, 2)).toString('utf8')),
  119: (reader) => atom(take(reader, takeNumber(reader, 1)).toString('utf8')),
  109: (reader) => take(reader, takeNumber(reader, 4)).toString('utf8'),
  107: (reader) => [...take(reader, takeNumber(reader, 2))],
  106: () => [],
  104: (reader) => items(reader, takeNumber(reader, 1)),
  108: (reader) => {
    const list = items(reader, takeNumber(reader, 4))
    if (takeNumber(reader, 1) !== 106) throw new RangeError('an improper list')
    return list
  },
  116: (reader) => {
    const count = takeNumber(reader, 4)
    if (count > reader.bytes.length) throw new RangeError('a map longer than its bytes')
    return Object.fromEntries(Array.from({ length: count }, () => [readKey(reader), read(reader)] as const))
  }
}

function readKey(reader: Reader): string {
  const key = read(reader)
  if (typeof key === 'string' || typeof key === 'number') return String(key)
  throw new RangeError('a key that is no text')
}

function items(reader: Reader, count: number): readonly Plain[] {
  if (count > reader.bytes.length) throw new RangeError('a list longer than its bytes')
  return Array.from({ length: count }, () => read(reader))
}

const atoms: Readonly<Record<string, Plain>> = { nil: null, true: true, false: false }
const atom = (name: string): Plain => atoms[name] ?? (name === 'nil' ? null : name)

function takeNumber(reader: Reader, size: 1 | 2 | 4): number {
  return take(reader, size).readUIntBE(0, size)
}

function take(reader: Reader, size: number): Buffer {
  const end = reader.at + size
  if (end > reader.bytes.length) throw new RangeError('the term ends too early')
  const piece = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return piece
}
