/** What stands between quotes, and where it ends. */
export interface QuotedText {
  /** Escapes undone; undefined where it is computed, and for heredocs. */
  readonly text: string | undefined
  /** Offset behind the closing delimiter. */
  readonly end: number
}

/**
 * Reads a quoted text from behind its opening delimiter. Delimiters do not nest, even brackets (Elixir's rule for
 * sigils).
 *
 * @param delimiter what closes it; three quotes close a heredoc, at the beginning of a line
 * @param raw whether it knows neither escapes nor interpolation, as sigils with a capital do
 * @param skipInterpolation gives the offset behind the brace that ends the interpolation begun before the given one
 * @returns undefined when it does not end
 */
export function readQuoted(
  source: string,
  from: number,
  delimiter: string,
  raw: boolean,
  skipInterpolation: (start: number) => number
): QuotedText | undefined {
  const heredoc = delimiter.length === 3
  const pieces: string[] = []
  let computed = heredoc
  for (let at = from; at < source.length;) {
    const character = source.charAt(at)
    if (heredoc && source[at - 1] === '\n') {
      const margin = /[ \t]*/y
      margin.lastIndex = at
      const closing = at + (margin.exec(source)?.[0].length ?? 0)
      if (source.startsWith(delimiter, closing)) return { text: undefined, end: closing + delimiter.length }
    }
    if (!heredoc && character === delimiter) return { text: computed ? undefined : pieces.join(''), end: at + 1 }
    if (character === '\\') {
      const escape = raw ? rawEscape(source, at, delimiter) : readEscape(source, at)
      pieces.push(escape.text)
      at = escape.end
    } else if (!raw && character === '#' && source[at + 1] === '{') {
      computed = true
      at = skipInterpolation(at + 2)
    } else {
      pieces.push(character)
      at++
    }
  }
  return undefined
}

/** In a raw text a backslash only keeps the delimiter from ending it, and is then no part of it. */
function rawEscape(source: string, at: number, delimiter: string): { readonly text: string; readonly end: number } {
  return source[at + 1] === delimiter ? { text: delimiter, end: at + 2 } : { text: '\\', end: at + 1 }
}

/** What a letter behind a backslash stands for; a line that ends in a backslash goes on in the next. */
export const escapes: Readonly<Record<string, string>> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  d: '\x7f',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  s: ' ',
  t: '\t',
  v: '\v',
  '\n': ''
}

/** @see https://hexdocs.pm/elixir/String.html#module-escape-characters */
function readEscape(source: string, at: number): { readonly text: string; readonly end: number } {
  const numeric = /\\(?:x(?<byte>[0-9a-fA-F]{1,2})|[xu]\{(?<braced>[0-9a-fA-F]{1,6})\}|u(?<four>[0-9a-fA-F]{4}))/y
  numeric.lastIndex = at
  const found = numeric.exec(source)
  if (found?.groups !== undefined) {
    const { byte, braced, four } = found.groups
    const point = Number.parseInt(byte ?? braced ?? four ?? '', 16)
    // `\xFF` is a byte that is no text; what holds it is never a name or a version.
    const unreadable = (byte !== undefined && point > 0x7f) || point > 0x10ffff
    return { text: unreadable ? '\ufffd' : String.fromCodePoint(point), end: at + found[0].length }
  }
  const next = String.fromCodePoint(source.codePointAt(at + 1) ?? 0x5c)
  if (next === '\r' && source[at + 2] === '\n') return { text: '', end: at + 3 }
  return { text: escapes[next] ?? next, end: at + 1 + next.length }
}
