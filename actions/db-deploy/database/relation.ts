import type { TouchedTable } from '../record.ts'

/** A table that migrations touch, with the lock that is expected on it (`ACCESS EXCLUSIVE`) where that is known. */
export type TouchedName = Pick<TouchedTable, 'name' | 'lock' | 'place'>

/**
 * Schema and name as they are stored. Of a name written as `users` or `billing.invoices`, quoted or not; an unqualified one
 * is in the given schema.
 */
export function relationParts(written: string, schema: string): { readonly schema: string; readonly name: string } {
  const parts = [...written.matchAll(/"((?:[^"]|"")*)"|([^."]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ''
  )
  const name = parts.at(-1) ?? written
  return { schema: parts.at(-2) ?? schema, name }
}

/**
 * The tables that are there, as a list that a query can join: columns `name` (as written) and `oid`. It asks the catalog
 * by name, since `to_regclass` fails where the role may not use the schema.
 *
 * @param first number of the first of its three parameters
 */
export function relationsSql(first: number): string {
  return `(SELECT wanted.written AS name, c.oid FROM unnest($${first}::text[], $${first + 1}::text[], $${first + 2}::text[])
      AS wanted (written, schema, name)
    JOIN pg_namespace n ON n.nspname = wanted.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name)`
}

/** The values for `relationsSql`. */
export function relationsValues(tables: readonly TouchedName[], schema: string): readonly (readonly string[])[] {
  const parts = tables.map(({ name, place }) => place ?? relationParts(name, schema))
  return [tables.map(({ name }) => name), parts.map((part) => part.schema), parts.map((part) => part.name)]
}
