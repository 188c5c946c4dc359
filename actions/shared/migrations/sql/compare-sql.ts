import { SqlSyntaxError, type SqlParser } from '../../parsers.ts'

/** How two texts of SQL differ. `equal`: other bytes, the same statements. */
export type Comparison = 'identical' | 'equal' | 'different' | 'unreadable'

/**
 * Compares two versions of a migration: `equal` where their parse trees are the same but for locations. Bodies of functions
 * and DO blocks are strings to PostgreSQL and are compared as such. libpg_query's fingerprint would not do: it is the
 * same for `DEFAULT 1` and `DEFAULT 2`.
 */
export function compareSql(before: string, after: string, parser: SqlParser): Comparison {
  if (before === after) return 'identical'
  try {
    return isSameTree(statementsOf(before, parser), statementsOf(after, parser)) ? 'equal' : 'different'
  } catch (error) {
    if (error instanceof SqlSyntaxError) return 'unreadable'
    throw error
  }
}

function statementsOf(text: string, parser: SqlParser): unknown {
  return parser.parse(text.startsWith('\uFEFF') ? text.slice(1) : text).stmts ?? []
}

/** Numbers of the tree that say where something stands, not what (pg_query.proto). A tablespace's `location` is a path. */
const places: ReadonlySet<string> = new Set([
  'location',
  'stmt_location',
  'stmt_len',
  'name_location',
  'list_start',
  'list_end',
  'rexpr_list_start',
  'rexpr_list_end'
])

/** Without recursion, as trees can be deep. */
function isSameTree(one: unknown, other: unknown): boolean {
  const waiting: [unknown, unknown][] = [[one, other]]
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    const [left, right] = pair.map(contents)
    if (left === undefined || right === undefined) {
      if (left !== right || pair[0] !== pair[1]) return false
    } else {
      if (left.length !== right.length) return false
      for (const [index, [key, value]] of left.entries()) {
        const [otherKey, otherValue] = right[index] ?? []
        if (key !== otherKey) return false
        waiting.push([value, otherValue])
      }
    }
  }
  return true
}

/** What stands below a node or list; undefined for a constant. The parser writes keys in one order. */
function contents(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).filter(([key, below]) => typeof below !== 'number' || !places.has(key))
}
