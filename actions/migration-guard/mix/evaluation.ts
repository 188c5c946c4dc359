import { quotedText } from '../../shared/migrations/ecto/quoted.ts'
import type { Syntax } from '../../shared/migrations/ecto/syntax.ts'
import { textAt } from '../../shared/migrations/ecto/text.ts'
import { callFunction } from './calls.ts'
import { keyName, textOf, type Clause, type MixModule } from './mix-module.ts'
import { areEqual, atom, isTruthy, unknownPart, type Later, type Scope, type Value } from './value.ts'

/** One look at what a mix.exs does, with one state of the environment. Nothing is run. */
export interface Evaluation {
  readonly module: MixModule
  /** Values of environment variables that are taken as known; undefined: not set. */
  readonly environment: ReadonlyMap<string, string | undefined>
  /** What was printed until now. */
  readonly said: string[]
  /** Steps left; what takes more is not decided. */
  readonly budget: { left: number }
}

/** The task would end here. */
export class Stop extends Error {
  /** Of the process; undefined where it is not known. */
  readonly exitCode: number | undefined

  constructor(message: string, exitCode: number | undefined) {
    super(message)
    this.name = 'Stop'
    this.exitCode = exitCode
  }
}

/** Only running it could tell what happens here. */
export class Undecided extends Error {
  readonly at: Syntax

  constructor(why: string, at: Syntax) {
    super(why)
    this.name = 'Undecided'
    this.at = at
  }
}

export function startEvaluation(module: MixModule, environment: Evaluation['environment']): Evaluation {
  return { module, environment, said: [], budget: { left: 1_500 } }
}

/** The value of the last of several expressions. @throws Stop, Undecided */
export function evaluateAll(run: Evaluation, body: readonly Syntax[], scope: Scope): Value {
  let value = atom('nil')
  let names = scope
  for (const node of body) {
    if (node.type === 'binary_operator' && node.token === '=') {
      const [pattern, right] = node.children
      if (pattern === undefined || right === undefined) continue
      value = evaluate(run, right, names)
      const bound = fit(run, pattern, value)
      if (bound === undefined) throw new Undecided('a match that may fail', node)
      names = new Map([...names, ...bound])
    } else {
      value = evaluate(run, node, names)
    }
  }
  return value
}

/** @throws Stop, Undecided */
export function evaluate(run: Evaluation, node: Syntax, scope: Scope): Value {
  run.budget.left -= 1
  if (run.budget.left < 0) throw new Undecided('it does more than is followed here', node)
  const { source } = run.module
  const later = (item: Syntax): Later => {
    let value: Value | undefined
    return { node: item, value: () => (value ??= evaluate(run, item, scope)) }
  }
  switch (node.type) {
    case 'string':
    case 'charlist':
      return { kind: 'string', text: stringText(run, node, scope) }
    case 'sigil':
      return sigil(run, node)
    case 'atom':
      return atom(textOf(source, node).slice(1))
    case 'quoted_atom':
      return atom(stringText(run, node, scope))
    case 'boolean':
    case 'nil':
    case 'alias':
      return atom(textOf(source, node))
    case 'integer':
      return { kind: 'integer', value: Number(textOf(source, node).replaceAll('_', '')) }
    case 'list':
    case 'tuple':
      return sequence(run, node, later, scope)
    case 'keywords':
      return { kind: 'list', items: pairs(run, node, scope) }
    case 'block':
      return evaluateAll(run, node.children, scope)
    case 'identifier': {
      const name = textOf(source, node)
      const value = scope.get(name)
      if (value !== undefined) return value
      if (name === '__MODULE__') return atom(name)
      return callFunction(run, node, name, [], scope)
    }
    case 'access_call':
      return { kind: 'unknown', why: `\`${textOf(source, node).slice(0, 60)}\`` }
    case 'anonymous_function':
      return { kind: 'function', node, scope }
    case 'unary_operator':
      return unary(run, node, scope)
    case 'binary_operator':
      return binary(run, node, scope)
    case 'call': {
      const [target] = node.children
      if (target === undefined || !['identifier', 'dot'].includes(target.type)) break
      const given = node.children.find(({ type }) => type === 'arguments')?.children ?? []
      return callFunction(run, node, textOf(source, target).replaceAll(/\s/g, ''), given, scope)
    }
  }
  throw new Undecided(`\`${textOf(source, node).slice(0, 60)}\``, node)
}

function sequence(run: Evaluation, node: Syntax, later: (item: Syntax) => Later, scope: Scope): Value {
  const items = node.children.flatMap((child) =>
    child.type === 'keywords' ? pairs(run, child, scope) : [later(child)]
  )
  // In the check, each of them happens; of the project only what is looked at matters.
  if (run.environment.size > 0) for (const item of items) item.value()
  return { kind: node.type === 'list' ? 'list' : 'tuple', items }
}

/** `a: 1` is `{:a, 1}`. */
function pairs(run: Evaluation, keywords: Syntax, scope: Scope): readonly Later[] {
  return keywords.children.map((pair) => {
    const [key, given] = pair.children
    const value = (): Value =>
      given === undefined ? { kind: 'unknown', why: 'no value' } : evaluate(run, given, scope)
    const name: Later = { node: key ?? pair, value: () => atom(keyName(run.module.source, key ?? pair)) }
    if (run.environment.size > 0) value()
    return {
      node: pair,
      value: () => ({ kind: 'tuple', items: [name, { node: given ?? pair, value }] })
    }
  })
}

/** `~s(text)` without interpolation is its text; what other sigils give is not followed. */
function sigil(run: Evaluation, node: Syntax): Value {
  const { source } = run.module
  const [name, ...parts] = node.children
  const isText = name !== undefined && ['s', 'S'].includes(textOf(source, name))
  if (isText && parts.every(({ type }) => type === 'quoted_content'))
    return { kind: 'string', text: parts.map((part) => textOf(source, part)).join('') }
  return { kind: 'unknown', why: `the sigil ${textOf(source, node).slice(0, 20)}` }
}

function stringText(run: Evaluation, node: Syntax, scope: Scope): string {
  return quotedText(run.module.source.text, node, (interpolation) => {
    const [inner] = interpolation.children
    const value = inner === undefined ? atom('nil') : evaluate(run, inner, scope)
    return textAt(interpolated(value), interpolation.start)
  }).value
}

/** What `#{…}` puts into a string. */
function interpolated(value: Value): string {
  if (value.kind === 'string') return value.text
  if (value.kind === 'atom') return value.name === 'nil' ? '' : value.name
  return value.kind === 'integer' ? String(value.value) : unknownPart
}

function unary(run: Evaluation, node: Syntax, scope: Scope): Value {
  const [operand] = node.children
  const { source, attributes } = run.module
  if (operand === undefined) throw new Undecided('an operator without an operand', node)
  switch (node.token ?? '') {
    case '!':
    case 'not': {
      const truthy = isTruthy(evaluate(run, operand, scope))
      return truthy === undefined ? { kind: 'unknown', why: textOf(source, node) } : atom(String(!truthy))
    }
    case '@': {
      const values = attributes.get(textOf(source, operand)) ?? []
      const [value] = values
      // What is set below is nil where it is read: Elixir warns of it, and goes on.
      if (value === undefined || values.length > 1 || value.start > node.start) {
        return { kind: 'unknown', why: `\`${textOf(source, node)}\`, which is not set once and above` }
      }
      return evaluate(run, value, new Map())
    }
    case '&': {
      const [target, arity] = operand.type === 'binary_operator' && operand.token === '/' ? operand.children : []
      if (target === undefined || arity === undefined) return { kind: 'function', node, scope }
      const name = textOf(source, target).replaceAll(/\s|\(\)$/g, '')
      return { kind: 'capture', name, arity: Number(textOf(source, arity)), node }
    }
    default:
      throw new Undecided(`\`${textOf(source, node).slice(0, 60)}\``, node)
  }
}

function binary(run: Evaluation, node: Syntax, scope: Scope): Value {
  const [left, right] = node.children
  if (left === undefined || right === undefined) throw new Undecided('an operator without operands', node)
  const value = (operand: Syntax): Value => evaluate(run, operand, scope)
  const told = (known: boolean | undefined): Value =>
    known === undefined ? { kind: 'unknown', why: textOf(run.module.source, node).slice(0, 60) } : atom(String(known))
  const operator = node.token ?? ''
  switch (operator) {
    case '==':
    case '===':
      return told(areEqual(value(left), value(right)))
    case '!=':
    case '!==': {
      const equal = areEqual(value(left), value(right))
      return told(equal === undefined ? undefined : !equal)
    }
    case '&&':
    case 'and':
    case '||':
    case 'or': {
      const first = value(left)
      const truthy = isTruthy(first)
      if (truthy === undefined) throw new Undecided(`a condition that is not known: ${whyUnknown(first)}`, left)
      return truthy === ['&&', 'and'].includes(operator) ? value(right) : first
    }
    case 'in':
    case 'not in': {
      const among = isAmong(value(left), value(right))
      return told(among === undefined ? undefined : among === (operator === 'in'))
    }
    case '<>': {
      const [one, other] = [value(left), value(right)]
      return { kind: 'string', text: interpolated(one) + interpolated(other) }
    }
    case '++': {
      const [one, other] = [value(left), value(right)]
      if (one.kind !== 'list' || other.kind !== 'list') return told(undefined)
      return { kind: 'list', items: [...one.items, ...other.items] }
    }
    case '|>': {
      const [target] = right.type === 'call' ? right.children : []
      if (target === undefined) break
      const given = right.children.find(({ type }) => type === 'arguments')?.children ?? []
      return callFunction(run, right, textOf(run.module.source, target).replaceAll(/\s/g, ''), [left, ...given], scope)
    }
    case '=':
      return evaluateAll(run, [node], scope)
  }
  throw new Undecided(`\`${textOf(run.module.source, node).slice(0, 60)}\``, node)
}

function isAmong(item: Value, list: Value): boolean | undefined {
  if (list.kind !== 'list') return undefined
  const equal = list.items.map((each) => areEqual(item, each.value()))
  return equal.includes(true) ? true : equal.includes(undefined) ? undefined : false
}

export function whyUnknown(value: Value): string {
  return value.kind === 'unknown' ? value.why : 'what it is'
}

/** Names that a pattern gives; `no` where it does not fit, undefined where that is not known. */
export function match(run: Evaluation, pattern: Syntax, value: Value): Scope | 'no' | undefined {
  const { source } = run.module
  const [declared] = pattern.type === 'binary_operator' && pattern.token === '\\\\' ? pattern.children : []
  if (declared !== undefined) return match(run, declared, value)
  if (pattern.type === 'identifier') return new Map([[textOf(source, pattern), value]])
  if (pattern.type === 'tuple' || pattern.type === 'list') {
    if (value.kind === 'unknown') return undefined
    if (value.kind !== pattern.type || value.items.length !== pattern.children.length) return 'no'
    const bound = new Map<string, Value>()
    for (const [at, part] of pattern.children.entries()) {
      const inner = match(run, part, value.items[at]?.value() ?? atom('nil'))
      if (inner === 'no' || inner === undefined) return inner
      for (const [name, each] of inner) bound.set(name, each)
    }
    return bound
  }
  if (!literals.has(pattern.type)) return undefined
  const equal = areEqual(evaluate(run, pattern, new Map()), value)
  return equal === undefined ? undefined : equal ? new Map() : 'no'
}

const literals = new Set(['string', 'atom', 'quoted_atom', 'boolean', 'nil', 'alias', 'integer'])

function fit(run: Evaluation, pattern: Syntax, value: Value): Scope | undefined {
  const bound = match(run, pattern, value)
  return bound === 'no' ? undefined : bound
}

/** What a call of the module's own function gives. @throws Stop, Undecided */
export function applyClauses(run: Evaluation, clauses: readonly Clause[], values: readonly Value[]): Value {
  for (const clause of clauses) {
    if (clause.caught !== undefined) throw new Undecided('it catches what would stop the task', clause.caught)
    if (clause.guarded) throw new Undecided('a clause with a guard', clause.node)
    const bound = clause.parameters.map((pattern, n) => match(run, pattern, values[n] ?? atom('nil')))
    if (bound.includes('no')) continue
    if (bound.includes(undefined)) throw new Undecided('which of several clauses is taken', clause.node)
    const scope = new Map(bound.flatMap((each) => (each === undefined || each === 'no' ? [] : [...each])))
    return evaluateAll(run, clause.body, scope)
  }
  throw new Stop('no clause of the function fits', 1)
}
