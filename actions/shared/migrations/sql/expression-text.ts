import { lexemes } from './lexemes.ts'
import { visitNodes, type TreeNode } from './tree.ts'

/**
 * The text of an expression that begins at `start`: up to the comma, bracket or semicolon that ends it, or the next word
 * that belongs to the column. The parse tree says where an expression begins but not where it ends.
 */
export function expressionText(sql: string, start: number): string {
  let depth = 0
  let end = 0
  const rest = sql.slice(start, start + longest)
  for (const lexeme of lexemes(rest)) {
    const text = rest.slice(lexeme.start, lexeme.end)
    if (lexeme.kind === 'comment' || lexeme.kind === 'space') continue
    if ('([{'.includes(text)) depth += 1
    if (')]}'.includes(text)) depth -= 1
    const over = depth < 0 || (depth === 0 && (text === ',' || text === ';'))
    if (over || (depth === 0 && end > 0 && columnWords.has(text.toUpperCase()))) break
    end = lexeme.end
  }
  return rest.slice(0, end)
}

/** For a report: nobody reads more of a default. */
const longest = 1000

/** What may follow a DEFAULT in a column (gram.y, ColQualList). */
const columnWords: ReadonlySet<string> = new Set([
  'NOT',
  'NULL',
  'CONSTRAINT',
  'CHECK',
  'PRIMARY',
  'UNIQUE',
  'REFERENCES',
  'GENERATED',
  'DEFERRABLE',
  'INITIALLY'
])

/** The first byte of an expression: an operator's or a cast's own location is in its middle. */
export function firstLocation(expression: TreeNode): number | undefined {
  let first: number | undefined
  visitNodes(expression, (node) => {
    if ('location' in node && typeof node.location === 'number' && node.location >= 0) {
      first = Math.min(first ?? node.location, node.location)
    }
    return true
  })
  return first
}
