import type { RawStmt } from '@pgsql/types'
import { SqlSyntaxError, SqlTooDeep, type SqlParser } from '../../parsers.ts'
import { withoutClientCommands } from './client-commands.ts'
import { lexemes, type Lexeme } from './lexemes.ts'
import { byteMap, type SourceText } from './source-text.ts'
import type { TreeNode } from './tree.ts'

/** One statement that was parsed. */
export interface StatementText {
  readonly node: TreeNode
  /** UTF-16 offsets, without comments before and behind it. */
  readonly start: number
  readonly end: number
  /** UTF-16 offset of a `location` in its tree. */
  readonly offsetOf: (location: number) => number
}

/** A part that could not be parsed. UTF-16 offsets. */
export interface UnreadablePart {
  readonly kind: 'syntax error' | 'not analysed'
  readonly start: number
  readonly end: number
  readonly why: string
}

export interface Split {
  readonly statements: readonly StatementText[]
  readonly unreadable: readonly UnreadablePart[]
}

/**
 * All statements of a text. PostgreSQL parses all or nothing: where it refuses the text, its statements are parsed one by
 * one, so that one that is wrong hides no other.
 */
export function splitStatements({ sql, offsetOf }: SourceText, parser: SqlParser): Split {
  try {
    return { statements: statementTexts(sql, parser.parse(sql).stmts ?? [], 0, offsetOf), unreadable: [] }
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error
    return parseOneByOne(sql, parser)
  }
}

/** `sql` is a part of a text, that begins at `begin` in it. */
function statementTexts(
  sql: string,
  parsed: readonly RawStmt[],
  begin: number,
  offsetOf: (location: number) => number
): StatementText[] {
  return parsed.flatMap(({ stmt, stmt_location: location = 0, stmt_len: length = 0 }) => {
    if (stmt === undefined) return []
    const start = offsetOf(location)
    const end = length === 0 ? begin + sql.length : offsetOf(location + length)
    return [{ node: stmt, start, end: start + codeLength(sql.slice(start - begin, end - begin)), offsetOf }]
  })
}

/** The tree's length of a statement goes up to its semicolon, with the comments before that. */
function codeLength(statement: string): number {
  const trimmed = statement.trimEnd()
  const lastLine = trimmed.slice(trimmed.lastIndexOf('\n') + 1)
  if (!lastLine.includes('--') && !trimmed.endsWith('*/')) return trimmed.length
  let end = 0
  for (const lexeme of lexemes(trimmed)) if (isCode(lexeme)) end = lexeme.end
  return end
}

function isCode({ kind }: Lexeme): boolean {
  return kind !== 'comment' && kind !== 'space'
}

function parseOneByOne(whole: string, parser: SqlParser): Split {
  const { sql, commands } = withoutClientCommands(whole)
  const statements: StatementText[] = []
  const unreadable: UnreadablePart[] = commands.map((command) => ({ kind: 'not analysed', ...command }))
  for (const part of partsOf(sql)) {
    const text = sql.slice(part.start, part.end)
    const toOffset = byteMap(text)
    const offsetOf = (location: number): number => part.start + toOffset(location)
    try {
      statements.push(...statementTexts(text, parser.parse(text).stmts ?? [], part.start, offsetOf))
    } catch (error) {
      if (!(error instanceof SqlSyntaxError)) throw error
      unreadable.push(unreadablePart(error, text, part, offsetOf))
    }
  }
  return { statements, unreadable: unreadable.sort((one, other) => one.start - other.start) }
}

function unreadablePart(
  error: SqlSyntaxError,
  text: string,
  part: { readonly start: number; readonly end: number },
  offsetOf: (location: number) => number
): UnreadablePart {
  if (error instanceof SqlTooDeep) return { kind: 'not analysed', ...part, why: `a statement that is ${error.message}` }
  if (error.position === undefined) return { kind: 'syntax error', ...part, why: error.message }
  const start = Math.min(offsetOf(error.position), part.end)
  // The word that the parser did not expect; at the end of the text there is none.
  const [word] = lexemes(text.slice(start - part.start))
  return { kind: 'syntax error', start, end: start + (word?.end ?? 0), why: error.message }
}

/** What stands between semicolons, where it is more than space and comments. */
function* partsOf(sql: string): Generator<{ readonly start: number; readonly end: number }> {
  let depth = 0
  let body = false
  let start: number | undefined
  let end = 0
  let before = ''
  for (const lexeme of lexemes(sql)) {
    if (!isCode(lexeme)) continue
    const word = lexeme.kind === 'word' ? sql.slice(lexeme.start, lexeme.end).toUpperCase() : ''
    const sign = lexeme.kind === 'sign' ? sql.slice(lexeme.start, lexeme.end) : ''
    if (sign === '(') depth += 1
    if (sign === ')') depth -= 1
    // The body of a SQL function has statements with semicolons of its own: BEGIN ATOMIC … END.
    if (before === 'BEGIN' && word === 'ATOMIC') body = true
    if (body && before === ';' && word === 'END') body = false
    if (sign === ';' && depth <= 0 && !body) {
      if (start !== undefined) yield { start, end }
      start = undefined
      depth = 0
    } else {
      start ??= lexeme.start
      end = lexeme.end
    }
    before = sign + word
  }
  if (start !== undefined) yield { start, end }
}
