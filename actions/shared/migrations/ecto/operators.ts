import { callLocal } from './call.ts'
import { controlFlow } from './control-flow.ts'
import { evaluate, evaluateCall } from './evaluate.ts'
import { asText } from './literals.ts'
import { assign } from './pattern.ts'
import { writtenIn, type Run } from './run.ts'
import { innerScope, lookUp, moduleScope, type Scope } from './scope.ts'
import type { Syntax } from './syntax.ts'
import { joinTexts, type Text } from './text.ts'
import { atom, unknown, type Value } from './value.ts'
import { wordIn } from './words.ts'

/** `@sql`, `&create/1`, `not x`, `-1` */
export function readUnary(run: Run, node: Syntax, scope: Scope, discarded: boolean): Value {
  const [operand] = node.children
  if (operand === undefined) return computed()
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
  return computed()
}

/** The value that was set last above the place where it is read. */
function readAttribute(run: Run, operand: Syntax, node: Syntax, scope: Scope): Value {
  const name = writtenIn(run, operand)
  const set = scope.module.attributes.filter((attribute) => attribute.name === name && attribute.at < node.start).at(-1)
  if (set === undefined) return unknown(`the module attribute @${name}`)
  return evaluate(run, set.value, moduleScope(scope.module))
}

/** `&1`, `&create/1`, `&create(&1)` */
function readCapture(run: Run, operand: Syntax, scope: Scope): Value {
  if (operand.type === 'integer') return lookUp(scope, `&${writtenIn(run, operand)}`) ?? unknown('an argument')
  const match = /^(?:([\w.]+)\.)?([a-z_]\w*[?!]?)\/(\d+)$/.exec(writtenIn(run, operand))
  if (match === null) return { kind: 'short-function', body: operand, scope }
  return {
    kind: 'capture',
    name: match[2] ?? '',
    arity: Number(match[3]),
    scope,
    ...(match[1] === undefined ? {} : { module: match[1] })
  }
}

/** `a |> b()`, `a = b`, `a <> b`, `a && b` … */
export function readBinary(run: Run, node: Syntax, scope: Scope, discarded: boolean): Value {
  const [left, right] = node.children
  if (left === undefined || right === undefined) return computed()
  if (node.token === '|>') {
    const piped = evaluate(run, left, scope)
    if (right.type === 'call') return evaluateCall(run, right, scope, [piped], discarded)
    return callLocal(run, { name: writtenIn(run, right), node: right, arguments: [piped], scope, discarded })
  }
  if (node.token === '=') {
    const value = evaluate(run, right, scope)
    assign(run, left, value, scope)
    return value
  }
  const shortCircuit = node.token === '&&' || node.token === '||' || node.token === 'and' || node.token === 'or'
  if (shortCircuit) {
    const flow = discarded ? controlFlow['if'] : undefined
    const first = evaluate(run, left, scope)
    if (flow === undefined) return both(node.token, first, evaluate(run, right, innerScope(scope)))
    const condition = node.token === '&&' || node.token === 'and' ? first : unknown('a condition')
    return flow(run, { node, arguments: [], piped: [condition], scope, discarded, then: [right] })
  }
  const [a, b] = [evaluate(run, left, scope), evaluate(run, right, scope)]
  return (wordIn(operators, node.token ?? '') ?? computed)(run, a, b, [left, right])
}

function both(token: string | undefined, first: Value, second: Value): Value {
  if (token === '||' || token === 'or') {
    return first.kind === 'atom' && (first.name === 'nil' || first.name === 'false') ? second : first
  }
  return first.kind === 'atom' && first.name === 'true' ? second : computed()
}

/** A list that doubles itself forty times fits nowhere. */
const mostItems = 100_000

type Operator = (run: Run, left: Value, right: Value, nodes: readonly [Syntax, Syntax]) => Value

const operators: Readonly<Record<string, Operator>> = {
  '<>': (run, left, right, [a, b]) => ({
    kind: 'string',
    text: joinTexts([asText(run, left, a), asText(run, right, b)])
  }),
  '++': (run, left, right) =>
    left.kind === 'list' && right.kind === 'list' && left.items.length + right.items.length <= mostItems
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
