import type { Column, Constraint } from '../operation.ts'
import { columnOf } from './column.ts'
import { createDescribed } from './commands.ts'
import type { Form } from './control-flow.ts'
import { evaluate, evaluateBody } from './evaluate.ts'
import { sectionOf } from './functions.ts'
import { emit, tellNotAnalysed, type OpenTable, type Run } from './run.ts'
import { innerScope } from './scope.ts'
import { isFalse, nameOf, option, unknown, type TableValue, type Value } from './value.ts'

type Command = 'create' | 'create_if_not_exists' | 'alter'

/** `create table(…) do … end`, `alter table(…) do … end`, and `create` of what needs no block. */
export function openTable(run: Run, form: Form, command: Command): Value {
  const [first] = form.arguments
  const made = form.piped[0] ?? (first === undefined ? unknown('nothing') : evaluate(run, first, form.scope))
  const body = sectionOf(run.source.text, form.node, 'do')
  if (made.kind !== 'table') {
    if (command === 'alter') tellNotAnalysed(run, form.node, 'a table whose name is known only when it runs', false)
    else createDescribed(run, form.node, made, command === 'create_if_not_exists')
    return made
  }
  const open: OpenTable = {
    command: command === 'alter' ? 'alter' : 'create',
    table: made.table,
    columns: command === 'alter' ? [] : primaryKeyColumn(run, form, made),
    primaryKey: []
  }
  if (open.command === 'create') open.primaryKey.push(...open.columns.map(({ name }) => name))
  run.calls.push({ span: run.source.positions.span(form.node.start, form.node.end), block: true })
  const before = run.table
  run.table = open
  try {
    evaluateBody(run, body ?? [], innerScope(form.scope), true)
  } finally {
    run.table = before
  }
  const constraints = primaryKeyConstraint(open.primaryKey)
  if (open.command === 'create') {
    emit(run, form.node, [
      {
        kind: 'create-table',
        table: made.table,
        columns: open.columns,
        constraints,
        temporary: /\btemp(?:orary)?\b/i.test(nameOf(option(made.options, 'modifiers')) ?? ''),
        ifNotExists: command === 'create_if_not_exists',
        filled: false
      }
    ])
  } else {
    for (const constraint of constraints) {
      emit(run, form.node, [{ kind: 'add-constraint', table: made.table, constraint }])
    }
  }
  return made
}

function primaryKeyConstraint(columns: readonly string[]): readonly Constraint[] {
  return columns.length === 0 ? [] : [{ kind: 'primary-key', columns, notValid: false, provesNotNull: [] }]
}

/**
 * The column `id` that a table gets unless it says `primary_key: false` (Ecto.Migration, __primary_key__/1). Its type is
 * bigserial unless the repository's configuration says another: on a table that is just made that makes no difference.
 */
function primaryKeyColumn(run: Run, form: Form, made: TableValue): Column[] {
  const options = option(made.options, 'primary_key')
  if (isFalse(options)) return []
  const own: Value = options?.kind === 'list' ? options : { kind: 'list', items: [] }
  const column = columnOf(run, form.node, made.table, {
    name: nameOf(option(own, 'name')) ?? 'id',
    type: option(own, 'type') ?? { kind: 'atom', name: 'bigserial' },
    options: own
  })
  return [{ ...column, notNull: true }]
}
