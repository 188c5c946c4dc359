import { interpolation } from '../sql/interpolation.ts'
import { evaluate } from './evaluate.ts'
import { keywordName } from './functions.ts'
import { quotedText, sigilName } from './quoted.ts'
import { writtenIn, type Run } from './run.ts'
import type { Scope } from './scope.ts'
import type { Syntax } from './syntax.ts'
import { movedTo, placeholderAt, textAt, type Text } from './text.ts'
import { atom, nil, unknown, type Value } from './value.ts'

/** Items of a list, or the pairs of a keyword list as tuples. */
export function listItems(run: Run, node: Syntax, scope: Scope): Value[] {
  if (node.type === 'keywords') {
    return node.children.map((pair) => {
      const [key, value] = pair.children
      const name = key === undefined ? '' : keywordName(run.source.text, key)
      return { kind: 'tuple', items: [atom(name), value === undefined ? nil : evaluate(run, value, scope)] }
    })
  }
  return [evaluate(run, node, scope)]
}

export function readMap(run: Run, node: Syntax, scope: Scope): Value {
  const content = node.children.find(({ type }) => type === 'map_content')?.children ?? []
  const entries = content.flatMap((child): (readonly [Value, Value])[] => {
    if (child.type === 'keywords') {
      return listItems(run, child, scope).flatMap((pair) =>
        pair.kind === 'tuple' ? [[pair.items[0] ?? nil, pair.items[1] ?? nil] as const] : []
      )
    }
    const [key, value] = child.children
    if (child.type !== 'binary_operator' || child.token !== '=>' || key === undefined || value === undefined) return []
    return [[evaluate(run, key, scope), evaluate(run, value, scope)]]
  })
  return { kind: 'map', entries }
}

/** `options[:name]` */
export function access(target: Value | undefined, key: Value | undefined): Value {
  const pairs =
    target?.kind === 'map'
      ? target.entries
      : target?.kind === 'list'
        ? target.items.flatMap((item) => (item.kind === 'tuple' ? [[item.items[0], item.items[1]] as const] : []))
        : []
  const found = pairs.find(([at]) => at?.kind === 'atom' && key?.kind === 'atom' && at.name === key.name)
  return found?.[1] ?? unknown('a value looked up while it runs')
}

/** What a string says, with the values that are put in. */
export function readText(run: Run, node: Syntax, scope: Scope): Text {
  return quotedText(run.source.text, node, (interpolation) => {
    const inner = interpolation.children[0]
    if (inner === undefined) return textAt('', interpolation.start)
    return asText(run, evaluate(run, inner, scope), inner)
  })
}

/**
 * What `to_string` gives, as part of a text that stands at `node`; a placeholder where the value is not known. What was
 * written elsewhere counts as written here: a place in a text must never be before the text.
 */
export function asText(run: Run, value: Value, node: Syntax): Text {
  if (value.kind === 'string' && value.text.value.length <= longestPart)
    return writtenHere.has(node.type) ? value.text : movedTo(value.text, node.start)
  if (value.kind === 'atom') return textAt(value.name === 'nil' ? '' : value.name, node.start)
  if (value.kind === 'number') return textAt(String(value.value), node.start)
  const expression = writtenIn(run, node)
  const number = run.interpolations.get(expression) ?? run.interpolations.size + 1
  run.interpolations.set(expression, number)
  return placeholderAt({ placeholder: interpolation(number), expression }, node.start)
}

/** A text that doubles itself forty times fits nowhere. No migration puts texts of megabytes together. */
export const longestPart = 1_000_000

const writtenHere: ReadonlySet<string> = new Set(['string', 'sigil', 'binary_operator'])

export function readSigil(run: Run, node: Syntax, scope: Scope): Value {
  const name = sigilName(run.source.text, node)
  const text = readText(run, node, scope)
  if (name === 'w' || name === 'W') {
    const modifiers = node.children.find(({ type }) => type === 'sigil_modifiers')
    const atoms = modifiers !== undefined && writtenIn(run, modifiers) === 'a'
    const words = text.value.split(/\s+/).filter((word) => word !== '')
    return {
      kind: 'list',
      items: words.map((word) => (atoms ? atom(word) : { kind: 'string', text: textAt(word, node.start) }))
    }
  }
  // ~s and ~S are Elixir's; ~SQL and its like come from libraries that give the text as it is.
  if (name !== undefined && /^(?:s|S|SQL|q|Q)$/.test(name)) return { kind: 'string', text }
  return unknown(`a sigil: ~${name ?? ''}`)
}
