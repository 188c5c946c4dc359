/**
 * A view's definition as any version of PostgreSQL writes it. Up to 15 every column has its table in front; from 16 on
 * one that is selected from a single table has not (ruleutils.c, `varprefix`). So there the table's name is taken away.
 */
export function viewText(definition: string): string {
  const from = singleRelation(definition)
  if (from === undefined) return definition
  // What is in quotes is passed over: a name that is quoted itself is looked for first.
  const prefix = new RegExp(`(?<![\\w".$])${escaped(from)}\\.(?=["\\w])|('(?:[^']|'')*'|"(?:[^"]|"")*")`, 'g')
  return definition.replaceAll(prefix, '$1')
}

const name = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)`
const relation = new RegExp(String.raw`^(?:ONLY )?(?:${name}\.)?(${name})(?: (?:AS )?(${name}))?$`)

/** What a column of the only table would be called by; undefined where there are several, or none. */
function singleRelation(definition: string): string | undefined {
  const outer = atTopLevel(definition)
  if (/\b(?:UNION|INTERSECT|EXCEPT|JOIN)\b/.test(outer)) return undefined
  const from =
    /\bFROM\s+([\s\S]+?)\s*(?:$|;|\b(?:WHERE|GROUP BY|HAVING|WINDOW|ORDER BY|LIMIT|OFFSET|FETCH|FOR)\b)/.exec(outer)
  const [, table, alias] = relation.exec(from?.[1]?.trim() ?? '') ?? []
  return alias ?? table
}

/** Without what stands in brackets and in string constants. */
function atTopLevel(text: string): string {
  let depth = 0
  let outer = ''
  for (const piece of text.split(/('(?:[^']|'')*'|"(?:[^"]|"")*"|[()])/)) {
    if (piece === ')') depth -= 1
    if (depth === 0 && !piece.startsWith("'") && piece !== ')' && piece !== '(') outer += piece
    if (piece === '(') depth += 1
  }
  return outer
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
