import type { Syntax } from '../../shared/migrations/ecto/syntax.ts'
import { argumentsOf, calledName, keyName, nodesBelow, textOf, type MixModule } from './mix-module.ts'

/**
 * What a mix.exs does, as text to compare: without layout and comments, and without what is plain data and changes every
 * week, the dependencies and the version. Whatever else is there can reach the database past the aliases, in more ways
 * than a reader knows; so a change of it is for a reviewer to judge.
 */
export function writtenCode(module: MixModule): string {
  const { source } = module
  const data = new Set([...plainDependencies(module), ...versions(module)])
  const written = (node: Syntax): string => {
    if (data.has(node)) return '…'
    if (node.children.length === 0) return `${node.type} ${textOf(source, node)}`
    return `(${node.type} ${node.token ?? ''} ${node.children.map(written).join(' ')})`
  }
  return written(source.root)
}

/** The list of deps/0, where that is all it is. */
function plainDependencies({ functions }: MixModule): readonly Syntax[] {
  const [only, another] = functions.get('deps/0') ?? []
  const [list, more] = only?.body ?? []
  return another === undefined && more === undefined && list?.type === 'list' && isPlain(list) ? [list] : []
}

/** The strings of `version: "…"` and `@version "…"`. */
function versions({ source }: MixModule): readonly Syntax[] {
  return [...nodesBelow(source.root)].flatMap((node) => {
    const [first, second] = node.children
    if (first === undefined) return []
    const isKey = node.type === 'pair' && keyName(source, first) === 'version'
    const isAttribute = node.type === 'unary_operator' && node.token === '@' && calledName(source, first) === 'version'
    const value = isKey ? second : isAttribute ? argumentsOf(first)[0] : undefined
    return value?.type === 'string' && isPlain(value) ? [value] : []
  })
}

/** Data that is written out: nothing in it is computed. */
function isPlain(node: Syntax): boolean {
  return plainTypes.has(node.type) && node.children.every(isPlain)
}

const plainTypes: ReadonlySet<string> = new Set([
  'list',
  'tuple',
  'keywords',
  'pair',
  'keyword',
  'quoted_keyword',
  'atom',
  'quoted_atom',
  'string',
  'charlist',
  'quoted_content',
  'escape_sequence',
  'sigil',
  'sigil_name',
  'sigil_modifiers',
  'integer',
  'float',
  'boolean',
  'nil'
])
