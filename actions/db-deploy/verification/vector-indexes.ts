import type { Problem } from '../../shared/problem.ts'
import type { Check } from '../check.ts'
import { counted, grouped } from '../counted.ts'
import type { Row, Session } from '../database/session.ts'
import { booleanOf, numberOf, optionalNumberOf, textOf } from '../database/sql.ts'
import { findRelations } from './catalog.ts'
import { countRelations, type RowCount } from './count-rows.ts'

/**
 * IVFFlat and HNSW indexes of pgvector: which there are, and whether those of IVFFlat were made for as many rows as there
 * are. No check where the database does not have pgvector.
 */
export async function vectorIndexChecks(session: Session): Promise<readonly Check[]> {
  const columns = await vectorColumns(session)
  if (columns === undefined) return []
  const indexes = (await session.query(indexQuery)).map(readIndex)
  const check = { id: 'vector-indexes', title: 'Vector indexes' }
  if (indexes.length === 0) {
    const told =
      columns === 0 ? 'no column of vectors' : `none on ${counted(columns, 'column')} of vectors: exact search`
    return [{ ...check, result: 'ok', told }]
  }
  const rows = await rowsOf(session, indexes)
  // The index of a partitioned table stands for those of its partitions, each of which has lists of its own.
  const own = indexes.filter(({ partition }) => !partition)
  const told = own.map((index) => toldOf(index, rows.get(index))).join(', ')
  const broken = own.filter(({ valid }) => !valid).map(({ name }) => name)
  const doubtful = indexes.flatMap((index) => listsProblem(index, rows.get(index)))
  return [
    broken.length === 0
      ? { ...check, result: 'ok', told }
      : { ...check, result: 'warning', told, problem: unused(broken) },
    ...doubtful.map(({ index, message, hint }) => ({
      id: 'vector-index-lists',
      title: `Vector index ${index.name}`,
      result: 'warning' as const,
      told: `${index.lists} lists`,
      problem: { code: 'vector-index-lists', message, hint }
    }))
  ]
}

function unused(names: readonly string[]): Problem {
  return {
    code: 'database-invalid-index',
    message: `${names.join(', ')}: no search uses ${names.length === 1 ? 'it, as it is' : 'them, as they are'} not valid.`,
    hint: `Build it again: ${names.map((name) => `\`REINDEX INDEX CONCURRENTLY ${name}\``).join(', ')}. That of a partitioned table is valid once each partition has an index that is attached to it (ALTER INDEX … ATTACH PARTITION).`
  }
}

interface VectorIndex {
  readonly name: string
  readonly schema: string
  readonly table: string
  readonly method: string
  readonly lists: number
  readonly valid: boolean
  /** It belongs to a partitioned table: it has no rows of its own. */
  readonly partitioned: boolean
  /** It belongs to a partition, and to the index of its table. */
  readonly partition: boolean
}

/** `lists` is 100 unless the index says otherwise (pgvector, ivfflat.h: IVFFLAT_DEFAULT_LISTS). */
const indexQuery = `SELECT i.indexrelid::regclass::text AS name, n.nspname::text AS schema, t.relname::text AS table_name,
  am.amname::text AS method, i.indisvalid AS valid, c.relkind = 'I' AS partitioned, c.relispartition AS partition,
  (SELECT o.option_value::int4 FROM pg_catalog.pg_options_to_table(c.reloptions) o WHERE o.option_name = 'lists') AS lists
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relkind IN ('i', 'I')
JOIN pg_catalog.pg_am am ON am.oid = c.relam AND am.amname IN ('ivfflat', 'hnsw')
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
ORDER BY 1`

function readIndex(row: Row): VectorIndex {
  return {
    name: textOf(row, 'name'),
    schema: textOf(row, 'schema'),
    table: textOf(row, 'table_name'),
    method: textOf(row, 'method'),
    lists: optionalNumberOf(row, 'lists') ?? 100,
    valid: booleanOf(row, 'valid'),
    partitioned: booleanOf(row, 'partitioned'),
    partition: booleanOf(row, 'partition')
  }
}

/** Columns of pgvector's types; undefined where the extension is not there. */
async function vectorColumns(session: Session): Promise<number | undefined> {
  const [row] = await session.query(`SELECT count(a.attname)::int4 AS columns, count(e.oid)::int4 AS extensions
FROM pg_catalog.pg_extension e
LEFT JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid
  AND d.classid = 'pg_catalog.pg_type'::regclass AND d.deptype = 'e'
LEFT JOIN (pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c
  ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT a.attisdropped)
  ON a.atttypid = d.objid
WHERE e.extname = 'vector'`)
  return numberOf(row, 'extensions') === 0 ? undefined : numberOf(row, 'columns')
}

/** Milliseconds for counting one table, and rows up to which it is counted. */
const countTimeout = 5_000
const exactCountLimit = 10_000

async function rowsOf(
  session: Session,
  indexes: readonly VectorIndex[]
): Promise<ReadonlyMap<VectorIndex, RowCount | undefined>> {
  const relations = await findRelations(session, indexes)
  const found = indexes.flatMap((index, at) => {
    const relation = relations[at]
    return relation === undefined ? [] : [{ index, relation, needed: 0 }]
  })
  const counts = await countRelations(session, found, { exactCountLimit, timeout: countTimeout })
  return new Map(found.map(({ index }, at) => [index, counts[at]?.rows]))
}

function toldOf({ name, method, lists, valid }: VectorIndex, rows: RowCount | undefined): string {
  const size = rows === undefined ? '' : ` for ${rows.exact ? '' : 'about '}${counted(rows.count, 'row')}`
  return `${name} (${method}${method === 'ivfflat' ? `, ${lists} lists${size}` : size}${valid ? '' : ', invalid'})`
}

/** As far from the README's figure, either way, nobody means it. */
const far = 10

function listsProblem(
  index: VectorIndex,
  rows: RowCount | undefined
): readonly { readonly index: VectorIndex; readonly message: string; readonly hint: string }[] {
  if (index.method !== 'ivfflat' || rows === undefined || index.partitioned) return []
  // Partitions are made before there is anything to put into them.
  if (index.partition && rows.count === 0) return []
  if (rows.count === 0) {
    return [
      {
        index,
        message: `The IVFFlat index ${index.name} was made on an empty table: the centres of its lists are chance, and searches will miss rows.`,
        hint: `Load the rows first and then build it, REINDEX INDEX CONCURRENTLY ${index.name} once they are there, or use HNSW, which needs no rows to begin with.`
      }
    ]
  }
  const wanted = recommendedLists(rows.count)
  if (index.lists <= wanted * far && index.lists * far >= wanted) return []
  const size = `${rows.exact ? '' : 'about '}${counted(rows.count, 'row')}`
  return [
    {
      index,
      message: `The IVFFlat index ${index.name} has ${grouped(index.lists)} lists for ${size}; about ${grouped(wanted)} are recommended.`,
      hint: `${index.lists > wanted ? 'Too many lists make searches miss rows' : 'Too few lists make searches slow'}: build it again WITH (lists = ${wanted}), and set ivfflat.probes to about ${Math.max(1, Math.round(Math.sqrt(wanted)))}.`
    }
  ]
}

/** pgvector's README: rows / 1000 up to a million rows, and the square root of the rows above. */
export function recommendedLists(rows: number): number {
  return Math.max(1, Math.round(rows <= 1_000_000 ? rows / 1_000 : Math.sqrt(rows)))
}
