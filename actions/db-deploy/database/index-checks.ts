import type { Check } from '../check.ts'
import { counted } from '../counted.ts'
import type { Session } from './session.ts'
import { textOf } from './sql.ts'

/**
 * Indexes that a failed CREATE INDEX CONCURRENTLY left: they cost every write, serve no query, and `IF NOT EXISTS` takes
 * them for good. Those that are being built now are left out (of other roles' builds only the process and its locks are to be
 * seen), and those of partitioned tables, which are made in steps.
 */
export async function indexChecks(session: Session): Promise<readonly Check[]> {
  const check = { id: 'invalid-indexes', title: 'Invalid indexes' }
  const rows = await session.query(
    `SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS on_table FROM pg_index i
     JOIN pg_class c ON c.oid = i.indexrelid
     WHERE NOT (i.indisvalid AND i.indisready AND i.indislive) AND c.relkind = 'i'
       AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.datname = current_database()
         AND (p.index_relid = i.indexrelid OR p.relid IS NULL AND EXISTS (SELECT FROM pg_locks l
           WHERE l.pid = p.pid AND l.locktype = 'relation' AND l.relation = i.indrelid)))
     ORDER BY 1`
  )
  if (rows.length === 0) return [{ ...check, told: 'none', result: 'ok' }]
  const names = rows.map((row) => textOf(row, 'name'))
  const shown = names.slice(0, 5).join(', ')
  return [
    {
      ...check,
      told: `${counted(rows.length, 'index', 'indexes')}: ${shown}`,
      result: 'warning',
      problem: {
        code: 'database-invalid-index',
        message: `${rows
          .slice(0, 5)
          .map((row) => `${textOf(row, 'name')} on ${textOf(row, 'on_table')}`)
          .join(
            ', '
          )}${rows.length > 5 ? ` and ${rows.length - 5} more` : ''}: invalid, as a CREATE INDEX CONCURRENTLY that failed leaves an index.`,
        hint: `Build it again or drop it: ${names
          .slice(0, 5)
          .map((name) => `\`REINDEX INDEX CONCURRENTLY ${name}\``)
          .join(', ')}, or \`DROP INDEX CONCURRENTLY …\`.`
      }
    }
  ]
}
