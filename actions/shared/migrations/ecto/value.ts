import type { TableName } from '../operation.ts'
import type { FunctionClause } from './functions.ts'
import type { Scope } from './scope.ts'
import type { Syntax } from './syntax.ts'
import type { Text } from './text.ts'

/**
 * What an expression of a migration is, as far as its text says so. Nothing is run: whatever depends on more than the
 * file is `unknown`.
 */
export type Value =
  | { readonly kind: 'string'; readonly text: Text }
  /** `true`, `false` and `nil` too, as in Elixir; an alias is the atom `Elixir.Name`. */
  | { readonly kind: 'atom'; readonly name: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'tuple'; readonly items: readonly Value[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Value, Value])[] }
  | { readonly kind: 'module'; readonly name: string }
  | { readonly kind: 'function'; readonly clauses: readonly FunctionClause[]; readonly scope: Scope }
  /** `&create/1` */
  | {
      readonly kind: 'capture'
      readonly name: string
      readonly arity: number
      readonly module?: string
      readonly scope: Scope
    }
  /** `&create(index(:users, [&1]))` */
  | { readonly kind: 'short-function'; readonly body: Syntax; readonly scope: Scope }
  | { readonly kind: 'repo' }
  /** `direction()`; with `is`: whether it is that one. */
  | { readonly kind: 'direction'; readonly is?: 'up' | 'down' }
  | TableValue
  | IndexValue
  | ConstraintValue
  | ReferenceValue
  | { readonly kind: 'fragment'; readonly sql: Text | undefined }
  /** Of Ecto.Query; `columns` are those that an `update:` in it sets. */
  | { readonly kind: 'query'; readonly source: Value; readonly where: boolean; readonly columns: readonly string[] }
  | { readonly kind: 'unknown'; readonly why: string }

export interface TableValue {
  readonly kind: 'table'
  readonly table: TableName
  readonly options: Value
}

export interface IndexValue {
  readonly kind: 'index'
  readonly table: TableName
  readonly name: string
  /** As given. */ readonly keys: readonly Value[]
  /** '' for an expression. */
  readonly columns: readonly string[]
  readonly unique: boolean
  readonly options: Value
}

export interface ConstraintValue {
  readonly kind: 'constraint'
  readonly table: TableName
  readonly name: string
  readonly options: Value
}

export interface ReferenceValue {
  readonly kind: 'references'
  readonly table: TableName
  readonly options: Value
}

export const nil: Value = { kind: 'atom', name: 'nil' }

export function unknown(why: string): Value {
  return { kind: 'unknown', why }
}

export function atom(name: string): Value {
  return { kind: 'atom', name }
}

/** An option of a keyword list: the first of that name counts (Keyword.get/2). Undefined where it is not there. */
export function option(options: Value, name: string): Value | undefined {
  if (options.kind !== 'list') return undefined
  for (const item of options.items) {
    if (item.kind !== 'tuple' || item.items.length !== 2) continue
    const [key, value] = item.items
    if (key?.kind === 'atom' && key.name === name) return value
  }
  return undefined
}

/** A list of options of which at least one is not known. */
export function hasUnknownOptions(options: Value): boolean {
  return options.kind === 'unknown' || (options.kind === 'list' && options.items.some((item) => item.kind !== 'tuple'))
}

export function isTrue(value: Value | undefined): boolean {
  return value?.kind === 'atom' && value.name === 'true'
}

export function isFalse(value: Value | undefined): boolean {
  return value?.kind === 'atom' && value.name === 'false'
}

/** A name given as an atom or as a string; undefined where it is neither or computed. */
export function nameOf(value: Value | undefined): string | undefined {
  if (value?.kind === 'atom' && value.name !== 'nil') return value.name
  if (value?.kind === 'string') return value.text.value
  return undefined
}
