import type { Constraint, Operation, TableName } from '../../shared/migrations/operation.ts'
import { quoteIdentifier } from '../database/sql.ts'
import {
  atMost,
  hasMoved,
  constraintOnColumns,
  constraintThere,
  indexThere,
  not,
  type Expression
} from './expression.ts'

/** How it is found out whether one operation of a migration has happened. */
export interface Lookup {
  /** `column users.email` */
  readonly object: string
  /** `create`, `drop`, `rename` … */
  readonly doing: string
  /** Whether the object is there; undefined: the catalog does not tell. */
  readonly there: Expression | undefined
  /** Whether what the operation does is done; undefined: the catalog does not tell. */
  readonly done: Expression | undefined
  /** Names that come by it or go by it: what another statement does to one of them decides what the catalog proves. */
  readonly names: readonly NameChange[]
  /** What the names belong to: `relation users` of `column users.email`. */
  readonly within: readonly string[]
  /** It may do anything to what its text names. */
  readonly opaque?: true
  readonly invalid?: Expression
  /** SQL that takes away what it made. */
  readonly undo?: string | undefined
  /** Of a column that gets another type: whether it has this one. */
  readonly retyped?: (type: TableName) => Expression
}

/** What becomes of a name. The property of an object (`default users.name`) is a name that only ever comes. */
export interface NameChange {
  /** `relation app.users`: PostgreSQL gives tables, views, indexes and sequences of a schema names of one kind. */
  readonly name: string
  readonly becomes: 'there' | 'gone'
}

export function made(kind: string, name: TableName, there: Expression): Lookup {
  const lookup: Lookup = {
    object: `${kind} ${shown(name)}`,
    doing: 'create',
    there,
    done: there,
    names: [{ name: key(kind, name), becomes: 'there' }],
    within: schemaOf(name)
  }
  return undoable.has(kind) ? { ...lookup, undo: `DROP ${kind.toUpperCase()} ${quoted(name)};` } : lookup
}

/** Kinds that DROP takes away by their own name. */
const undoable = new Set(['table', 'schema', 'type', 'sequence', 'extension'])

/** What belongs to a table and goes by ALTER TABLE. */
export function madePart(kind: 'column' | 'constraint', table: TableName, part: string, there: Expression): Lookup {
  const undo = `ALTER TABLE ${quoted(table)} DROP ${kind.toUpperCase()} ${quoted({ name: part })};`
  return { ...made(kind, below(table, part), there), within: inTable(table), undo }
}

/** Of a lookup that is about a part of something: what that is. */
export function partOf(within: readonly string[], lookup: Lookup): Lookup {
  return { ...lookup, within }
}

export function madeOrReplaced(
  kind: string,
  { table, trigger }: { readonly table: TableName; readonly trigger: string },
  there: Expression
): Lookup {
  return replaced(kind, below(table, trigger), there, inTable(table))
}

/** `CREATE OR REPLACE`: one that is there may be the old one. */
export function replaced(kind: string, name: TableName, there: Expression, within = schemaOf(name)): Lookup {
  return {
    object: `${kind} ${shown(name)}`,
    doing: 'create or replace',
    there,
    done: atMost(there),
    names: [{ name: key(kind, name), becomes: 'there' }],
    within
  }
}

export function dropped(kind: string, name: TableName, there: Expression): Lookup {
  return {
    object: `${kind} ${shown(name)}`,
    doing: 'drop',
    there,
    done: not(there),
    names: [{ name: key(kind, name), becomes: 'gone' }],
    within: schemaOf(name)
  }
}

export function renamed(kind: string, from: TableName, to: TableName, look: (name: TableName) => Expression): Lookup {
  return {
    object: `${kind} ${shown(to)}`,
    doing: `rename from ${shown(from)}`,
    there: look(to),
    done: hasMoved(look(from), look(to)),
    names: renaming(key(kind, from), key(kind, to)),
    within: [...schemaOf(from), ...schemaOf(to)]
  }
}

/** A part of a table or a type that gets another name. */
export function renamedPart(
  kind: string,
  of: TableName,
  from: string,
  to: string,
  look: (part: string) => Expression
): Lookup {
  return {
    object: `${kind} ${shown(below(of, to))}`,
    doing: `rename from ${from}`,
    there: look(to),
    done: hasMoved(look(from), look(to)),
    names: renaming(key(kind, below(of, from)), key(kind, below(of, to))),
    within: kind === 'value' ? inType(of) : inTable(of)
  }
}

function renaming(from: string, to: string): readonly NameChange[] {
  return [
    { name: from, becomes: 'gone' },
    { name: to, becomes: 'there' }
  ]
}

/** @param property what it is of which object: `default users.name` */
export function changed(
  object: string,
  is: Expression | undefined,
  { property, within }: { readonly property: string; readonly within: readonly string[] }
): Lookup {
  return { object, doing: 'change', there: is, done: is, names: [{ name: property, becomes: 'there' }], within }
}

/** What the catalog does not tell. */
export function unknown(object: string, doing: string): Lookup {
  return { object, doing, there: undefined, done: undefined, names: [], within: [] }
}

/** What cannot be read: it may also do something to what others of the migration are about. */
export function opaque(object: string, doing: string): Lookup {
  return { ...unknown(object, doing), opaque: true }
}

/** As pg_constraint.contype has it. */
const constraintKinds: Readonly<Record<Constraint['kind'], string>> = {
  'primary-key': 'p',
  unique: 'u',
  exclude: 'x',
  'foreign-key': 'f',
  check: 'c',
  'not-null': 'n'
}

export function constraintMade(table: TableName, constraint: Constraint): Lookup {
  const { name, kind, columns, references, usingIndex } = constraint
  const within = [
    ...inTable(table),
    ...columns.map((column) => key('column', below(table, column))),
    ...(references === undefined ? [] : inTable(references))
  ]
  // The index takes the name of the constraint.
  const taken: readonly NameChange[] =
    usingIndex === undefined || usingIndex === name
      ? []
      : [{ name: key('index', beside(table, usingIndex)), becomes: 'gone' }]
  const onColumns = columns.length === 0 ? undefined : constraintOnColumns(table, constraintKinds[kind], columns, name)
  if (name !== undefined) {
    const lookup = madePart('constraint', table, name, (keys.has(kind) && onColumns) || constraintThere(table, name))
    return { ...lookup, names: [...constraintNames(table, name, 'there'), ...taken], within }
  }
  const object = `${kind.replaceAll('-', ' ')} of ${shown(table)} on ${columns.join(', ')}`
  const names: readonly NameChange[] = [{ name: object, becomes: 'there' }, ...taken]
  return { object, doing: 'create', there: onColumns, done: onColumns, names, within }
}

/** Those of which the statement names each column, and no more. */
const keys: ReadonlySet<Constraint['kind']> = new Set(['primary-key', 'unique', 'foreign-key'])

/** Keys and unique constraints have an index of their name, which comes, goes and is renamed with them. */
export function constraintNames(
  table: TableName,
  constraint: string,
  becomes: NameChange['becomes']
): readonly NameChange[] {
  return [
    { name: key('constraint', below(table, constraint)), becomes },
    { name: key('index', beside(table, constraint)), becomes }
  ]
}

export function indexMade(operation: Extract<Operation, { kind: 'create-index' }>): Lookup {
  const { table, index, columns } = operation
  // Without a name it gets one of its columns (PostgreSQL, ChooseIndexName); of an expression that is not worked out.
  const chosen = columns.includes('') ? undefined : [table.name, ...columns, 'idx'].join('_')
  const name = index ?? chosen
  if (name === undefined) return unknown(`index of ${shown(table)}`, 'create')
  const place = beside(table, name)
  const undo = `DROP INDEX CONCURRENTLY ${quoted(place)};`
  // It goes with its table and its columns.
  const within = [...inTable(table), ...columns.map((column) => key('column', below(table, column)))]
  const there = (condition?: string): Expression =>
    indexThere(place, table, columns.includes('') ? undefined : columns, condition)
  return { ...made('index', place, there()), within, invalid: there('NOT i.indisvalid'), undo }
}

/** What stands in the schema of the table. */
export function beside({ schema }: TableName, name: string): TableName {
  return { ...(schema === undefined ? {} : { schema }), name }
}

/** Part of a table or a type: `users.email`. */
export function below({ schema, name }: TableName, part: string): TableName {
  return { ...(schema === undefined ? {} : { schema }), name: `${name}.${part}` }
}

export function shown({ schema, name }: TableName): string {
  return schema === undefined ? name : `${schema}.${name}`
}

/** As SQL writes it. */
function quoted({ schema, name }: TableName): string {
  return [...(schema === undefined ? [] : [schema]), name].map(quoteIdentifier).join('.')
}

/** Names of a kind are made of this. */
export function key(kind: string, name: TableName): string {
  return `${relations.has(kind) ? 'relation' : kind} ${shown(name)}`
}

/** Names as they are compared: with the schema that is meant without one, or without it, it is the same name. */
export function plainName(schema: string): (name: string) => string {
  return (name) => name.replace(` ${schema}.`, ' ')
}

/** PostgreSQL, pg_class: one name in a schema, whatever it is the name of. */
const relations = new Set(['table', 'view', 'index', 'sequence'])

function schemaOf({ schema }: TableName): readonly string[] {
  return schema === undefined ? [] : [key('schema', { name: schema })]
}

/** What every part of a table belongs to. */
export function inTable(table: TableName): readonly string[] {
  return [key('table', table), ...schemaOf(table)]
}

/** What every value of an enum belongs to. */
export function inType(type: TableName): readonly string[] {
  return [key('type', type), ...schemaOf(type)]
}
