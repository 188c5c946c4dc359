import type { Statement } from '../../shared/migrations/migration.ts'
import type { Constraint, Operation, TableName } from '../../shared/migrations/operation.ts'
import { quoteIdentifier } from '../database/sql.ts'
import {
  atMost,
  both,
  columnHasType,
  columnThere,
  constraintOnColumns,
  constraintThere,
  defaultChanged,
  enumValueThere,
  extensionThere,
  functionThere,
  indexInvalid,
  not,
  partitionOf,
  relationThere,
  schemaThere,
  tableHas,
  triggerThere,
  typeThere,
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

/**
 * What to look for after a statement that may have run or not. Nothing for what leaves nothing behind (a lock, a setting,
 * an index that is built anew).
 */
export function lookupsOf(statement: Statement): readonly Lookup[] {
  return statement.operations.flatMap((operation) => lookupsOfOperation(operation, statement.text))
}

function lookupsOfOperation(operation: Operation, text: string): readonly Lookup[] {
  switch (operation.kind) {
    case 'create-table':
      return operation.temporary ? [] : [made('table', operation.table, relationThere(operation.table))]
    case 'drop-table':
      return [dropped('table', operation.table, relationThere(operation.table))]
    case 'rename-table':
      return [renamed('table', operation.table, { ...operation.table, name: operation.to }, relationThere)]
    case 'move-table':
      return [renamed('table', operation.table, { ...operation.table, schema: operation.schema }, relationThere)]
    case 'create-schema':
      return [made('schema', { name: operation.schema }, schemaThere(operation.schema))]
    case 'drop-schema':
      return [dropped('schema', { name: operation.schema }, schemaThere(operation.schema))]
    case 'rename-schema':
      return [renamed('schema', { name: operation.schema }, { name: operation.to }, ({ name }) => schemaThere(name))]
    case 'add-column': {
      const { table, column } = operation
      return [madePart('column', table, column.name, columnThere(table, column.name))]
    }
    case 'drop-column': {
      const { table, column } = operation
      return [dropped('column', below(table, column), columnThere(table, column))]
    }
    case 'rename-column': {
      const { table, column, to } = operation
      return [renamedPart('column', table, column, to, (name) => columnThere(table, name))]
    }
    case 'alter-column-type': {
      const { table, column, type } = operation
      // Of a type with a length or a precision the catalog keeps a number that only the type itself reads.
      const has = type.modifiers.length === 0 ? columnHasType(table, column, type) : undefined
      return [changed(`column ${shown(below(table, column))} as ${type.name}${type.array ? '[]' : ''}`, has)]
    }
    case 'set-not-null':
    case 'drop-not-null': {
      const { table, column, kind } = operation
      const is = columnThere(table, column, kind === 'set-not-null' ? 'a.attnotnull' : 'NOT a.attnotnull')
      const what = kind === 'set-not-null' ? 'NOT NULL' : 'nullable'
      return [changed(`column ${shown(below(table, column))} ${what}`, is)]
    }
    case 'set-default': {
      const { table, column, value } = operation
      return [
        changed(`default of ${shown(below(table, column))}`, defaultChanged(table, column, value.kind === 'none'))
      ]
    }
    case 'add-constraint':
      return [constraintMade(operation.table, operation.constraint)]
    case 'validate-constraint': {
      const { table, constraint } = operation
      const valid = constraintThere(table, constraint, 'c.convalidated')
      return [changed(`constraint ${constraint} of ${shown(table)} validated`, valid)]
    }
    case 'drop-constraint': {
      const { table, constraint } = operation
      return [dropped('constraint', below(table, constraint), constraintThere(table, constraint))]
    }
    case 'rename-constraint': {
      const { table, constraint, to } = operation
      return [renamedPart('constraint', table, constraint, to, (name) => constraintThere(table, name))]
    }
    case 'create-index':
      return [indexMade(operation)]
    case 'drop-index': {
      const schema = operation.schema ?? operation.table?.schema
      const index: TableName = { ...(schema === undefined ? {} : { schema }), name: operation.index }
      return [dropped('index', index, relationThere(index))]
    }
    case 'rename-index':
      return [renamed('index', { name: operation.index }, { name: operation.to }, relationThere)]
    case 'attach-partition':
      return [
        changed(
          `partition ${shown(operation.partition)} of ${shown(operation.table)}`,
          partitionOf(operation.partition, operation.table)
        )
      ]
    case 'detach-partition':
      return [
        dropped(
          'partition',
          below(operation.table, operation.partition.name),
          partitionOf(operation.partition, operation.table)
        )
      ]
    case 'create-trigger':
      // CREATE OR REPLACE, too: one that is there may be the old one.
      return [madeOrReplaced('trigger', operation, triggerThere(operation.table, operation.trigger))]
    case 'drop-trigger': {
      const { table, trigger } = operation
      return [dropped('trigger', below(table, trigger), triggerThere(table, trigger))]
    }
    case 'row-level-security': {
      const { table, change } = operation
      const has = tableHas(table, change.endsWith('force') ? 'relforcerowsecurity' : 'relrowsecurity')
      const on = change === 'enable' || change === 'force'
      return [changed(`row-level security of ${shown(table)}: ${change}`, on ? has : not(has))]
    }
    case 'create-enum':
      return [made('type', operation.type, typeThere(operation.type))]
    case 'drop-type':
      return [dropped('type', operation.type, typeThere(operation.type))]
    case 'rename-type': {
      const to = newName(text)
      if (to === undefined) return [unknown(`type ${shown(operation.type)}`, 'rename')]
      return [renamed('type', operation.type, { ...operation.type, name: to }, typeThere)]
    }
    case 'add-enum-value': {
      const { type, value } = operation
      return [made('value', below(type, value), enumValueThere(type, value))]
    }
    case 'rename-enum-value': {
      const { type, value, to } = operation
      return [renamedPart('value', type, value, to, (name) => enumValueThere(type, name))]
    }
    case 'create-extension':
      return [made('extension', { name: operation.extension }, extensionThere(operation.extension))]
    case 'drop-extension':
      return [dropped('extension', { name: operation.extension }, extensionThere(operation.extension))]
    case 'create-function': {
      const dot = operation.name.lastIndexOf('.')
      const name: TableName =
        dot === -1
          ? { name: operation.name }
          : { schema: operation.name.slice(0, dot), name: operation.name.slice(dot + 1) }
      const there = functionThere(name)
      return [{ object: `function ${shown(name)}`, doing: 'create or replace', there, done: atMost(there) }]
    }
    case 'create-view': {
      const there = relationThere(operation.view)
      return [
        {
          object: `view ${shown(operation.view)}`,
          doing: 'create or replace',
          there,
          done: atMost(there),
          makes: key('view', operation.view)
        }
      ]
    }
    case 'drop-view':
    case 'drop-materialized-view':
      return [dropped('view', operation.view, relationThere(operation.view))]
    case 'update':
    case 'delete':
    case 'insert':
      return [unknown(`rows of ${shown(operation.table)}`, operation.kind)]
    case 'truncate':
      return operation.tables.map((table) => unknown(`rows of ${shown(table)}`, 'truncate'))
    case 'copy':
      return [unknown('rows', 'copy')]
    case 'other':
      return otherLookups(operation.what, text)
    case 'unknown':
      return [unknown('what this statement does', operation.why)]
    case 'begin':
    case 'commit':
    case 'rollback':
    case 'set-parameter':
    case 'lock-table':
    case 'reindex':
    case 'refresh-materialized-view':
    case 'cluster':
    case 'vacuum-full':
      return []
    case 'domain-constraint':
    case 'drop-database':
    case 'grant':
    case 'revoke':
    case 'role':
    case 'policy':
    case 'switch-trigger':
    case 'set-expression':
    case 'set-tablespace':
    case 'set-logged':
    case 'set-access-method':
      return [unknown(subjectOf(operation), operation.kind.replaceAll('-', ' '))]
  }
}

type Unlooked = Extract<
  Operation,
  {
    kind:
      | 'domain-constraint'
      | 'drop-database'
      | 'grant'
      | 'revoke'
      | 'role'
      | 'policy'
      | 'switch-trigger'
      | 'set-expression'
      | 'set-tablespace'
      | 'set-logged'
      | 'set-access-method'
  }
>

function subjectOf(operation: Unlooked): string {
  if ('table' in operation) return `table ${shown(operation.table)}`
  if ('domain' in operation) return `domain ${shown(operation.domain)}`
  if ('on' in operation) return `privileges on ${operation.on}`
  if ('database' in operation) return `database ${operation.database}`
  return 'role'
}

function made(kind: string, name: TableName, there: Expression): Lookup {
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
function madePart(kind: 'column' | 'constraint', table: TableName, part: string, there: Expression): Lookup {
  const undo = `ALTER TABLE ${quoted(table)} DROP ${kind.toUpperCase()} ${quoted({ name: part })};`
  return { ...made(kind, below(table, part), there), undo }
}

function madeOrReplaced(
  kind: string,
  { table, trigger }: { readonly table: TableName; readonly trigger: string },
  there: Expression
): Lookup {
  const name = below(table, trigger)
  return { object: `${kind} ${shown(name)}`, doing: 'create or replace', there, done: atMost(there) }
}

function dropped(kind: string, name: TableName, there: Expression): Lookup {
  return { object: `${kind} ${shown(name)}`, doing: 'drop', there, done: not(there), takes: key(kind, name) }
}

function renamed(kind: string, from: TableName, to: TableName, look: (name: TableName) => Expression): Lookup {
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
function renamedPart(
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

function changed(object: string, is: Expression | undefined): Lookup {
  return { object, doing: 'change', there: is, done: is }
}

function unknown(object: string, doing: string): Lookup {
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

function constraintMade(table: TableName, constraint: Constraint): Lookup {
  const { name, kind, columns } = constraint
  if (name !== undefined) return madePart('constraint', table, name, constraintThere(table, name))
  const words = `${kind.replaceAll('-', ' ')} of ${shown(table)} on ${columns.join(', ')}`
  const there = columns.length === 0 ? undefined : constraintOnColumns(table, constraintKinds[kind], columns)
  return { object: words, doing: 'create', there, done: there }
}

function indexMade(operation: Extract<Operation, { kind: 'create-index' }>): Lookup {
  const { table, index, columns } = operation
  // Without a name it gets one of its columns (PostgreSQL, ChooseIndexName); of an expression that is not worked out.
  const chosen = columns.includes('') ? undefined : [table.name, ...columns, 'idx'].join('_')
  const name = index ?? chosen
  if (name === undefined) return unknown(`index of ${shown(table)}`, 'create')
  const place: TableName = { ...(table.schema === undefined ? {} : { schema: table.schema }), name }
  const undo = `DROP INDEX CONCURRENTLY ${quoted(place)};`
  return { ...made('index', place, relationThere(place)), invalid: indexInvalid(place), undo }
}

/** A name or `"a ""quoted"" name"`, with a schema or without. */
const written = String.raw`((?:(?:"(?:[^"]|"")+"|[\w$]+)\s*\.\s*)?(?:"(?:[^"]|"")+"|[\w$]+))`

const sequence = new RegExp(
  String.raw`^(?:CREATE|DROP)\b[^"]*?\bSEQUENCE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?${written}`,
  'i'
)
const type = new RegExp(String.raw`^CREATE\s+(?:TYPE|DOMAIN)\s+${written}`, 'i')
const renaming = new RegExp(String.raw`\bRENAME\s+TO\s+${written}\s*;?\s*$`, 'i')

/** Leave nothing behind that a second run would meet. */
const traceless = new Set(['SELECT', 'SET', 'SHOW', 'ANALYZE', 'VACUUM', 'COMMENT', 'SAVEPOINT', 'EXPLAIN', 'RESET'])

function otherLookups(what: string, text: string): readonly Lookup[] {
  const statement = text.trim()
  const sequenceName = nameIn(sequence, statement)
  if (sequenceName !== undefined && what.endsWith('SEQUENCE')) {
    const there = relationThere(sequenceName)
    return [what.startsWith('DROP') ? dropped('sequence', sequenceName, there) : made('sequence', sequenceName, there)]
  }
  const typeName = nameIn(type, statement)
  if (typeName !== undefined) return [made('type', typeName, typeThere(typeName))]
  // A query may call what writes.
  if (what === 'SELECT' && /\(/.test(statement)) return [unknown('what this query calls', 'select')]
  return traceless.has(what) ? [] : [unknown(statement.split('\n', 1)[0]?.slice(0, 80) ?? what, what.toLowerCase())]
}

function newName(text: string): string | undefined {
  return nameIn(renaming, text.trim())?.name
}

function nameIn(pattern: RegExp, text: string): TableName | undefined {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) return undefined
  const parts = [...found.matchAll(/"((?:[^"]|"")+)"|([\w$]+)/g)].map(
    ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.toLowerCase()
  )
  const [schema, name] = parts
  if (schema === undefined) return undefined
  return name === undefined ? { name: schema } : { schema, name }
}

/** Part of a table or a type: `users.email`. */
function below({ schema, name }: TableName, part: string): TableName {
  return { ...(schema === undefined ? {} : { schema }), name: `${name}.${part}` }
}

function shown({ schema, name }: TableName): string {
  return schema === undefined ? name : `${schema}.${name}`
}

/** As SQL writes it. */
function quoted({ schema, name }: TableName): string {
  return [...(schema === undefined ? [] : [schema]), name].map(quoteIdentifier).join('.')
}

function key(kind: string, name: TableName): string {
  return `${kind} ${shown(name)}`
}
