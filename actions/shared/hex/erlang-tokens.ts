/** What is wrong with Erlang terms, in words that go on from "metadata.config is refused: …". */
export class ErlangTermFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ErlangTermFault'
  }
}

/** A token with the line it begins in. */
export type ErlangToken = { readonly line: number } & (
  | { readonly kind: 'atom'; readonly name: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'sign'; readonly sign: Sign }
  | { readonly kind: 'end' }
)

export type Sign = '{' | '}' | '[' | ']' | '<<' | '>>' | '=>' | ',' | '#' | '+' | '-' | '/' | '.'

/** Longest number read: reading one takes longer than its length. */
const mostDigits = 1000

/**
 * Splits text into tokens, each asked for when it is needed. The set is that of hex_core's `safe_erl_term.xrl`: no
 * floats, comments, variables or characters; a dot ends a form wherever it stands; everything up to the space is
 * white; in quotes `\` escapes what follows.
 * @returns gives the next token, `end` again and again after the last
 * @throws {ErlangTermFault} (the function that is returned)
 */
export function erlangTokens(text: string): () => ErlangToken {
  let at = 0
  let line = 1

  /** The place behind the closing quote, and how many lines end before it. */
  const quotedEnd = (quote: number): number => {
    for (let place = at + 1; place < text.length; place++) {
      const code = text.charCodeAt(place)
      if (code === quote) return place
      // `\^` and one more are a control character, whatever the one is.
      if (code === backslash) place += text.charCodeAt(place + 1) === caret ? 2 : 1
    }
    throw new ErlangTermFault(`line ${line}: ${quote === quotes ? 'a text' : 'an atom'} in quotes has no end`)
  }
  const skipWhite = (): void => {
    for (; at < text.length && text.charCodeAt(at) <= space; at++) if (text.charCodeAt(at) === newline) line++
  }
  return () => {
    skipWhite()
    if (at >= text.length) return { kind: 'end', line }
    const start = line
    const code = text.charCodeAt(at)
    if (code === quotes || code === apostrophe) {
      const end = quotedEnd(code)
      const inner = text.slice(at + 1, end)
      at = end + 1
      for (let place = inner.indexOf('\n'); place >= 0; place = inner.indexOf('\n', place + 1)) line++
      const value = unescape(inner)
      return code === quotes ? { kind: 'string', text: value, line: start } : { kind: 'atom', name: value, line: start }
    }
    const word = stickyMatch(wordOrNumber, text, at)
    if (word !== undefined) {
      at += word.length
      if (!isDigit(code)) return { kind: 'atom', name: word, line }
      if (word.length > mostDigits)
        throw new ErlangTermFault(`line ${line}: a number has more than ${mostDigits} digits`)
      // For Erlang the dot would end the form here, and what follows be another; what was meant is a float.
      if (stickyMatch(decimals, text, at) !== undefined)
        throw new ErlangTermFault(`line ${line}: a number has a decimal point, and Hex reads whole numbers only`)
      return { kind: 'integer', value: BigInt(word), line }
    }
    const sign = stickyMatch(signs, text, at)
    if (sign === undefined) throw new ErlangTermFault(`line ${line}: ${unknown(text, at)}`)
    at += sign.length
    return { kind: 'sign', sign: sign as Sign, line }
  }
}

const [newline, space, quotes, apostrophe, backslash, caret] = [0x0a, 0x20, 0x22, 0x27, 0x5c, 0x5e] as const
const wordOrNumber = /[a-z][A-Za-z0-9_@]*|[0-9]+/y
const decimals = /\.[0-9]/y
const signs = /<<|>>|=>|[{}[\],#+\-/.]/y

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function stickyMatch(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function unknown(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  const why = character === '%' ? ', and Hex takes no comments' : ''
  return `the character ${JSON.stringify(character)} stands where no term can begin or end${why}`
}

/** `\n` and its like, `\ooo` in octal, `\^X`; a backslash before white space takes it away (`escape/1` in hex_core). */
function unescape(quoted: string): string {
  if (!quoted.includes('\\')) return quoted
  return quoted.replaceAll(/\\(?:([0-7]{3})|\^([^])|([^]))/gu, (_, octal?: string, control?: string, one = '') => {
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
    if (control !== undefined) return String.fromCodePoint((control.codePointAt(0) ?? 0) % 32)
    const letter = String(one)
    return letter <= ' ' ? '' : (escapes[letter] ?? letter)
  })
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
