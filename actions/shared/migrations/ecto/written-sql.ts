import type { TableName } from '../operation.ts'
import { isInterpolated } from '../sql/interpolation.ts'
import {
  hasUnknownOptions,
  isFalse,
  isTrue,
  nameOf,
  option,
  type IndexValue,
  type ReferenceValue,
  type Value
} from './value.ts'
import { wordIn } from './words.ts'

/** SQL that Ecto.Adapters.Postgres.Connection makes of an index or a reference; undefined where any part is computed. */

/** What `CREATE INDEX name ON` is followed by (execute_ddl of an Index). */
export function indexSql({ table, keys, options }: IndexValue): string | undefined {
  const using = option(options, 'using')
  const where = option(options, 'where')
  const include = option(options, 'include')
  const distinct = option(options, 'nulls_distinct')
  const storage = option(options, 'options')
  const nothing = ['only', 'comment'].every((name) => {
    const value = option(options, name)
    return value === undefined || isNil(value) || isFalse(value)
  })
  if (hasUnknownOptions(options) || !nothing || keys.length === 0) return undefined
  return joined([
    quotedTable(table),
    ...clause(using, (value) => literalName(value, (name) => ` USING ${name}`)),
    ' (',
    keys.map(keySql).reduce(commas, ''),
    ')',
    ...clause(include, (value) => listed(value, keySql, (columns) => ` INCLUDE (${columns})`)),
    ...clause(distinct, (value) =>
      isTrue(value) ? ' NULLS DISTINCT' : isFalse(value) ? ' NULLS NOT DISTINCT' : undefined
    ),
    ...clause(storage, (value) => literalName(value, (text) => ` WITH (${text})`)),
    ...clause(where, (value) => literalName(value, (text) => ` WHERE ${text}`))
  ])
}

/** What stands behind `ADD CONSTRAINT name` (reference_expr/3), without NOT VALID. */
export function referenceSql(
  parent: TableName,
  columns: readonly string[],
  { options }: ReferenceValue
): string | undefined {
  if (hasUnknownOptions(options)) return undefined
  const column = option(options, 'column') ?? { kind: 'atom', name: 'id' }
  const others = option(options, 'with')
  const paired = others === undefined ? [] : others.kind === 'list' ? others.items : [undefined]
  const referred = [column, ...paired.map((pair) => (pair?.kind === 'tuple' ? pair.items[1] : undefined))]
  return joined([
    `FOREIGN KEY (${columns.map(quoted).join(', ')}) REFERENCES ${quotedTable(parent)} (`,
    referred.map((value) => literalName(value, quoted)).reduce(commas, ''),
    ')',
    ...clause(option(options, 'match'), (value) => literalName(value, (name) => wordIn(matches, name))),
    ...clause(option(options, 'on_delete'), (value) => actionSql('DELETE', value)),
    ...clause(option(options, 'on_update'), (value) => actionSql('UPDATE', value))
  ])
}

type Part = string | undefined

const matches: Readonly<Record<string, string>> = {
  full: ' MATCH FULL',
  simple: ' MATCH SIMPLE',
  partial: ' MATCH PARTIAL'
}

/** reference_on_delete/1, reference_on_update/1 */
const actions: Readonly<Record<string, string>> = {
  nilify_all: 'SET NULL',
  default_all: 'SET DEFAULT',
  delete_all: 'CASCADE',
  update_all: 'CASCADE',
  restrict: 'RESTRICT'
}

const columnActions: Readonly<Record<string, string>> = { nilify: 'SET NULL', default: 'SET DEFAULT' }

function actionSql(event: 'DELETE' | 'UPDATE', value: Value): Part {
  if (value.kind === 'tuple') {
    const [kind, columns] = value.items
    const action = kind?.kind === 'atom' ? wordIn(columnActions, kind.name) : undefined
    return action === undefined || columns === undefined
      ? undefined
      : listed(
          columns,
          (column) => literalName(column, quoted),
          (names) => ` ON ${event} ${action} (${names})`
        )
  }
  if (value.kind !== 'atom') return undefined
  if (value.name === 'nothing') return ''
  const action = wordIn(actions, value.name)
  return action === undefined ? undefined : ` ON ${event} ${action}`
}

/** index_expr/1: a name is quoted, a string is SQL. */
function keySql(key: Value): Part {
  if (key.kind === 'tuple') {
    const [direction, of] = key.items
    const inner = of === undefined ? undefined : keySql(of)
    return direction?.kind === 'atom' && inner !== undefined
      ? `${inner} ${direction.name.toUpperCase().replaceAll('_', ' ')}`
      : undefined
  }
  return literalName(key, key.kind === 'atom' ? quoted : (text) => text)
}

function literalName(value: Value | undefined, write: (name: string) => Part): Part {
  const name = nameOf(value)
  return name === undefined || isInterpolated(name) ? undefined : write(name)
}

function listed(value: Value, writeOne: (item: Value) => Part, write: (names: string) => string): Part {
  if (value.kind !== 'list') return undefined
  if (value.items.length === 0) return ''
  const names = value.items.map(writeOne).reduce(commas, '')
  return names === undefined ? undefined : write(names)
}

function clause(value: Value | undefined, write: (value: Value) => Part): readonly Part[] {
  return value === undefined || isNil(value) ? [] : [write(value)]
}

function isNil(value: Value): boolean {
  return value.kind === 'atom' && value.name === 'nil'
}

function commas(list: Part, next: Part): Part {
  if (list === undefined || next === undefined) return undefined
  return list === '' ? next : `${list}, ${next}`
}

function joined(parts: readonly Part[]): Part {
  return parts.reduce((all, part) => (all === undefined || part === undefined ? undefined : all + part), '')
}

function quotedTable({ schema, name }: TableName): string {
  return schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
