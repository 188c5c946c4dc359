import type { Call } from './call.ts'
import { nameOrPlaceholder, tableName } from './names.ts'
import { tellNotAnalysed, type Run } from './run.ts'
import type { Syntax } from './syntax.ts'
import { hasUnknownOptions, isTrue, nameOf, option, type IndexValue, type Value } from './value.ts'

/** `index(table, columns, options)` with the name that Ecto gives it (default_index_name/1). */
export function indexDescription(run: Run, call: Call, unique: boolean): IndexValue {
  const [name, keys, options = { kind: 'list', items: [] }] = call.arguments
  const table = tableName(run, call.node, name, options)
  const columns = keys === undefined ? [] : keys.kind === 'list' ? keys.items : [keys]
  const own = option(options, 'name')
  return {
    kind: 'index',
    table,
    name: own === undefined ? defaultName(table.name, columns) : nameOrPlaceholder(run, own),
    keys: columns,
    columns: columns.map((key) => {
      const column = key.kind === 'tuple' ? key.items[1] : key
      return column?.kind === 'atom' ? column.name : plainColumn(nameOf(column) ?? '')
    }),
    unique: unique ? !isNotUnique(options) : isTrue(option(options, 'unique')),
    options
  }
}

/**
 * Whether the index is built, or dropped, concurrently. Where that is computed it is told; who disables the transaction
 * means to, and in a transaction only the other case can succeed.
 */
export function isConcurrent(run: Run, node: Syntax, { options, name }: IndexValue): boolean {
  const concurrently = option(options, 'concurrently')
  const computed = concurrently === undefined ? hasUnknownOptions(options) : concurrently.kind !== 'atom'
  if (!computed) return isTrue(concurrently)
  tellNotAnalysed(run, node, `whether index ${name} is concurrent`, true)
  return run.outsideTransaction
}

/** unique_index puts its `unique: true` before the options, and struct!/2 takes the last of a name. */
function isNotUnique(options: Value): boolean {
  const own = option(options, 'unique')
  return own !== undefined && !isTrue(own)
}

/** A string is an expression, and one that is a name is a column. */
function plainColumn(expression: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(expression) ? expression : ''
}

function defaultName(table: string, columns: readonly Value[]): string {
  const parts = [{ kind: 'atom', name: table } as const, ...columns, { kind: 'atom', name: 'index' } as const]
  return parts
    .map((part) => nameOf(part.kind === 'tuple' ? part.items[1] : part) ?? '')
    .map((part) => part.replace(/[^\p{L}\p{N}_]/gu, '_').replace(/_+$/, ''))
    .join('_')
}
