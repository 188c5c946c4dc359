import type { ModuleText } from './functions.ts'
import type { Value } from './value.ts'

/** Names that an expression can see. */
export interface Scope {
  readonly module: ModuleText
  readonly variables: Map<string, Value>
  readonly outer?: Scope
}

export function moduleScope(module: ModuleText): Scope {
  return { module, variables: new Map() }
}

export function innerScope(outer: Scope): Scope {
  return { module: outer.module, variables: new Map(), outer }
}

export function lookUp(scope: Scope, name: string): Value | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const value = at.variables.get(name)
    if (value !== undefined) return value
  }
  return undefined
}
