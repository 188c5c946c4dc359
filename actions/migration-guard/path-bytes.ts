import { isUtf8 } from 'node:buffer'

/**
 * A path of git, which is bytes, as text. Bytes that are no UTF-8 become lone surrogates U+DC80 to U+DCFF, which no UTF-8
 * gives, so that two paths never become one (as in Python's PEP 383).
 */
export function pathText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((count) => at + count <= bytes.length && isUtf8(bytes.subarray(at, at + count)))
    text +=
      length === undefined ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length)
    at += length ?? 1
  }
  return text
}

/** The bytes that `pathText` was given. */
export function pathBytes(text: string): Buffer {
  const pieces = text.split(/([\udc80-\udcff])/u)
  return Buffer.concat(
    pieces.map((piece, index) =>
      index % 2 === 1 ? Buffer.from([piece.charCodeAt(0) - 0xdc00]) : Buffer.from(piece, 'utf8')
    )
  )
}
