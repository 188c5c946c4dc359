import type { Column, Constraint, Operation, TableName, TypeName } from '../operation.ts'
import { isInterpolated } from '../sql/interpolation.ts'
import { byKind, type ByKind } from './by-kind.ts'

/** What the statements seen so far say about the database. The walk through a change keeps one and feeds it. */
export interface KnownSchema {
  /** Undefined: nothing was said about it yet, so it was there before the change. */
  table(name: TableName): KnownTable | undefined
  /** Whether nobody else uses the table: it was made by this change. */
  isNew(name: TableName): boolean
  /** As `isNew`, and sure of it: `IF NOT EXISTS` may have found one with rows, which a DROP loses. */
  isCertainlyNew(name: TableName): boolean
  /** Whether a scan of the table stops nobody: it is new, or the change has emptied it. */
  isIdle(name: TableName): boolean
  /** Rows that the change put into a table that is new or was emptied; `before`: it has whatever it had. */
  rowsOf(name: TableName): Filled | 'before'
  /** The index's table where the change says it. */
  index(name: string): KnownIndex | undefined
  isNewSchema(name: string): boolean
  isNewType(name: TableName): boolean
  /** Values that were added to enums of before, by the transaction that added them. */
  readonly addedEnumValues: readonly AddedEnumValue[]
  setting(name: string): string | undefined
  /** Takes in what an operation does. `transaction` is unique within the change. */
  apply(operation: Operation, transaction: string | undefined): void
  /** Settings of one migration's session say nothing about the next one's. */
  endMigration(): void
}

export interface KnownTable {
  /** `CREATE TABLE IF NOT EXISTS` counts as new: whether it is cannot be known, and a false alarm helps nobody. */
  readonly origin: 'new' | 'before'
  /** Made with `IF NOT EXISTS`. */
  readonly perhaps: boolean
  /** Whether the change puts rows in: a few that are written down, or what a query gives. */
  readonly filled: Filled
  readonly columns: ReadonlyMap<string, KnownColumn>
  readonly constraints: ReadonlyMap<string, KnownConstraint>
  /** A constraint of before the change was validated in it: it may prove what cannot be seen here. */
  readonly validatedUnknown: boolean
}

export type Filled = 'no' | 'with a few rows' | 'by a query'

export interface KnownColumn {
  readonly type: TypeName | undefined
  readonly added: boolean
  /** Added with `IF NOT EXISTS`. */
  readonly perhaps?: true
}

export interface KnownConstraint {
  readonly constraint: Constraint
  readonly validated: boolean
  /** The transaction that added it. */
  readonly transaction: string | undefined
}

export interface KnownIndex {
  readonly table: TableName | undefined
  readonly concurrently: boolean
}

export interface AddedEnumValue {
  readonly type: TableName
  readonly value: string
  readonly transaction: string | undefined
}

interface MutableTable {
  name: TableName
  origin: KnownTable['origin']
  perhaps: boolean
  filled: Filled
  emptied: boolean
  columns: Map<string, KnownColumn>
  constraints: Map<string, KnownConstraint>
  validatedUnknown: boolean
}

/** Nothing known yet. */
export function emptySchema(): KnownSchema {
  let tables: MutableTable[] = []
  const indexes = new Map<string, KnownIndex>()
  const schemas = new Set<string>()
  const types: TableName[] = []
  const addedEnumValues: AddedEnumValue[] = []
  const settings = new Map<string, string>()

  /** A name without a schema is looked up in the search path: where the migration sets none, that is public's. */
  const placed = ({ schema, name }: TableName): TableName => ({
    schema: schema ?? firstSchema(settings.get('search_path')) ?? 'public',
    name
  })
  const find = (name: TableName): MutableTable | undefined =>
    tables.find((table) => hides(table.name, name)) ?? tables.find((table) => sameName(table.name, placed(name)))
  const note = (name: TableName): MutableTable => {
    const known = find(name)
    if (known !== undefined) return known
    const table = newTable(placed(name), 'before')
    tables.push(table)
    return table
  }
  const forget = (name: TableName): void => {
    const known = find(name)
    tables = tables.filter((table) => table !== known)
  }
  const addColumn = (table: MutableTable, column: Column, transaction: string | undefined, perhaps = false): void => {
    table.columns.set(column.name, { type: column.type, added: true, ...(perhaps ? { perhaps } : {}) })
    for (const constraint of column.constraints) addConstraint(table, constraint, transaction, [column.name])
  }

  const empty = (name: TableName): void => {
    const table = note(name)
    table.emptied = true
    table.filled = 'no'
  }
  const isNewType = (name: TableName): boolean => types.some((type) => sameName(type, placed(name)))
  const effects: ByKind<[transaction: string | undefined], void> = {
    'create-table'(operation, transaction) {
      // A table that was there already keeps what is known of it.
      if (operation.ifNotExists && find(operation.table) !== undefined) return
      forget(operation.table)
      const name = operation.temporary ? { schema: temporary, name: operation.table.name } : placed(operation.table)
      const table = newTable(name, 'new')
      table.perhaps = operation.ifNotExists
      if (operation.filled) table.filled = 'by a query'
      for (const column of operation.columns) addColumn(table, column, transaction)
      for (const constraint of operation.constraints) addConstraint(table, constraint, transaction)
      tables.push(table)
    },
    'create-view'({ view }) {
      if (find(view) === undefined) tables.push(newTable(placed(view), 'new'))
    },
    'drop-table': ({ table }) => {
      forget(table)
    },
    'rename-table'({ table, to }) {
      const known = note(table)
      known.name = { ...known.name, name: to }
    },
    'move-table'({ table, schema }) {
      note(table).name = { schema, name: table.name }
    },
    'create-schema'({ schema, ifNotExists }) {
      if (ifNotExists !== true) schemas.add(schema)
    },
    'rename-schema'({ schema, to }) {
      if (schemas.delete(schema)) schemas.add(to)
    },
    'add-column'({ table, column, ifNotExists }, transaction) {
      addColumn(note(table), column, transaction, ifNotExists)
    },
    'drop-column'({ table, column }) {
      note(table).columns.delete(column)
    },
    'rename-column'({ table, column, to }) {
      moveEntry(note(table).columns, column, to)
    },
    'alter-column-type'({ table, column, type }) {
      const { columns } = note(table)
      columns.set(column, { type, added: columns.get(column)?.added ?? false })
    },
    'add-constraint'({ table, constraint }, transaction) {
      addConstraint(note(table), constraint, transaction)
    },
    'validate-constraint'({ table, constraint }) {
      const { constraints } = note(table)
      const known = constraints.get(constraint)
      if (known === undefined) note(table).validatedUnknown = true
      else constraints.set(constraint, { ...known, validated: true })
    },
    'drop-constraint'({ table, constraint }) {
      note(table).constraints.delete(constraint)
    },
    'rename-constraint'({ table, constraint, to }) {
      moveEntry(note(table).constraints, constraint, to)
    },
    'create-index'({ table, index, concurrently }) {
      if (index !== undefined) indexes.set(index, { table, concurrently })
    },
    'drop-index'({ index }) {
      indexes.delete(index)
    },
    'rename-index'({ index, to }) {
      moveEntry(indexes, index, to)
    },
    insert({ table, rows }) {
      const known = note(table)
      if (rows === undefined) known.filled = 'by a query'
      else if (known.filled === 'no') known.filled = 'with a few rows'
    },
    delete({ table, where }) {
      if (!where) empty(table)
    },
    truncate({ tables: emptied }) {
      for (const table of emptied) empty(table)
    },
    'create-enum'({ type }) {
      types.push(placed(type))
    },
    'add-enum-value'({ type, value }, transaction) {
      if (!isNewType(type)) addedEnumValues.push({ type, value, transaction })
    },
    'set-parameter'({ name, value }) {
      settings.set(name.toLowerCase(), value)
    }
  }

  return {
    table: find,
    isNew: (name) => find(name)?.origin === 'new',
    isCertainlyNew: (name) => {
      const table = find(name)
      return table?.origin === 'new' && !table.perhaps
    },
    isIdle: (name) => find(name)?.origin === 'new' || find(name)?.emptied === true,
    rowsOf: (name) => {
      const table = find(name)
      return table === undefined || (table.origin === 'before' && !table.emptied) ? 'before' : table.filled
    },
    index: (name) => indexes.get(name),
    isNewSchema: (name) => schemas.has(name),
    isNewType,
    addedEnumValues,
    setting: (name) => settings.get(name),
    apply(operation, transaction) {
      byKind(effects, operation, transaction)
    },
    endMigration() {
      settings.clear()
    }
  }
}

function moveEntry<T>(map: Map<string, T>, from: string, to: string): void {
  const entry = map.get(from)
  map.delete(from)
  if (entry !== undefined) map.set(to, entry)
}

function newTable(name: TableName, origin: KnownTable['origin']): MutableTable {
  return {
    name,
    origin,
    perhaps: false,
    filled: 'no',
    emptied: false,
    columns: new Map(),
    constraints: new Map(),
    validatedUnknown: false
  }
}

function addConstraint(
  table: MutableTable,
  constraint: Constraint,
  transaction: string | undefined,
  columns: readonly string[] = constraint.columns
): void {
  const named = constraint.columns.length === 0 ? { ...constraint, columns } : constraint
  const name = constraint.name ?? conventionalName(table.name.name, named)
  table.constraints.set(name, { constraint: named, validated: !constraint.notValid, transaction })
}

/** As PostgreSQL names a constraint that has no name (ChooseConstraintName). */
export function conventionalName(table: string, constraint: Constraint): string {
  const columns = constraint.columns.join('_')
  switch (constraint.kind) {
    case 'primary-key':
      return `${table}_pkey`
    case 'unique':
      return `${table}_${columns}_key`
    case 'exclude':
      return `${table}_${columns}_excl`
    case 'foreign-key':
      return `${table}_${columns}_fkey`
    case 'check':
      return columns === '' ? `${table}_check` : `${table}_${columns}_check`
    case 'not-null':
      return `${table}_${columns}_not_null`
  }
}

/** A schema that Elixir computes may be any. */
function sameName(one: TableName, other: TableName): boolean {
  return (
    one.name === other.name &&
    (one.schema === other.schema || [one, other].some(({ schema = '' }) => isInterpolated(schema)))
  )
}

/** The schema of temporary tables, which hide others of their name. */
const temporary = 'pg_temp'

function hides(table: TableName, { schema, name }: TableName): boolean {
  return schema === undefined && table.schema === temporary && table.name === name
}

/** Where a search path puts new things. */
function firstSchema(path: string | undefined): string | undefined {
  const schemas = path?.split(',').map((schema) => schema.trim().replace(/^["']|["']$/g, ''))
  return schemas?.find((schema) => schema !== '' && schema !== '$user')
}
