import type { Session } from '../database/session.ts'
import { optionalNumberOf, textOf } from '../database/sql.ts'

/** Some tables of a dump, as SQL writes them, with the oids that they have in the database; undefined where one is not there. */
export type RelationWitness = readonly { readonly table: string; readonly oid?: number }[]

/** Tables that are looked at: what is restored in one transaction is all there or not at all. */
const most = 20

/**
 * What tells whether a restore in place was committed: `pg_restore --clean` drops each table of the dump and makes it anew, and
 * a new table has a new oid.
 *
 * @param tables as SQL writes them
 */
export async function witnessOf(session: Session, tables: readonly string[]): Promise<RelationWitness> {
  const rows = await session.query(
    'SELECT name, pg_catalog.to_regclass(name)::pg_catalog.oid AS oid FROM pg_catalog.unnest($1::text[]) AS name',
    [tables.slice(0, most)]
  )
  return rows.map((row) => {
    const oid = optionalNumberOf(row, 'oid')
    return { table: textOf(row, 'name'), ...(oid === undefined ? {} : { oid }) }
  })
}

/** Compares what is there with what was there before the restore. Pure. */
export function witnessed(before: RelationWitness, now: RelationWitness): 'as it was' | 'restored' | 'not known' {
  const oids = new Map(now.map(({ table, oid }) => [table, oid]))
  const anew = before.filter(({ table, oid }) => oids.get(table) !== undefined && oids.get(table) !== oid)
  const same = before.filter(({ table, oid }) => oids.get(table) === oid)
  if (before.length === 0 || anew.length + same.length < before.length) return 'not known'
  return same.length === before.length ? 'as it was' : anew.length === before.length ? 'restored' : 'not known'
}

/** A sentence for people. */
export function witnessTold(database: string, found: ReturnType<typeof witnessed>): string {
  const told = {
    'as it was': `${database} is as it was: nothing of the dump was committed.`,
    restored: `${database} is restored all the same: its transaction was committed.`,
    'not known': `Whether ${database} is restored or as it was is not known: look at its tables.`
  }
  return told[found]
}
