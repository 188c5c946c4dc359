import { callOf } from './functions.ts'
import type { Run } from './run.ts'
import type { Syntax } from './syntax.ts'
import type { Value } from './value.ts'

/** `index(…)` alone only makes a description (ecto_sql issue 656); SQL alone is only a string. */
export function tellUnused(run: Run, node: Syntax, value: Value): void {
  const tell = (what: string): void => {
    run.withoutEffect.push({ span: run.source.positions.span(node.start, node.end), what })
  }
  if (node.type === 'string' || node.type === 'sigil') {
    if (looksLikeSql(value)) tell('SQL that no execute takes')
  } else if (node.type === 'list') {
    if (value.kind === 'list' && value.items.some(looksLikeSql)) tell('a list of SQL that no execute takes')
  } else {
    const name = callOf(run.source.text, node)?.name
    if (name !== undefined && descriptions.get(name) === value.kind) tell(`${name}(…) without create`)
  }
}

function looksLikeSql(value: Value): boolean {
  if (value.kind !== 'string') return false
  return /^\s*(?:create|alter|drop|update|insert|delete|comment|grant|truncate)\s/i.test(value.text.value)
}

const descriptions: ReadonlyMap<string, Value['kind']> = new Map([
  ['index', 'index'],
  ['unique_index', 'index'],
  ['constraint', 'constraint'],
  ['table', 'table'],
  ['references', 'references']
])
