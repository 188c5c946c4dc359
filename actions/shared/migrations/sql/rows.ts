import type { DeleteStmt, InsertStmt, MergeStmt, SelectStmt, UpdateStmt, WithClause } from '@pgsql/types'
import type { Operation } from '../operation.ts'
import { relationName, strings, type TreeNode } from './tree.ts'

/** UPDATE, with what its WITH clause writes before it. */
export function readUpdate(statement: UpdateStmt): Operation[] {
  const columns = (statement.targetList ?? []).map((node: TreeNode) => node.ResTarget?.name ?? '')
  const where = statement.whereClause !== undefined
  return [
    ...readWith(statement.withClause),
    { kind: 'update', table: relationName(statement.relation), where, columns }
  ]
}

/** DELETE, with what its WITH clause writes before it. */
export function readDelete(statement: DeleteStmt): Operation[] {
  const where = statement.whereClause !== undefined
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

/** A query writes only through its WITH clause, and sets parameters with set_config(name, value, is_local). */
export function readSelect(statement: SelectStmt): Operation[] {
  const written = readWith(statement.withClause)
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
