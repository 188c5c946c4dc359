import type { TableName } from '../../shared/migrations/operation.ts'

/** A question to the catalog: SQL that is true, false, or null where it cannot be told. */
export type Expression = (place: Place) => string

/** What an expression is written with. */
export interface Place {
  /** A parameter of the query that has this text. */
  readonly text: (value: string) => string
  /** The schema that a name is looked for in, also where it is written without one; undefined: by the search path. */
  readonly schemaOf: (name: Pick<TableName, 'schema'>) => string | undefined
}

/** Oid of the table, view, sequence or index, or null. */
function relation(name: TableName, { text, schemaOf }: Place): string {
  return `to_regclass(${text(quoted(schemaOf(name), name.name))})`
}

/** Oid of the type, or null. */
function typeOid(name: TableName, { text, schemaOf }: Place): string {
  return `to_regtype(${text(quoted(schemaOf(name), name.name))})`
}

/** A name as to_regclass and to_regtype read it. */
function quoted(schema: string | undefined, name: string): string {
  return [...(schema === undefined ? [] : [schema]), name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.')
}

export const relationThere =
  (name: TableName): Expression =>
  (place) =>
    `${relation(name, place)} IS NOT NULL`

export const schemaThere =
  (schema: string): Expression =>
  ({ text }) =>
    `EXISTS (SELECT FROM pg_namespace WHERE nspname = ${text(schema)})`

export const extensionThere =
  (extension: string): Expression =>
  ({ text }) =>
    `EXISTS (SELECT FROM pg_extension WHERE extname = ${text(extension)})`

/** @param condition more that must be so of the column, `a` */
export const columnThere =
  (table: TableName, column: string, condition = 'true'): Expression =>
  (place) =>
    `EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = ${relation(table, place)}
      AND a.attname = ${place.text(column)} AND NOT a.attisdropped AND ${condition})`

/** Whether the column has the type; a type that nobody knows is no column's. */
export const columnHasType =
  (table: TableName, column: string, type: TableName & { readonly array: boolean }): Expression =>
  (place) => {
    const suffix = type.array ? '[]' : ''
    const found = [quoted(place.schemaOf(type), type.name), quoted(type.schema, type.name)].map(
      (name) => `to_regtype(${place.text(name + suffix)})`
    )
    return `EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = ${relation(table, place)}
      AND a.attname = ${place.text(column)} AND NOT a.attisdropped AND a.atttypid IN (${found.join(', ')}))`
  }

/** Of a default nobody can say whether it is the new one: without one the new one is not there. */
export const defaultChanged =
  (table: TableName, column: string, drops: boolean): Expression =>
  (place) =>
    `(SELECT CASE WHEN a.atthasdef THEN ${drops ? 'false' : 'NULL'} ELSE ${drops ? 'true' : 'false'} END
      FROM pg_attribute a WHERE a.attrelid = ${relation(table, place)} AND a.attname = ${place.text(column)})`

/** @param condition more that must be so of the constraint, `c` */
export const constraintThere =
  (table: TableName, constraint: string, condition = 'true'): Expression =>
  (place) =>
    `EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = ${relation(table, place)}
      AND c.conname = ${place.text(constraint)} AND ${condition})`

/** A constraint of a kind on exactly these columns, of any name where none is given. */
export const constraintOnColumns =
  (table: TableName, kind: string, columns: readonly string[], name?: string): Expression =>
  (place) =>
    `EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = ${relation(table, place)} AND c.contype = ${place.text(kind)}::"char"
      ${name === undefined ? '' : `AND c.conname = ${place.text(name)}`}
      AND (SELECT string_agg(a.attname, E'\\n' ORDER BY a.attname) FROM pg_attribute a
           WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)) = ${place.text(columns.toSorted().join('\n'))})`

/**
 * An index by its name, of this table and on these columns: another one of the name may go with what is dropped.
 *
 * @param columns undefined where an expression is among them
 * @param condition more that must be so of the index, `i`
 */
export const indexThere =
  (index: TableName, table: TableName, columns: readonly string[] | undefined, condition = 'true'): Expression =>
  (place) =>
    `EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = ${relation(index, place)} AND i.indrelid = ${relation(table, place)}
      AND ${condition} ${
        columns === undefined
          ? ''
          : `AND (SELECT string_agg(a.attname, E'\\n' ORDER BY k.place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, place)
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
           WHERE k.place <= i.indnkeyatts) = ${place.text(columns.join('\n'))}`
      })`

export const partitionOf =
  (partition: TableName, table: TableName): Expression =>
  (place) =>
    `EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = ${relation(partition, place)} AND i.inhparent = ${relation(table, place)})`

export const triggerThere =
  (table: TableName, trigger: string): Expression =>
  (place) =>
    `EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = ${relation(table, place)} AND t.tgname = ${place.text(trigger)})`

/** A property of the table itself, such as `relrowsecurity`. */
export const tableHas =
  (table: TableName, property: string): Expression =>
  (place) =>
    `EXISTS (SELECT FROM pg_class r WHERE r.oid = ${relation(table, place)} AND r.${property})`

export const typeThere =
  (type: TableName): Expression =>
  (place) =>
    `${typeOid(type, place)} IS NOT NULL`

export const enumValueThere =
  (type: TableName, value: string): Expression =>
  (place) =>
    `EXISTS (SELECT FROM pg_enum e WHERE e.enumtypid = ${typeOid(type, place)}
      AND e.enumlabel = ${place.text(value)})`

/** Whether the type is an enum of these values, in their order. */
export const enumIs =
  (type: TableName, values: readonly string[]): Expression =>
  (place) =>
    `coalesce((SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e
      WHERE e.enumtypid = ${typeOid(type, place)}) = ARRAY[${values.map(place.text).join(', ')}]::text[], false)`

/** By name alone: which of several with other arguments is meant is not known. */
export const functionThere =
  (name: TableName): Expression =>
  (place) =>
    `EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = ${place.text(name.name)}
      AND n.nspname = coalesce(${nullable(place.schemaOf(name), place)}, n.nspname))`

function nullable(value: string | undefined, { text }: Place): string {
  return value === undefined ? 'NULL' : text(value)
}

export const not =
  (expression: Expression): Expression =>
  (place) =>
    `NOT (${expression(place)})`

export const both =
  (one: Expression, other: Expression): Expression =>
  (place) =>
    `(${one(place)}) AND (${other(place)})`

export const either =
  (one: Expression, other: Expression): Expression =>
  (place) =>
    `(${one(place)}) OR (${other(place)})`

/** Not told where neither name is there: it may have been dropped by either. */
export const hasMoved =
  (from: Expression, to: Expression): Expression =>
  (place) =>
    `CASE WHEN ${from(place)} THEN false WHEN ${to(place)} THEN true END`

/** False where the expression is; where it is true nothing is proven, as it may have been so before. */
export const atMost =
  (expression: Expression): Expression =>
  (place) =>
    `CASE WHEN ${expression(place)} THEN NULL ELSE false END`
