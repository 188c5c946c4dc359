import type { Statement } from '../../shared/migrations/migration.ts'
import type { Operation, TableName } from '../../shared/migrations/operation.ts'
import {
  atMost,
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
  dropped,
  renamed,
  renamedPart,
  changed,
  unknown,
  constraintMade,
  indexMade,
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
  const found = statement.operations.flatMap((operation) => lookupsOfOperation(operation, statement.text))
  // It may have stopped anywhere, and what came before stays: that its objects are there is no proof of the rest.
  return mayCommit(statement.text) ? [...found, unknown('the rest of what this block does', 'run')] : found
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
      const to = writtenNames.renamedTo(text)
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
  if (what === 'SELECT' && /\(/.test(statement)) return [unknown('what this query calls', 'select')]
  return traceless.has(what) ? [] : [unknown(statement.split('\n', 1)[0]?.slice(0, 80) ?? what, what.toLowerCase())]
}
