import type { Syntax } from '../../shared/migrations/ecto/syntax.ts'

/**
 * What an expression of mix.exs comes to, as far as its text says so. Items of lists and tuples are looked at when they
 * are asked for: what a project's dependencies are is of no concern here.
 */
export type Value =
  /** What is not known of it is `unknownPart`. */
  | { readonly kind: 'string'; readonly text: string }
  /** `true`, `false` and `nil` too. */
  | { readonly kind: 'atom'; readonly name: string }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Later[] }
  /** `&name/arity` */
  | { readonly kind: 'capture'; readonly name: string; readonly arity: number; readonly node: Syntax }
  /** `fn … -> … end`, `&name(&1)` */
  | { readonly kind: 'function'; readonly node: Syntax; readonly scope: Scope }
  /** It has a value, which only running it could tell. */
  | { readonly kind: 'unknown'; readonly why: string }

export interface Later {
  readonly node: Syntax
  readonly value: () => Value
}

export type Scope = ReadonlyMap<string, Value>

/** Stands in a string for what is not known. */
export const unknownPart = '\u{FFFC}'

export const atom = (name: string): Value => ({ kind: 'atom', name })

export function isTruthy(value: Value): boolean | undefined {
  if (value.kind === 'unknown') return undefined
  return !(value.kind === 'atom' && (value.name === 'nil' || value.name === 'false'))
}

/** Whether two values are the same; undefined where that is not known. */
export function areEqual(one: Value, other: Value): boolean | undefined {
  if (one.kind === 'unknown' || other.kind === 'unknown') return undefined
  if (one.kind !== other.kind) return false
  switch (one.kind) {
    case 'string': {
      const text = other.kind === 'string' ? other.text : ''
      return one.text.includes(unknownPart) || text.includes(unknownPart) ? undefined : one.text === text
    }
    case 'atom':
      return other.kind === 'atom' && one.name === other.name
    case 'integer':
      return other.kind === 'integer' && one.value === other.value
    case 'list':
    case 'tuple': {
      const items = other.kind === one.kind ? other.items : []
      if (one.items.length !== items.length) return false
      const each = one.items.map((item, at) => areEqual(item.value(), items[at]?.value() ?? atom('nil')))
      return each.includes(false) ? false : each.includes(undefined) ? undefined : true
    }
    case 'capture':
    case 'function':
      return undefined
  }
}
