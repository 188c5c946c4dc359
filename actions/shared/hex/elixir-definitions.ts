import { adjacent, behind, isToken, type ElixirCode } from './elixir-code.ts'
import { parseExpression, type ElixirExpression } from './elixir-expression.ts'
import type { ElixirToken } from './elixir-tokens.ts'

/** What a file gives names to. */
export interface ElixirDefinitions {
  /** The bodies of a function's clauses, in order; undefined where the file defines no such function. */
  clauses(name: string): readonly ElixirExpression[] | undefined
  /** The values that a module attribute is given, in order. */
  values(attribute: string): readonly ElixirExpression[] | undefined
}

/** Finds functions (`def`, `defp`) and module attributes, whatever module they are in and however many arguments they take. */
export function findDefinitions(code: ElixirCode): ElixirDefinitions {
  const functions = new Map<string, Range[]>()
  const attributes = new Map<string, Range[]>()
  for (let index = 0; index < code.tokens.length; index++) {
    const token = code.tokens[index]
    const name = code.tokens[index + 1]
    if (name?.kind !== 'name' || isToken(code.tokens[index - 1], '.')) continue
    if (isToken(token, 'def') || isToken(token, 'defp')) {
      const body = functionBody(code, index + 2)
      if (body !== undefined) add(functions, name.text, body)
    } else if (isToken(token, '@') && adjacent(token, name) && beginsLine(code, index)) {
      const value = index + 2
      const end = endOfStatement(code, value)
      // `@name` alone reads it.
      if (end > value && code.tokens[value]?.line === name.line) add(attributes, name.text, { from: value, to: end })
    }
  }
  return { clauses: parsed(code, functions), values: parsed(code, attributes) }
}

interface Range {
  readonly from: number
  readonly to: number
}

function add(ranges: Map<string, Range[]>, name: string, range: Range): void {
  const there = ranges.get(name)
  if (there === undefined) ranges.set(name, [range])
  else there.push(range)
}

/** Parses each name's ranges once, when it is asked for. */
function parsed(
  code: ElixirCode,
  ranges: ReadonlyMap<string, readonly Range[]>
): (name: string) => readonly ElixirExpression[] | undefined {
  const known = new Map<string, readonly ElixirExpression[]>()
  return (name) => {
    const there = known.get(name)
    if (there !== undefined) return there
    const expressions = ranges.get(name)?.map(({ from, to }) => parseExpression(code, from, to))
    if (expressions !== undefined) known.set(name, expressions)
    return expressions
  }
}

/** What follows the head: the inside of `do … end`, or the expression behind `, do:`. */
function functionBody(code: ElixirCode, from: number): Range | undefined {
  for (let index = from; index < code.tokens.length; index = behind(code, index)) {
    const token = code.tokens[index]
    const closing = code.closedBy.get(index)
    if (isToken(token, 'do') && closing !== undefined) return { from: index + 1, to: closing }
    if (token?.kind === 'key' && token.text === 'do') return { from: index + 1, to: endOfStatement(code, index + 1) }
    // A head without a body.
    if (isClosing(token) || isToken(token, 'def') || isToken(token, 'defp')) return undefined
  }
  return undefined
}

/** Where the statement ends: at the end of its block, or of a line after which it cannot go on. */
function endOfStatement(code: ElixirCode, from: number): number {
  let index = from
  while (index < code.tokens.length && !isClosing(code.tokens[index])) {
    if (index > from && beginsLine(code, index) && !goesOn(code.tokens[index - 1], code.tokens[index])) return index
    if (isToken(code.tokens[index], ';')) return index
    index = behind(code, index)
  }
  return index
}

function beginsLine(code: ElixirCode, index: number): boolean {
  const previous = code.tokens[index - 1]
  return previous === undefined || previous.line < (code.tokens[index]?.line ?? 0)
}

/** Whether an expression runs over a line end: an operator stands before or behind it. */
function goesOn(last: ElixirToken | undefined, first: ElixirToken | undefined): boolean {
  const binary = first?.kind === 'operator' && !['@', '&', '%', '!', '^', ';'].includes(first.text)
  return binary || last?.kind === 'operator' || last?.kind === 'key'
}

function isClosing(token: ElixirToken | undefined): boolean {
  return token === undefined || token.kind === 'close' || isToken(token, 'end')
}
