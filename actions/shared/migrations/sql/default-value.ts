import type { DefaultValue } from '../operation.ts'
import { volatilityOf, type Volatility } from './function-volatility.ts'
import { strings, visitNodes, type TreeNode } from './tree.ts'

/** From the best to the worst. */
const order: readonly Volatility[] = ['constant', 'stable', 'unknown', 'volatile']

/** What kind of default an expression is. `text` is the expression as written. */
export function defaultValue(expression: TreeNode, text: string): DefaultValue {
  return { kind: isNull(expression) ? 'null' : volatilityIn(expression), text }
}

/** `NULL` and casts of it. */
function isNull(expression: TreeNode): boolean {
  if (expression.TypeCast?.arg !== undefined) return isNull(expression.TypeCast.arg)
  return expression.A_Const?.isnull === true
}

/** The worst of what is called. Operators and casts of PostgreSQL's own types compute the same from the same. */
function volatilityIn(expression: TreeNode): Volatility {
  let worst = 0
  const found = (volatility: Volatility): void => {
    worst = Math.max(worst, order.indexOf(volatility))
  }
  visitNodes(expression, (node) => {
    // CURRENT_TIMESTAMP, CURRENT_USER, LOCALTIME: all of them stable.
    if (node.SQLValueFunction !== undefined) found('stable')
    if (node.SubLink !== undefined) found('unknown')
    if (node.FuncCall !== undefined) found(volatilityOf(strings(node.FuncCall.funcname)))
    return true
  })
  return order[worst] ?? 'unknown'
}
