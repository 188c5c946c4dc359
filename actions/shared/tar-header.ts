/** What is wrong with a tar archive, in words that go on from "The archive is refused: …". */
export class TarFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TarFault'
  }
}

export type TarKind = 'file' | 'folder' | 'symlink' | 'hardlink' | 'sparse' | 'other'

/** A header block, as it stands. */
export interface TarHeader {
  /** Typeflag: `0`, `5`, `x` … */
  readonly type: string
  readonly kind: TarKind
  readonly name: string
  readonly target: string
  /** Bytes; not a number where the field is damaged. */
  readonly size: number
  /** Permission bits; not a number where the field is damaged. */
  readonly mode: number
}

export const blockSize = 512

/** Reads a block of 512 bytes: ustar, GNU, or from before either. `undefined` when it is no tar header. */
export function readTarHeader(block: Buffer): TarHeader | undefined {
  if (block.length < blockSize || !isTarHeader(block)) return undefined
  const type = String.fromCharCode(block[156] ?? 0)
  return {
    type,
    kind: kinds[type] ?? 'other',
    name: ustarName(block),
    target: untilNul(block.subarray(157, 257)),
    size: readNumber(block.subarray(124, 136)),
    mode: readNumber(block.subarray(100, 108))
  }
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

const kinds: Readonly<Record<string, TarKind>> = {
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

/** The text of a field, up to the first NUL. */
export function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

const newline = 0x0a

/** Octal text, or base 256 with the highest bit set (GNU). NaN where it is neither. */
function readNumber(field: Buffer): number {
  const first = field[0] ?? 0
  if (first === 0x80) return Number(BigInt(`0x${field.subarray(1).toString('hex')}`))
  const text = untilNul(field).trim()
  if (text === '') return 0
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN
}

/**
 * Records of the form `LENGTH KEY=VALUE\n`, the length counting itself. One byte too few is forgiven: Erlang's erl_tar
 * (OTP 27) counts so where a value that is not ASCII takes the length to one digit more.
 */
export function readPax(bytes: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  let at = 0
  while (at < bytes.length && bytes[at] !== 0) {
    const space = bytes.indexOf(0x20, at)
    const declared = space < 0 ? Number.NaN : Number(bytes.toString('latin1', at, space))
    const length = bytes[at + declared - 1] !== newline && bytes[at + declared] === newline ? declared + 1 : declared
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

/**
 * Whether all numbers of a header can be read, also those that say nothing about what is in the archive. Erlang's
 * erl_tar refuses an archive for one of them.
 */
export function hasPlainNumbers(block: Buffer): boolean {
  return numberFields.every(([start, end]) => Number.isSafeInteger(readNumber(block.subarray(start, end))))
}

/** Mode, user, group, size, time of change. */
const numberFields = [
  [100, 108],
  [108, 116],
  [116, 124],
  [124, 136],
  [136, 148]
] as const

/** Whether all texts of a header are UTF-8, also those that say nothing; erl_tar refuses an archive for one of them. */
export function hasPlainTexts(block: Buffer): boolean {
  return textFields.every(([start, end]) => {
    const field = block.subarray(start, end)
    const nul = field.indexOf(0)
    try {
      // A field that is full may end within a character: GNU tar cuts a long name there.
      new TextDecoder('utf-8', { fatal: true }).decode(nul < 0 ? field : field.subarray(0, nul), { stream: true })
      return true
    } catch {
      return false
    }
  })
}

/** Name, target, user, group, prefix. */
const textFields = [
  [0, 100],
  [157, 257],
  [265, 297],
  [297, 329],
  [345, 500]
] as const

/** The header of Schily's star, whose prefix is shorter than that of ustar; only some readers know it. */
export function isStarHeader(block: Buffer): boolean {
  return block.toString('latin1', 257, 263) === 'ustar\0' && block.toString('latin1', 508, 512) === 'tar\0'
}
