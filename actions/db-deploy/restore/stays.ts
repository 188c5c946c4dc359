import type { Check } from '../check.ts'
import { counted } from '../counted.ts'
import type { Session } from '../database/session.ts'
import { textOf } from '../database/sql.ts'
import type { DumpContents } from '../dump/contents.ts'
import { namesOf } from '../dump/prove-dump.ts'

/** Something in a database that a migration makes, named as a dump's table of contents names it. */
export interface DatabaseObject {
  /** `TABLE` */
  readonly kind: string
  /** `-` where it is in none. */
  readonly schema: string
  readonly name: string
}

/** What is there now; nothing that an extension brought. @throws {QueryError} */
export async function objectsIn(session: Session): Promise<readonly DatabaseObject[]> {
  const rows = await session.query(objectsQuery)
  // A line break is a blank in a table of contents (pg_backup_archiver.c, `sanitize_line`).
  const listed = (text: string): string => text.replaceAll(/[\n\r]/g, ' ')
  return rows.map((row) => ({
    kind: textOf(row, 'kind'),
    schema: listed(textOf(row, 'schema')),
    name: listed(textOf(row, 'name'))
  }))
}

/**
 * What a restore in place leaves beside what it restores. The framework's table goes back to what the dump has, so a migration
 * that is newer is pending again, and fails at what it made. Pure.
 */
export function staysCheck(objects: readonly DatabaseObject[], { entries }: Pick<DumpContents, 'entries'>): Check {
  const about = { id: 'restore-stays', title: 'What the dump does not have' }
  const stays = objects.filter(({ kind, schema, name }) => {
    // The owner comes last; of functions their arguments come before.
    const beginnings = [`${kind} ${schema} ${name} `, `${kind} ${schema} ${name}(`]
    return !entries.some(({ text }) => beginnings.some((beginning) => text.startsWith(beginning)))
  })
  if (stays.length === 0) return { ...about, told: 'nothing', result: 'ok' }
  const names = namesOf(
    stays.map(({ kind, schema, name }) => `${kind.toLowerCase()} ${schema === '-' ? '' : `${schema}.`}${name}`)
  )
  return {
    ...about,
    told: names,
    result: 'warning',
    problem: {
      code: 'deploy-restore-stays',
      message: `The dump does not have ${counted(stays.length, 'object')} of the database, which a restore in place leaves there: ${names}.`,
      hint: 'Where migrations made them that are newer than the dump, these are pending again afterwards, and the next deploy fails at what is there: drop it before that deploy, or use `restore-mode: swap`, which takes nothing over.'
    }
  }
}

const objectsQuery = `SELECT o.kind, o.schema, o.name FROM (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS catalog, c.oid, n.nspname::text AS schema, c.relname::text AS name,
      CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
        WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
      OR c.relkind = 'S' AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i'))
    UNION ALL SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, n.nspname::text, t.typname::text,
      CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('d', 'e', 'r') OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')
    UNION ALL SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, n.nspname::text, p.proname::text,
      CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    UNION ALL SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid, '-', n.nspname::text, 'SCHEMA'
    FROM pg_catalog.pg_namespace n WHERE n.nspname <> 'public'
  ) o
  WHERE (CASE o.kind WHEN 'SCHEMA' THEN o.name ELSE o.schema END) !~ '^(pg_|information_schema$)'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = o.catalog AND d.objid = o.oid AND d.deptype IN ('e', 'i'))
  ORDER BY o.kind = 'TABLE' DESC, o.kind, o.schema, o.name`
