import { readSyntax, type ElixirSource, type Syntax } from '../../shared/migrations/ecto/syntax.ts'
import type { ElixirParser } from '../../shared/parsers.ts'

/** The module of a mix.exs that describes the project, as written. */
export interface MixModule {
  readonly source: ElixirSource
  /** As `defmodule` names it. */
  readonly name: string
  /** Clauses by `name/arity`, in order. */
  readonly functions: ReadonlyMap<string, readonly Clause[]>
  /** Values of `@name value`; more than one where it is set again. */
  readonly attributes: ReadonlyMap<string, readonly Syntax[]>
  /** Modules of other names that the file calls by these: `alias Acme.System` makes `System` another module. */
  readonly renamed: ReadonlySet<string>
}

/** `def name(parameters) when guard do body end` */
export interface Clause {
  readonly node: Syntax
  readonly parameters: readonly Syntax[]
  readonly guarded: boolean
  readonly body: readonly Syntax[]
  /** `rescue`, `catch`, `else` or `after` stands in it. */
  readonly caught: Syntax | undefined
}

/** What keeps a reader from saying what a mix.exs does. */
export interface Unreadable {
  readonly why: string
  readonly at: Syntax | undefined
  readonly source: ElixirSource
}

/** Reads the one module with `use Mix.Project`, without running anything. */
export function readMixModule(text: string, elixir: ElixirParser): MixModule | Unreadable {
  const source = readSyntax(text, elixir)
  if (source.error !== undefined) return { why: 'it is no valid Elixir', at: source.error, source }
  const modules = source.root.children.filter(
    (node) => calledName(source, node) === 'defmodule' && isProject(source, node)
  )
  const [module, another] = modules
  if (module === undefined) return { why: 'no module in it has `use Mix.Project`', at: undefined, source }
  if (another !== undefined) return { why: 'several modules in it have `use Mix.Project`', at: another, source }

  const functions = new Map<string, Clause[]>()
  const attributes = new Map<string, Syntax[]>()
  for (const node of blockOf(module)) {
    const name = calledName(source, node)
    if (name === 'def' || name === 'defp') {
      const [header, clause] = clauseOf(source, node)
      if (header !== undefined) listed(functions, header).push(clause)
    }
    const [attribute] = node.type === 'unary_operator' && node.token === '@' ? node.children : []
    const value = attribute === undefined ? undefined : argumentsOf(attribute)[0]
    if (attribute !== undefined && value !== undefined) {
      listed(attributes, calledName(source, attribute) ?? '').push(value)
    }
  }
  const [named] = argumentsOf(module)
  return {
    source,
    name: named === undefined ? '' : textOf(source, named),
    functions,
    attributes,
    renamed: renamedModules(source)
  }
}

function listed<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  return list
}

/** The name of a function without the module's own in front: `__MODULE__.check`, `Shop.MixProject.check`. */
export function ownName(module: MixModule, called: string): string {
  const front = ['__MODULE__', module.name].find((home) => home !== '' && called.startsWith(`${home}.`))
  return front === undefined ? called : called.slice(front.length + 1)
}

export function textOf(source: ElixirSource, node: Syntax): string {
  return source.text.slice(node.start, node.end)
}

/** `name` of `name(…)`, `Module.name` of `Module.name(…)`; undefined for what is no call. */
export function calledName(source: ElixirSource, node: Syntax): string | undefined {
  const [target] = node.type === 'call' ? node.children : []
  return target !== undefined && ['identifier', 'dot', 'alias'].includes(target.type)
    ? textOf(source, target).replaceAll(/\s/g, '')
    : undefined
}

/** Arguments of a call; keywords at the end are one argument. */
export function argumentsOf(call: Syntax): readonly Syntax[] {
  return call.children.find(({ type }) => type === 'arguments')?.children ?? []
}

/** Expressions of a call's `do … end`, without those of `else` and its like. */
export function blockOf(call: Syntax): readonly Syntax[] {
  const block = call.children.find(({ type }) => type === 'do_block')
  return block?.children.filter(({ type }) => !type.endsWith('_block')) ?? []
}

/** Every node, outer before inner. */
export function* nodesBelow(top: Syntax): Generator<Syntax> {
  const stack = [top]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node
    stack.push(...node.children.toReversed())
  }
}

/** The name of a key: `migrate` of `migrate:`, `ecto.migrate` of `"ecto.migrate":`. */
export function keyName(source: ElixirSource, key: Syntax): string {
  if (key.type === 'keyword') return textOf(source, key).replace(/:\s*$/, '')
  return textOf(source, key)
    .replace(/:\s*$/, '')
    .replaceAll(/^["']|["']$/g, '')
}

function isProject(source: ElixirSource, module: Syntax): boolean {
  return blockOf(module).some((node) => {
    const [used] = calledName(source, node) === 'use' ? argumentsOf(node) : []
    return used !== undefined && textOf(source, used) === 'Mix.Project'
  })
}

function clauseOf(source: ElixirSource, definition: Syntax): readonly [string | undefined, Clause] {
  const [first, second] = argumentsOf(definition)
  const guarded = first?.type === 'binary_operator' && first.token === 'when'
  const header = guarded ? first.children[0] : first
  const parameters = header?.type === 'call' ? argumentsOf(header) : []
  const name = header?.type === 'call' ? calledName(source, header) : header && textOf(source, header)
  const short = second?.children.find((pair) => pair.children[0] && keyName(source, pair.children[0]) === 'do')
  const block = definition.children.find(({ type }) => type === 'do_block')
  const shortBody = short?.children[1]
  return [
    name === undefined ? undefined : `${name}/${parameters.length}`,
    {
      node: definition,
      parameters,
      guarded,
      body: shortBody === undefined ? blockOf(definition) : [shortBody],
      caught: block?.children.find(({ type }) => type.endsWith('_block'))
    }
  ]
}

function renamedModules(source: ElixirSource): ReadonlySet<string> {
  const renamed = new Set<string>()
  for (const node of nodesBelow(source.root)) {
    const name = calledName(source, node)
    const [module, options] = argumentsOf(node)
    if (module === undefined) continue
    if (name === 'alias') {
      // `alias A.B` makes B of it, `alias A.{B, C}` both, `as: D` that.
      const written = textOf(source, options ?? module)
      for (const [, last = ''] of written.matchAll(/([A-Z]\w*)\s*(?=[,}]|$)/g)) renamed.add(last)
    }
    // A module inside another is called by the first part of its name.
    if (name === 'defmodule' && !source.root.children.includes(node))
      renamed.add(textOf(source, module).split('.')[0] ?? '')
  }
  return renamed
}
