/** A term as plain data; a binary keeps its bytes, a string is a list of characters (`"abc"`). */
export type ErlangTerm =
  | { readonly kind: 'atom'; readonly name: string }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'binary'; readonly bytes: Buffer }
  | { readonly kind: 'list'; readonly items: readonly ErlangTerm[] }
  | { readonly kind: 'tuple'; readonly items: readonly ErlangTerm[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [ErlangTerm, ErlangTerm])[] }

/** The text is no sequence of terms; the message goes on from hex_core's "error reading package metadata". */
export class TermsRefused extends Error {}

/**
 * Reads a file of terms, each ended by a dot, with the tokens that hex_core's `safe_erl_term.xrl` has and the grammar
 * that `erl_parse:parse_term/1` puts on them. Bytes that are not UTF-8 are read as Latin-1 (`hex_tarball.erl`,
 * `decode_metadata_chunked`).
 *
 * @throws TermsRefused
 */
export function readTerms(bytes: Buffer): readonly ErlangTerm[] {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1')
  const terms: ErlangTerm[] = []
  // Each term is parsed before the next one's tokens are looked at: the first thing that is wrong is told.
  for (const tokens of tokensOfTerms(text)) {
    const reader = { tokens, at: 0 }
    terms.push(term(reader))
    if (reader.at < reader.tokens.length) throw new TermsRefused(invalid)
  }
  if (terms.length === 0) throw new TermsRefused(invalid)
  return terms
}

const invalid = ': invalid terms'

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

type Token =
  | { readonly kind: 'atom'; readonly name: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'mark'; readonly mark: string }

const tokenForm =
  /[\0- ]+|([a-z][A-Za-z0-9_@]*)|'((?:\\\^.|\\.|[^'])*)'|"((?:\\\^.|\\.|[^"])*)"|(\d+)|(<<|>>|=>|[#[\]}{,+/-])|(\.)/suy

/** The tokens of each term, without the dot that ends it. */
function* tokensOfTerms(text: string): Generator<readonly Token[]> {
  let tokens: Token[] = []
  for (let at = 0; at < text.length;) {
    tokenForm.lastIndex = at
    const found = tokenForm.exec(text)
    if (found === null) {
      // The lexer has looked one character further when it gives up on half a `<<` or `>>`.
      const illegal = text.slice(at, at + (/[<>=]/.test(text.charAt(at)) ? 2 : 1))
      throw new TermsRefused(`illegal characters ${JSON.stringify(illegal)}`)
    }
    at = tokenForm.lastIndex
    const [, bare, quoted, string, integer, mark, dot] = found
    if (bare !== undefined) tokens.push(atom(bare))
    else if (quoted !== undefined) tokens.push(atom(unescape(quoted)))
    else if (string !== undefined) tokens.push({ kind: 'string', text: unescape(string) })
    else if (integer !== undefined) tokens.push({ kind: 'integer', value: Number(integer) })
    else if (mark !== undefined) tokens.push({ kind: 'mark', mark })
    else if (dot !== undefined) {
      yield tokens
      tokens = []
    }
  }
  if (tokens.length > 0) throw new TermsRefused(invalid)
}

/** Only atoms that exist already are made (`list_to_existing_atom`): these always do. */
const existingAtoms: ReadonlySet<string> = new Set([
  ...['true', 'false', 'nil', 'undefined', 'ok', 'error', 'utf8', 'utf16', 'utf32', 'latin1', 'unicode'],
  ...['binary', 'bytes', 'integer', 'string', 'name', 'version', 'app', 'optional', 'requirement', 'mix', 'hex'],
  ...['description', 'licenses', 'links', 'files', 'build_tools', 'elixir', 'requirements', 'maintainers', 'extra'],
  ...['repository', 'http', 'https', 'rebar3', 'make']
])

function atom(name: string): Token {
  if (!existingAtoms.has(name)) throw new TermsRefused(`illegal atom ${name}`)
  return { kind: 'atom', name }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  b: '\b',
  f: '\f',
  e: '\x1b',
  s: ' ',
  d: '\x7f'
}

function unescape(text: string): string {
  return text.replace(
    /\\(?:([0-7]{3})|\^(.)|([\0- ])|(.))/gsu,
    (_, octal?: string, control?: string, blank?: string, letter?: string) => {
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8))
      if (control !== undefined) return String.fromCharCode((control.codePointAt(0) ?? 0) & 31)
      // A backslash before a blank takes both away (`do_escape`).
      return blank !== undefined ? '' : (escapes[letter ?? ''] ?? letter ?? '')
    }
  )
}

interface Reader {
  readonly tokens: readonly Token[]
  at: number
}

function term(reader: Reader): ErlangTerm {
  const token = take(reader)
  if (token.kind === 'atom') return { kind: 'atom', name: token.name }
  if (token.kind === 'integer') return { kind: 'integer', value: token.value }
  if (token.kind === 'string') {
    const text = [token.text, ...strings(reader)].join('')
    return { kind: 'list', items: Array.from(text, (each) => ({ kind: 'integer', value: each.codePointAt(0) ?? 0 })) }
  }
  const { mark } = token
  if (mark === '{') return { kind: 'tuple', items: sequence(reader, '}') }
  if (mark === '[') return { kind: 'list', items: sequence(reader, ']') }
  if (mark === '<<') return { kind: 'binary', bytes: binary(reader) }
  if (mark === '#') return map(reader)
  if (mark === '-' || mark === '+') {
    const next = take(reader)
    if (next.kind === 'integer') return { kind: 'integer', value: mark === '-' ? -next.value : next.value }
  }
  throw new TermsRefused(invalid)
}

function sequence(reader: Reader, end: string): readonly ErlangTerm[] {
  if (isNext(reader, end)) return []
  const items: ErlangTerm[] = []
  do items.push(term(reader))
  while (isNext(reader, ','))
  if (!isNext(reader, end)) throw new TermsRefused(invalid)
  return items
}

function map(reader: Reader): ErlangTerm {
  if (!isNext(reader, '{')) throw new TermsRefused(invalid)
  const entries: [ErlangTerm, ErlangTerm][] = []
  if (isNext(reader, '}')) return { kind: 'map', entries }
  do {
    const key = term(reader)
    if (!isNext(reader, '=>')) throw new TermsRefused(invalid)
    entries.push([key, term(reader)])
  } while (isNext(reader, ','))
  if (!isNext(reader, '}')) throw new TermsRefused(invalid)
  return { kind: 'map', entries }
}

/** Segments are strings or integers; a string without `/utf8` gives one byte for each character. */
function binary(reader: Reader): Buffer {
  const pieces: Buffer[] = []
  if (isNext(reader, '>>')) return Buffer.alloc(0)
  do {
    const token = take(reader)
    const isNegative = token.kind === 'mark' && token.mark === '-'
    const value = isNegative ? take(reader) : token
    const text = value.kind === 'string' ? [value.text, ...strings(reader)].join('') : undefined
    const type = isNext(reader, '/') ? take(reader) : undefined
    const isText = type?.kind === 'atom' && type.name === 'utf8'
    if (text !== undefined) pieces.push(isText ? Buffer.from(text, 'utf8') : Buffer.from(text, 'latin1'))
    else if (value.kind === 'integer' && isText) pieces.push(Buffer.from(String.fromCodePoint(value.value), 'utf8'))
    else if (value.kind === 'integer') pieces.push(Buffer.from([isNegative ? -value.value : value.value]))
    else throw new TermsRefused(invalid)
  } while (isNext(reader, ','))
  if (!isNext(reader, '>>')) throw new TermsRefused(invalid)
  return Buffer.concat(pieces)
}

/** Strings side by side are one, as in C. */
function strings(reader: Reader): readonly string[] {
  const found: string[] = []
  for (let next = reader.tokens[reader.at]; next?.kind === 'string'; next = reader.tokens[reader.at]) {
    found.push(next.text)
    reader.at += 1
  }
  return found
}

function take(reader: Reader): Token {
  const token = reader.tokens[reader.at]
  if (token === undefined) throw new TermsRefused(invalid)
  reader.at += 1
  return token
}

function isNext(reader: Reader, mark: string): boolean {
  const token = reader.tokens[reader.at]
  if (token?.kind !== 'mark' || token.mark !== mark) return false
  reader.at += 1
  return true
}
