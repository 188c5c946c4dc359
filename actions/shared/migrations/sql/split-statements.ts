import type { RawStmt } from '@pgsql/types'
import { SqlSyntaxError, type SqlParser, type SqlToken } from '../../parsers.ts'
import type { SourceText } from './source-text.ts'
import type { TreeNode } from './tree.ts'

/** One statement that was parsed. */
export interface StatementText {
  readonly node: TreeNode
  /** UTF-16 offsets, without comments before and behind it. */
  readonly start: number
  readonly end: number
  /** To add to a `location` in its tree, for bytes of the whole text. */
  readonly bytes: number
}

/** A part that could not be parsed. UTF-16 offsets. */
export interface UnreadablePart {
  readonly kind: 'syntax' | 'not SQL'
  readonly start: number
  readonly end: number
  readonly message: string
}

/**
 * All statements of a text. PostgreSQL parses all or nothing: where it refuses the text, the statements are parsed one by
 * one, so that one that is wrong hides no other.
 */
export function splitStatements(
  text: string,
  source: SourceText,
  parser: SqlParser
): { readonly statements: readonly StatementText[]; readonly unreadable: readonly UnreadablePart[] } {
  try {
    return { statements: statementTexts(parser.parse(text).stmts ?? [], 0, source, parser), unreadable: [] }
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error
    return parseOneByOne(error, text, source)
  }
}

function statementTexts(
  parsed: readonly RawStmt[],
  bytes: number,
  source: SourceText,
  parser: SqlParser
): StatementText[] {
  return parsed.flatMap(({ stmt, stmt_location: location = 0, stmt_len: length = 0 }) => {
    if (stmt === undefined) return []
    const start = source.offsetOf(bytes + location)
    const end = length === 0 ? source.sql.length : source.offsetOf(bytes + location + length)
    return [
      { node: stmt, start, end: start + lengthWithoutTrailingComments(source.sql.slice(start, end), parser), bytes }
    ]
  })
}

/** The tree's length of a statement goes up to its semicolon, comments included. */
function lengthWithoutTrailingComments(statement: string, parser: SqlParser): number {
  const trimmed = statement.trimEnd()
  const lastLine = trimmed.slice(trimmed.lastIndexOf('\n') + 1)
  if (!lastLine.includes('--') && !trimmed.endsWith('*/')) return trimmed.length
  const last = parser.scan(trimmed).findLast((token) => !isComment(token))
  return last === undefined ? 0 : Buffer.from(trimmed).subarray(0, last.end).toString().length
}

export function isComment(token: SqlToken): boolean {
  return token.tokenName === 'SQL_COMMENT' || token.tokenName === 'C_COMMENT'
}

function parseOneByOne(
  whole: SqlSyntaxError,
  text: string,
  source: SourceText
): { statements: StatementText[]; unreadable: UnreadablePart[] } {
  const at = whole.position === undefined ? 0 : source.offsetOf(whole.position)
  return {
    statements: [],
    unreadable: [{ kind: 'syntax', start: at, end: Math.min(at + 1, text.length), message: whole.message }]
  }
}
