import type { Node, RangeVar } from '@pgsql/types'
import type { TableName } from '../operation.ts'

type KeyOf<T> = T extends T ? keyof T : never

/** Name of a kind of node in PostgreSQL's parse tree: `CreateStmt`, `A_Const`. */
export type NodeKind = KeyOf<Node>

/** What stands below each kind. */
export type NodeBodies = { readonly [K in NodeKind]: Extract<Node, { readonly [P in K]: unknown }>[K] }

/** A node as the parser gives it is an object with one key, its kind. Seen so, each kind can simply be asked for. */
export type TreeNode = Partial<NodeBodies>

/** `names` of a dotted name, as a list of strings. */
export function strings(nodes: readonly TreeNode[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => (node.String?.sval === undefined ? [] : [node.String.sval]))
}

/** Items of a list node; a node that is no list stands for itself. */
export function items(node: TreeNode | undefined): readonly TreeNode[] {
  if (node === undefined) return []
  return node.List === undefined ? [node] : (node.List.items ?? [])
}

/** The table (view, index, …) that a range variable names. */
export function relationName(relation: RangeVar | undefined): TableName {
  return dottedName([...(relation?.schemaname === undefined ? [] : [relation.schemaname]), relation?.relname ?? ''])
}

/** `a`, `schema.a` and `database.schema.a`. */
export function dottedName(names: readonly string[]): TableName {
  const name = names.at(-1) ?? ''
  const schema = names.at(-2)
  return schema === undefined ? { name } : { schema, name }
}

/**
 * Visits every node below one, each before what stands below it. A visit that gives false goes no deeper. Without
 * recursion: a chain of ten thousand operators is a tree of that depth.
 */
export function visitNodes(root: unknown, visit: (node: TreeNode) => boolean): void {
  const waiting: unknown[] = [root]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value !== 'object' || value === null) continue
    if (!Array.isArray(value) && !visit(value)) continue
    const below: unknown[] = Array.isArray(value) ? value : Object.values(value)
    for (let index = below.length - 1; index >= 0; index -= 1) {
      if (typeof below[index] === 'object') waiting.push(below[index])
    }
  }
}

/** Every string constant below a node, in order. */
export function literalsIn(root: unknown): readonly string[] {
  const literals: string[] = []
  visitNodes(root, ({ A_Const: constant }) => {
    if (constant?.sval !== undefined) literals.push(constant.sval.sval ?? '')
    return constant === undefined
  })
  return literals
}
