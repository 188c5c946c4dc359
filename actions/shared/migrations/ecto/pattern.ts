import { keywordName } from './functions.ts'
import type { Run } from './run.ts'
import type { Scope } from './scope.ts'
import type { Syntax } from './syntax.ts'
import { unknown, type Value } from './value.ts'

/** Whether a value fits a pattern, as far as both are known. Variables of the pattern get their values in any case. */
export type Fit = 'yes' | 'no' | 'perhaps'

/** `pattern = value` */
export function assign(run: Run, pattern: Syntax, value: Value, scope: Scope): void {
  fit(run, pattern, value, scope)
}

/** Fits a value to a pattern and binds the pattern's variables in the scope. */
export function fit(run: Run, pattern: Syntax, value: Value, scope: Scope): Fit {
  const text = run.source.text.slice(pattern.start, pattern.end)
  switch (pattern.type) {
    case 'identifier':
      if (text !== '_') scope.variables.set(text, value)
      return 'yes'
    case 'atom':
      return literal(value, 'atom', text.slice(1))
    case 'boolean':
    case 'nil':
      return literal(value, 'atom', text)
    case 'integer':
      return literal(value, 'number', text.replaceAll('_', ''))
    case 'string': {
      const plain = pattern.children.every(({ type }) => type === 'quoted_content')
      return plain ? literal(value, 'string', text.slice(1, -1)) : 'perhaps'
    }
    case 'map':
      return entries(run, pattern, value, scope)
    case 'tuple':
    case 'list':
      return sequence(run, pattern, value, scope)
    case 'binary_operator':
      return pattern.token === '='
        ? all(pattern.children.map((child) => fit(run, child, value, scope)))
        : bindUnknown(run, pattern, scope)
    default:
      return bindUnknown(run, pattern, scope)
  }
}

function literal(value: Value, kind: 'atom' | 'number' | 'string', text: string): Fit {
  if (value.kind === 'unknown' || value.kind === 'direction') return 'perhaps'
  if (value.kind !== kind) return 'no'
  if (value.kind === 'string' && value.text.computed.length > 0) return 'perhaps'
  const actual = value.kind === 'atom' ? value.name : value.kind === 'number' ? String(value.value) : value.text.value
  return actual === text ? 'yes' : 'no'
}

function sequence(run: Run, pattern: Syntax, value: Value, scope: Scope): Fit {
  const [first] = pattern.children
  if (value.kind !== pattern.type || (value.kind !== 'tuple' && value.kind !== 'list')) {
    bindUnknown(run, pattern, scope)
    return value.kind === 'unknown' ? 'perhaps' : 'no'
  }
  if (first?.type === 'keywords') {
    return all(
      first.children.map((pair, index) => {
        const [key, part] = pair.children
        const item = value.items[index]
        const name = key === undefined ? '' : keywordName(run.source.text, key)
        if (part === undefined || item?.kind !== 'tuple') return 'perhaps'
        return all([
          literal(item.items[0] ?? unknown(''), 'atom', name),
          fit(run, part, item.items[1] ?? unknown(''), scope)
        ])
      })
    )
  }
  if (first?.type === 'binary_operator' && first.token === '|') {
    bindUnknown(run, pattern, scope)
    return 'perhaps'
  }
  if (pattern.children.length !== value.items.length) {
    bindUnknown(run, pattern, scope)
    return 'no'
  }
  return all(pattern.children.map((child, index) => fit(run, child, value.items[index] ?? unknown(''), scope)))
}

/** `%{table: table, index: index}`: keys that are atoms; a struct's name is not looked at. */
function entries(run: Run, pattern: Syntax, value: Value, scope: Scope): Fit {
  const content = pattern.children.find(({ type }) => type === 'map_content')?.children ?? []
  const [keywords] = content
  if (value.kind !== 'map' || content.length !== 1 || keywords?.type !== 'keywords') {
    return content.length === 0 && value.kind === 'map' ? 'yes' : bindUnknown(run, pattern, scope)
  }
  return all(
    keywords.children.map((pair) => {
      const [key, part] = pair.children
      const name = key === undefined ? '' : keywordName(run.source.text, key)
      const entry = value.entries.find(([at]) => at.kind === 'atom' && at.name === name)
      if (part === undefined) return 'perhaps'
      return entry === undefined ? 'no' : fit(run, part, entry[1], scope)
    })
  )
}

function all(fits: readonly Fit[]): Fit {
  if (fits.includes('no')) return 'no'
  return fits.includes('perhaps') ? 'perhaps' : 'yes'
}

/** Gives every variable of the pattern an unknown value. */
function bindUnknown(run: Run, pattern: Syntax, scope: Scope): Fit {
  if (pattern.type === 'identifier') {
    const name = run.source.text.slice(pattern.start, pattern.end)
    scope.variables.set(name, unknown(`\`${name}\``))
  }
  for (const child of pattern.children) bindUnknown(run, child, scope)
  return 'perhaps'
}
