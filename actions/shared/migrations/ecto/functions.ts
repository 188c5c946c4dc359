import type { Syntax } from './syntax.ts'

/** A module as its text defines it. */
export interface ModuleText {
  readonly name: string
  readonly node: Syntax
  /** Modules it `use`s, as written. */
  readonly uses: readonly string[]
  /** Attributes in order; one may be set more than once. */
  readonly attributes: readonly { readonly name: string; readonly value: Syntax; readonly at: number }[]
  /** By `name/arity`, every arity that default arguments give it. */
  readonly functions: ReadonlyMap<string, readonly FunctionClause[]>
  readonly macros: ReadonlySet<string>
  /** `alias MyApp.Repo`: `Repo` → `MyApp.Repo`. */
  readonly aliases: ReadonlyMap<string, string>
  /** The table of `schema "users" do`. */
  readonly schemaTable?: Syntax
}

export interface FunctionClause {
  readonly parameters: readonly Syntax[]
  readonly guarded: boolean
  readonly body: readonly Syntax[]
  readonly module: ModuleText
}

interface Building extends ModuleText {
  readonly uses: string[]
  readonly attributes: { name: string; value: Syntax; at: number }[]
  readonly functions: Map<string, FunctionClause[]>
  readonly macros: Set<string>
  readonly aliases: Map<string, string>
  schemaTable?: Syntax
}

/** The modules of a file in order, the ones inside others behind them. */
export function readModules(text: string, root: Syntax): readonly ModuleText[] {
  const modules: ModuleText[] = []
  const enter = (nodes: readonly Syntax[], within: Building | undefined): void => {
    for (const node of nodes) {
      const call = callOf(text, node)
      if (call?.name !== 'defmodule') {
        if (within !== undefined) define(text, node, within)
        continue
      }
      const name = call.arguments[0]
      const written = name === undefined ? '' : text.slice(name.start, name.end).replace(/\s/g, '')
      const module: Building = {
        name: within === undefined ? written : `${within.name}.${written}`,
        node: name ?? node,
        uses: [],
        attributes: [],
        functions: new Map(),
        macros: new Set(),
        aliases: new Map(within?.aliases ?? [])
      }
      modules.push(module)
      enter(bodyOf(text, node), module)
    }
  }
  enter(root.children, undefined)
  return modules
}

/** A call by name: `create index(…)`, `def up do`, `timestamps()`. */
export interface NamedCall {
  readonly name: string
  readonly arguments: readonly Syntax[]
}

export function callOf(text: string, node: Syntax): NamedCall | undefined {
  const target = node.children[0]
  if (node.type !== 'call' || target?.type !== 'identifier') return undefined
  return { name: text.slice(target.start, target.end), arguments: argumentsOf(node) }
}

export function argumentsOf(call: Syntax): readonly Syntax[] {
  return call.children.find(({ type }) => type === 'arguments')?.children ?? []
}

/** Statements between `do` and `end`, or the one behind `do:`; without those of `else`, `rescue`, `after`. */
export function bodyOf(text: string, call: Syntax): readonly Syntax[] {
  return sectionOf(text, call, 'do') ?? []
}

const sections: Readonly<Record<string, string>> = {
  else: 'else_block',
  rescue: 'rescue_block',
  catch: 'catch_block',
  after: 'after_block'
}

/** One section of a call with a block: `do`, `else`, …; undefined where it is not written. */
export function sectionOf(text: string, call: Syntax, section: string): readonly Syntax[] | undefined {
  const block = call.children.find(({ type }) => type === 'do_block')
  if (block !== undefined) {
    if (section === 'do') return block.children.filter(({ type }) => !type.endsWith('_block'))
    return block.children.find(({ type }) => type === sections[section])?.children
  }
  const keywords = argumentsOf(call).at(-1)
  for (const pair of keywords?.type === 'keywords' ? keywords.children : []) {
    const [key, value] = pair.children
    if (key === undefined || value === undefined || keywordName(text, key) !== section) continue
    return value.type === 'block' ? value.children : [value]
  }
  return undefined
}

/** `null` of `null: `. */
export function keywordName(text: string, key: Syntax): string {
  return text
    .slice(key.start, key.end)
    .replace(/:\s*$/, '')
    .replace(/^"(.*)"$/s, '$1')
}

/** `conditional`: inside an `if` of the module, which is decided while it is compiled. */
function define(text: string, node: Syntax, module: Building, conditional = false): void {
  if (node.type === 'unary_operator' && node.token === '@') {
    const set = node.children[0] === undefined ? undefined : callOf(text, node.children[0])
    const value = set?.arguments[0]
    if (set !== undefined && value !== undefined) module.attributes.push({ name: set.name, value, at: node.start })
    return
  }
  const call = callOf(text, node)
  if (call === undefined) return
  const [first] = call.arguments
  if (first === undefined) return
  if (call.name === 'def' || call.name === 'defp')
    defineFunction(text, node, headOf(text, first), { module, conditional })
  else if (call.name === 'if' || call.name === 'unless') {
    for (const section of ['do', 'else']) {
      for (const inner of sectionOf(text, node, section) ?? []) define(text, inner, module, true)
    }
  } else if (call.name === 'defmacro' || call.name === 'defmacrop') module.macros.add(headOf(text, first).name)
  else if (call.name === 'use') module.uses.push(text.slice(first.start, first.end))
  else if (call.name === 'schema') module.schemaTable = first
  else if (call.name === 'alias') readAlias(text, call).forEach(([short, full]) => module.aliases.set(short, full))
}

/** Names that an `alias` brings. */
export function readAlias(text: string, call: NamedCall): readonly (readonly [string, string])[] {
  const [what, options] = call.arguments
  if (what === undefined) return []
  const written = text.slice(what.start, what.end)
  const as = options?.children.find(({ children: [key] }) => key !== undefined && keywordName(text, key) === 'as')
  const name = as?.children[1]
  if (name !== undefined) return [[text.slice(name.start, name.end), written]]
  const several = /^([\w.]+)\.\{([\w.,\s]*)\}$/.exec(written)
  const names =
    several === null ? [written] : (several[2] ?? '').split(',').map((part) => `${several[1] ?? ''}.${part.trim()}`)
  return names.map((full) => [full.slice(full.lastIndexOf('.') + 1), full])
}

interface Head {
  readonly name: string
  readonly parameters: readonly Syntax[]
  readonly guarded: boolean
}

function headOf(text: string, head: Syntax): Head {
  if (head.type === 'binary_operator' && head.token === 'when') {
    const [left] = head.children
    return left === undefined ? noHead : { ...headOf(text, left), guarded: true }
  }
  if (head.type === 'identifier') return { ...noHead, name: text.slice(head.start, head.end) }
  const call = callOf(text, head)
  return call === undefined ? noHead : { name: call.name, parameters: call.arguments, guarded: false }
}

const noHead: Head = { name: '', parameters: [], guarded: false }

interface Place {
  readonly module: Building
  readonly conditional: boolean
}

function defineFunction(text: string, node: Syntax, head: Head, { module, conditional }: Place): void {
  const { name, parameters, guarded } = head
  const body = sectionOf(text, node, 'do')
  // A head without a body only declares defaults.
  if (body === undefined) return
  const defaults = parameters.filter(isDefault).length
  for (let left = 0; left <= defaults; left += 1) {
    const key = `${name}/${String(parameters.length - left)}`
    const clauses = module.functions.get(key) ?? []
    clauses.push({ parameters: withoutDefaults(parameters, left), guarded: guarded || conditional, body, module })
    module.functions.set(key, clauses)
  }
}

/**
 * Parameters of a call that leaves out so many arguments, from the right. A parameter that is left out keeps the shape
 * `name \\ default`, one that is given is only its name.
 */
function withoutDefaults(parameters: readonly Syntax[], leftOut: number): readonly Syntax[] {
  let given = parameters.filter(isDefault).length - leftOut
  return parameters.flatMap((parameter) => {
    if (!isDefault(parameter)) return [parameter]
    given -= 1
    return given >= 0 ? parameter.children.slice(0, 1) : [parameter]
  })
}

export function isDefault(parameter: Syntax): boolean {
  return parameter.type === 'binary_operator' && parameter.token === '\\\\'
}
