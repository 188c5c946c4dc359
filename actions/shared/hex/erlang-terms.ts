import { ErlangTermFault, erlangTokens, type ErlangToken, type Sign } from './erlang-tokens.ts'

export { ErlangTermFault } from './erlang-tokens.ts'

/** A term of Erlang, as far as Hex's files have them. */
export type ErlangTerm =
  | { readonly kind: 'atom'; readonly name: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'binary'; readonly bytes: Buffer }
  /** A list of characters, `"…"`. */
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'tuple'; readonly items: readonly ErlangTerm[] }
  | { readonly kind: 'list'; readonly items: readonly ErlangTerm[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [ErlangTerm, ErlangTerm])[] }

/** hex_core and hex.pm take no longer metadata.config. Bytes. */
export const longestTerms = 1024 * 1024
/** Terms in terms; no package comes near it. */
const deepest = 100

/**
 * Reads a file of Erlang terms, each ended by a dot, as hex_core's safe reader does: metadata.config, rebar.lock. The
 * text is UTF-8, or Latin-1 where it is not. Takes time in proportion to its length.
 *
 * Stricter than Erlang's parser in what no writer writes: of binaries only text, `/utf8` text and bytes 0 to 255
 * are taken.
 * @throws {ErlangTermFault}
 */
export function parseErlangTerms(bytes: Buffer): readonly ErlangTerm[] {
  if (bytes.length > longestTerms) {
    throw new ErlangTermFault(`it has ${bytes.length} bytes, and Hex takes at most ${longestTerms}`)
  }
  const next = erlangTokens(decode(bytes))
  let token = next()
  let depth = 0

  const advance = (): ErlangToken => {
    const taken = token
    token = next()
    return taken
  }
  const isSign = (sign: Sign): boolean => token.kind === 'sign' && token.sign === sign
  const expect = (sign: Sign): void => {
    if (!isSign(sign)) throw unexpected(token, `"${sign}"`)
    advance()
  }
  /** Parts with commas between them, up to the closing sign, which is taken. */
  const parts = <Part>(close: Sign, part: () => Part): Part[] => {
    const found: Part[] = []
    if (!isSign(close)) {
      found.push(part())
      while (isSign(',')) {
        advance()
        found.push(part())
      }
    }
    expect(close)
    return found
  }
  const strings = (): string => {
    const texts: string[] = []
    // Texts side by side are one: this is how Erlang breaks a long one into lines.
    while (token.kind === 'string') {
      texts.push(token.text)
      advance()
    }
    return texts.join('')
  }
  const integer = (): bigint => {
    const sign = isSign('-') ? -1n : 1n
    if (isSign('-') || isSign('+')) advance()
    const taken = advance()
    if (taken.kind !== 'integer') throw unexpected(taken, 'a number')
    return sign * taken.value
  }
  /** Adds the bytes of one segment; a long text can be a segment for each byte. */
  const segment = (bytes: number[]): void => {
    if (token.kind !== 'string') {
      bytes.push(byte(integer(), token.line))
      return
    }
    const text = strings()
    if (!isSign('/')) {
      // Without a type each character is a byte, and of a wider one the lowest eight bits.
      for (const character of text) bytes.push((character.codePointAt(0) ?? 0) & 0xff)
      return
    }
    advance()
    const type = advance()
    if (type.kind !== 'atom' || type.name !== 'utf8') throw unexpected(type, '"utf8"')
    for (const value of Buffer.from(text)) bytes.push(value)
  }
  const binary = (): Buffer => {
    const bytes: number[] = []
    parts('>>', () => {
      segment(bytes)
    })
    return Buffer.from(bytes)
  }
  const pair = (): [ErlangTerm, ErlangTerm] => {
    const key = term()
    expect('=>')
    return [key, term()]
  }
  const compound = (sign: Sign): ErlangTerm => {
    if (sign === '{') return { kind: 'tuple', items: parts('}', term) }
    if (sign === '[') return { kind: 'list', items: parts(']', term) }
    if (sign === '<<') return { kind: 'binary', bytes: binary() }
    expect('{')
    return { kind: 'map', entries: parts('}', pair) }
  }
  const term = (): ErlangTerm => {
    const first = token
    if (first.kind === 'string') return { kind: 'string', text: strings() }
    if (first.kind === 'integer' || isSign('-') || isSign('+')) return { kind: 'integer', value: integer() }
    advance()
    if (first.kind === 'atom') return { kind: 'atom', name: first.name }
    if (first.kind === 'end' || !opening.has(first.sign)) throw unexpected(first, 'a term')
    if (++depth > deepest)
      throw new ErlangTermFault(`line ${first.line}: more than ${deepest} terms are in one another`)
    const found = compound(first.sign)
    depth--
    return found
  }

  const forms: ErlangTerm[] = []
  while (token.kind !== 'end') {
    forms.push(term())
    expect('.')
  }
  return forms
}

const opening: ReadonlySet<Sign> = new Set(['{', '[', '<<', '#'])

/** The text of a binary (UTF-8, or Latin-1 where it is not) or of a list of characters. */
export function termText(term: ErlangTerm): string | undefined {
  if (term.kind === 'binary') return decode(term.bytes)
  if (term.kind === 'string') return term.text
  // `[]` is also the empty list of characters.
  return term.kind === 'list' && term.items.length === 0 ? '' : undefined
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function byte(value: bigint, line: number): number {
  if (value < 0n || value > 255n) throw new ErlangTermFault(`line ${line}: a binary has the byte ${value}`)
  return Number(value)
}

function unexpected(token: ErlangToken, wanted: string): ErlangTermFault {
  return new ErlangTermFault(`line ${token.line}: ${shown(token)} stands where ${wanted} is expected`)
}

function shown(token: ErlangToken): string {
  switch (token.kind) {
    case 'atom':
      return `the atom ${JSON.stringify(shortened(token.name))}`
    case 'integer':
      return `the number ${shortened(String(token.value))}`
    case 'string':
      return `the text ${JSON.stringify(shortened(token.text))}`
    case 'sign':
      return `"${token.sign}"`
    case 'end':
      return 'the end of the file'
  }
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`
}
