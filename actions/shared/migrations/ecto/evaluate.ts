import { callLocal, callRemote, callValue } from './call.ts'
import { interpolation } from '../sql/interpolation.ts'
import { controlFlow } from './control-flow.ts'
import { argumentsOf, callOf, keywordName, type NamedCall } from './functions.ts'
import { assign } from './pattern.ts'
import { quotedText, sigilName } from './quoted.ts'
import { deepestCall, mostSteps, tellNotAnalysed, type Run } from './run.ts'
import { innerScope, lookUp, type Scope } from './scope.ts'
import type { Syntax } from './syntax.ts'
import { joinTexts, movedTo, placeholderAt, textAt, type Text } from './text.ts'
import { atom, nil, unknown, type Value } from './value.ts'

/**
 * What an expression is, with its effects on the database added to the run. `discarded`: nobody takes its value, so that
 * an `index(…)` that nobody creates can be told.
 */
export function evaluate(run: Run, node: Syntax, scope: Scope, discarded = false): Value {
  run.steps += 1
  if (run.steps > mostSteps || run.depth > deepestCall) {
    tellNotAnalysed(run, run.source.root, 'calls and loops that go on for longer than is followed', true)
    return unknown('more than is followed')
  }
  run.depth += 1
  try {
    const value = (expressions[node.type] ?? unreadable)(run, node, scope, discarded)
    if (discarded) tellUnused(run, node, value)
    return value
  } finally {
    run.depth -= 1
  }
}

/** A sequence of statements; the value of the last. */
export function evaluateBody(run: Run, body: readonly Syntax[], scope: Scope, discarded = false): Value {
  let value: Value = nil
  body.forEach((node, index) => {
    value = evaluate(run, node, scope, discarded || index < body.length - 1)
  })
  return value
}

type Reader = (run: Run, node: Syntax, scope: Scope, discarded: boolean) => Value

const expressions: Readonly<Record<string, Reader>> = {
  identifier: (run, node, scope) => {
    const name = written(run, node)
    return lookUp(scope, name) ?? callLocal(run, { name, node, arguments: [], scope })
  },
  call: (run, node, scope, discarded) => evaluateCall(run, node, scope, [], discarded),
  string: (run, node, scope) => ({ kind: 'string', text: readText(run, node, scope) }),
  sigil: (run, node, scope) => readSigil(run, node, scope),
  atom: (run, node) => atom(written(run, node).slice(1)),
  quoted_atom: (run, node, scope) => atom(readText(run, node, scope).value),
  boolean: (run, node) => atom(written(run, node)),
  nil: () => nil,
  integer: (run, node) => ({ kind: 'number', value: Number(written(run, node).replaceAll('_', '')) }),
  float: (run, node) => ({ kind: 'number', value: Number(written(run, node).replaceAll('_', '')) }),
  alias: (run, node, scope) => {
    const [first = '', ...rest] = written(run, node).replace(/\s/g, '').split('.')
    const local = lookUp(scope, first)
    const full = local?.kind === 'module' ? local.name : (scope.module.aliases.get(first) ?? first)
    return { kind: 'module', name: [full, ...rest].join('.') }
  },
  list: (run, node, scope) => ({ kind: 'list', items: node.children.flatMap((child) => listItems(run, child, scope)) }),
  keywords: (run, node, scope) => ({ kind: 'list', items: listItems(run, node, scope) }),
  tuple: (run, node, scope) => ({ kind: 'tuple', items: node.children.map((child) => evaluate(run, child, scope)) }),
  map: (run, node, scope) => readMap(run, node, scope),
  anonymous_function: (run, node, scope) => ({
    kind: 'function',
    clauses: node.children.filter(({ type }) => type === 'stab_clause').map((clause) => stabClause(clause, scope)),
    scope
  }),
  block: (run, node, scope, discarded) => evaluateBody(run, node.children, scope, discarded),
  unary_operator: (run, node, scope, discarded) => readUnary(run, node, scope, discarded),
  binary_operator: (run, node, scope, discarded) => readBinary(run, node, scope, discarded),
  access_call: (run, node, scope) => {
    const [target, key] = node.children.map((child) => evaluate(run, child, scope))
    return access(target, key)
  },
  too_deep: (run, node) => {
    tellNotAnalysed(run, node, 'code nested deeper than is read', false)
    return unknown('nested too deep')
  }
}

function unreadable(run: Run, node: Syntax): Value {
  return unknown(`\`${written(run, node).slice(0, 60)}\``)
}

function written(run: Run, node: Syntax): string {
  return run.source.text.slice(node.start, node.end)
}

/** A clause `parameters when guard -> body`. */
function stabClause(clause: Syntax, { module }: Scope) {
  const body = clause.children.find(({ type }) => type === 'body')?.children ?? []
  const head = clause.children.find(({ type }) => type !== 'body')
  const guarded = head?.type === 'binary_operator' && head.token === 'when'
  const list = guarded ? head.children[0] : head
  const parameters = list === undefined ? [] : list.type === 'arguments' ? list.children : [list]
  return { parameters, guarded, body, module }
}

/** `piped`: what stands left of `|>`. */
function evaluateCall(run: Run, node: Syntax, scope: Scope, piped: readonly Value[], discarded: boolean): Value {
  const call = callOf(run.source.text, node) ?? qualifiedCall(run, node)
  if (call !== undefined) {
    const flow = controlFlow[call.name]
    if (flow !== undefined) return flow(run, { node, arguments: call.arguments, piped, scope, discarded })
    const values = [...piped, ...evaluateArguments(run, call.arguments, scope)]
    return callLocal(run, { name: call.name, node, arguments: values, scope, discarded })
  }
  const target = node.children[0]
  if (target?.type !== 'dot') return unreadable(run, node)
  const [left, right] = target.children
  if (left === undefined) return unreadable(run, node)
  const receiver = evaluate(run, left, scope)
  const values = [...piped, ...evaluateArguments(run, argumentsOf(node), scope)]
  if (right === undefined) return callValue(run, receiver, values, node)
  return callRemote(run, receiver, { name: written(run, right), node, arguments: values, scope, discarded })
}

/** `Ecto.Migration.create(…)` is `create(…)`. */
function qualifiedCall(run: Run, node: Syntax): NamedCall | undefined {
  const [left, right] = node.children[0]?.type === 'dot' ? node.children[0].children : []
  if (left?.type !== 'alias' || right?.type !== 'identifier') return undefined
  const module = written(run, left)
  if (module !== 'Ecto.Migration' && module !== 'Ecto.Query') return undefined
  return { name: written(run, right), arguments: argumentsOf(node) }
}

function evaluateArguments(run: Run, nodes: readonly Syntax[], scope: Scope): Value[] {
  return nodes.map((node) => evaluate(run, node, scope))
}

function listItems(run: Run, node: Syntax, scope: Scope): Value[] {
  if (node.type === 'keywords') {
    return node.children.map((pair) => {
      const [key, value] = pair.children
      const name = key === undefined ? '' : keywordName(run.source.text, key)
      return { kind: 'tuple', items: [atom(name), value === undefined ? nil : evaluate(run, value, scope)] }
    })
  }
  return [evaluate(run, node, scope)]
}

function readMap(run: Run, node: Syntax, scope: Scope): Value {
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

function access(target: Value | undefined, key: Value | undefined): Value {
  const pairs =
    target?.kind === 'map'
      ? target.entries
      : target?.kind === 'list'
        ? target.items.flatMap((item) => (item.kind === 'tuple' ? [[item.items[0], item.items[1]] as const] : []))
        : []
  const found = pairs.find(([at]) => at?.kind === 'atom' && key?.kind === 'atom' && at.name === key.name)
  return found?.[1] ?? unknown('a value looked up while it runs')
}

function readText(run: Run, node: Syntax, scope: Scope): Text {
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
  if (value.kind === 'string') return writtenHere.has(node.type) ? value.text : movedTo(value.text, node.start)
  if (value.kind === 'atom') return textAt(value.name === 'nil' ? '' : value.name, node.start)
  if (value.kind === 'number') return textAt(String(value.value), node.start)
  const expression = written(run, node)
  const number = run.interpolations.get(expression) ?? run.interpolations.size + 1
  run.interpolations.set(expression, number)
  return placeholderAt({ placeholder: interpolation(number), expression }, node.start)
}

const writtenHere: ReadonlySet<string> = new Set(['string', 'sigil', 'binary_operator'])

function readSigil(run: Run, node: Syntax, scope: Scope): Value {
  const name = sigilName(run.source.text, node)
  const text = readText(run, node, scope)
  if (name === 'w' || name === 'W') {
    const modifiers = node.children.find(({ type }) => type === 'sigil_modifiers')
    const atoms = modifiers !== undefined && written(run, modifiers) === 'a'
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

function readUnary(run: Run, node: Syntax, scope: Scope, discarded: boolean): Value {
  const [operand] = node.children
  if (operand === undefined) return unreadable(run, node)
  if (node.token === '@') return readAttribute(run, operand, node, scope)
  if (node.token === '&') return readCapture(run, operand, scope)
  const value = evaluate(run, operand, scope, discarded)
  if (node.token === '-' && value.kind === 'number') return { kind: 'number', value: -value.value }
  if (node.token === 'not' || node.token === '!') {
    if (value.kind === 'atom' && value.name === 'true') return atom('false')
    if (value.kind === 'atom' && (value.name === 'false' || value.name === 'nil')) return atom('true')
    if (value.kind === 'direction' && value.is !== undefined) {
      return { kind: 'direction', is: value.is === 'up' ? 'down' : 'up' }
    }
  }
  return unknown('a value computed while it runs')
}

/** The value that was set last above the place where it is read. */
function readAttribute(run: Run, operand: Syntax, node: Syntax, scope: Scope): Value {
  const name = written(run, operand)
  const set = scope.module.attributes.filter((attribute) => attribute.name === name && attribute.at < node.start).at(-1)
  if (set === undefined) return unknown(`the module attribute @${name}`)
  return evaluate(run, set.value, { module: scope.module, variables: new Map() })
}

/** `&1`, `&create/1`, `&create(&1)` */
function readCapture(run: Run, operand: Syntax, scope: Scope): Value {
  if (operand.type === 'integer') return lookUp(scope, `&${written(run, operand)}`) ?? unknown('an argument')
  const match = /^(?:([\w.]+)\.)?([a-z_]\w*[?!]?)\/(\d+)$/.exec(written(run, operand))
  if (match === null) return { kind: 'short-function', body: operand, scope }
  return {
    kind: 'capture',
    name: match[2] ?? '',
    arity: Number(match[3]),
    scope,
    ...(match[1] === undefined ? {} : { module: match[1] })
  }
}

function readBinary(run: Run, node: Syntax, scope: Scope, discarded: boolean): Value {
  const [left, right] = node.children
  if (left === undefined || right === undefined) return unreadable(run, node)
  if (node.token === '|>') {
    const piped = evaluate(run, left, scope)
    if (right.type === 'call') return evaluateCall(run, right, scope, [piped], discarded)
    return callLocal(run, { name: written(run, right), node: right, arguments: [piped], scope, discarded })
  }
  if (node.token === '=') {
    const value = evaluate(run, right, scope)
    assign(run, left, value, scope)
    return value
  }
  const shortCircuit = node.token === '&&' || node.token === '||' || node.token === 'and' || node.token === 'or'
  if (shortCircuit) {
    const flow = controlFlow['if']
    const first = evaluate(run, left, scope)
    if (flow === undefined || !discarded) {
      const second = evaluate(run, right, innerScope(scope))
      return both(node.token, first, second)
    }
    const condition = node.token === '&&' || node.token === 'and' ? first : unknown('a condition')
    return flow(run, { node, arguments: [], piped: [condition], scope, discarded, then: [right] })
  }
  const [a, b] = [evaluate(run, left, scope), evaluate(run, right, scope)]
  return (operators[node.token ?? ''] ?? computed)(run, a, b, [left, right])
}

function both(token: string | undefined, first: Value, second: Value): Value {
  if (token === '||' || token === 'or') {
    return first.kind === 'atom' && (first.name === 'nil' || first.name === 'false') ? second : first
  }
  return first.kind === 'atom' && first.name === 'true' ? second : unknown('a value computed while it runs')
}

type Operator = (run: Run, left: Value, right: Value, nodes: readonly [Syntax, Syntax]) => Value

const operators: Readonly<Record<string, Operator>> = {
  '<>': (run, left, right, [a, b]) => ({
    kind: 'string',
    text: joinTexts([asText(run, left, a), asText(run, right, b)])
  }),
  '++': (run, left, right) =>
    left.kind === 'list' && right.kind === 'list'
      ? { kind: 'list', items: [...left.items, ...right.items] }
      : unknown('a list computed while it runs'),
  '==': (run, left, right) => equal(run, left, right),
  '===': (run, left, right) => equal(run, left, right),
  '!=': (run, left, right) => {
    const same = equal(run, left, right)
    if (same.kind === 'atom') return atom(same.name === 'true' ? 'false' : 'true')
    return same.kind === 'direction' && same.is !== undefined
      ? { kind: 'direction', is: same.is === 'up' ? 'down' : 'up' }
      : same
  }
}

function computed(): Value {
  return unknown('a value computed while it runs')
}

function equal(run: Run, left: Value, right: Value): Value {
  const direction = left.kind === 'direction' ? right : right.kind === 'direction' ? left : undefined
  if (direction !== undefined) {
    if (direction.kind !== 'atom' || (direction.name !== 'up' && direction.name !== 'down')) return computed()
    return { kind: 'direction', is: direction.name }
  }
  if (left.kind === 'atom' && right.kind === 'atom') return atom(String(left.name === right.name))
  if (left.kind === 'number' && right.kind === 'number') return atom(String(left.value === right.value))
  if (left.kind === 'string' && right.kind === 'string' && isKnown(left.text) && isKnown(right.text)) {
    return atom(String(left.text.value === right.text.value))
  }
  return computed()
}

function isKnown(text: Text): boolean {
  return text.computed.length === 0
}

/** `index(…)` alone only makes a description (ecto_sql issue 656); SQL alone is only a string. */
function tellUnused(run: Run, node: Syntax, value: Value): void {
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
