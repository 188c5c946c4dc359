/**
 * The text of an expression that begins at `start`: up to the comma, bracket or semicolon that ends it, or the next word
 * that belongs to the column. The parse tree says where an expression begins but not where it ends.
 */
export function expressionText(sql: string, start: number): string {
  let depth = 0
  let at = start
  const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|--[^\n]*|[A-Za-z_]\w*|\s+|[\s\S]/gy
  token.lastIndex = start
  for (let found = token.exec(sql); found !== null; found = token.exec(sql)) {
    const [text] = found
    if ('([{'.includes(text)) depth += 1
    else if (')]}'.includes(text)) depth -= 1
    const ends = depth < 0 || (depth === 0 && (text === ',' || text === ';' || text.startsWith('--')))
    if (ends || (depth === 0 && found.index > start && columnWords.has(text.toUpperCase()))) break
    at = token.lastIndex
  }
  return sql.slice(start, at).trim()
}

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

/** The first byte of an expression: an operator's or cast's own location is in its middle. */
export function firstLocation(expression: unknown): number {
  let first = Infinity
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, below] of Object.entries(value)) {
        if (key === 'location' && typeof below === 'number') first = Math.min(first, below < 0 ? Infinity : below)
        else look(below)
      }
    }
  }
  look(expression)
  return first
}
