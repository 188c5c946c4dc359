import { lexemes } from './lexemes.ts'

/**
 * How deep the parse tree of a text is, roughly and rather too much: a bracket is a level, and so is each operator in a
 * chain, because `1 + 1 + 1` is a tree of two levels. Commas, AND, OR and WHEN make lists, which are flat.
 */
export function nestingOf(sql: string): number {
  // Lengths of the chains in the open brackets, the innermost last.
  const chains: number[] = [0]
  let depth = 0
  let deepest = 0
  for (const { kind, start, end } of lexemes(sql)) {
    // PostgreSQL's scanner takes a time for nested comments that grows with the square of their depth.
    if (kind === 'comment') deepest = Math.max(deepest, sql.slice(start, end).split('/*').length - 1)
    if (kind === 'space' || kind === 'comment' || kind === 'quoted') continue
    const text = sql.slice(start, end).toUpperCase()
    const chain = chains.at(-1) ?? 0
    if (text === '(' || text === '[') {
      chains.push(0)
      depth += 1
    } else if (text === ')' || text === ']') {
      if (chains.length > 1) depth -= (chains.pop() ?? 0) + 1
    } else if (separators.has(text)) {
      depth -= chain
      chains[chains.length - 1] = 0
    } else if (kind === 'sign' || chaining.has(text)) {
      chains[chains.length - 1] = chain + 1
      depth += 1
    }
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

const separators: ReadonlySet<string> = new Set([',', ';', 'AND', 'OR', 'WHEN', 'THEN', 'ELSE'])

/** Words that take a whole expression, query or join and make another of it. */
const chaining: ReadonlySet<string> = new Set(['UNION', 'INTERSECT', 'EXCEPT', 'JOIN', 'NOT', 'IS', 'COLLATE', 'AT'])
