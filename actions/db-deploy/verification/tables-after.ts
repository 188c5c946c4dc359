import { numberOf } from '../database/sql.ts'
import type { Session } from '../database/session.ts'
import { listTables, type Relation } from './catalog.ts'
import { countRelations, type CountedTable, type Counting } from './count-rows.ts'
import type { TableAfter } from './row-losses.ts'

/**
 * What became of the tables that were counted before: found again by their oid, which a rename leaves, or by their name,
 * which a copy takes over. Those that the smoke test has not counted are counted now.
 *
 * @param counted what the smoke test has counted already
 */
export async function tablesAfter(
  session: Session,
  before: readonly CountedTable[],
  counted: readonly (Counting & { readonly relation: Relation | undefined })[],
  limits: { readonly exactCountLimit: number; readonly timeout: number }
): Promise<readonly TableAfter[]> {
  const { tables } = await listTables(session, [])
  const byOid = new Map(tables.map((relation) => [relation.oid, relation]))
  const byName = new Map(tables.map((relation) => [relation.quoted, relation]))
  const known = new Map<number, Counting>(
    counted.flatMap((each) =>
      each.relation === undefined || each.rows === undefined ? [] : [[each.relation.oid, each]]
    )
  )
  const found = before.map((table) => ({ table, relation: byOid.get(table.oid) ?? byName.get(table.table) }))
  const uncounted = found.flatMap(({ relation }) =>
    relation === undefined || known.has(relation.oid) || !relation.granted ? [] : [relation]
  )
  const counts = await countRelations(
    session,
    uncounted.map((relation) => ({ relation, needed: 0 })),
    limits
  )
  for (const [at, { oid }] of uncounted.entries()) {
    const counting = counts[at]
    if (counting !== undefined) known.set(oid, counting)
  }
  const hidden = await stillThere(
    session,
    found.flatMap(({ table, relation }) => (relation === undefined ? [table.oid] : []))
  )
  return found.map(({ table, relation }) => {
    if (relation === undefined)
      return { before: table, after: hidden.has(table.oid) ? undefined : 'gone', remade: false }
    const { oid } = relation
    const { rows, refused } = known.get(oid) ?? { rows: undefined }
    return {
      before: table,
      oid,
      after: rows,
      ...(refused === undefined ? {} : { refused }),
      remade: oid !== table.oid
    }
  })
}

/** Tables that the list does not have, and that are there: partitions of a new parent, or in a schema that closed. */
async function stillThere(session: Session, oids: readonly number[]): Promise<ReadonlySet<number>> {
  if (oids.length === 0) return new Set()
  const rows = await session.query('SELECT oid::int8 AS oid FROM pg_catalog.pg_class WHERE oid = ANY ($1::oid[])', [
    oids
  ])
  return new Set(rows.map((row) => numberOf(row, 'oid')))
}
