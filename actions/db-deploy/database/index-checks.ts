import type { Check } from '../check.ts'
import { counted } from '../counted.ts'
import type { Session } from './session.ts'
import { textOf } from './sql.ts'

/** An index that no query uses, as a failed CREATE INDEX CONCURRENTLY leaves it. */
export interface InvalidIndex {
  /** As SQL writes it. */
  readonly name: string
  readonly table: string
}

/** Whether there are indexes that are not valid: a warning, with the names of all. @throws {QueryError} */
export async function indexChecks(session: Session): Promise<readonly Check[]> {
  const indexes = await invalidIndexes(session)
  if (indexes.length > 0) return [invalidCheck(indexes, 'warning')]
  return [noInvalidIndex]
}

const about = { id: 'invalid-indexes', title: 'Invalid indexes' }

export const noInvalidIndex: Check = { ...about, told: 'none', names: [], result: 'ok' }

/** What is to be said about these. Pure. */
export function invalidCheck(indexes: readonly InvalidIndex[], result: 'warning' | 'failed'): Check {
  const shown = indexes.slice(0, 5)
  const more = indexes.length - shown.length
  return {
    ...about,
    told: `${counted(indexes.length, 'index', 'indexes')}: ${shown.map(({ name }) => name).join(', ')}`,
    names: indexes.map(({ name }) => name),
    result,
    problem: {
      code: 'database-invalid-index',
      message: `${shown.map(({ name, table }) => `${name} on ${table}`).join(', ')}${more > 0 ? ` and ${more} more` : ''}: invalid, as a CREATE INDEX CONCURRENTLY that failed leaves an index.`,
      hint: `Build it again or drop it: ${shown.map(({ name }) => `\`REINDEX INDEX CONCURRENTLY ${name}\``).join(', ')}, or \`DROP INDEX CONCURRENTLY …\`.`
    }
  }
}

/**
 * Indexes that a failed CREATE INDEX CONCURRENTLY left: they cost every write, serve no query, and `IF NOT EXISTS` takes
 * them for good. Those that are being built now are left out (of other roles' builds only the process and its locks are to be
 * seen), and those of partitioned tables, which are made in steps.
 */
export async function invalidIndexes(session: Session): Promise<readonly InvalidIndex[]> {
  const rows = await session.query(
    `SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS on_table FROM pg_index i
     JOIN pg_class c ON c.oid = i.indexrelid
     WHERE NOT (i.indisvalid AND i.indisready AND i.indislive) AND c.relkind = 'i'
       AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.datname = current_database()
         AND (p.index_relid = i.indexrelid OR p.relid IS NULL AND EXISTS (SELECT FROM pg_locks l
           WHERE l.pid = p.pid AND l.locktype = 'relation' AND l.relation = i.indrelid)))
     ORDER BY 1`
  )
  return rows.map((row) => ({ name: textOf(row, 'name'), table: textOf(row, 'on_table') }))
}
