import { argumentsOf, keywordName } from './functions.ts'
import { quotedText, sigilName } from './quoted.ts'
import type { ElixirSource, Syntax } from './syntax.ts'
import { textAt } from './text.ts'

/**
 * The code of a file as a row of words in which everything is gone that Elixir's own tree does not have: positions,
 * comments, layout, optional parentheses and brackets, the way a string is quoted, `do:` instead of `do … end`.
 */
export function canonicalWords(source: ElixirSource): readonly string[] {
  const words: string[] = []
  write(source.text, source.root, words)
  return words
}

/** Begins the word of an alias: `alias:MyApp.Repo`. */
export const aliasMark = 'alias:'

type Writer = (text: string, node: Syntax, words: string[]) => void

function write(text: string, node: Syntax, words: string[]): void {
  ;(writers[node.type] ?? writeNode)(text, node, words)
}

const writers: Readonly<Record<string, Writer>> = {
  source: writeBody,
  block: writeBody,
  body: writeBody,
  call: writeCall,
  list: (text, node, words) => {
    writeAll(text, 'list', flattened(node.children), words)
  },
  keywords: (text, node, words) => {
    writeAll(text, 'list', node.children, words)
  },
  map_content: (text, node, words) => {
    writeAll(text, 'entries', flattened(node.children), words)
  },
  pair: (text, { children: [key, value] }, words) => {
    words.push('tuple', '2')
    if (key !== undefined) writeKey(text, key, words)
    if (value !== undefined) write(text, value, words)
  },
  tuple: (text, node, words) => {
    writeAll(text, 'tuple', node.children, words)
  },
  binary_operator: writeBinary,
  atom: (text, node, words) => words.push(`atom:${text.slice(node.start + 1, node.end)}`),
  boolean: (text, node, words) => words.push(`atom:${text.slice(node.start, node.end)}`),
  nil: (_text, _node, words) => words.push('atom:nil'),
  alias: (text, node, words) => words.push(`${aliasMark}${text.slice(node.start, node.end).replace(/\s/g, '')}`),
  integer: writeNumber,
  float: writeNumber,
  string: (text, node, words) => {
    writeQuoted(text, node, 'string', words)
  },
  charlist: (text, node, words) => {
    writeQuoted(text, node, 'charlist', words)
  },
  quoted_atom: (text, node, words) => {
    writeQuoted(text, node, 'atom', words)
  },
  sigil: (text, node, words) => {
    const modifiers = node.children.find(({ type }) => type === 'sigil_modifiers')
    const suffix = modifiers === undefined ? '' : text.slice(modifiers.start, modifiers.end)
    const name = sigilName(text, node) ?? ''
    writeQuoted(text, node, plainSigils[name] ?? `sigil ${name}${suffix}`, words)
  }
}

const plainSigils: Readonly<Record<string, string>> = { s: 'string', S: 'string', c: 'charlist', C: 'charlist' }

function writeNode(text: string, node: Syntax, words: string[]): void {
  if (node.children.length === 0) words.push(`${node.type}:${text.slice(node.start, node.end)}`)
  else writeAll(text, `${node.type}${node.token ?? ''}`, node.children, words)
}

function writeAll(text: string, name: string, children: readonly Syntax[], words: string[]): void {
  words.push(name, String(children.length))
  for (const child of children) write(text, child, words)
}

/** `[a, b: 1]` is `[a, {:b, 1}]`. */
function flattened(children: readonly Syntax[]): readonly Syntax[] {
  return children.flatMap((child) => (child.type === 'keywords' ? child.children : [child]))
}

/** One statement stands for itself, with or without parentheses around it. */
function writeBody(text: string, { children }: Syntax, words: string[]): void {
  if (children.length !== 1) words.push('block', String(children.length))
  for (const child of children) writeStatement(text, child, words)
}

/** A name alone is a variable or a call without arguments; nobody writes a statement for a variable. */
function writeStatement(text: string, node: Syntax, words: string[]): void {
  if (node.type === 'identifier') words.push('call', `identifier:${text.slice(node.start, node.end)}`, '0')
  else write(text, node, words)
}

const sections: Readonly<Record<string, string>> = {
  else_block: 'else',
  rescue_block: 'rescue',
  catch_block: 'catch',
  after_block: 'after'
}

/** `do … end` is a last argument `[do: …]`. */
function writeCall(text: string, node: Syntax, words: string[]): void {
  const [target] = node.children
  const block = node.children.find(({ type }) => type === 'do_block')
  const values = argumentsOf(node)
  words.push('call')
  if (target !== undefined) write(text, target, words)
  words.push(String(values.length + (block === undefined ? 0 : 1)))
  for (const value of values) write(text, value, words)
  if (block === undefined) return
  const parts = block.children.filter(({ type }) => type in sections)
  words.push('list', String(1 + parts.length), 'tuple', '2', 'atom:do')
  writeBody(text, { ...block, children: block.children.filter((child) => !parts.includes(child)) }, words)
  for (const part of parts) {
    words.push('tuple', '2', `atom:${sections[part.type] ?? ''}`)
    writeBody(text, part, words)
  }
}

function writeKey(text: string, key: Syntax, words: string[]): void {
  if (key.type === 'quoted_keyword') writeQuoted(text, key, 'atom', words)
  else words.push(`atom:${keywordName(text, key)}`)
}

function writeBinary(text: string, node: Syntax, words: string[]): void {
  const [left, right] = node.children
  if (left === undefined || right === undefined) {
    writeNode(text, node, words)
    return
  }
  const token = (node.token ?? '').replace(/\s+/g, ' ')
  // `not a in b`, `a not in b` and `not (a in b)` are one (elixir_parser.yrl, rewriting of `not in`).
  const negated = token === 'in' && left.type === 'unary_operator' && (left.token === 'not' || left.token === '!')
  const operand = negated ? left.children[0] : left
  if (negated || token === 'not in') words.push(`unary_operator${negated ? (left.token ?? '') : 'not'}`, '1')
  words.push(`binary_operator${token === 'not in' ? 'in' : token}`, '2')
  if (operand !== undefined) write(text, operand, words)
  // `x |> f` and `x |> f()` are one.
  if (token === '|>') writeStatement(text, right, words)
  else write(text, right, words)
}

function writeNumber(text: string, node: Syntax, words: string[]): void {
  words.push(`number:${text.slice(node.start, node.end).replaceAll('_', '').toLowerCase()}`)
}

function writeQuoted(text: string, node: Syntax, kind: string, words: string[]): void {
  const interpolations: Syntax[] = []
  const { value } = quotedText(text, node, (interpolation) => {
    interpolations.push(interpolation)
    return textAt('\0', interpolation.start)
  })
  words.push(`${kind}:${value}`)
  for (const interpolation of interpolations) writeAll(text, 'interpolation', interpolation.children, words)
}
