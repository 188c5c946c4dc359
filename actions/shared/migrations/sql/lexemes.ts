export interface Lexeme {
  readonly kind: 'space' | 'comment' | 'word' | 'quoted' | 'sign' | 'unclosed'
  /** UTF-16 offsets. */
  readonly start: number
  readonly end: number
}

/**
 * SQL in the pieces that PostgreSQL's scanner sees (scan.l), as far as they matter for finding the ends of statements.
 * The scanner itself gives nothing for a text that it refuses; this takes any text. What begins with a quote, dollar quote
 * or comment that is never closed is one piece, up to the end.
 */
export function* lexemes(sql: string): Generator<Lexeme> {
  let at = 0
  while (at < sql.length) {
    const { kind, end } = lexemeAt(sql, at)
    yield { kind, start: at, end }
    at = end
  }
}

const space = /\s+/y
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.]*/y
const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y

/** Ends are looked for, not matched by patterns: quotes can hold megabytes. */
function lexemeAt(sql: string, at: number): Pick<Lexeme, 'kind' | 'end'> {
  const first = sql[at]
  const second = sql[at + 1]
  if (first === '-' && second === '-') return { kind: 'comment', end: endBefore('\n', sql, at) }
  if (first === '/' && second === '*') return closed('comment', commentEnd(sql, at), sql)
  if ((first === 'e' || first === 'E') && second === "'") return closed('quoted', escapedEnd(sql, at + 2), sql)
  if (first === "'" || first === '"') return closed('quoted', quotedEnd(sql, first, at + 1), sql)
  const tag = matchAt(dollarQuote, sql, at)
  if (tag !== undefined) return closed('quoted', endBehind(sql.slice(at, tag), sql, tag), sql)
  const spaceEnd = matchAt(space, sql, at)
  if (spaceEnd !== undefined) return { kind: 'space', end: spaceEnd }
  const wordEnd = matchAt(word, sql, at)
  if (wordEnd !== undefined) return { kind: 'word', end: wordEnd }
  return { kind: 'sign', end: at + 1 }
}

function closed(kind: 'comment' | 'quoted', end: number | undefined, sql: string): Pick<Lexeme, 'kind' | 'end'> {
  return end === undefined ? { kind: 'unclosed', end: sql.length } : { kind, end }
}

function matchAt(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(sql) ? pattern.lastIndex : undefined
}

function endBefore(mark: string, sql: string, from: number): number {
  const found = sql.indexOf(mark, from)
  return found === -1 ? sql.length : found
}

function endBehind(mark: string, sql: string, from: number): number | undefined {
  const found = sql.indexOf(mark, from)
  return found === -1 ? undefined : found + mark.length
}

/** A doubled quote stands for one. */
function quotedEnd(sql: string, quote: string, from: number): number | undefined {
  let end = endBehind(quote, sql, from)
  while (end !== undefined && sql[end] === quote) end = endBehind(quote, sql, end + 1)
  return end
}

/** E'…': a backslash takes the next character's meaning, also that of a quote. */
function escapedEnd(sql: string, from: number): number | undefined {
  const mark = /''|\\[^]|'/g
  mark.lastIndex = from
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    if (found[0] === "'") return mark.lastIndex
  }
  return undefined
}

/** Comments in SQL nest. */
function commentEnd(sql: string, start: number): number | undefined {
  const mark = /\/\*|\*\//g
  mark.lastIndex = start
  let depth = 0
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return undefined
}
