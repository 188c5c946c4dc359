import { expressionText, firstLocation } from './expression-text.ts'
import { lexemes } from './lexemes.ts'
import type { TreeNode } from './tree.ts'

/** The text that a parse tree was made of. The tree says where things begin, and hardly ever where they end. */
export interface StatementSource {
  /** An expression as written, for a report: cut where it is long. '' where its place is not known. */
  readonly expression: (node: TreeNode) => string
  /**
   * What stands from a byte on up to the byte where the next thing begins; without one, or before it, up to the comma,
   * bracket or semicolon that ends it. Undefined where its place is not known.
   */
  readonly from: (start: number | undefined, end?: number) => string | undefined
}

/**
 * @param offsetOf the UTF-16 offset of a byte that the tree names
 */
export function statementSource(sql: string, offsetOf: (byte: number) => number): StatementSource {
  return {
    expression(node) {
      const byte = firstLocation(node)
      return byte === undefined ? '' : expressionText(sql, offsetOf(byte))
    },
    from(start, end) {
      // The parser's JSON leaves out zero, and no part of a statement stands there.
      if (start === undefined || start <= 0) return undefined
      const text = partText(sql.slice(offsetOf(start), end === undefined ? undefined : offsetOf(end)))
      return text === '' ? undefined : text
    }
  }
}

/** Up to the end of the part, without the comments and space behind it. */
function partText(rest: string): string {
  let depth = 0
  let end = 0
  for (const lexeme of lexemes(rest)) {
    if (lexeme.kind === 'comment' || lexeme.kind === 'space') continue
    const text = rest.slice(lexeme.start, lexeme.end)
    if (lexeme.kind === 'sign' && (text === '(' || text === '[')) depth += 1
    if (lexeme.kind === 'sign' && (text === ')' || text === ']')) depth -= 1
    if (depth < 0 || (depth === 0 && (text === ',' || text === ';'))) break
    end = lexeme.end
  }
  return rest.slice(0, end)
}

/** The words of a text outside of quotes and brackets, with their places: what a clause begins with. */
export function outerWords(
  sql: string
): readonly { readonly word: string; readonly start: number; readonly end: number }[] {
  const found: { word: string; start: number; end: number }[] = []
  let depth = 0
  for (const { kind, start, end } of lexemes(sql)) {
    const text = sql.slice(start, end)
    if (kind === 'sign' && (text === '(' || text === '[')) depth += 1
    if (kind === 'sign' && (text === ')' || text === ']')) depth -= 1
    if (kind === 'word' && depth === 0) found.push({ word: text.toUpperCase(), start, end })
  }
  return found
}
