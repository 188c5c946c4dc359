import type { Column, Constraint, DefaultValue, TableName, TypeName } from '../operation.ts'
import { operationsOfSql } from './embedded-sql.ts'
import { tellNotAnalysed, type Run } from './run.ts'
import type { Syntax } from './syntax.ts'
import type { Text } from './text.ts'
import { hasUnknownOptions, isFalse, isTrue, nameOf, option, type ReferenceValue, type Value } from './value.ts'
import { wordIn } from './words.ts'
import { referenceSql } from './written-sql.ts'

/**
 * The column that `add name, type, options` makes. Its SQL is written as ecto_sql's connection writes it
 * (Ecto.Adapters.Postgres.Connection, column_type/2, column_options/2) and read by PostgreSQL's parser.
 */
export function columnOf(run: Run, node: Syntax, table: TableName, parts: ColumnParts): Column {
  const { name, type, options } = parts
  const references = type.kind === 'references' ? type : undefined
  const written = references === undefined ? typeSql(type, options) : referenceTypeSql(references, options)
  const standard = option(options, 'default')
  const defaultSql = defaultOf(standard)
  const notNull = isFalse(option(options, 'null')) || isTrue(option(options, 'primary_key'))
  const constraints = references === undefined ? [] : [foreignKey(table, name, references)]
  const collation = nameOf(option(options, 'collation'))
  const collate = collation === undefined ? '' : ` COLLATE "${collation}"`
  const sql = `${written ?? 'text'}${collate}${defaultSql === undefined ? '' : ` DEFAULT ${defaultSql}`}${notNull ? ' NOT NULL' : ''}`
  const read = readColumn(run, sql)
  if (written === undefined || read === undefined) {
    tellNotAnalysed(run, node, `the type of column ${name}`, true)
  }
  const base = read ?? { ...plainColumn, notNull }
  if (references !== undefined && hasUnknownOptions(references.options)) {
    tellNotAnalysed(run, node, `the options of the reference of column ${name}`, true)
  }
  return {
    ...base,
    name,
    type: written === undefined ? undefined : typeOfColumn(base.type, options),
    default: defaultSql === undefined && standard !== undefined ? unknownDefault : withoutText(base.default, standard),
    constraints
  }
}

/** What a column has besides its type cannot be said with it in SQL: then nobody may write it anew from that. */
function typeOfColumn(type: TypeName | undefined, options: Value): TypeName | undefined {
  if (type === undefined || (!hasUnknownOptions(options) && option(options, 'comment') === undefined)) return type
  const { name, schema, modifiers, array } = type
  return { name, ...(schema === undefined ? {} : { schema }), modifiers, array }
}

/** What is in a list or a map is not written as SQL here. */
function withoutText(value: DefaultValue, standard: Value | undefined): DefaultValue {
  const isFilled =
    (standard?.kind === 'list' && standard.items.length > 0) ||
    (standard?.kind === 'map' && standard.entries.length > 0)
  return isFilled ? { ...value, text: '' } : value
}

export interface ColumnParts {
  readonly name: string
  readonly type: Value
  readonly options: Value
}

const unknownDefault: DefaultValue = { kind: 'unknown', text: '' }

const plainColumn: Omit<Column, 'name'> = {
  type: undefined,
  notNull: false,
  default: { kind: 'none', text: '' },
  serial: false,
  identity: false,
  generated: 'no',
  constraints: []
}

function readColumn(run: Run, definition: string): Column | undefined {
  const [operation] = operationsOfSql(run, `ALTER TABLE t ADD COLUMN c ${definition}`) ?? []
  return operation?.kind === 'add-column' ? operation.column : undefined
}

/** A type as PostgreSQL names it; undefined where it is computed or PostgreSQL does not know such words. */
export function typeOf(run: Run, type: Value, options: Value): TypeName | undefined {
  const sql = type.kind === 'references' ? referenceTypeSql(type, options) : typeSql(type, options)
  return sql === undefined ? undefined : readColumn(run, sql)?.type
}

/** What `default:` says, classified. */
export function defaultValueOf(run: Run, value: Value): DefaultValue {
  const sql = defaultOf(value)
  return (sql === undefined ? undefined : readColumn(run, `text DEFAULT ${sql}`)?.default) ?? unknownDefault
}

/** `ecto_to_db` */
const ectoTypes: Readonly<Record<string, string>> = {
  id: 'integer',
  identity: 'bigint',
  binary_id: 'uuid',
  string: 'varchar',
  bitstring: 'varbit',
  binary: 'bytea',
  map: 'jsonb',
  time_usec: 'time',
  utc_datetime: 'timestamp',
  utc_datetime_usec: 'timestamp',
  naive_datetime: 'timestamp',
  naive_datetime_usec: 'timestamp',
  duration: 'interval'
}

const wholeSeconds: ReadonlySet<string> = new Set(['time', 'utc_datetime', 'naive_datetime'])
const microseconds: ReadonlySet<string> = new Set(['time_usec', 'utc_datetime_usec', 'naive_datetime_usec'])

function typeSql(type: Value, options: Value): string | undefined {
  const base = typeNameSql(type, options)
  const generated = option(options, 'generated')
  if (base === undefined) return undefined
  if (generated?.kind === 'string') return `${base} GENERATED ${generated.text.value}`
  if (type.kind === 'atom' && type.name === 'identity') return `${base} GENERATED BY DEFAULT AS IDENTITY`
  return base
}

function typeNameSql(type: Value, options: Value): string | undefined {
  if (type.kind === 'tuple') {
    const [kind, inner] = type.items
    if (kind?.kind !== 'atom' || inner === undefined) return undefined
    if (kind.name === 'map') return 'jsonb'
    const element = kind.name === 'array' ? typeNameSql(inner, options) : undefined
    return element === undefined ? undefined : `${element}[]`
  }
  const name = nameOf(type)
  if (name === undefined || (type.kind === 'string' && type.text.computed.length > 0)) return undefined
  const base = wordIn(ectoTypes, name) ?? name
  if (wholeSeconds.has(name)) return `${base}(0)`
  const size = numberOption(options, 'size')
  const precision = numberOption(options, 'precision')
  if (microseconds.has(name)) return precision === undefined ? base : `${base}(${String(precision)})`
  if (size !== undefined) return `${base}(${String(size)})`
  if (precision !== undefined) return `${base}(${String(precision)},${String(numberOption(options, 'scale') ?? 0)})`
  return name === 'string' ? 'varchar(255)' : base
}

/** A reference to a serial has the integer that it counts with (reference_column_type/2). */
const referenceTypes: Readonly<Record<string, string>> = {
  serial: 'integer',
  bigserial: 'bigint',
  identity: 'bigint'
}

function referenceTypeSql(references: ReferenceValue, options: Value): string | undefined {
  const type = option(references.options, 'type') ?? { kind: 'atom', name: 'bigserial' }
  const name = type.kind === 'atom' ? wordIn(referenceTypes, type.name) : undefined
  return name ?? typeSql(type, options)
}

/** default_type/2; undefined where it is computed. */
function defaultOf(value: Value | undefined): string | undefined {
  if (value?.kind === 'fragment') return value.sql === undefined || isComputed(value.sql) ? undefined : value.sql.value
  if (value?.kind === 'string')
    return isComputed(value.text) ? undefined : `'${value.text.value.replaceAll("'", "''")}'`
  if (value?.kind === 'number') return String(value.value)
  if (value?.kind === 'atom') return wordIn(constants, value.name)
  // What is in a list or a map is constant, whatever it is: a fragment there is refused.
  return value?.kind === 'list' || value?.kind === 'map' ? constantOfMany : undefined
}

const constantOfMany = "'{}'"

const constants: Readonly<Record<string, string>> = { nil: 'NULL', true: 'true', false: 'false' }

function isComputed(text: Text): boolean {
  return text.computed.length > 0
}

function numberOption(options: Value, name: string): number | undefined {
  const value = option(options, name)
  return value?.kind === 'number' ? value.value : undefined
}

/** reference_expr/3 */
export function foreignKey(table: TableName, column: string, references: ReferenceValue): Constraint {
  const others = option(references.options, 'with')
  const paired = others?.kind === 'list' ? others.items : []
  // Without a prefix of its own the reference is to a table beside this one.
  const beside = table.schema === undefined || option(references.options, 'prefix') !== undefined ? {} : table
  const parent = { ...beside, ...references.table }
  const columns = [column, ...paired.flatMap((pair) => (pair.kind === 'tuple' ? (nameOf(pair.items[0]) ?? []) : []))]
  const written = referenceSql(parent, columns, references)
  return {
    kind: 'foreign-key',
    name: referenceName(table, column, references),
    columns,
    notValid: isFalse(option(references.options, 'validate')),
    references: parent,
    provesNotNull: [],
    ...(written === undefined ? {} : { written })
  }
}

/** reference_name/3 */
export function referenceName(table: TableName, column: string, references: ReferenceValue): string {
  return nameOf(option(references.options, 'name')) ?? `${table.name}_${column}_fkey`
}
