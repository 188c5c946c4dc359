/** A piece of a configuration file in JavaScript or TypeScript. Comments are none. */
export interface Token {
  /** `text`: a string, or a template without `${}`; `template`: one with. */
  readonly kind: 'text' | 'template' | 'word' | 'sign'
  /** Of a text its meaning; else as written. */
  readonly value: string
  /** 1-based. */
  readonly line: number
  /** Where it begins and ends in the file. */
  readonly start: number
  readonly end: number
}

/**
 * Takes a file apart as far as looking for properties needs it. A regular expression is taken for signs: one with quotes
 * in it makes nonsense of what follows, which then is found nowhere.
 */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = []
  let line = 1
  for (let at = 0; at < source.length;) {
    const [found = ''] = pieces.exec(source.slice(at, at + longestPiece)) ?? []
    const text = found === '' ? (source[at] ?? '') : found
    const kind = kindOf(text)
    if (kind !== undefined) {
      tokens.push({ kind, value: kind === 'text' ? meaningOf(text) : text, line, start: at, end: at + text.length })
    }
    line += text.split('\n').length - 1
    at += text.length
  }
  return tokens
}

/** Far more than anything that is looked for; it keeps the search from copying the whole file for each piece. */
const longestPiece = 20_000

const pieces =
  /^(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|[\p{ID_Start}$_][\p{ID_Continue}$]*|\d[\w.]*)/u

function kindOf(text: string): Token['kind'] | undefined {
  if (/^(?:\s|\/\/|\/\*)/.test(text)) return undefined
  if (text.startsWith('`')) return /(?<!\\)\$\{/.test(text) ? 'template' : 'text'
  if (/^['"]/.test(text) && text.length > 1) return 'text'
  return /^[\p{ID_Start}$_\d]/u.test(text) ? 'word' : 'sign'
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\n': '' }

function meaningOf(literal: string): string {
  return literal.slice(1, -1).replaceAll(/\\([\s\S])/g, (_, character: string) => escapes[character] ?? character)
}
