import type { Session } from '../database/session.ts'
import { booleanOf, numberOf, optionalNumberOf, optionalTextOf, textOf } from '../database/sql.ts'
import { ledgerSchema } from '../telemetry/ledger.ts'
import type { MigrationSource } from './project.ts'

/** What the catalog says of the framework's table, before it is read. */
export interface TableFacts {
  /** Quoted as SQL writes it; undefined where there is none in the place where the framework looks. */
  readonly table: string | undefined
  readonly columns: ReadonlyMap<string, string>
  /** Whether the role may read it. */
  readonly readable: boolean
  /** Row-level security may hide rows of it from the role: what is seen is no proof of what is there. */
  readonly rowsHidden: boolean
  /** Other schemas that have a table of this name. */
  readonly elsewhere: readonly string[]
  /** The schema in which the framework looks; undefined where the search path leads to none. */
  readonly schema: string | undefined
  readonly schemaExists: boolean
  /** Some of the tables in that schema that are not the framework's own. */
  readonly otherTables: readonly string[]
  /** The database has our ledger. */
  readonly ledger: boolean
}

/** Finds the table where the framework looks for it: one round trip. @throws {QueryError} */
export async function findMigrationTable(
  session: Session,
  { tableSchema, table }: MigrationSource
): Promise<TableFacts> {
  const [row] = await session.query(catalogQuery, [tableSchema ?? null, table, ledgerSchema])
  const read = fieldsOf(row?.['facts'])
  return {
    table: nameIn(read['table']),
    columns: new Map(
      Object.entries(fieldsOf(read['columns'])).flatMap(([name, type]) =>
        typeof type === 'string' ? [[name, type] as const] : []
      )
    ),
    readable: read['readable'] === true,
    rowsHidden: read['rowsHidden'] === true,
    elsewhere: namesIn(read['elsewhere']),
    schema: nameIn(read['schema']),
    schemaExists: read['schemaExists'] === true,
    otherTables: namesIn(read['otherTables']),
    ledger: read['ledger'] === true
  }
}

/**
 * $1 is the schema or null, $2 the table, $3 our ledger's schema. Without a schema the table is the first of its name in
 * the search path, as it is for Ecto; a new one would be made in the first schema of that path. Tables that PostGIS
 * brings count for nothing (prisma-engines, table_should_be_ignored). A policy that shows every row to the role hides none.
 * The catalog tells of a ledger that belongs to another role; to_regclass fails where its schema must not be used.
 */
const catalogQuery = `
WITH place AS (
  SELECT coalesce($1, current_schema())::text AS schema
), found AS (
  SELECT c.oid, n.oid AS namespace, n.nspname, c.relname, $1::text IS NULL AND pg_catalog.pg_table_is_visible(c.oid) AS visible
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'f')
     AND n.nspname NOT IN ('information_schema') AND n.nspname NOT LIKE 'pg\\_%'
), mine AS (
  SELECT * FROM found WHERE visible OR nspname = $1
)
SELECT json_build_object(
  'table', (SELECT format('"%s"."%s"', replace(nspname, '"', '""'), replace(relname, '"', '""')) FROM mine),
  'columns', (
    SELECT json_object_agg(a.attname, pg_catalog.format_type(a.atttypid, NULL))
      FROM mine JOIN pg_catalog.pg_attribute a ON a.attrelid = mine.oid AND a.attnum > 0 AND NOT a.attisdropped
  ),
  'readable', (
    SELECT has_schema_privilege(namespace, 'USAGE') AND has_table_privilege(oid, 'SELECT') FROM mine
  ),
  'rowsHidden', (
    SELECT pg_catalog.row_security_active(mine.oid) AND NOT (
      EXISTS (
        SELECT FROM pg_catalog.pg_policy p
         WHERE p.polrelid = mine.oid AND p.polpermissive AND p.polcmd IN ('r', '*')
           AND pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true'
           AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE CASE WHEN r = 0 THEN true ELSE pg_has_role(r, 'USAGE') END))
      AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_policy p
         WHERE p.polrelid = mine.oid AND NOT p.polpermissive AND p.polcmd IN ('r', '*')))
      FROM mine
  ),
  'elsewhere', (SELECT json_agg(nspname ORDER BY nspname) FROM found WHERE oid NOT IN (SELECT oid FROM mine)),
  'schema', (SELECT schema FROM place),
  'schemaExists', EXISTS (SELECT FROM pg_catalog.pg_namespace n JOIN place ON n.nspname = place.schema),
  'otherTables', (
    SELECT json_agg(relname) FROM (
      SELECT c.relname
        FROM place
        JOIN pg_catalog.pg_namespace n ON n.nspname = place.schema
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p')
       WHERE c.relname <> $2
         AND c.relname NOT IN ('spatial_ref_sys', 'raster_columns', 'raster_overviews', 'geometry_columns', 'geography_columns')
       ORDER BY c.relname
       LIMIT 5
    ) some_tables
  ),
  'ledger', EXISTS (
    SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $3 AND c.relname = 'migrations'
  )
) AS facts`

/** One row of `_prisma_migrations`. Times are milliseconds since the epoch. */
export interface PrismaRow {
  readonly name: string
  readonly checksum: string
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  readonly rolledBack: boolean
  readonly logs: string | undefined
  readonly steps: number
}

/** In the order in which they were begun. @throws {QueryError} */
export async function readPrismaRows(session: Session, table: string): Promise<readonly PrismaRow[]> {
  const rows = await session.query(
    `SELECT migration_name AS name, checksum, logs, coalesce(applied_steps_count, 0) AS steps, rolled_back_at IS NOT NULL AS rolled_back,
            (extract(epoch FROM started_at) * 1000)::float8 AS started, (extract(epoch FROM finished_at) * 1000)::float8 AS finished
       FROM ${table} ORDER BY started_at, finished_at NULLS LAST`
  )
  return rows.map((row) => ({
    name: textOf(row, 'name'),
    checksum: textOf(row, 'checksum'),
    startedAt: optionalNumberOf(row, 'started'),
    finishedAt: optionalNumberOf(row, 'finished'),
    rolledBack: booleanOf(row, 'rolled_back'),
    logs: optionalTextOf(row, 'logs')?.trim() || undefined,
    steps: numberOf(row, 'steps')
  }))
}

/** One row of `schema_migrations`. */
export interface EctoRow {
  readonly version: string
  /** Milliseconds since the epoch: Ecto writes it when the migration is done, in UTC without saying so. */
  readonly insertedAt: number | undefined
}

/** @throws {QueryError} */
export async function readEctoRows(session: Session, { table, columns }: TableFacts): Promise<readonly EctoRow[]> {
  if (table === undefined) return []
  const inserted = columns.has('inserted_at')
    ? `(extract(epoch FROM inserted_at::timestamp AT TIME ZONE 'UTC') * 1000)::float8`
    : 'NULL::float8'
  const rows = await session.query(`SELECT version::text AS version, ${inserted} AS inserted FROM ${table}`)
  return rows.map((row) => ({ version: textOf(row, 'version'), insertedAt: optionalNumberOf(row, 'inserted') }))
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
