import type { Syntax } from '../../shared/migrations/ecto/syntax.ts'
import { evaluate, evaluateAll, match, Undecided, whyUnknown, type Evaluation } from './evaluation.ts'
import { blockOf, keyName } from './mix-module.ts'
import { isTruthy, type Scope, type Value } from './value.ts'

/**
 * `if`, `unless`, `case` and `cond`: the branch that is taken. Undefined for any other call.
 *
 * @throws Stop, Undecided
 */
export function branch(
  run: Evaluation,
  node: Syntax,
  name: string,
  given: readonly Syntax[],
  scope: Scope
): Value | undefined {
  const [subject] = given
  switch (name) {
    case 'if':
    case 'unless': {
      if (subject === undefined) return undefined
      const value = evaluate(run, subject, scope)
      const truthy = isTruthy(value)
      if (truthy === undefined) throw new Undecided(`a condition that is not known: ${whyUnknown(value)}`, subject)
      return evaluateAll(run, bodyOf(run, node, given, truthy === (name === 'if') ? 'do' : 'else'), scope)
    }
    case 'case': {
      if (subject === undefined) return undefined
      const value = evaluate(run, subject, scope)
      for (const clause of blockOf(node)) {
        const [left, body] = clause.children
        const [pattern] = left?.type === 'arguments' ? left.children : []
        if (pattern === undefined) throw new Undecided('a clause with a guard', clause)
        const bound = match(run, pattern, value)
        if (bound === 'no') continue
        if (bound === undefined) throw new Undecided(`which clause is taken: ${whyUnknown(value)}`, clause)
        return evaluateAll(run, body?.children ?? [], new Map([...scope, ...bound]))
      }
      throw new Undecided('a `case` in which no clause fits', node)
    }
    case 'cond': {
      for (const clause of blockOf(node)) {
        const [left, body] = clause.children
        const [condition] = left?.children ?? []
        if (condition === undefined) throw new Undecided('a clause without a condition', clause)
        const value = evaluate(run, condition, scope)
        const truthy = isTruthy(value)
        if (truthy === undefined) throw new Undecided(`a condition that is not known: ${whyUnknown(value)}`, condition)
        if (truthy) return evaluateAll(run, body?.children ?? [], scope)
      }
      throw new Undecided('a `cond` in which no condition holds', node)
    }
    case 'try':
      throw new Undecided('it catches what would stop the task', node)
    default:
      return undefined
  }
}

/** What stands behind `do` or `else`, in a block or as a keyword. */
function bodyOf(run: Evaluation, node: Syntax, given: readonly Syntax[], key: 'do' | 'else'): readonly Syntax[] {
  const block = node.children.find(({ type }) => type === 'do_block')
  if (block !== undefined) {
    if (key === 'do') return blockOf(node)
    return block.children.find(({ type }) => type === 'else_block')?.children ?? []
  }
  const keywords = given.find(({ type }) => type === 'keywords')
  const pair = keywords?.children.find(
    ({ children: [name] }) => name !== undefined && keyName(run.module.source, name) === key
  )
  return pair?.children[1] === undefined ? [] : [pair.children[1]]
}
