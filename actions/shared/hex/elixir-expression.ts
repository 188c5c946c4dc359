import { adjacent, behind, deepestNesting, isToken, type ElixirCode } from './elixir-code.ts'
import { ElixirFault, type ElixirToken } from './elixir-tokens.ts'

/**
 * An expression as far as it can be understood without running it. A keyword list is a list of pairs; `true`, `false`
 * and `nil` are atoms, as they are in Elixir.
 */
export type ElixirExpression = { readonly line: number } & (
  | { readonly kind: 'atom' | 'text' | 'charlist'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'list'; readonly items: readonly ElixirExpression[] }
  /** `at` is the index of its first token. */
  | { readonly kind: 'tuple'; readonly items: readonly ElixirExpression[]; readonly at: number }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [ElixirExpression, ElixirExpression])[] }
  /** `<<1, 2>>` */
  | { readonly kind: 'bytes'; readonly bytes: readonly number[] }
  /** `@name` */
  | { readonly kind: 'attribute'; readonly text: string }
  /** `name` or `name(…)`: a function of the same file or, where it is `bare`, perhaps a variable. */
  | {
      readonly kind: 'call'
      readonly text: string
      readonly items: readonly ElixirExpression[]
      /** Of arguments; pairs at the end are one. */
      readonly arity: number
      readonly bare: boolean
    }
  /** `a ++ b`, `[a | b]` */
  | { readonly kind: 'joined'; readonly items: readonly ElixirExpression[] }
  /** `if`, `unless`, `case`, `cond`; which branch it is, only running it tells. */
  | { readonly kind: 'choice'; readonly text: string; readonly items: readonly ElixirExpression[] }
  /** Anything else: the tokens from `from` up to `to`. */
  | { readonly kind: 'computed'; readonly from: number; readonly to: number }
)

/**
 * Parses the tokens from `from` up to `to` as one expression. More than one, or one of a kind not listed above, is
 * `computed`.
 *
 * @throws ElixirFault where they are nested too deeply
 */
export function parseExpression(code: ElixirCode, from: number, to: number): ElixirExpression {
  return parseWhole(code, from, to, 0)
}

function parseWhole(code: ElixirCode, from: number, to: number, depth: number): ElixirExpression {
  const { expression, next } = parse(code, from, to, depth)
  return next === to ? expression : computed(code, from, to)
}

/** The pairs of a keyword list by key; the first of a name counts, as in `Keyword.get/2`. */
export function keywords(list: ElixirExpression): ReadonlyMap<string, ElixirExpression> {
  const pairs = new Map<string, ElixirExpression>()
  if (list.kind !== 'list') return pairs
  for (const item of list.items) {
    const [key, value, extra] = item.kind === 'tuple' ? item.items : []
    if (key?.kind === 'atom' && value !== undefined && extra === undefined && !pairs.has(key.text))
      pairs.set(key.text, value)
  }
  return pairs
}

interface Parsed {
  readonly expression: ElixirExpression
  /** Index of the first token behind it. */
  readonly next: number
}

const separators = [',', '|', '=>'] as const

/** One expression; it ends at `to` or at a separator, whatever it is. */
function parse(code: ElixirCode, from: number, to: number, depth: number): Parsed {
  if (depth > deepestNesting) throw new ElixirFault('expressions are nested too deeply', lineOf(code, from))
  const items: ElixirExpression[] = []
  let at = from
  for (;;) {
    const part = parseOperand(code, at, to, depth)
    if (part === undefined) break
    items.push(part.expression)
    at = part.next
    const [only] = items
    if (at >= to || separators.some((text) => isToken(code.tokens[at], text))) {
      const expression: ElixirExpression =
        items.length === 1 && only !== undefined ? only : { kind: 'joined', items, line: lineOf(code, from) }
      return { expression, next: at }
    }
    if (!isToken(code.tokens[at], '++')) break
    at++
  }
  const end = separatorFrom(code, at, to)
  return { expression: computed(code, from, end), next: end }
}

type Operand = (code: ElixirCode, at: number, to: number, depth: number) => Parsed | undefined

function parseOperand(code: ElixirCode, at: number, to: number, depth: number): Parsed | undefined {
  const token = at < to ? code.tokens[at] : undefined
  if (token === undefined) return undefined
  const { line } = token
  switch (token.kind) {
    case 'atom':
      return token.text === undefined
        ? undefined
        : { expression: { kind: 'atom', text: token.text, line }, next: at + 1 }
    case 'string':
      return token.text === undefined
        ? undefined
        : { expression: { kind: 'text', text: token.text, line }, next: at + 1 }
    case 'charlist':
      return token.text === undefined
        ? undefined
        : { expression: { kind: 'charlist', text: token.text, line }, next: at + 1 }
    case 'number':
      return token.value === undefined
        ? undefined
        : { expression: { kind: 'integer', value: token.value, line }, next: at + 1 }
    case 'sigil':
      return parseWords(token, at)
    case 'name':
      return (words.get(token.text) ?? parseCall)(code, at, to, depth)
    case 'open':
    case 'operator':
      return brackets.get(token.text)?.(code, at, to, depth)
    case 'alias':
    case 'key':
    case 'close':
      return undefined
  }
}

const wordKinds: ReadonlyMap<string, 'atom' | 'text' | 'charlist'> = new Map([
  ['', 'text'],
  ['s', 'text'],
  ['a', 'atom'],
  ['c', 'charlist']
])

/** `~w(dev test)a`: the only sigil that project files write as a value. */
function parseWords(token: ElixirToken & { readonly kind: 'sigil' }, at: number): Parsed | undefined {
  const kind = wordKinds.get(token.modifiers)
  if (!/^w$/i.test(token.letter) || token.text === undefined || kind === undefined) return undefined
  const { line } = token
  const items = token.text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((text) => ({ kind, text, line }))
  return { expression: { kind: 'list', items, line }, next: at + 1 }
}

const parseConstant: Operand = (code, at) => ({
  expression: { kind: 'atom', text: nameAt(code, at), line: lineOf(code, at) },
  next: at + 1
})

const parseCall: Operand = (code, at, to, depth) => {
  const text = nameAt(code, at)
  const line = lineOf(code, at)
  const opening = at + 1
  const called = opening < to && isToken(code.tokens[opening], '(') && adjacent(code.tokens[at], code.tokens[opening])
  if (!called) return { expression: { kind: 'call', text, items: [], arity: 0, bare: true, line }, next: opening }
  const row = parseItems(code, opening, depth)
  if (row === undefined) return undefined
  const arity = row.items.length - row.keyed + (row.keyed > 0 ? 1 : 0)
  return { expression: { kind: 'call', text, items: row.items, arity, bare: false, line }, next: row.next }
}

const parseChoice: Operand = (code, at, to, depth) => {
  const text = nameAt(code, at)
  const line = lineOf(code, at)
  const bracket = at + 1
  const inBrackets = isToken(code.tokens[bracket], '(') && adjacent(code.tokens[at], code.tokens[bracket])
  const closing = inBrackets ? code.closedBy.get(bracket) : undefined
  if (closing !== undefined && !isToken(code.tokens[closing + 1], 'do')) {
    const items = keyBranches(code, bracket + 1, closing, depth)
    return items?.next === closing
      ? { expression: { kind: 'choice', text, items: items.items, line }, next: closing + 1 }
      : undefined
  }
  for (let index = at + 1; index < to; index = behind(code, index)) {
    if (isToken(code.tokens[index], 'do')) {
      const end = behind(code, index)
      const items = blockBranches(code, index + 1, end - 1, text === 'case' || text === 'cond', depth)
      return { expression: { kind: 'choice', text, items, line }, next: end }
    }
    if (isToken(code.tokens[index], ',')) {
      const items = keyBranches(code, at + 1, to, depth)
      return items === undefined
        ? undefined
        : { expression: { kind: 'choice', text, items: items.items, line }, next: items.next }
    }
  }
  return undefined
}

/** `condition, do: a, else: b` */
function keyBranches(code: ElixirCode, from: number, to: number, depth: number): Items | undefined {
  const items: ElixirExpression[] = []
  let at = separatorFrom(code, from, to)
  while (isToken(code.tokens[at], ',') && at < to) {
    const key = code.tokens[at + 1]
    if (key?.kind !== 'key' || (key.text !== 'do' && key.text !== 'else')) break
    const branch = parse(code, at + 2, to, depth + 1)
    items.push(branch.expression)
    at = branch.next
  }
  return items.length === 0 ? undefined : { items, next: at }
}

/** The branches of a block: around `else`, or behind the arrows of clauses, each of which begins a line. */
function blockBranches(
  code: ElixirCode,
  from: number,
  to: number,
  clauses: boolean,
  depth: number
): readonly ElixirExpression[] {
  const starts = [from]
  const ends: number[] = []
  for (let index = from; index < to; index = behind(code, index)) {
    const token = code.tokens[index]
    if (clauses ? isToken(token, '->') : isToken(token, 'else')) {
      let end = index
      const begun = starts.at(-1) ?? from
      if (clauses) while (end > begun && lineOf(code, end - 1) === lineOf(code, index)) end--
      ends.push(end)
      starts.push(index + 1)
    }
  }
  ends.push(to)
  const branches = starts.map((start, index) => parseWhole(code, start, ends[index] ?? to, depth + 1))
  // Before the first arrow there is only its pattern.
  return clauses ? branches.slice(1) : branches
}

interface Items {
  readonly items: readonly ElixirExpression[]
  readonly next: number
}

interface Row extends Items {
  /** How many of the items, the last ones, were written as `key: value`. */
  readonly keyed: number
  /** What follows `|` in a list. */
  readonly tail?: ElixirExpression
}

/** What stands in a bracket, keyword pairs as tuples; undefined where it is more than a row of expressions. */
function parseItems(code: ElixirCode, opening: number, depth: number): Row | undefined {
  const closing = code.closedBy.get(opening) ?? opening
  const items: ElixirExpression[] = []
  let keyed = 0
  let at = opening + 1
  while (at < closing) {
    const key = code.tokens[at]
    if (key?.kind === 'key') {
      if (key.text === undefined) return undefined
      const value = parse(code, at + 1, closing, depth + 1)
      const { line } = key
      items.push({ kind: 'tuple', items: [{ kind: 'atom', text: key.text, line }, value.expression], line, at })
      keyed++
      at = value.next
    } else {
      // Elixir wants the pairs last.
      if (keyed > 0) return undefined
      const item = parse(code, at, closing, depth + 1)
      items.push(item.expression)
      at = item.next
    }
    if (at >= closing) break
    if (isToken(code.tokens[at], '|')) {
      const tail = parse(code, at + 1, closing, depth + 1)
      return tail.next === closing ? { items, keyed, tail: tail.expression, next: closing + 1 } : undefined
    }
    if (!isToken(code.tokens[at], ',')) return undefined
    at++
  }
  return { items, keyed, next: closing + 1 }
}

const parseList: Operand = (code, at, _to, depth) => {
  const line = lineOf(code, at)
  const row = parseItems(code, at, depth)
  if (row === undefined) return undefined
  const list: ElixirExpression = { kind: 'list', items: row.items, line }
  return {
    expression: row.tail === undefined ? list : { kind: 'joined', items: [list, row.tail], line },
    next: row.next
  }
}

const parseTuple: Operand = (code, at, _to, depth) => {
  const line = lineOf(code, at)
  const row = parseItems(code, at, depth)
  if (row === undefined || row.tail !== undefined) return undefined
  // `{:name, path: "…"}` is `{:name, [path: "…"]}`.
  const plain = row.items.slice(0, row.items.length - row.keyed)
  const options: ElixirExpression[] =
    row.keyed === 0 ? [] : [{ kind: 'list', items: row.items.slice(-row.keyed), line }]
  return { expression: { kind: 'tuple', items: [...plain, ...options], line, at }, next: row.next }
}

const parseMap: Operand = (code, at, _to, depth) => {
  const opening = at + 1
  if (!isToken(code.tokens[opening], '{')) return undefined
  const closing = code.closedBy.get(opening) ?? opening
  const entries: (readonly [ElixirExpression, ElixirExpression])[] = []
  let next = opening + 1
  while (next < closing) {
    const token = code.tokens[next]
    let key: ElixirExpression
    if (token?.kind === 'key') {
      if (token.text === undefined) return undefined
      key = { kind: 'atom', text: token.text, line: token.line }
      next++
    } else {
      const parsed = parse(code, next, closing, depth + 1)
      if (!isToken(code.tokens[parsed.next], '=>')) return undefined
      key = parsed.expression
      next = parsed.next + 1
    }
    const value = parse(code, next, closing, depth + 1)
    entries.push([key, value.expression])
    if (value.next < closing && !isToken(code.tokens[value.next], ',')) return undefined
    next = value.next + 1
  }
  return { expression: { kind: 'map', entries, line: lineOf(code, at) }, next: closing + 1 }
}

const parseBytes: Operand = (code, at, _to, depth) => {
  const row = parseItems(code, at, depth)
  const bytes = row?.items.map((item) =>
    item.kind === 'integer' && item.value < 256n ? Number(item.value) : undefined
  )
  if (row === undefined || bytes?.every((byte) => byte !== undefined) !== true) return undefined
  return { expression: { kind: 'bytes', bytes, line: lineOf(code, at) }, next: row.next }
}

const parseBracketed: Operand = (code, at, _to, depth) => {
  const closing = code.closedBy.get(at) ?? at
  const inner = parse(code, at + 1, closing, depth + 1)
  return inner.next === closing ? { expression: inner.expression, next: closing + 1 } : undefined
}

const parseAttribute: Operand = (code, at, to) => {
  const name = at + 1 < to ? code.tokens[at + 1] : undefined
  return name?.kind === 'name' && adjacent(code.tokens[at], name)
    ? { expression: { kind: 'attribute', text: name.text, line: name.line }, next: at + 2 }
    : undefined
}

const nothing: Operand = () => undefined

// Maps, because a source can name `constructor` and `__proto__`.
const words: ReadonlyMap<string, Operand> = new Map([
  ['true', parseConstant],
  ['false', parseConstant],
  ['nil', parseConstant],
  ['if', parseChoice],
  ['unless', parseChoice],
  ['case', parseChoice],
  ['cond', parseChoice],
  ['fn', nothing],
  ['not', nothing],
  ['with', nothing],
  ['for', nothing],
  ['try', nothing],
  ['receive', nothing],
  ['quote', nothing]
])

const brackets: ReadonlyMap<string, Operand> = new Map([
  ['[', parseList],
  ['{', parseTuple],
  ['(', parseBracketed],
  ['<<', parseBytes],
  ['%', parseMap],
  ['@', parseAttribute]
])

function separatorFrom(code: ElixirCode, from: number, to: number): number {
  let at = from
  while (at < to && !separators.some((text) => isToken(code.tokens[at], text))) at = behind(code, at)
  return Math.min(at, to)
}

function computed(code: ElixirCode, from: number, to: number): ElixirExpression {
  return { kind: 'computed', from, to, line: lineOf(code, from) }
}

function lineOf(code: ElixirCode, index: number): number {
  return (code.tokens[index] ?? code.tokens.at(-1))?.line ?? 1
}

function nameAt(code: ElixirCode, index: number): string {
  const token = code.tokens[index]
  return token?.kind === 'name' ? token.text : ''
}
