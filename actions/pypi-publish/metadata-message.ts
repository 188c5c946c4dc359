/** METADATA or PKG-INFO split into headers and body, nothing interpreted. */
export interface MetadataMessage {
  /** In their order. Names in lower case; values decoded, folded lines with their line breaks and indentation kept. */
  readonly headers: readonly MetadataHeader[]
  /** Everything after the first blank line. */
  readonly body: string
  /** The body is not UTF-8; `body` is empty then. */
  readonly bodyNotUtf8: boolean
}

export interface MetadataHeader {
  readonly name: string
  readonly value: string
  /** The bytes were not UTF-8; `value` has replacement characters. */
  readonly notUtf8: boolean
}

/**
 * Splits the file the way Python's `email` package does with the policy `compat32`, which is how every Python tool and
 * PyPI read it: a line that is neither a header nor a folded one ends the headers, and is the first of the body unless
 * it is blank; lines end in LF, CRLF or CR; the body is kept byte for byte.
 * @see https://packaging.python.org/en/latest/specifications/core-metadata/
 */
export function readMetadataMessage(bytes: Uint8Array): MetadataMessage {
  // latin1 gives one character a byte, so that positions in the text are positions in the file.
  const text = Buffer.from(bytes).toString('latin1')
  const headers: { name: string; value: string }[] = []
  let position = 0
  let misplaced = false
  /** A "From " line that ends the headers is the first of the body. */
  let pushedBack = ''
  while (position < text.length) {
    lineAt.lastIndex = position
    const line = lineAt.exec(text)?.[0] ?? ''
    if (!headerLine.test(line)) {
      if (/^[\r\n]/.test(line)) position += line.length
      break
    }
    pushedBack = position > 0 && line.startsWith('From ') ? line : ''
    position += line.length
    const last = headers.at(-1)
    if (line.startsWith(' ') || line.startsWith('\t')) {
      // A folded line with no header to belong to is dropped, and so is one after a misplaced "From ".
      if (last !== undefined && !misplaced) last.value += line
      continue
    }
    const colon = line.indexOf(':')
    // "From " of a mailbox is no header, and ": x" has no name.
    misplaced = line.startsWith('From ') || colon === 0
    if (!misplaced) headers.push({ name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1) })
  }
  const body = utf8(pushedBack + text.slice(position))
  return {
    headers: headers.map(({ name, value }) => {
      const trimmed = value.replace(/^[ \t]+/, '').replace(/[\r\n]+$/, '')
      const decoded = utf8(trimmed)
      return { name, value: decoded ?? Buffer.from(trimmed, 'latin1').toString('utf8'), notUtf8: decoded === undefined }
    }),
    body: body ?? '',
    bodyNotUtf8: body === undefined
  }
}

const lineAt = /[^\r\n]*(?:\r\n|\r|\n|$)/y
/** `headerRE` of Python's email.feedparser. */
const headerLine = /^(?:From |[\x21-\x39\x3b-\x7e]*:|[\t ])/

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(latin1: string): string | undefined {
  try {
    return strict.decode(Buffer.from(latin1, 'latin1'))
  } catch {
    return undefined
  }
}
