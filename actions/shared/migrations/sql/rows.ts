import type {
  A_Const,
  A_Expr,
  DeleteStmt,
  InsertStmt,
  MergeStmt,
  SelectStmt,
  UpdateStmt,
  WithClause
} from '@pgsql/types'
import type { Operation } from '../operation.ts'
import { volatilityOf } from './function-volatility.ts'
import { relationName, strings, type TreeNode } from './tree.ts'

/** UPDATE, with what its WITH clause writes before it. */
export function readUpdate(statement: UpdateStmt): Operation[] {
  const columns = (statement.targetList ?? []).map((node: TreeNode) => node.ResTarget?.name ?? '')
  const where = restricts(statement.whereClause)
  return [
    ...readWith(statement.withClause),
    { kind: 'update', table: relationName(statement.relation), where, columns }
  ]
}

/** DELETE, with what its WITH clause writes before it. */
export function readDelete(statement: DeleteStmt): Operation[] {
  const where = restricts(statement.whereClause)
  return [
    ...readWith(statement.withClause),
    { kind: 'delete', table: relationName(statement.relation), where, columns: [] }
  ]
}

/** INSERT, with what its WITH clause writes before it. */
export function readInsert(statement: InsertStmt): Operation[] {
  const query: TreeNode | undefined = statement.selectStmt
  // INSERT … DEFAULT VALUES has no query and makes one row.
  const rows = query === undefined ? 1 : query.SelectStmt?.valuesLists?.length
  return [...readWith(statement.withClause), { kind: 'insert', table: relationName(statement.relation), rows }]
}

/** MERGE writes where its condition holds: an UPDATE with a WHERE. */
export function readMerge(statement: MergeStmt): Operation[] {
  return [
    ...readWith(statement.withClause),
    { kind: 'update', table: relationName(statement.relation), where: true, columns: [] }
  ]
}

/** Whether a WHERE leaves any row out: `true` and `1 = 1` do not. */
function restricts(where: TreeNode | undefined): boolean {
  if (where === undefined || where.A_Const?.boolval?.boolval === true) return false
  const { kind, name, lexpr, rexpr }: Partial<A_Expr> = where.A_Expr ?? {}
  const [left, right]: readonly (TreeNode | undefined)[] = [lexpr, rexpr]
  if (kind !== 'AEXPR_OP' || strings(name).join('') !== '=') return true
  if (left?.A_Const === undefined || right?.A_Const === undefined) return true
  return constantText(left.A_Const) !== constantText(right.A_Const)
}

function constantText(value: A_Const): string {
  return JSON.stringify({ ...value, location: 0 })
}

/**
 * A query writes through its WITH clause, sets parameters with set_config(name, value, is_local), and does whatever the
 * functions do that it calls: those that are not PostgreSQL's own are somebody's.
 */
export function readSelect(statement: SelectStmt): Operation[] {
  const written = [...readWith(statement.withClause), ...calledIn(statement)]
  const set = (statement.targetList ?? []).flatMap(readSetConfig)
  return [...written, ...set, ...(written.length + set.length > 0 ? [] : [{ kind: 'other', what: 'SELECT' } as const])]
}

function readWith(clause: WithClause | undefined): Operation[] {
  return (clause?.ctes ?? []).flatMap((node: TreeNode) => {
    const query: TreeNode | undefined = node.CommonTableExpr?.ctequery
    if (query?.UpdateStmt !== undefined) return readUpdate(query.UpdateStmt)
    if (query?.DeleteStmt !== undefined) return readDelete(query.DeleteStmt)
    if (query?.InsertStmt !== undefined) return readInsert(query.InsertStmt)
    if (query?.MergeStmt !== undefined) return readMerge(query.MergeStmt)
    return readWith(query?.SelectStmt?.withClause)
  })
}

/** Only without FROM: what is computed for the rows of a table is asked for its value. */
function calledIn({ fromClause = [], targetList = [] }: SelectStmt): Operation[] {
  return fromClause.length > 0 ? [] : targetList.flatMap(readCalled)
}

function readCalled(target: TreeNode): Operation[] {
  const call = (target.ResTarget?.val as TreeNode | undefined)?.FuncCall
  const name = strings(call?.funcname)
  const own = name.at(-1) ?? ''
  if (call === undefined || own.startsWith('pg_') || volatilityOf(name) !== 'unknown') return []
  return [{ kind: 'unknown', why: `the function ${name.join('.')}, whose body is not read` }]
}

function readSetConfig(target: TreeNode): Operation[] {
  const call = (target.ResTarget?.val as TreeNode | undefined)?.FuncCall
  if (strings(call?.funcname).at(-1) !== 'set_config') return []
  const [name, value, local]: readonly TreeNode[] = call?.args ?? []
  const parameter = name?.A_Const?.sval?.sval
  if (parameter === undefined) return []
  return [
    {
      kind: 'set-parameter',
      name: parameter,
      value: value?.A_Const?.sval?.sval ?? '',
      local: local?.A_Const?.boolval?.boolval === true
    }
  ]
}
