import type { TypeName as ParsedTypeName } from '@pgsql/types'
import type { TypeName } from '../operation.ts'
import { dottedName, strings, type TreeNode } from './tree.ts'

/** `serial` and its like are no types: they stand for an integer with a sequence (parse_utilcmd.c, transformColumnDefinition). */
const serials: ReadonlyMap<string, string> = new Map([
  ['smallserial', 'int2'],
  ['serial2', 'int2'],
  ['serial', 'int4'],
  ['serial4', 'int4'],
  ['bigserial', 'int8'],
  ['serial8', 'int8']
])

/** A type as PostgreSQL names it, and whether it was written as a serial. */
export function typeName(parsed: ParsedTypeName): { readonly type: TypeName; readonly serial: boolean } {
  // The grammar writes SQL's own spellings as pg_catalog.int4; who writes int4 means the same (as a rule of search paths).
  const { schema, name } = dottedName(strings(parsed.names))
  const serial = schema === undefined ? serials.get(name) : undefined
  return {
    type: {
      ...(schema === undefined || schema === 'pg_catalog' ? {} : { schema }),
      name: serial ?? name,
      modifiers: (parsed.typmods ?? []).flatMap((modifier: TreeNode) => integer(modifier)),
      array: (parsed.arrayBounds ?? []).length > 0
    },
    serial: serial !== undefined
  }
}

function integer(node: TreeNode): number[] {
  const constant = node.A_Const
  // Zero is left out by the parser's JSON.
  return constant?.ival === undefined ? [] : [constant.ival.ival ?? 0]
}
