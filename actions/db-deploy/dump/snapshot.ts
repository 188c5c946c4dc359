import { booleanOf, numberOf, textOf } from '../database/sql.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { openSession, type Session, type SessionWorld } from '../database/session.ts'

/** One state of a database, kept by a transaction of ours for as long as it is looked at. */
export interface Snapshot {
  /** As `pg_dump --snapshot` takes it. */
  readonly id: string
  /** With the one host that it was reached at: another one of the URL's does not know the snapshot. */
  readonly url: DatabaseUrl
  readonly relations: readonly DumpedRelation[]
  readonly additions: readonly DumpedAddition[]
  readonly extensions: readonly string[]
  readonly largeObjects: number
  /** Bytes of the tables without their indexes, which a dump does not hold; as far as they were analyzed. */
  readonly tableBytes: number
  /** Rows of each table that has some of its own, by `name`; reads every one of them whole. */
  countRows(): Promise<ReadonlyMap<string, number>>
  /** Ends the transaction, as it would hold up what migrations wait for: CREATE INDEX CONCURRENTLY, vacuum. */
  release(): Promise<void>
}

/** A table or a view that a dump must have. */
export interface DumpedRelation {
  readonly oid: number
  /** As SQL writes it: `public."odd name"`. */
  readonly name: string
  /** Tables; no views, no partitioned tables (their partitions have the rows), no foreign ones. */
  readonly hasRows: boolean
}

/** An index, a key, a foreign key or a trigger that a dump must have; it stands behind the data there. */
export interface DumpedAddition {
  readonly catalog: number
  readonly oid: number
  /** `users_email_key of public.users` */
  readonly name: string
}

/**
 * Takes a snapshot that other sessions can be given (PostgreSQL, "Snapshot Synchronization Functions"), and what is there
 * in it.
 *
 * @param options `timeout`: milliseconds for one statement
 */
export async function holdSnapshot(
  url: DatabaseUrl,
  options: { readonly applicationName: string; readonly timeout: number },
  world: SessionWorld
): Promise<Snapshot> {
  const { applicationName, timeout } = options
  const session = await openSession(url, { applicationName, readOnly: true, statementTimeout: timeout }, world)
  try {
    // A role that row security hides rows from gets an error rather than a smaller count, as pg_dump does.
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL row_security = off')
    const [snapshot] = await session.query('SELECT pg_catalog.pg_export_snapshot() AS id')
    const relations = (await session.query(relationsQuery)).map((row) => ({
      oid: numberOf(row, 'oid'),
      name: textOf(row, 'name'),
      hasRows: booleanOf(row, 'has_rows')
    }))
    const additions = (await session.query(additionsQuery)).map((row) => ({
      catalog: numberOf(row, 'catalog'),
      oid: numberOf(row, 'oid'),
      name: textOf(row, 'name')
    }))
    const extensions = await session.query('SELECT extname AS name FROM pg_catalog.pg_extension ORDER BY 1')
    const [sums] = await session.query(sumsQuery)
    return {
      id: textOf(snapshot, 'id'),
      url: session.url,
      relations,
      additions,
      extensions: extensions.map((row) => textOf(row, 'name')),
      largeObjects: numberOf(sums, 'large_objects'),
      tableBytes: numberOf(sums, 'table_bytes'),
      countRows: async () => {
        const counts = new Map<string, number>()
        for (const { name } of relations.filter(({ hasRows }) => hasRows)) {
          const [row] = await session.query(`SELECT count(*) AS rows FROM ONLY ${name}`)
          counts.set(name, numberOf(row, 'rows'))
        }
        return counts
      },
      release: () => session.close()
    }
  } catch (error) {
    await session.close()
    throw error
  }
}

/**
 * What pg_dump dumps of pg_class besides sequences: nothing of extensions, as CREATE EXTENSION makes that, and no rows of
 * unlogged tables on a standby, which has none (pg_dump.c, `selectDumpableTable`, `makeTableDataInfo`).
 */
const relationsQuery = `SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
    c.relkind = 'r' AND NOT (c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery()) AS has_rows
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f', 'm', 'v') AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY name`

/**
 * What pg_dump makes an entry of its own of, under the oid that it has here (pg_dump.c, `getIndexes`, `getConstraints`,
 * `getTriggers`). Left out is what partitions have of their parent, and what is an extension's.
 */
const additionsQuery = `WITH relation AS (
    SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm', 'v') AND c.relpersistence <> 't'
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
  ), addition AS (
    SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass::oid AS catalog, k.oid, k.conname AS name, k.conrelid AS relation
    FROM pg_catalog.pg_constraint k WHERE k.contype IN ('p', 'u', 'x', 'f') AND k.conparentid = 0
    UNION ALL SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::oid, x.oid, x.relname, i.indrelid
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    WHERE i.indisvalid AND i.indisready AND NOT x.relispartition AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
      WHERE k.conindid = x.oid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x'))
    UNION ALL SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass::oid, t.oid, t.tgname, t.tgrelid
    FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal AND coalesce(pg_catalog.to_jsonb(t) ->> 'tgparentid', '0') = '0'
  )
  SELECT a.catalog, a.oid, pg_catalog.format('%I of %s', a.name, r.name) AS name
  FROM addition a JOIN relation r ON r.oid = a.relation
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = a.catalog AND d.objid = a.oid AND d.deptype = 'e')
  ORDER BY 3`

/** Whether there is a table that a dump would have rows of. @throws {QueryError} */
export async function holdsTables(session: Session): Promise<boolean> {
  return (await session.query(relationsQuery)).some((row) => booleanOf(row, 'has_rows'))
}

/** By pages as the planner knows them: pg_table_size waits for a table that somebody has locked. */
const sumsQuery = `SELECT (SELECT count(*) FROM pg_catalog.pg_largeobject_metadata) AS large_objects,
    (SELECT coalesce(sum(greatest(c.relpages, 0)::bigint), 0) * pg_catalog.current_setting('block_size')::bigint
      FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 't')) AS table_bytes`
