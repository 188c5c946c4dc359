import { booleanOf, numberOf, optionalNumberOf, quoteIdentifier, textOf, textsOf } from '../database/sql.ts'
import type { Row, Session } from '../database/session.ts'
import { ledgerSchema } from '../telemetry/ledger.ts'

/** A relation that is in the database, as the role of a session sees it. */
export interface Relation {
  readonly oid: number
  readonly schema: string
  readonly table: string
  /** `"public"."users"` */
  readonly quoted: string
  readonly kind: 'table' | 'partitioned' | 'view' | 'materialized' | 'foreign'
  /** Of a materialized view: whether it was ever refreshed. */
  readonly populated: boolean
  readonly columns: readonly string[]
  /** Rows at the last ANALYZE or VACUUM, those of all partitions; undefined where there was none. */
  readonly estimate: number | undefined
  /** Policies hide rows from this role. */
  readonly policed: boolean
  /** Whether the role may select all of it, by what the catalog says. */
  readonly granted: boolean
  /** Oids of the tables that it inherits from: a query of theirs gives its rows, too. */
  readonly parents: readonly number[]
}

export interface RelationName {
  readonly schema: string
  readonly table: string
}

/**
 * Finds relations by name; undefined in the place of one that is not there. Names are cut as the server cuts them when it
 * makes a table, at 63 bytes.
 */
export async function findRelations(
  session: Session,
  names: readonly RelationName[]
): Promise<readonly (Relation | undefined)[]> {
  if (names.length === 0) return []
  const rows = await session.query(
    `SELECT wanted.at::int4 AS at, ${columns}
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (schema, name, at)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema::name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name::name
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
    [names.map(({ schema }) => schema), names.map(({ table }) => table)]
  )
  const found = new Map(rows.map((row) => [numberOf(row, 'at') - 1, readRelation(row)]))
  return names.map((_, at) => found.get(at))
}

/** What is in the database besides system catalogs. */
export interface ListedTables {
  /** Ordinary and partitioned tables, each partitioned one once, in the order of schema and name. */
  readonly tables: readonly Relation[]
  /** Foreign tables: what another server holds, and is not asked. */
  readonly foreign: readonly Relation[]
  /** Schemas with tables that the role may not even look into. */
  readonly closedSchemas: readonly string[]
}

/**
 * Lists the application's tables: not those of PostgreSQL, of extensions, of sessions, of our ledger, nor partitions, whose
 * rows their parent has.
 *
 * @param without tables to leave out, by name
 */
export async function listTables(session: Session, without: readonly string[]): Promise<ListedTables> {
  const rows = await session.query(
    `SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS open, ${columns}
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> ALL ('{information_schema,${ledgerSchema}}') AND c.relname <> ALL ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
    AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname`,
    [without]
  )
  const open = rows.filter((row) => booleanOf(row, 'open')).map(readRelation)
  const closed = rows.filter((row) => !booleanOf(row, 'open')).map((row) => textOf(row, 'schema'))
  return {
    tables: open.filter(({ kind }) => kind !== 'foreign'),
    foreign: open.filter(({ kind }) => kind === 'foreign'),
    closedSchemas: [...new Set(closed)]
  }
}

/** `reltuples` is -1 before the first ANALYZE, and 0 before PostgreSQL 14; a parent's own says nothing of its partitions. */
const columns = `c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
  c.relispopulated AS populated, pg_catalog.row_security_active(c.oid) AS policed,
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS granted,
  CASE WHEN c.relkind <> 'p' THEN nullif(c.reltuples, -1)::float8 ELSE (
    SELECT CASE WHEN pg_catalog.bool_and(leaf.reltuples >= 0) THEN pg_catalog.sum(leaf.reltuples) END
    FROM pg_catalog.pg_partition_tree(c.oid) tree JOIN pg_catalog.pg_class leaf ON leaf.oid = tree.relid
    WHERE tree.isleaf)::float8 END AS estimate,
  ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns,
  ARRAY(SELECT i.inhparent::text FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) AS parents`

function readRelation(row: Row): Relation {
  const schema = textOf(row, 'schema')
  const table = textOf(row, 'name')
  return {
    oid: numberOf(row, 'oid'),
    schema,
    table,
    quoted: quotedRelation({ schema, table }),
    kind: kinds[textOf(row, 'kind')] ?? 'table',
    populated: booleanOf(row, 'populated'),
    columns: textsOf(row, 'columns'),
    estimate: optionalNumberOf(row, 'estimate'),
    policed: booleanOf(row, 'policed'),
    granted: booleanOf(row, 'granted'),
    parents: textsOf(row, 'parents').map(Number)
  }
}

const kinds: Readonly<Record<string, Relation['kind']>> = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  m: 'materialized',
  f: 'foreign'
}

/** `"public"."users"` */
export function quotedRelation({ schema, table }: RelationName): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`
}

/** A name as the server keeps it: 63 bytes (NAMEDATALEN), and no half character. */
export function storedName(name: string): string {
  const bytes = Buffer.from(name)
  if (bytes.length <= 63) return name
  let end = 63
  // The bytes that go on with a character begin with the bits 10.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.subarray(0, end).toString()
}
