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
    return withoutLocations(before, parser) === withoutLocations(after, parser) ? 'equal' : 'different'
  } catch (error) {
    if (error instanceof SqlSyntaxError) return 'unreadable'
    throw error
  }
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

function withoutLocations(sql: string, parser: SqlParser): string {
  const text = sql.startsWith('\uFEFF') ? sql.slice(1) : sql
  return JSON.stringify(parser.parse(text), (key, value: unknown) =>
    typeof value === 'number' && places.has(key) ? undefined : value
  )
}
