import type { Call } from './call.ts'
import { callValue } from './call.ts'
import { columnCommands } from './column-commands.ts'
import { indexDescription, isConcurrent } from './index-description.ts'
import { operationsOfSql, readEmbeddedSql } from './embedded-sql.ts'
import { nameOrPlaceholder, tableName } from './names.ts'
import { queryWords } from './query.ts'
import { emit, inDirection, tellIrreversible, tellNotAnalysed, type Run } from './run.ts'
import type { Syntax } from './syntax.ts'
import { hasUnknownOptions, isFalse, nameOf, nil, option, unknown, type ConstraintValue, type Value } from './value.ts'
import { indexSql } from './written-sql.ts'

type Command = (run: Run, call: Call) => Value

const none: Value = { kind: 'list', items: [] }

/** The words of Ecto.Migration that take no block, and of Ecto.Query. */
export const commands: Readonly<Record<string, Command>> = {
  ...columnCommands,
  ...queryWords,
  table: (run, { node, arguments: [name, options = none] }) => ({
    kind: 'table',
    table: tableName(run, node, name, options),
    options
  }),
  index: (run, call) => indexDescription(run, call, false),
  unique_index: (run, call) => indexDescription(run, call, true),
  constraint: (run, { node, arguments: [table, name, options = none] }) => ({
    kind: 'constraint',
    table: tableName(run, node, table, options),
    name: nameOrPlaceholder(run, name),
    options
  }),
  references: (run, { node, arguments: [table, options = none] }) => ({
    kind: 'references',
    table: tableName(run, node, table, options),
    options
  }),
  fragment: (_run, { arguments: [sql] }) => ({ kind: 'fragment', sql: sql?.kind === 'string' ? sql.text : undefined }),
  drop: (run, call) => drop(run, call, false),
  drop_if_exists: (run, call) => drop(run, call, true),
  rename,
  execute,
  execute_file: (run, { node, arguments: [path] }) => {
    tellNotAnalysed(run, node, `SQL in another file${path?.kind === 'string' ? `: ${path.text.value}` : ''}`, false)
    return nil
  },
  repo: () => ({ kind: 'repo' }),
  direction: (run) => (run.mode === 'both' ? { kind: 'direction' } : { kind: 'atom', name: run.mode }),
  prefix: () => unknown('`prefix()`'),
  flush: () => nil
}

/** `create index(…)`, `create constraint(…)`. */
export function createDescribed(run: Run, node: Syntax, made: Value, ifNotExists: boolean): void {
  if (made.kind === 'index') {
    const { table, name, unique, columns } = made
    const concurrently = isConcurrent(run, node, made)
    const sql = indexSql(made)
    const written = sql === undefined ? {} : { written: sql }
    emit(run, node, [
      { kind: 'create-index', table, index: name, concurrently, unique, ifNotExists, columns, ...written }
    ])
  } else if (made.kind === 'constraint') {
    createConstraint(run, node, made)
  } else {
    tellNotAnalysed(run, node, 'what is created is known only when it runs', false)
  }
}

/** new_constraint_expr/1 */
function createConstraint(run: Run, node: Syntax, made: ConstraintValue): void {
  const { table, name, options } = made
  const check = option(options, 'check')
  const exclude = option(options, 'exclude')
  const expression = nameOf(check) ?? nameOf(exclude)
  const kind = check === undefined ? 'exclude' : 'check'
  const notValid = isFalse(option(options, 'validate'))
  const sql =
    expression === undefined
      ? undefined
      : `${kind === 'check' ? `CHECK (${expression})` : `EXCLUDE USING ${expression}`}${notValid ? ' NOT VALID' : ''}`
  if (hasUnknownOptions(options)) tellNotAnalysed(run, node, `the options of constraint ${name}`, true)
  const [read] = (sql === undefined ? undefined : operationsOfSql(run, `ALTER TABLE t ADD CONSTRAINT c ${sql}`)) ?? []
  if (read?.kind !== 'add-constraint') tellNotAnalysed(run, node, `the condition of constraint ${name}`, true)
  const constraint =
    read?.kind === 'add-constraint' ? read.constraint : ({ kind, columns: [], notValid, provesNotNull: [] } as const)
  emit(run, node, [{ kind: 'add-constraint', table, constraint: { ...constraint, name } }])
}

function drop(run: Run, { node, arguments: [what, options = none] }: Call, ifExists: boolean): Value {
  const mode = option(options, 'mode')
  const cascade = mode?.kind === 'atom' && mode.name === 'cascade'
  if (what?.kind === 'table') {
    emit(run, node, [{ kind: 'drop-table', table: what.table, ifExists, cascade }])
    tellIrreversible(run, node, `drop of table ${what.table.name}`, irreversibleHint)
  } else if (what?.kind === 'index') {
    const { table, name } = what
    const schema = table.schema === undefined ? {} : { schema: table.schema }
    const concurrently = isConcurrent(run, node, what)
    emit(run, node, [{ kind: 'drop-index', index: name, ...schema, table, concurrently, ifExists }])
  } else if (what?.kind === 'constraint') {
    emit(run, node, [{ kind: 'drop-constraint', table: what.table, constraint: what.name }])
    tellIrreversible(run, node, `drop of constraint ${what.name}`, irreversibleHint)
  } else {
    tellNotAnalysed(run, node, 'what is dropped is known only when it runs', false)
  }
  return what ?? nil
}

export const irreversibleHint = 'Write up and down instead of change, so that a rollback knows what to do.'

function rename(run: Run, { node, arguments: [what, second, third] }: Call): Value {
  const to = option(third ?? second ?? none, 'to')
  if (what?.kind === 'table' && third !== undefined) {
    const column = nameOrPlaceholder(run, second)
    emit(run, node, [{ kind: 'rename-column', table: what.table, column, to: nameOrPlaceholder(run, to) }])
  } else if (what?.kind === 'table' && to?.kind === 'table') {
    emit(run, node, [{ kind: 'rename-table', table: what.table, to: to.table.name }])
  } else if (what?.kind === 'index') {
    emit(run, node, [{ kind: 'rename-index', index: what.name, to: nameOrPlaceholder(run, to) }])
  } else {
    tellNotAnalysed(run, node, 'what is renamed is known only when it runs', false)
  }
  return to ?? nil
}

function execute(run: Run, { node, arguments: [up, down] }: Call): Value {
  if (down === undefined) {
    executeOne(run, node, up)
    tellIrreversible(
      run,
      node,
      'execute without SQL for the way back',
      'Give execute a second argument, the SQL that takes it back; "" where nothing is to be done.'
    )
    return nil
  }
  inDirection(run, 'up', () => {
    executeOne(run, node, up)
  })
  inDirection(run, 'down', () => {
    executeOne(run, node, down)
  })
  return nil
}

function executeOne(run: Run, node: Syntax, command: Value | undefined): void {
  if (command?.kind === 'string') readEmbeddedSql(run, node, command.text)
  else if (command?.kind === 'function' || command?.kind === 'capture' || command?.kind === 'short-function') {
    callValue(run, command, [], node, true)
  } else {
    const what = command?.kind === 'unknown' ? `: ${command.why}` : ''
    tellNotAnalysed(run, node, `SQL that is known only when it runs${what}`, false)
  }
}
