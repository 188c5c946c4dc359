import { readQuoted, type QuotedText } from './elixir-quotes.ts'

/**
 * A piece of Elixir source. `text` of atoms, keys, strings and charlists is their value, escapes undone; it is
 * undefined where the value is computed (`#{…}`) or does not matter (heredocs).
 */
export type ElixirToken = TokenPlace &
  (
    | { readonly kind: 'atom' | 'key' | 'string' | 'charlist'; readonly text: string | undefined }
    | { readonly kind: 'sigil'; readonly letter: string; readonly text: string | undefined; readonly modifiers: string }
    /** `value` is undefined for a float. */
    | { readonly kind: 'number'; readonly value: bigint | undefined }
    /** A variable, a call without a module, or a reserved word. */
    | { readonly kind: 'name'; readonly text: string }
    | { readonly kind: 'alias'; readonly text: string }
    | { readonly kind: 'open' | 'close' | 'operator'; readonly text: string }
  )

interface TokenPlace {
  /** Offsets into the source. */
  readonly start: number
  readonly end: number
  /** 1-based line of the start. */
  readonly line: number
}

/** Why a text is no Elixir that can be read; the message goes on from "line N: ". */
export class ElixirFault extends Error {
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.name = 'ElixirFault'
    this.line = line
  }
}

/**
 * Splits Elixir source into tokens, without evaluating anything: strings, heredocs, sigils, charlists, `?x`,
 * comments and interpolation as Elixir's own tokenizer delimits them. Comments, spaces and line ends are left out.
 *
 * @throws ElixirFault where a string or an interpolation does not end, or is nested too deeply
 * @see https://hexdocs.pm/elixir/syntax-reference.html
 */
export function elixirTokens(source: string): readonly ElixirToken[] {
  return readTokens(source, 0, { line: 1, at: 0 }, 0).tokens
}

interface LineCounter {
  line: number
  at: number
}

/** An interpolation in an interpolation in …: nobody writes more than a few. */
const deepestInterpolation = 20

/** Reads to the end of the source or, in an interpolation, to the brace that ends it. */
function readTokens(
  source: string,
  from: number,
  counter: LineCounter,
  depth: number
): { readonly tokens: readonly ElixirToken[]; readonly end: number } {
  const tokens: ElixirToken[] = []
  const lineAt = (position: number): number => {
    for (; counter.at < position; counter.at++) if (source.charCodeAt(counter.at) === 10) counter.line++
    return counter.line
  }
  const skipInterpolation = (start: number): number => {
    if (depth === deepestInterpolation) throw new ElixirFault('interpolations are nested too deeply', lineAt(start))
    return readTokens(source, start, counter, depth + 1).end
  }
  const quoted = (line: number, start: number, delimiter: string, raw = false): QuotedText => {
    const read = readQuoted(source, start, delimiter, raw, skipInterpolation)
    if (read === undefined) throw new ElixirFault(`what ${delimiter} opens does not end`, line)
    return read
  }
  const match = (pattern: RegExp, position: number): string | undefined => {
    pattern.lastIndex = position
    return pattern.exec(source)?.[0]
  }

  let braces = 0
  for (let at = from; at < source.length;) {
    const skipped = match(blank, at)
    if (skipped !== undefined) {
      at += skipped.length
      continue
    }
    const line = lineAt(at)
    const start = at
    const character = source.charAt(at)
    const push = (token: Distribute<ElixirToken>, end: number): void => {
      tokens.push({ ...token, start, end, line })
      at = end
    }

    if (character === '"' || character === "'") {
      const delimiter = match(heredocOpening, at) === undefined ? character : character.repeat(3)
      const { text, end } = quoted(line, at + delimiter.length, delimiter)
      if (source[end] === ':' && source[end + 1] !== ':') push({ kind: 'key', text }, end + 1)
      else push({ kind: character === '"' ? 'string' : 'charlist', text }, end)
      continue
    }
    if (character === ':' && /["']/.test(source.charAt(at + 1))) {
      const { text, end } = quoted(line, at + 2, source.charAt(at + 1))
      push({ kind: 'atom', text }, end)
      continue
    }
    const sigil = match(sigilOpening, at)
    if (sigil !== undefined) {
      const letter = sigil.slice(1).replace(/[^A-Za-z0-9].*$/s, '')
      const opener =
        match(heredocOpening, at + 1 + letter.length) === undefined ? sigil.slice(-1) : sigil.slice(-1).repeat(3)
      const { text, end } = quoted(
        line,
        at + 1 + letter.length + opener.length,
        closers[opener] ?? opener,
        /^[A-Z]/.test(letter)
      )
      const modifiers = match(letters, end) ?? ''
      const after = end + modifiers.length
      if (/^s$/i.test(letter)) push({ kind: 'string', text }, after)
      else if (/^c$/i.test(letter)) push({ kind: 'charlist', text }, after)
      else push({ kind: 'sigil', letter, text, modifiers }, after)
      continue
    }
    const key = match(keyPattern, at)
    if (key !== undefined) {
      push({ kind: 'key', text: key.slice(0, -1) }, at + key.length)
      continue
    }
    const atom = match(atomPattern, at)
    if (atom !== undefined) {
      push({ kind: 'atom', text: atom.slice(1) }, at + atom.length)
      continue
    }
    const name = match(namePattern, at)
    if (name !== undefined) {
      push({ kind: /^\p{Lu}/u.test(name) ? 'alias' : 'name', text: name }, at + name.length)
      continue
    }
    const number = match(numberPattern, at)
    if (number !== undefined) {
      push({ kind: 'number', value: integer(number) }, at + number.length)
      continue
    }
    const codePoint = match(codePointPattern, at)
    if (codePoint !== undefined) {
      // Its value never matters here, that it is no quote and no comment does.
      push({ kind: 'number', value: undefined }, at + codePoint.length)
      continue
    }
    const operator = match(operatorPattern, at) ?? String.fromCodePoint(source.codePointAt(at) ?? 0)
    if (operator === '}' && braces === 0 && depth > 0) return { tokens, end: at + 1 }
    if (operator === '{') braces++
    if (operator === '}') braces--
    push(
      { kind: openers.has(operator) ? 'open' : closing.has(operator) ? 'close' : 'operator', text: operator },
      at + operator.length
    )
  }
  if (depth > 0) throw new ElixirFault('an interpolation does not end', lineAt(from))
  return { tokens, end: source.length }
}

type Distribute<T> = T extends unknown ? Omit<T, keyof TokenPlace> : never

const blank = /(?:\s|\\\r?\n|#[^\n]*)+/y
// A heredoc begins with its line, and ends with a line that begins with its delimiter.
const heredocOpening = /(?:"""|''')[ \t]*\r?\n/y
const sigilOpening = /~(?:[a-z]|[A-Z][A-Z0-9]*)[/|"'([{<]/y
const letters = /[a-zA-Z0-9]*/y
const keyPattern = /[\p{L}_][\p{L}\p{N}\p{M}_@]*[?!]?:(?!:)/uy
const operators =
  '<<<|>>>|===|!==|&&&|\\|\\|\\||~~~|\\^\\^\\^|<~>|<\\|>|~>>|<<~|\\+\\+\\+|---|\\.\\.\\.|==|!=|=~|<=|>=|&&|\\|\\||<>|\\+\\+|--|\\*\\*|\\.\\.|\\|>|~>|<~|<-|->|=>|::|\\\\\\\\|<<|>>|[-+*/<>!^&|=@.]'
const atomPattern = new RegExp(
  `:(?:[\\p{L}_][\\p{L}\\p{N}\\p{M}_@]*[?!]?|%\\{\\}|<<>>|\\{\\}|\\.\\.//|%|(?:${operators}))`,
  'uy'
)
const namePattern = /[\p{L}_][\p{L}\p{N}\p{M}_]*(?:[?!](?!=))?/uy
const numberPattern = /0x[0-9a-fA-F_]+|0b[01_]+|0o[0-7_]+|[0-9][0-9_]*(?:\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?)?/y
const codePointPattern = /\?(?:\\x\{[^}]*\}|\\u\{[^}]*\}|\\.|[^\s\\])/suy
const operatorPattern = new RegExp(operators, 'y')

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' }
const openers = new Set(['(', '[', '{', '<<'])
const closing = new Set([')', ']', '}', '>>'])

function integer(text: string): bigint | undefined {
  const digits = text.replaceAll('_', '')
  // No number that matters is longer, and reading a million digits takes its time.
  if (digits.length > 40) return undefined
  return /[.]|^[0-9]+[eE]/.test(digits) ? undefined : BigInt(digits)
}
