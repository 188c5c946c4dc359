import type { Operation, TableName } from '../operation.ts'
import type { Call } from './call.ts'
import { callValue } from './call.ts'
import { readEmbeddedSql } from './embedded-sql.ts'
import { evaluate } from './evaluate.ts'
import { tableName } from './names.ts'
import { columnsOfUpdates } from './query.ts'
import { emit, tellNotAnalysed, type Run } from './run.ts'
import { moduleScope } from './scope.ts'
import { nil, unknown, type Value } from './value.ts'
import { wordIn } from './words.ts'

/** A call of the repository: `repo().query!("…")`, `repo().update_all(…)`. Reading it is no operation. */
export function readRepoCall(run: Run, call: Call): Value {
  const read = wordIn(repoCalls, call.name.replace(/!$/, ''))
  if (read !== undefined) return read(run, call)
  if (!reads.has(call.name.replace(/!$/, ''))) {
    tellNotAnalysed(run, call.node, `a call of the repository: ${call.name}/${String(call.arguments.length)}`, false)
  }
  return unknown('what the database holds')
}

const reads: ReadonlySet<string> = new Set([
  'all',
  'one',
  'get',
  'get_by',
  'exists?',
  'aggregate',
  'preload',
  'stream',
  'reload',
  'config',
  'in_transaction?',
  'checkout',
  'put_dynamic_repo',
  'get_dynamic_repo',
  'default_options',
  'start_link',
  'stop',
  'rollback',
  '__adapter__',
  'explain',
  'to_sql',
  'put_migration_lock',
  'all_by'
])

const repoCalls: Readonly<Record<string, (run: Run, call: Call) => Value>> = {
  query: runSql,
  query_many: runSql,
  transaction: (run, call) => {
    const [work] = call.arguments
    return work === undefined ? nil : callValue(run, work, [{ kind: 'repo' }], call.node)
  },
  transact: (run, call) => {
    const [work] = call.arguments
    return work === undefined ? nil : callValue(run, work, [{ kind: 'repo' }], call.node)
  },
  update_all: (run, call) => {
    const [queryable, updates] = call.arguments
    const { table, where, columns } = target(run, call, queryable)
    change(run, call, { kind: 'update', table, where, columns: [...columns, ...columnsOfUpdates(updates)] })
    return unknown('how many rows were changed')
  },
  delete_all: (run, call) => {
    const { table, where } = target(run, call, call.arguments[0])
    change(run, call, { kind: 'delete', table, where, columns: [] })
    return unknown('how many rows were deleted')
  },
  insert_all: (run, call) => {
    const [queryable, rows] = call.arguments
    const { table } = target(run, call, queryable)
    change(run, call, { kind: 'insert', table, rows: rows?.kind === 'list' ? rows.items.length : undefined })
    return unknown('the rows')
  },
  insert: (run, call) => oneRow(run, call, (table) => ({ kind: 'insert', table, rows: 1 })),
  insert_or_update: (run, call) => oneRow(run, call, (table) => ({ kind: 'insert', table, rows: 1 })),
  update: (run, call) => oneRow(run, call, (table) => ({ kind: 'update', table, where: true, columns: [] })),
  delete: (run, call) => oneRow(run, call, (table) => ({ kind: 'delete', table, where: true, columns: [] }))
}

function runSql(run: Run, call: Call): Value {
  const [sql] = call.arguments
  if (sql?.kind === 'string') readEmbeddedSql(run, call.node, sql.text)
  else tellNotAnalysed(run, call.node, 'SQL that is known only when it runs', false)
  return unknown('what the database answers')
}

/** A row by its schema: the table is the application's to know. */
function oneRow(run: Run, call: Call, operation: (table: TableName) => Operation): Value {
  change(run, call, operation({ name: unnamedTable }))
  return unknown('the row')
}

/** No table is called so: rules see a table that they know nothing of. */
const unnamedTable = ''

function change(run: Run, call: Call, operation: Operation): void {
  emit(run, call.node, [operation])
}

interface Target {
  readonly table: TableName
  readonly where: boolean
  readonly columns: readonly string[]
}

function target(run: Run, call: Call, queryable: Value | undefined): Target {
  const query = queryable?.kind === 'query' ? queryable : undefined
  const source = query?.source ?? queryable
  const base = { where: query?.where ?? false, columns: query?.columns ?? [] }
  const named = source?.kind === 'tuple' ? source.items[0] : source
  if (named?.kind === 'string' || named?.kind === 'atom') {
    return { ...base, table: tableName(run, call.node, named, undefined) }
  }
  if (named?.kind === 'module') {
    const schema = run.modules.find((module) => module.name === named.name || module.name.endsWith(`.${named.name}`))
    if (schema?.schemaTable !== undefined) {
      const name = evaluate(run, schema.schemaTable, moduleScope(schema))
      return { ...base, table: tableName(run, call.node, name, undefined) }
    }
    tellNotAnalysed(run, call.node, `the table of ${named.name}, which this file does not define`, true)
    return { ...base, table: { name: unnamedTable } }
  }
  tellNotAnalysed(run, call.node, 'a table that is known only when it runs', true)
  return { ...base, where: query === undefined ? true : base.where, table: { name: unnamedTable } }
}
