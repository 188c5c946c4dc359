import { callLocal, callRemote, callValue } from './call.ts'
import { controlFlow } from './control-flow.ts'
import { argumentsOf, callOf, type FunctionClause, type NamedCall } from './functions.ts'
import { access, listItems, readMap, readSigil, readText } from './literals.ts'
import { readBinary, readUnary } from './operators.ts'
import { deepestCall, mostSteps, tellNotAnalysed, writtenIn, type Run } from './run.ts'
import { lookUp, type Scope } from './scope.ts'
import type { Syntax } from './syntax.ts'
import { atom, nil, unknown, type Value } from './value.ts'
import { tellUnused } from './without-effect.ts'
import { wordIn } from './words.ts'

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
    const value = (wordIn(expressions, node.type) ?? unreadable)(run, node, scope, discarded)
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
    const name = writtenIn(run, node)
    return lookUp(scope, name) ?? callLocal(run, { name, node, arguments: [], scope })
  },
  call: (run, node, scope, discarded) => evaluateCall(run, node, scope, [], discarded),
  string: (run, node, scope) => ({ kind: 'string', text: readText(run, node, scope) }),
  sigil: (run, node, scope) => readSigil(run, node, scope),
  atom: (run, node) => atom(writtenIn(run, node).slice(1)),
  quoted_atom: (run, node, scope) => atom(readText(run, node, scope).value),
  boolean: (run, node) => atom(writtenIn(run, node)),
  nil: () => nil,
  integer: (run, node) => ({ kind: 'number', value: Number(writtenIn(run, node).replaceAll('_', '')) }),
  float: (run, node) => ({ kind: 'number', value: Number(writtenIn(run, node).replaceAll('_', '')) }),
  alias: (run, node, scope) => {
    const [first = '', ...rest] = writtenIn(run, node).replace(/\s/g, '').split('.')
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
  return unknown(`\`${writtenIn(run, node).slice(0, 60)}\``)
}

/** A clause `parameters when guard -> body`. */
function stabClause(clause: Syntax, { module }: Scope): FunctionClause {
  const body = clause.children.find(({ type }) => type === 'body')?.children ?? []
  const head = clause.children.find(({ type }) => type !== 'body')
  const guarded = head?.type === 'binary_operator' && head.token === 'when'
  const list = guarded ? head.children[0] : head
  const parameters = list === undefined ? [] : list.type === 'arguments' ? list.children : [list]
  return { parameters, guarded, body, module }
}

/** `piped`: what stands left of `|>`. */
export function evaluateCall(run: Run, node: Syntax, scope: Scope, piped: readonly Value[], discarded: boolean): Value {
  const call = callOf(run.source.text, node) ?? qualifiedCall(run, node)
  if (call !== undefined) {
    const flow = wordIn(controlFlow, call.name)
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
  return callRemote(run, receiver, { name: writtenIn(run, right), node, arguments: values, scope, discarded })
}

/** `Ecto.Migration.create(…)` is `create(…)`. */
function qualifiedCall(run: Run, node: Syntax): NamedCall | undefined {
  const [left, right] = node.children[0]?.type === 'dot' ? node.children[0].children : []
  if (left?.type !== 'alias' || right?.type !== 'identifier') return undefined
  const module = writtenIn(run, left)
  if (module !== 'Ecto.Migration' && module !== 'Ecto.Query') return undefined
  return { name: writtenIn(run, right), arguments: argumentsOf(node) }
}

function evaluateArguments(run: Run, nodes: readonly Syntax[], scope: Scope): Value[] {
  return nodes.map((node) => evaluate(run, node, scope))
}
