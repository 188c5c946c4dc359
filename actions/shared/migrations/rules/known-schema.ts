import type { Column, Constraint, Operation, TableName, TypeName } from '../operation.ts'

/** What the statements seen so far say about the database. The walk through a change keeps one and feeds it. */
export interface KnownSchema {
  /** Undefined: nothing was said about it yet, so it was there before the change. */
  table(name: TableName): KnownTable | undefined
  /** Whether nobody else uses the table: it was made by this change. */
  isNew(name: TableName): boolean
  /** Rows that the change put into a new table; `before`: a table that was there, with whatever it has. */
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
  /** Whether the change puts rows in: a few that are written down, or what a query gives. */
  readonly filled: Filled
  readonly columns: ReadonlyMap<string, KnownColumn>
  readonly constraints: ReadonlyMap<string, KnownConstraint>
  /** A constraint of before the change was validated in it: it may prove what cannot be seen here. */
  readonly validatedUnknown: boolean
  /** Columns of each index made in the change, and of its primary key and unique constraints. */
  readonly indexed: readonly (readonly string[])[]
}

export type Filled = 'no' | 'with a few rows' | 'by a query'

export interface KnownColumn {
  readonly type: TypeName | undefined
  readonly added: boolean
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
  filled: Filled
  columns: Map<string, KnownColumn>
  constraints: Map<string, KnownConstraint>
  validatedUnknown: boolean
  indexed: (readonly string[])[]
}

/** Nothing known yet. */
export function emptySchema(): KnownSchema {
  let tables: MutableTable[] = []
  const indexes = new Map<string, KnownIndex>()
  const schemas = new Set<string>()
  const types: TableName[] = []
  const addedEnumValues: AddedEnumValue[] = []
  const settings = new Map<string, string>()

  const find = (name: TableName): MutableTable | undefined =>
    tables.find((table) => sameName(table.name, name)) ?? tables.find((table) => perhapsSameName(table.name, name))
  const note = (name: TableName): MutableTable => {
    const known = find(name)
    if (known !== undefined) return known
    const table = newTable(name, 'before')
    tables.push(table)
    return table
  }
  const forget = (name: TableName): void => {
    const known = find(name)
    tables = tables.filter((table) => table !== known)
  }
  const addColumn = (table: MutableTable, column: Column, transaction: string | undefined): void => {
    table.columns.set(column.name, { type: column.type, added: true })
    for (const constraint of column.constraints) addConstraint(table, constraint, transaction, [column.name])
  }

  return {
    table: find,
    isNew: (name) => (find(name)?.origin ?? 'before') !== 'before',
    rowsOf: (name) => {
      const table = find(name)
      return table === undefined || table.origin === 'before' ? 'before' : table.filled
    },
    index: (name) => indexes.get(name),
    isNewSchema: (name) => schemas.has(name),
    isNewType: (name) => types.some((type) => sameName(type, name) || perhapsSameName(type, name)),
    addedEnumValues,
    setting: (name) => settings.get(name),
    apply(operation, transaction) {
      switch (operation.kind) {
        case 'create-table': {
          // A table that was there already keeps what is known of it.
          if (operation.ifNotExists && find(operation.table) !== undefined) return
          forget(operation.table)
          const table = newTable(operation.table, 'new')
          if (operation.filled) table.filled = 'by a query'
          for (const column of operation.columns) addColumn(table, column, transaction)
          for (const constraint of operation.constraints) addConstraint(table, constraint, transaction)
          tables.push(table)
          return
        }
        case 'create-view':
          if (find(operation.view) === undefined) tables.push(newTable(operation.view, 'new'))
          return
        case 'drop-table':
          forget(operation.table)
          return
        case 'rename-table':
          note(operation.table).name = { ...operation.table, name: operation.to }
          return
        case 'move-table':
          note(operation.table).name = { schema: operation.schema, name: operation.table.name }
          return
        case 'create-schema':
          schemas.add(operation.schema)
          return
        case 'rename-schema':
          if (schemas.delete(operation.schema)) schemas.add(operation.to)
          return
        case 'add-column':
          addColumn(note(operation.table), operation.column, transaction)
          return
        case 'drop-column':
          note(operation.table).columns.delete(operation.column)
          return
        case 'rename-column': {
          const { columns } = note(operation.table)
          const column = columns.get(operation.column)
          columns.delete(operation.column)
          if (column !== undefined) columns.set(operation.to, column)
          return
        }
        case 'alter-column-type': {
          const { columns } = note(operation.table)
          columns.set(operation.column, {
            type: operation.type,
            added: columns.get(operation.column)?.added ?? false
          })
          return
        }
        case 'add-constraint':
          addConstraint(note(operation.table), operation.constraint, transaction)
          return
        case 'validate-constraint': {
          const table = note(operation.table)
          const known = table.constraints.get(operation.constraint)
          if (known === undefined) table.validatedUnknown = true
          else table.constraints.set(operation.constraint, { ...known, validated: true })
          return
        }
        case 'drop-constraint':
          note(operation.table).constraints.delete(operation.constraint)
          return
        case 'rename-constraint': {
          const { constraints } = note(operation.table)
          const known = constraints.get(operation.constraint)
          constraints.delete(operation.constraint)
          if (known !== undefined) constraints.set(operation.to, known)
          return
        }
        case 'create-index':
          note(operation.table).indexed.push(operation.columns)
          if (operation.index !== undefined)
            indexes.set(operation.index, { table: operation.table, concurrently: operation.concurrently })
          return
        case 'drop-index':
          indexes.delete(operation.index)
          return
        case 'rename-index': {
          const known = indexes.get(operation.index)
          indexes.delete(operation.index)
          if (known !== undefined) indexes.set(operation.to, known)
          return
        }
        case 'insert': {
          const table = note(operation.table)
          if (operation.rows === undefined) table.filled = 'by a query'
          else if (table.filled === 'no') table.filled = 'with a few rows'
          return
        }
        case 'create-enum':
          types.push(operation.type)
          return
        case 'add-enum-value':
          if (!types.some((type) => sameName(type, operation.type) || perhapsSameName(type, operation.type)))
            addedEnumValues.push({ type: operation.type, value: operation.value, transaction })
          return
        case 'set-parameter':
          settings.set(operation.name.toLowerCase(), operation.value)
          return
        default:
          return
      }
    },
    endMigration() {
      settings.clear()
    }
  }
}

function newTable(name: TableName, origin: KnownTable['origin']): MutableTable {
  return {
    name,
    origin,
    filled: 'no',
    columns: new Map(),
    constraints: new Map(),
    validatedUnknown: false,
    indexed: []
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
  if (constraint.kind === 'primary-key' || constraint.kind === 'unique') table.indexed.push(named.columns)
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

function sameName(one: TableName, other: TableName): boolean {
  return one.name === other.name && (one.schema ?? 'public') === (other.schema ?? 'public')
}

/** A name without a schema is looked up in the search path, which a migration need not tell. */
function perhapsSameName(one: TableName, other: TableName): boolean {
  return one.name === other.name && (one.schema === undefined || other.schema === undefined)
}
