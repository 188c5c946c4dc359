import type { Call } from './call.ts'
import type { Form } from './control-flow.ts'
import { evaluate } from './evaluate.ts'
import { keywordName } from './functions.ts'
import type { Run } from './run.ts'
import type { Syntax } from './syntax.ts'
import { nameOf, option, unknown, type Value } from './value.ts'

type Query = Extract<Value, { kind: 'query' }>

/** `from u in "users", where: …, update: [set: …]` (Ecto.Query.from/2): its source, and whether it has a condition. */
export function readFrom(run: Run, form: Form): Value {
  const [first, keywords] = form.arguments
  const source = first?.type === 'binary_operator' && first.token === 'in' ? first.children[1] : first
  if (source === undefined) return unknown('a query')
  let query = asQuery(evaluate(run, source, form.scope))
  for (const pair of keywords?.type === 'keywords' ? keywords.children : []) {
    const [key, value] = pair.children
    if (key === undefined || value === undefined) continue
    query = refine(query, keywordName(run.source.text, key), updatedColumns(run, value))
  }
  return query
}

function asQuery(source: Value): Query {
  return source.kind === 'query' ? source : { kind: 'query', source, where: false, columns: [] }
}

const conditions: ReadonlySet<string> = new Set(['where', 'or_where', 'limit', 'join', 'inner_join'])

function refine(query: Query, word: string, columns: readonly string[]): Query {
  if (conditions.has(word)) return { ...query, where: true }
  return word === 'update' ? { ...query, columns: [...query.columns, ...columns] } : query
}

/** The columns of `[set: [a: …], inc: [b: …]]`, without looking at their values: they may be of a query. */
function updatedColumns(run: Run, node: Syntax): readonly string[] {
  const lists = node.children.flatMap((child) => (child.type === 'keywords' ? child.children : []))
  return lists.flatMap((pair) => {
    const inner = pair.children[1]?.children.flatMap((child) => (child.type === 'keywords' ? child.children : [])) ?? []
    return inner.flatMap(({ children: [key] }) => (key === undefined ? [] : [keywordName(run.source.text, key)]))
  })
}

/** Columns that `update_all(query, set: […])` sets. */
export function columnsOfUpdates(updates: Value | undefined): readonly string[] {
  if (updates?.kind !== 'list') return []
  return ['set', 'inc', 'push', 'pull'].flatMap((verb) => {
    const columns = option(updates, verb)
    if (columns?.kind !== 'list') return []
    return columns.items.flatMap((item) => (item.kind === 'tuple' ? (nameOf(item.items[0]) ?? []) : []))
  })
}

const words = [
  'where',
  'or_where',
  'select',
  'select_merge',
  'join',
  'order_by',
  'group_by',
  'having',
  'limit',
  'offset',
  'distinct',
  'update',
  'exclude',
  'preload',
  'lock',
  'windows',
  'union',
  'union_all',
  'with_cte',
  'recursive_ctes'
] as const

/** `"users" |> where([u], …)` */
export const queryWords: Readonly<Record<string, (run: Run, call: Call) => Value>> = Object.fromEntries(
  words.map((word) => [
    word,
    (_run: Run, { arguments: [source, ...rest] }: Call): Value =>
      source === undefined ? unknown('a query') : refine(asQuery(source), word, rest.flatMap(columnsOfUpdates))
  ])
)
