import type { Statement } from '../../shared/migrations/migration.ts'
import type { Operation, TableName } from '../../shared/migrations/operation.ts'
import {
  atMost,
  both,
  columnHasType,
  columnThere,
  constraintThere,
  defaultChanged,
  enumValueThere,
  extensionThere,
  functionThere,
  not,
  partitionOf,
  relationThere,
  schemaThere,
  tableHas,
  triggerThere,
  typeThere
} from './expression.ts'
import {
  made,
  madePart,
  madeOrReplaced,
  replaced,
  dropped,
  renamed,
  renamedPart,
  partOf,
  changed,
  unknown,
  opaque,
  constraintMade,
  constraintNames,
  indexMade,
  inTable,
  inType,
  below,
  shown,
  key,
  type Lookup
} from './lookup.ts'
import { mayCommit } from './may-commit.ts'
import { writtenNames } from './written-name.ts'

/**
 * What to look for after a statement that may have run or not. Nothing for what leaves nothing behind (a lock, a setting,
 * an index that is built anew).
 */
export function lookupsOf(statement: Statement): readonly Lookup[] {
  const { operations, text } = statement
  const found = operations.flatMap((operation) => {
    const lookups = lookupsOfOperation(operation, text)
    return isLenient(operation, text) ? lookups.map(orBefore) : lookups
  })
  // It may have stopped anywhere, and what came before stays: that its objects are there is no proof of the rest.
  return mayCommit(text) ? [...found, opaque('the rest of what this block does', 'run')] : found
}

/** `IF EXISTS` and `IF NOT EXISTS`. */
function isLenient(operation: Operation, text: string): boolean {
  const told = ['ifExists', 'ifNotExists'].some((word) =>
    Object.entries(operation).some(([name, is]) => name === word && is === true)
  )
  return told || /\bIF\s+(?:NOT\s+)?EXISTS\b/i.test(text)
}

/** It may have been so before it, as the statement itself allows: then nothing is proven, and nothing of its own to undo. */
function orBefore({ undo, done, ...lookup }: Lookup): Lookup {
  const kept = undo !== undefined && lookup.invalid !== undefined ? { undo } : {}
  return { ...lookup, ...kept, done: done === undefined ? undefined : atMost(done) }
}

function lookupsOfOperation(operation: Operation, text: string): readonly Lookup[] {
  switch (operation.kind) {
    case 'create-table': {
      if (operation.temporary) return []
      const lookup = made('table', operation.table, relationThere(operation.table))
      // It goes with the table whose partition it is.
      const { partitionOf } = operation
      return [partitionOf === undefined ? lookup : partOf([...lookup.within, ...inTable(partitionOf)], lookup)]
    }
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
      return [partOf(inTable(table), dropped('column', below(table, column), columnThere(table, column)))]
    }
    case 'rename-column': {
      const { table, column, to } = operation
      return [renamedPart('column', table, column, to, (name) => columnThere(table, name))]
    }
    case 'alter-column-type': {
      const { table, column, type } = operation
      // Of a type with a length or a precision the catalog keeps a number that only the type itself reads.
      const has = type.modifiers.length === 0 ? columnHasType(table, column, type) : undefined
      const object = `column ${shown(below(table, column))} as ${type.name}${type.array ? '[]' : ''}`
      const { property, within } = ofColumn(table, column, 'type')
      const lookup = changed(object, has, { property, within: [...within, key('type', type)] })
      return [{ ...lookup, retyped: (other) => columnHasType(table, column, { ...other, array: type.array }) }]
    }
    case 'set-not-null':
    case 'drop-not-null': {
      const { table, column, kind } = operation
      const is = columnThere(table, column, kind === 'set-not-null' ? 'a.attnotnull' : 'NOT a.attnotnull')
      const what = kind === 'set-not-null' ? 'NOT NULL' : 'nullable'
      return [changed(`column ${shown(below(table, column))} ${what}`, is, ofColumn(table, column, 'NOT NULL'))]
    }
    case 'set-default': {
      const { table, column, value } = operation
      // DEFAULT NULL is kept as none, except of a domain.
      const changes = value.kind === 'null' ? undefined : defaultChanged(table, column, value.kind === 'none')
      return [changed(`default of ${shown(below(table, column))}`, changes, ofColumn(table, column, 'default'))]
    }
    case 'add-constraint':
      return [constraintMade(operation.table, operation.constraint)]
    case 'validate-constraint': {
      const { table, constraint } = operation
      const valid = constraintThere(table, constraint, 'c.convalidated')
      const name = key('constraint', below(table, constraint))
      const place = { property: `validity of ${name}`, within: [name, ...inTable(table)] }
      return [changed(`constraint ${constraint} of ${shown(table)} validated`, valid, place)]
    }
    case 'drop-constraint': {
      const { table, constraint } = operation
      const lookup = dropped('constraint', below(table, constraint), constraintThere(table, constraint))
      return [{ ...lookup, names: constraintNames(table, constraint, 'gone'), within: inTable(table) }]
    }
    case 'rename-constraint': {
      const { table, constraint, to } = operation
      const lookup = renamedPart('constraint', table, constraint, to, (name) => constraintThere(table, name))
      const names = [...constraintNames(table, constraint, 'gone'), ...constraintNames(table, to, 'there')]
      return [{ ...lookup, names }]
    }
    case 'create-index':
      return [indexMade(operation)]
    case 'drop-index': {
      const schema = operation.schema ?? operation.table?.schema
      const index: TableName = { ...(schema === undefined ? {} : { schema }), name: operation.index }
      return [dropped('index', index, relationThere(index))]
    }
    case 'rename-index': {
      const index = writtenNames.index(text) ?? { name: operation.index }
      return [renamed('index', index, { ...index, name: operation.to }, relationThere)]
    }
    case 'attach-partition': {
      const { table, partition } = operation
      const place = { property: key('partition', below(table, partition.name)), within: inTables(table, partition) }
      return [changed(`partition ${shown(partition)} of ${shown(table)}`, partitionOf(partition, table), place)]
    }
    case 'detach-partition': {
      const { table, partition } = operation
      const lookup = dropped('partition', below(table, partition.name), partitionOf(partition, table))
      return [partOf(inTables(table, partition), lookup)]
    }
    case 'create-trigger':
      // CREATE OR REPLACE, too: one that is there may be the old one.
      return [madeOrReplaced('trigger', operation, triggerThere(operation.table, operation.trigger))]
    case 'drop-trigger': {
      const { table, trigger } = operation
      return [partOf(inTable(table), dropped('trigger', below(table, trigger), triggerThere(table, trigger)))]
    }
    case 'row-level-security': {
      const { table, change } = operation
      const has = tableHas(table, change.endsWith('force') ? 'relforcerowsecurity' : 'relrowsecurity')
      const on = change === 'enable' || change === 'force'
      const property = `${change.endsWith('force') ? 'forced' : 'enabled'} row-level security of ${key('table', table)}`
      const is = on ? has : both(relationThere(table), not(has))
      return [changed(`row-level security of ${shown(table)}: ${change}`, is, { property, within: inTable(table) })]
    }
    case 'create-enum':
      return [made('type', operation.type, typeThere(operation.type))]
    case 'drop-type':
      return [dropped('type', operation.type, typeThere(operation.type))]
    case 'rename-type': {
      const to = writtenNames.renamedTo(text)
      if (to === undefined) return [opaque(`type ${shown(operation.type)}`, 'rename')]
      return [renamed('type', operation.type, { ...operation.type, name: to }, typeThere)]
    }
    case 'add-enum-value': {
      const { type, value } = operation
      return [partOf(inType(type), made('value', below(type, value), enumValueThere(type, value)))]
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
      return [replaced('function', name, functionThere(name))]
    }
    case 'create-view':
      return [replaced('view', operation.view, relationThere(operation.view))]
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
      return [opaque(`${quotedStart(text)} (${operation.why})`, 'run')]
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
      return [unknown(`domain ${shown(operation.domain)}`, 'constraint')]
    case 'drop-database':
      return [unknown(`database ${operation.database}`, 'drop')]
    case 'grant':
    case 'revoke':
      return [unknown(`privileges on ${operation.on}`, operation.kind)]
    case 'role':
      return [unknown('a role', 'change')]
    case 'policy':
    case 'switch-trigger':
    case 'set-expression':
    case 'set-tablespace':
    case 'set-logged':
    case 'set-access-method':
      return [unknown(`table ${shown(operation.table)}`, operation.kind.replaceAll('-', ' '))]
  }
}

/** Leave nothing behind that a second run would meet. */
const traceless = new Set(['SELECT', 'SET', 'SHOW', 'ANALYZE', 'VACUUM', 'COMMENT', 'SAVEPOINT', 'EXPLAIN', 'RESET'])

function otherLookups(what: string, text: string): readonly Lookup[] {
  const statement = text.trim()
  const sequenceName = writtenNames.sequence(statement)
  if (sequenceName !== undefined && what.endsWith('SEQUENCE')) {
    const there = relationThere(sequenceName)
    return [what.startsWith('DROP') ? dropped('sequence', sequenceName, there) : made('sequence', sequenceName, there)]
  }
  const typeName = writtenNames.type(statement)
  if (typeName !== undefined) return [made('type', typeName, typeThere(typeName))]
  // A query may call what writes.
  if (what === 'SELECT' && /\(/.test(statement)) return [opaque(quotedStart(statement), 'run')]
  return traceless.has(what) ? [] : [opaque(quotedStart(statement), 'run')]
}

/** Not in back-ticks: it is no command to be copied. */
function quotedStart(text: string): string {
  const [line = ''] = text.trim().replace(/;$/, '').split('\n', 1)
  return `“${line.replaceAll('`', "'").slice(0, 80)}”`
}

/** A property of a column. */
function ofColumn(table: TableName, column: string, property: string): Parameters<typeof changed>[2] {
  const name = key('column', below(table, column))
  return { property: `${property} of ${name}`, within: [name, ...inTable(table)] }
}

function inTables(...tables: readonly TableName[]): readonly string[] {
  return tables.flatMap(inTable)
}
