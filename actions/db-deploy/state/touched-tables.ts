import { isStronger, type ExpectedLocks } from '../../shared/migrations/expected-locks.ts'
import type { Session } from '../database/session.ts'
import { numberOf, optionalNumberOf, optionalTextOf, textOf } from '../database/sql.ts'
import type { TouchedTable } from '../record.ts'
import type { MigrationSource } from './project.ts'

/**
 * Asks the server how large the tables are that migrations will lock: one round trip, none where they touch nothing.
 * @returns for each of the migrations, the strongest lock first
 * @throws {QueryError}
 */
export async function readTouchedTables(
  session: Session,
  migrations: readonly ExpectedLocks[],
  { framework, schema }: Pick<MigrationSource, 'framework' | 'schema'>
): Promise<readonly (readonly TouchedTable[])[]> {
  const wanted = migrations.flatMap((locks, migration) => [
    ...locks.tables.map(({ table, mode }) => ({
      migration,
      schema: table.schema,
      name: table.name,
      index: false,
      mode
    })),
    ...locks.indexes.map(({ schema: place, name, mode }) => ({ migration, schema: place, name, index: true, mode }))
  ])
  if (wanted.length === 0) return migrations.map(() => [])
  // Prisma connects with `?schema=` as its search path; Ecto writes the prefix into what it makes.
  const place = framework === 'prisma' ? (schema ?? 'public') : schema
  const rows = await session.query(sizesQuery, [
    wanted.map((each) => each.schema ?? place ?? null),
    wanted.map(({ name }) => name),
    wanted.map(({ index }) => index)
  ])
  const found = migrations.map((): Map<string, TouchedTable & { mode: (typeof wanted)[number]['mode'] }> => new Map())
  for (const row of rows) {
    const asked = wanted[numberOf(row, 'at') - 1]
    if (asked === undefined) continue
    const name = optionalTextOf(row, 'name')
    // An index that is not there has no table that anybody could wait for.
    if (name === undefined && asked.index) continue
    const shown = name ?? (asked.schema === undefined ? asked.name : `${asked.schema}.${asked.name}`)
    const tables = found[asked.migration]
    const known = tables?.get(shown)
    if (known !== undefined && !isStronger(asked.mode, known.mode)) continue
    const rowCount = optionalNumberOf(row, 'rows')
    tables?.set(shown, {
      name: shown,
      ...(name === undefined
        ? {}
        : { place: { schema: textOf(row, 'table_schema'), name: textOf(row, 'table_name') } }),
      size: optionalNumberOf(row, 'size'),
      rows: rowCount === undefined || rowCount < 0 ? undefined : Math.round(rowCount),
      lock: asked.mode,
      mode: asked.mode
    })
  }
  return found.map((tables) =>
    [...tables.values()]
      .toSorted((a, b) => (isStronger(a.mode, b.mode) ? -1 : isStronger(b.mode, a.mode) ? 1 : 0))
      .map(({ name, place: there, size, rows: rowCount, lock }) => ({
        name,
        ...(there === undefined ? {} : { place: there }),
        size,
        rows: rowCount,
        lock
      }))
  )
}

/**
 * $1 schemas or null for the search path, $2 names, $3 whether it is an index. Of a partitioned table, its partitions
 * count. reltuples is -1 for a table that was never analysed (PostgreSQL 14). Whoever asks for a size locks the table to
 * read: where somebody has it for himself, or waits for it, the size stays unknown, and preflight says who that is.
 */
const sizesQuery = `
SELECT w.at, t.name, t.table_schema, t.table_name, t.size, t.rows
  FROM unnest($1::text[], $2::text[], $3::bool[]) WITH ORDINALITY AS w (schema, name, index, at)
  CROSS JOIN LATERAL (
    SELECT to_regclass(CASE WHEN w.schema IS NULL THEN quote_ident(w.name) ELSE quote_ident(w.schema) || '.' || quote_ident(w.name) END) AS oid
  ) r
  LEFT JOIN LATERAL (
    SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS name, n.nspname AS table_schema, c.relname AS table_name,
           CASE WHEN x.exclusive THEN NULL ELSE
             coalesce((SELECT sum(pg_total_relation_size(p.relid)) FROM pg_partition_tree(c.oid) p WHERE p.isleaf), pg_total_relation_size(c.oid))::float8
           END AS size,
           CASE WHEN x.exclusive THEN -1 ELSE coalesce((
             SELECT CASE WHEN bool_or(l.reltuples < 0) THEN -1 ELSE sum(l.reltuples) END
               FROM pg_partition_tree(c.oid) p JOIN pg_class l ON l.oid = p.relid WHERE p.isleaf
           ), c.reltuples)::float8 END AS rows
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL (
       SELECT EXISTS (
         SELECT FROM pg_locks k
          WHERE k.locktype = 'relation' AND k.mode = 'AccessExclusiveLock'
            AND k.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
            AND (k.relation = c.oid OR c.relkind = 'p' AND k.relation IN (SELECT inhrelid FROM pg_inherits))
       ) AS exclusive
     ) x
     WHERE c.oid = CASE WHEN w.index THEN (SELECT i.indrelid FROM pg_index i WHERE i.indexrelid = r.oid) ELSE r.oid END
       AND c.relkind IN ('r', 'p', 'm', 'f', 'v')
  ) t ON true
 ORDER BY w.at`
