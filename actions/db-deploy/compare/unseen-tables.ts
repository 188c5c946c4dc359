import type { Session } from '../database/session.ts'
import { textOf } from '../database/sql.ts'

/**
 * Tables and views of these schemas that have a column which the session's role has no right on. Prisma reads columns from
 * `information_schema`, which shows a role only what it may use: what is hidden there looks as if somebody had dropped it.
 */
export async function unseenTables(session: Session, schemas: readonly string[]): Promise<readonly string[]> {
  const rows = await session.query(
    `
    SELECT DISTINCT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p', 'v', 'f')
       AND n.nspname = ANY ($1)
       AND NOT pg_has_role(c.relowner, 'USAGE')
       AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES')
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     ORDER BY 1`,
    [schemas]
  )
  return rows.map((row) => textOf(row, 'name'))
}

/** @param role as the server calls it */
export function unseenTold(tables: readonly string[], role: string): string {
  const shown = tables.slice(0, 3).join(', ')
  const more = tables.length > 3 ? ` and ${tables.length - 3} more` : ''
  const schemas = [...new Set(tables.map((table) => table.split('.')[0] ?? table))].slice(0, 3)
  const grants = schemas.map((schema) => `\`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO "${role}";\``).join(' ')
  return `role ${role} may not see every column of ${shown}${more}, and what it does not see would look dropped. Run ${grants}`
}
