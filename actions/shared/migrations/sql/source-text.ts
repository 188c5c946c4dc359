import type { Position, Span } from '../position.ts'

/** Where a text stands: the position of one of its characters, counted in UTF-16 units from 0. */
export interface SqlPlace {
  readonly at: (offset: number) => Position
  /** The text as its author wrote it, where SQL was made of it (placeholders for interpolated values). */
  readonly written?: (start: number, end: number) => string
}

/** SQL with the way from the parser's bytes to places in the file. */
export interface SourceText {
  readonly sql: string
  /** UTF-16 offset of a byte of UTF-8. */
  readonly offsetOf: (byte: number) => number
  readonly span: (start: number, end: number) => Span
  readonly written: (start: number, end: number) => string
}

/** SQL with its place. */
export function sourceText(sql: string, place: SqlPlace): SourceText {
  return {
    sql,
    offsetOf: byteMap(sql),
    span: (start, end) => ({ start: place.at(start), end: place.at(end) }),
    written: place.written ?? ((start, end) => sql.slice(start, end))
  }
}

/** A whole file's own place. Lines end with LF or CRLF, as git, GitHub and editors count them. */
export function filePlace(text: string): SqlPlace {
  let starts: number[] | undefined
  return {
    at: (offset) => {
      starts ??= lineStarts(text)
      const line = lastAtOrBelow(starts, offset)
      return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 }
    }
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Index of the last of the ascending numbers that is not above `value`. */
function lastAtOrBelow(ascending: readonly number[], value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((ascending[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low
}

/** UTF-16 offsets of bytes of UTF-8. One pass, and none where the text is ASCII. */
export function byteMap(sql: string): (byte: number) => number {
  const bytes = Buffer.byteLength(sql)
  if (bytes === sql.length) return (byte) => Math.min(byte, bytes)
  const offsets = new Uint32Array(bytes + 1)
  let byte = 0
  for (let offset = 0; offset < sql.length; offset += 1) {
    const unit = sql.charCodeAt(offset)
    const pair = unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(sql.charCodeAt(offset + 1))
    const length = unit < 0x80 ? 1 : unit < 0x800 ? 2 : pair ? 4 : 3
    offsets.fill(offset, byte, byte + length)
    byte += length
    if (pair) offset += 1
  }
  offsets[bytes] = sql.length
  return (at) => offsets[Math.min(at, bytes)] ?? sql.length
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
