import type { Operation } from '../operation.ts'
import type { Call } from './call.ts'
import { columnOf, defaultValueOf, foreignKey, referenceName, typeOf } from './column.ts'
import { nameOrPlaceholder } from './names.ts'
import { emit, tellIrreversible, tellNotAnalysed, type OpenTable, type Run } from './run.ts'
import type { Syntax } from './syntax.ts'
import { atom, hasUnknownOptions, isFalse, isTrue, nil, option, type Value } from './value.ts'

type Command = (run: Run, call: Call) => Value

const none: Value = { kind: 'list', items: [] }

/** What stands in the block of `create table` and `alter table`. */
export const columnCommands: Readonly<Record<string, Command>> = {
  add: (run, call) =>
    within(run, call, (open) => {
      add(run, call, open, false)
    }),
  add_if_not_exists: (run, call) =>
    within(run, call, (open) => {
      add(run, call, open, true)
    }),
  modify: (run, call) =>
    within(run, call, (open) => {
      modify(run, call, open)
    }),
  remove: (run, call) =>
    within(run, call, (open) => {
      remove(run, call, open, false)
    }),
  remove_if_exists: (run, call) =>
    within(run, call, (open) => {
      remove(run, call, open, true)
    }),
  timestamps: (run, call) =>
    within(run, call, (open) => {
      timestamps(run, call, open)
    })
}

/** Ecto refuses these words outside of such a block. */
function within(run: Run, call: Call, command: (open: OpenTable) => void): Value {
  if (run.table === undefined) {
    tellNotAnalysed(run, call.node, `${call.name} outside of create table and alter table`, false)
  } else {
    command(run.table)
  }
  return nil
}

function add(
  run: Run,
  { node, arguments: [name, type = nil, options = none] }: Call,
  open: OpenTable,
  ifNotExists: boolean
): void {
  addColumn(run, node, open, { name, type, options, ifNotExists })
  if (ifNotExists && open.command === 'alter') tellIrreversible(run, node, 'add_if_not_exists', upAndDown)
}

const upAndDown = 'Write up and down instead of change, so that a rollback knows what to do.'

interface Added {
  readonly name: Value | undefined
  readonly type: Value
  readonly options: Value
  readonly ifNotExists: boolean
}

function addColumn(run: Run, node: Syntax, open: OpenTable, { name, type, options, ifNotExists }: Added): void {
  const column = columnOf(run, node, open.table, { name: nameOrPlaceholder(run, name), type, options })
  if (hasUnknownOptions(options)) tellNotAnalysed(run, node, `the options of column ${column.name}`, true)
  if (isTrue(option(options, 'primary_key'))) open.primaryKey.push(column.name)
  if (open.command === 'create') open.columns.push(column)
  else emit(run, node, [{ kind: 'add-column', table: open.table, column, ifNotExists }])
}

/** timestamps/1: two columns, NOT NULL unless `null: true`, of type naive_datetime unless `type:`. */
function timestamps(run: Run, { node, arguments: [options = none] }: Call, open: OpenTable): void {
  const items = options.kind === 'list' ? options.items : []
  const own = items.filter((item) => {
    const key = item.kind === 'tuple' ? item.items[0] : undefined
    return key?.kind !== 'atom' || !['type', 'inserted_at', 'updated_at'].includes(key.name)
  })
  const null_: Value = { kind: 'tuple', items: [atom('null'), atom('false')] }
  const common: Value = { kind: 'list', items: option(options, 'null') === undefined ? [...own, null_] : own }
  const type = option(options, 'type') ?? atom('naive_datetime')
  for (const column of ['inserted_at', 'updated_at']) {
    const name = option(options, column) ?? atom(column)
    if (!isFalse(name)) addColumn(run, node, open, { name, type, options: common, ifNotExists: false })
  }
  if (options.kind === 'unknown') tellNotAnalysed(run, node, 'the options of timestamps', true)
}

/** column_change/2 of {:modify, …}: the type always, the rest where it is written. */
function modify(run: Run, { node, arguments: [name, type = nil, options = none] }: Call, open: OpenTable): void {
  const { table } = open
  const column = nameOrPlaceholder(run, name)
  const from = option(options, 'from')
  const [fromType, fromOptions = none] = from?.kind === 'tuple' && isOptions(from.items[1]) ? from.items : [from]
  const operations: Operation[] = []
  if (fromType?.kind === 'references') {
    operations.push({ kind: 'drop-constraint', table, constraint: referenceName(table, column, fromType) })
  }
  const before = fromType === undefined ? undefined : typeOf(run, fromType, fromOptions)
  const after = typeOf(run, type, options)
  if (after === undefined) {
    tellNotAnalysed(run, node, `the type of column ${column}`, true)
    operations.push({ kind: 'unknown', why: `the new type of column ${column}` })
  } else {
    const had = before === undefined ? {} : { from: before }
    operations.push({ kind: 'alter-column-type', table, column, type: after, ...had })
  }
  if (type.kind === 'references') {
    operations.push({ kind: 'add-constraint', table, constraint: foreignKey(table, column, type) })
  }
  // NULL that is forbidden, or allowed, already: PostgreSQL does nothing then (tablecmds.c, ATExecSetNotNull).
  const null_ = option(options, 'null')
  const nullBefore = option(fromOptions, 'null')
  if (isFalse(null_) && !isFalse(nullBefore)) operations.push({ kind: 'set-not-null', table, column })
  if (isTrue(null_) && !isTrue(nullBefore)) operations.push({ kind: 'drop-not-null', table, column })
  const standard = option(options, 'default')
  if (standard !== undefined) {
    operations.push({ kind: 'set-default', table, column, value: defaultValueOf(run, standard) })
  }
  if (hasUnknownOptions(options)) tellNotAnalysed(run, node, `the options of column ${column}`, true)
  emit(run, node, operations)
  if (isTrue(option(options, 'primary_key'))) open.primaryKey.push(column)
  if (from === undefined) {
    tellIrreversible(
      run,
      node,
      `modify of column ${column} without from:`,
      'Say what the column was: from: :string, or from: {:string, null: true}.'
    )
  }
}

function isOptions(value: Value | undefined): boolean {
  return value?.kind === 'list'
}

function remove(run: Run, { node, arguments: [name, type] }: Call, open: OpenTable, ifExists: boolean): void {
  const { table } = open
  const column = nameOrPlaceholder(run, name)
  const operations: Operation[] = [{ kind: 'drop-column', table, column, cascade: false }]
  if (type?.kind === 'references') {
    operations.unshift({ kind: 'drop-constraint', table, constraint: referenceName(table, column, type) })
  }
  emit(run, node, operations)
  if (ifExists) tellIrreversible(run, node, `remove_if_exists of column ${column}`, upAndDown)
  else if (type === undefined) {
    tellIrreversible(
      run,
      node,
      `remove of column ${column} without its type`,
      'Give remove the type and options that the column has, so that a rollback can add it again.'
    )
  }
}
