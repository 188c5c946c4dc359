import type { DoStmt } from '@pgsql/types'
import { SqlSyntaxError, type SqlParser } from '../../parsers.ts'
import type { Operation } from '../operation.ts'
import { byteMap } from './source-text.ts'
import { operationsOf } from './statement-operations.ts'
import { statementSource } from './statement-source.ts'
import { literalsIn, strings, type TreeNode } from './tree.ts'

/** What the body of a DO block does. */
export interface DoBlock {
  readonly operations: readonly Operation[]
  readonly literals: readonly string[]
  /** Whether anything in it runs only in some cases: IF, CASE, a loop, a block that catches errors. */
  readonly conditional: boolean
}

/**
 * Reads the static SQL in a DO block, as it is written to alter what may or may not be there. `EXECUTE` of a constant is
 * read too; of a computed text it is not.
 */
export function readDoBlock(text: string, statement: DoStmt, parser: SqlParser): DoBlock {
  const language = languageOf(statement)
  if (language !== 'plpgsql') return unreadable(`a DO block in ${language}`)
  const reading: Reading = { operations: [], literals: [], conditional: false }
  try {
    readBelow(parser.parsePlpgsql(text), false, reading, parser)
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error
    return unreadable(`a DO block that cannot be parsed: ${error.message}`)
  }
  return reading
}

interface Reading {
  readonly operations: Operation[]
  readonly literals: string[]
  conditional: boolean
}

function unreadable(why: string): DoBlock {
  return { operations: [{ kind: 'unknown', why }], literals: [], conditional: false }
}

function languageOf(statement: DoStmt): string {
  const named = (statement.args ?? []).flatMap((node: TreeNode) => {
    const value: TreeNode | undefined = node.DefElem?.arg
    return node.DefElem?.defname === 'language' ? strings(value === undefined ? [] : [value]) : []
  })
  return named[0] ?? 'plpgsql'
}

/** Statements whose parts run sometimes, or more than once (pl_funcs.c). */
const branches: ReadonlySet<string> = new Set([
  'PLpgSQL_stmt_if',
  'PLpgSQL_stmt_case',
  'PLpgSQL_stmt_loop',
  'PLpgSQL_stmt_while',
  'PLpgSQL_stmt_fori',
  'PLpgSQL_stmt_fors',
  'PLpgSQL_stmt_forc',
  'PLpgSQL_stmt_foreach_a',
  'PLpgSQL_stmt_dynfors',
  'PLpgSQL_exception_block'
])

/** Deeper than anybody writes; each level of PL/pgSQL is a few of these. */
const deepest = 2000

function readBelow(value: unknown, conditional: boolean, reading: Reading, parser: SqlParser, depth = 0): void {
  if (depth > deepest) {
    const why = 'a DO block that is nested too deeply'
    if (!reading.operations.some((other) => other.kind === 'unknown' && other.why === why))
      reading.operations.push({ kind: 'unknown', why })
    return
  }
  if (Array.isArray(value)) {
    for (const item of value) readBelow(item, conditional, reading, parser, depth + 1)
    return
  }
  if (typeof value !== 'object' || value === null) return
  // A block that catches errors is undone when one happens.
  const caught = 'exceptions' in value
  for (const [kind, below] of Object.entries(value)) {
    const dynamic = dynamicQuery(kind, below)
    const sql = kind === 'PLpgSQL_expr' ? statementIn(below) : undefined
    if (sql !== undefined) readStaticSql(sql, conditional, reading, parser)
    if (dynamic !== undefined) readExecute(dynamic, conditional, reading, parser)
    if (sql === undefined) readBelow(below, conditional || caught || branches.has(kind), reading, parser, depth + 1)
  }
}

/** Expressions are of mode 2 and assignments of 3 to 5, whole statements of mode 0 (parser.h, RawParseMode). */
function statementIn(expression: unknown): string | undefined {
  return property(expression, 'parseMode') === 0 ? queryOf(expression) : undefined
}

/** The expression that EXECUTE, FOR … IN EXECUTE, OPEN … FOR EXECUTE or RETURN QUERY EXECUTE makes its text with. */
function dynamicQuery(kind: string, statement: unknown): string | undefined {
  const part = kind === 'PLpgSQL_stmt_dynexecute' || kind === 'PLpgSQL_stmt_dynfors' ? 'query' : 'dynquery'
  return queryOf(property(property(statement, part), 'PLpgSQL_expr'))
}

function queryOf(expression: unknown): string | undefined {
  const query = property(expression, 'query')
  return typeof query === 'string' ? query : undefined
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

function readStaticSql(sql: string, conditional: boolean, reading: Reading, parser: SqlParser): void {
  const source = statementSource(sql, byteMap(sql))
  for (const statement of parser.parse(sql).stmts ?? []) {
    const node: TreeNode = statement.stmt ?? {}
    const operations = operationsOf(node, source)
    reading.operations.push(...operations)
    reading.literals.push(...literalsIn(node))
    if (conditional && operations.length > 0) reading.conditional = true
  }
}

/** `EXECUTE 'a constant'`; anything else is a text that is made when the block runs. */
function readExecute(expression: string, conditional: boolean, reading: Reading, parser: SqlParser): void {
  const [target]: readonly TreeNode[] = selectTargets(parser.parse(`SELECT ${expression}`).stmts?.[0]?.stmt)
  const constant = (target?.ResTarget?.val as TreeNode | undefined)?.A_Const?.sval?.sval
  if (constant !== undefined) readStaticSql(constant, conditional, reading, parser)
  else reading.operations.push({ kind: 'unknown', why: 'EXECUTE of a text that is made when the block runs' })
}

function selectTargets(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.SelectStmt?.targetList ?? []
}
