import type { Constraint, Operation, TableName } from '../../shared/migrations/operation.ts'
import { quoteIdentifier } from '../database/sql.ts'
import {
  atMost,
  both,
  constraintOnColumns,
  constraintThere,
  indexInvalid,
  not,
  relationThere,
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
  /** Names of what comes into being by it, and of what it takes away. */
  readonly makes?: string
  readonly takes?: string
  readonly invalid?: Expression
  /** SQL that takes away what it made. */
  readonly undo?: string
}
export function made(kind: string, name: TableName, there: Expression): Lookup {
  const lookup: Lookup = {
    object: `${kind} ${shown(name)}`,
    doing: 'create',
    there,
    done: there,
    makes: key(kind, name)
  }
  return undoable.has(kind) ? { ...lookup, undo: `DROP ${kind.toUpperCase()} ${quoted(name)};` } : lookup
}

/** Kinds that DROP takes away by their own name. */
const undoable = new Set(['table', 'schema', 'type', 'sequence', 'extension'])

/** What belongs to a table and goes by ALTER TABLE. */
export function madePart(kind: 'column' | 'constraint', table: TableName, part: string, there: Expression): Lookup {
  const undo = `ALTER TABLE ${quoted(table)} DROP ${kind.toUpperCase()} ${quoted({ name: part })};`
  return { ...made(kind, below(table, part), there), undo }
}

export function madeOrReplaced(
  kind: string,
  { table, trigger }: { readonly table: TableName; readonly trigger: string },
  there: Expression
): Lookup {
  const name = below(table, trigger)
  return { object: `${kind} ${shown(name)}`, doing: 'create or replace', there, done: atMost(there) }
}

export function dropped(kind: string, name: TableName, there: Expression): Lookup {
  return { object: `${kind} ${shown(name)}`, doing: 'drop', there, done: not(there), takes: key(kind, name) }
}

export function renamed(kind: string, from: TableName, to: TableName, look: (name: TableName) => Expression): Lookup {
  return {
    object: `${kind} ${shown(to)}`,
    doing: `rename from ${shown(from)}`,
    there: look(to),
    done: both(look(to), not(look(from))),
    makes: key(kind, to),
    takes: key(kind, from)
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
    done: both(look(to), not(look(from))),
    makes: key(kind, below(of, to)),
    takes: key(kind, below(of, from))
  }
}

export function changed(object: string, is: Expression | undefined): Lookup {
  return { object, doing: 'change', there: is, done: is }
}

export function unknown(object: string, doing: string): Lookup {
  return { object, doing, there: undefined, done: undefined }
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
  const { name, kind, columns } = constraint
  if (name !== undefined) return madePart('constraint', table, name, constraintThere(table, name))
  const words = `${kind.replaceAll('-', ' ')} of ${shown(table)} on ${columns.join(', ')}`
  const there = columns.length === 0 ? undefined : constraintOnColumns(table, constraintKinds[kind], columns)
  return { object: words, doing: 'create', there, done: there }
}

export function indexMade(operation: Extract<Operation, { kind: 'create-index' }>): Lookup {
  const { table, index, columns } = operation
  // Without a name it gets one of its columns (PostgreSQL, ChooseIndexName); of an expression that is not worked out.
  const chosen = columns.includes('') ? undefined : [table.name, ...columns, 'idx'].join('_')
  const name = index ?? chosen
  if (name === undefined) return unknown(`index of ${shown(table)}`, 'create')
  const place: TableName = { ...(table.schema === undefined ? {} : { schema: table.schema }), name }
  const undo = `DROP INDEX CONCURRENTLY ${quoted(place)};`
  return { ...made('index', place, relationThere(place)), invalid: indexInvalid(place), undo }
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

export function key(kind: string, name: TableName): string {
  return `${kind} ${shown(name)}`
}
