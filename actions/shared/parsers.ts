import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { ParseResult } from '@pgsql/types'
import type { Language, Parser, Tree } from 'web-tree-sitter'
import type * as yaml from 'yaml'
import { nestingOf } from './migrations/sql/nesting.ts'
import { fail } from './problem.ts'

/**
 * The parsers stand once, in dist/parsers, for every action, and are read from disk only when a file is to be parsed.
 * The way there is the same from dist/<action>/index.js and from actions/shared/parsers.ts.
 */
const folder = join(import.meta.dirname, '..', '..', 'dist', 'parsers')
const load = createRequire(join(folder, 'index.cjs'))

/** PostgreSQL's own parser (libpg_query, grammar of PostgreSQL 18). */
export interface SqlParser {
  /** Throws `SqlSyntaxError`. Every `location` in the tree counts bytes of UTF-8. */
  parse(sql: string): ParseResult
  /** Tokens with comments, offsets in bytes. Throws `SqlSyntaxError`. */
  scan(sql: string): readonly SqlToken[]
  /** Bodies of PL/pgSQL functions and DO blocks as PL/pgSQL's own parser sees them. Throws `SqlSyntaxError`. */
  parsePlpgsql(sql: string): unknown
}

export interface SqlToken {
  /** Bytes. */
  readonly start: number
  readonly end: number
  /** `SQL_COMMENT`, `C_COMMENT`, `IDENT`, … */
  readonly tokenName: string
}

export class SqlSyntaxError extends Error {
  /** Bytes of UTF-8 before the place; undefined where it is not known. */
  readonly position: number | undefined

  constructor(message: string, position: number | undefined) {
    super(message)
    this.name = 'SqlSyntaxError'
    this.position = position
  }
}

/** Valid or not, it is nested deeper than the parser can follow. */
export class SqlTooDeep extends SqlSyntaxError {
  constructor(message = 'nested too deeply to be parsed') {
    super(message, undefined)
    this.name = 'SqlTooDeep'
  }
}

/** Elixir's grammar. */
export interface ElixirParser {
  /** Never throws for bad text: the tree has ERROR nodes then. Whoever takes the tree deletes it (`tree.delete()`). */
  parse(text: string): Tree
}

let sqlParser: Promise<SqlParser> | undefined
let elixirParser: Promise<ElixirParser> | undefined

/** Loads PostgreSQL's parser, once. @throws {ActionError} where its files are missing */
export function loadSqlParser(): Promise<SqlParser> {
  return (sqlParser ??= orMissing(makeSqlParser()))
}

/** Loads Elixir's grammar, once. @throws {ActionError} where its files are missing */
export function loadElixirParser(): Promise<ElixirParser> {
  return (elixirParser ??= orMissing(makeElixirParser()))
}

/** The package `yaml`: a third of a megabyte that runs without a YAML file need not compile. @throws {ActionError} where it is missing */
export function loadYaml(): typeof yaml {
  try {
    return load('./yaml.cjs') as typeof yaml
  } catch (error) {
    return missing(error)
  }
}

/** Whoever copies one bundle into a repository of their own leaves the parsers behind. */
async function orMissing<T>(making: Promise<T>): Promise<T> {
  try {
    return await making
  } catch (error) {
    return missing(error)
  }
}

function missing(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'MODULE_NOT_FOUND' && code !== 'ENOENT') throw error
  return fail({
    code: 'parsers-missing',
    message: `The parsers are not where this installation has them, in ${folder}: ${firstLine(error)}`,
    hint: 'Use the action from a release (`uses: org/release-actions/NAME@v1`), or copy all of `dist` and not the folder of one action alone.'
  })
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : '').split('\n', 1)[0] ?? ''
}

/** What libpg-query's glue gives, as its own wrapper uses it (libpg-query 18.1.5, wasm/index.js). */
interface PgQueryModule {
  readonly _malloc: (bytes: number) => number
  readonly _free: (pointer: number) => void
  readonly _wasm_parse_query_raw: (query: number) => number
  readonly _wasm_free_parse_result: (result: number) => void
  readonly _wasm_parse_plpgsql: (query: number) => number
  readonly _wasm_scan: (query: number) => number
  readonly _wasm_free_string: (text: number) => void
  readonly getValue: (pointer: number, type: 'i32') => number
  /** The whole memory; another array after it has grown. */
  readonly HEAPU8: Uint8Array
}

/**
 * A parser's run is short: compiling its code a second time, better, takes longer than it saves, and the process waits
 * for that at its end (0.54 s against 0.18 s).
 */
function compileOnce(): void {
  setFlagsFromString('--no-wasm-tier-up')
  setFlagsFromString('--no-wasm-dynamic-tiering')
}

async function makeSqlParser(): Promise<SqlParser> {
  compileOnce()
  const make = load('./libpg-query.cjs') as () => Promise<PgQueryModule>
  let module = await make()
  let replacement: Promise<void> | undefined

  /** Gives the text to a call of the module, as UTF-8 that ends with a zero. */
  const withQuery = <T>(sql: string, body: (query: number) => T): T => {
    const zero = sql.indexOf('\0')
    // C would end the text there, and the rest would pass unread.
    if (zero !== -1) throw new SqlSyntaxError('a NUL character', Buffer.byteLength(sql.slice(0, zero)))
    if (sql.length > shortestTrap && nestingOf(sql) > deepestSafe) throw new SqlTooDeep()
    if (replacement !== undefined) throw new SqlTooDeep('behind a text that broke the parser')
    const text = Buffer.from(sql)
    const query = module._malloc(text.length + 1)
    module.HEAPU8.set(text, query)
    module.HEAPU8[query + text.length] = 0
    try {
      return body(query)
    } catch (error) {
      if (error instanceof SqlSyntaxError) throw error
      if (!isTrap(error)) throw error
      // The module's own stack is left as it was in the middle of the call: after some dozens of such calls it overwrites
      // its memory. A fresh module takes over when the event loop comes round.
      replacement ??= make().then((fresh) => {
        module = fresh
        replacement = undefined
      })
      throw new SqlTooDeep()
    } finally {
      module._free(query)
    }
  }
  const textAt = (pointer: number): string => {
    const memory = Buffer.from(module.HEAPU8.buffer, module.HEAPU8.byteOffset)
    return memory.toString('utf8', pointer, memory.indexOf(0, pointer))
  }
  /** What the functions that give a string give: JSON, or an error's message. */
  const jsonFrom = (sql: string, call: (query: number) => number): unknown =>
    withQuery(sql, (query) => {
      const result = call(query)
      const text = textAt(result)
      module._wasm_free_string(result)
      if (text.startsWith('{')) return JSON.parse(text) as unknown
      throw new SqlSyntaxError(text, undefined)
    })

  return {
    parse: (sql) =>
      withQuery(sql, (query) => {
        const result = module._wasm_parse_query_raw(query)
        try {
          // PgQueryParseResult: parse_tree, stderr_buffer, error; PgQueryError: message, funcname, filename, lineno, cursorpos.
          const error = module.getValue(result + 8, 'i32')
          if (error !== 0) {
            const cursor = module.getValue(error + 16, 'i32')
            const message = textAt(module.getValue(error, 'i32'))
            // Bison's stack, which PostgreSQL does not let grow without end (gram.y, YYMAXDEPTH).
            if (message.startsWith('memory exhausted')) throw new SqlTooDeep()
            // PostgreSQL counts characters, from 1 (elog.c, errposition).
            throw new SqlSyntaxError(message, cursor > 0 ? bytesBefore(sql, cursor - 1) : undefined)
          }
          return JSON.parse(textAt(module.getValue(result, 'i32'))) as ParseResult
        } finally {
          module._wasm_free_parse_result(result)
        }
      }),
    scan: (sql) => (jsonFrom(sql, (query) => module._wasm_scan(query)) as { tokens: readonly SqlToken[] }).tokens,
    parsePlpgsql: (sql) => jsonFrom(sql, (query) => module._wasm_parse_plpgsql(query))
  }
}

/**
 * libpg_query writes its tree by recursion and does not look how much stack is left: 2,000 queries in each other end in a
 * trap, 4,000 calls of functions, 6,000 casts. That takes UTF-16 units in the text, too.
 */
const deepestSafe = 1000
const shortestTrap = 6000

/** Out of stack or memory in the middle of C. */
function isTrap(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && error.name === 'RuntimeError')
}

function bytesBefore(text: string, characters: number): number {
  let bytes = 0
  let count = 0
  for (const character of text) {
    if (count === characters) break
    bytes += Buffer.byteLength(character)
    count += 1
  }
  return bytes
}

async function makeElixirParser(): Promise<ElixirParser> {
  compileOnce()
  const treeSitter = load('./web-tree-sitter.cjs') as { Parser: typeof Parser; Language: typeof Language }
  await treeSitter.Parser.init()
  const parser = new treeSitter.Parser()
  parser.setLanguage(await treeSitter.Language.load(join(folder, 'tree-sitter-elixir.wasm')))
  return {
    parse(text) {
      const tree = parser.parse(text)
      if (tree === null) throw new TypeError('a parser without a time limit always gives a tree')
      return tree
    }
  }
}
