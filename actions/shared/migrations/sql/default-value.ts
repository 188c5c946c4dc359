import type { DefaultValue } from '../operation.ts'
import { volatilityOf, type Volatility } from './function-volatility.ts'
import { strings, type TreeNode } from './tree.ts'

const order: readonly Volatility[] = ['constant', 'stable', 'unknown', 'volatile']

/** What kind of default an expression is. `text` is the expression as written. */
export function defaultValue(expression: TreeNode, text: string): DefaultValue {
  if (isNull(expression)) return { kind: 'null', text }
  let worst = 0
  for (const found of volatilities(expression)) worst = Math.max(worst, order.indexOf(found))
  return { kind: order[worst] ?? 'unknown', text }
}

/** `NULL` and casts of it. */
function isNull(expression: TreeNode): boolean {
  if (expression.TypeCast?.arg !== undefined) return isNull(expression.TypeCast.arg)
  return expression.A_Const?.isnull === true
}

/** Operators and casts of PostgreSQL compute the same from the same: only calls are looked at. */
function* volatilities(value: unknown): Generator<Volatility> {
  if (Array.isArray(value)) {
    for (const item of value) yield* volatilities(item)
  } else if (typeof value === 'object' && value !== null) {
    const node: TreeNode = value
    // CURRENT_TIMESTAMP, CURRENT_USER, LOCALTIME: all of them stable.
    if (node.SQLValueFunction !== undefined) yield 'stable'
    if (node.SubLink !== undefined) yield 'unknown'
    if (node.FuncCall !== undefined) yield volatilityOf(strings(node.FuncCall.funcname))
    for (const below of Object.values(value)) yield* volatilities(below)
  }
}
