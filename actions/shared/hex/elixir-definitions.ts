import { adjacent, behind, isToken, type ElixirCode } from './elixir-code.ts'
import { doubtsOfWords, type Doubt } from './elixir-doubts.ts'
import { parseExpression, type ElixirExpression } from './elixir-expression.ts'
import { statementsOf, type TokenRange } from './elixir-statements.ts'

/** What a module gives names to. */
export interface ElixirDefinitions {
  /** The bodies of a function's clauses, in order; undefined where the module defines no such function. */
  clauses(name: string, arity: number): readonly ElixirExpression[] | undefined
  /** The values that a module attribute is given, in order; undefined where it has none in that line yet. */
  values(attribute: string, line: number): readonly ElixirExpression[] | undefined
  /** Whether any function has a parameter of that name, which a name without brackets may then mean. */
  isParameter(name: string): boolean
  /** Why the text may not tell what the names stand for. */
  readonly doubts: readonly Doubt[]
}

/**
 * Finds the functions (`def`, `defp`) and attributes of the module that defines `project/0`.
 *
 * What Elixir would do with the file is certain only while it is no more than one module of plain definitions. Every
 * other statement (`import`, `if`, a second module …) can change what a name means and is a doubt; it is not understood
 * a little, it is not understood.
 */
export function findDefinitions(code: ElixirCode): ElixirDefinitions {
  const doubts: Doubt[] = []
  const modules: Module[] = []
  for (const statement of statementsOf(code, { from: 0, to: code.tokens.length })) {
    const body = moduleBody(code, statement)
    if (body === undefined)
      doubts.push({ why: 'a statement outside the module may change it', line: lineOf(code, statement.from) })
    else modules.push(readModule(code, body))
  }
  // Mix takes the one that it loaded last.
  const module = modules.findLast(({ functions }) => functions.has('project')) ?? modules.at(-1)
  if (modules.length > 1) doubts.push({ why: `the file has ${modules.length} modules`, line: 1 })
  const { functions, attributes, parameters } = module ?? emptyModule
  return {
    clauses: (name, arity) => {
      const named = functions.get(name)?.filter(({ fewest, most }) => fewest <= arity && arity <= most) ?? []
      return named.length === 0 ? undefined : named.map((clause) => parsed(code, clause))
    },
    values: (attribute, line) => {
      const given = attributes.get(attribute) ?? []
      // Read before it is set, an attribute is nil.
      return given.some(({ from }) => lineOf(code, from) <= line)
        ? given.map((value) => parsed(code, value))
        : undefined
    },
    isParameter: (name) => parameters.has(name),
    doubts: [...doubts, ...(module?.doubts ?? []), ...doubtsOfWords(code, module?.understood ?? new Set())]
  }
}

interface Module {
  readonly functions: ReadonlyMap<string, readonly Clause[]>
  readonly attributes: ReadonlyMap<string, readonly Value[]>
  readonly parameters: ReadonlySet<string>
  readonly doubts: readonly Doubt[]
  /** Where the statements begin that were understood. */
  readonly understood: ReadonlySet<number>
}

/** Parsed once, when it is asked for. */
interface Value extends TokenRange {
  expression?: ElixirExpression
}

interface Clause extends Value {
  /** How many arguments it takes; those with a default can be left out. */
  readonly fewest: number
  readonly most: number
}

const emptyModule: Module = {
  functions: new Map(),
  attributes: new Map(),
  parameters: new Set(),
  doubts: [],
  understood: new Set()
}

function parsed(code: ElixirCode, value: Value): ElixirExpression {
  value.expression ??= parseExpression(code, value.from, value.to)
  return value.expression
}

/** The inside of `defmodule Some.Name do … end`; undefined for any other statement. */
function moduleBody(code: ElixirCode, { from, to }: TokenRange): TokenRange | undefined {
  if (!isToken(code.tokens[from], 'defmodule')) return undefined
  let index = from + 1
  while (code.tokens[index]?.kind === 'alias' || isToken(code.tokens[index], '.')) index++
  if (!isToken(code.tokens[index], 'do') || behind(code, index) !== to) return undefined
  return { from: index + 1, to: to - 1 }
}

function readModule(code: ElixirCode, body: TokenRange): Module {
  const functions = new Map<string, Clause[]>()
  const attributes = new Map<string, Value[]>()
  const parameters = new Set<string>()
  const doubts: Doubt[] = []
  const understood = new Set<number>()
  for (const statement of statementsOf(code, body)) {
    const { from } = statement
    const definition = readFunction(code, statement)
    const value = readAttribute(code, statement)
    if (definition !== undefined) {
      add(functions, definition.name, definition.clause)
      for (const parameter of definition.parameters) parameters.add(parameter)
    } else if (value !== undefined) {
      add(attributes, value.name, value.value)
    } else if (!usesMixProject(code, statement)) {
      doubts.push({
        why: `\`${shownAt(code, from)}\` there may change what the file defines`,
        line: lineOf(code, from)
      })
      continue
    }
    understood.add(from)
  }
  return { functions, attributes, parameters, doubts, understood }
}

function add<T>(named: Map<string, T[]>, name: string, one: T): void {
  const there = named.get(name)
  if (there === undefined) named.set(name, [one])
  else there.push(one)
}

function usesMixProject(code: ElixirCode, { from, to }: TokenRange): boolean {
  const [use, mix, dot, project] = code.tokens.slice(from, from + 4)
  return (
    to - from === 4 &&
    isToken(use, 'use') &&
    mix?.kind === 'alias' &&
    mix.text === 'Mix' &&
    isToken(dot, '.') &&
    project?.kind === 'alias' &&
    project.text === 'Project'
  )
}

/** Elixir hands the module to others at these, or lets them change its code. */
const hooks: ReadonlySet<string> = new Set([
  'before_compile',
  'after_compile',
  'after_verify',
  'on_definition',
  'on_load',
  'compile'
])

/** `@name value`, and `@name` alone, which does nothing. */
function readAttribute(
  code: ElixirCode,
  { from, to }: TokenRange
): { readonly name: string; readonly value: Value } | undefined {
  const name = code.tokens[from + 1]
  const value = code.tokens[from + 2]
  if (!isToken(code.tokens[from], '@') || name?.kind !== 'name' || !adjacent(code.tokens[from], name)) return undefined
  if (to - from < 3 || hooks.has(name.text) || value === undefined || value.line !== name.line) return undefined
  return { name: name.text, value: { from: from + 2, to } }
}

interface FunctionDefinition {
  readonly name: string
  readonly clause: Clause
  readonly parameters: readonly string[]
}

/** `def name(…) do … end` or `def name(…), do: …`, with or without arguments and `when`. */
function readFunction(code: ElixirCode, { from, to }: TokenRange): FunctionDefinition | undefined {
  const name = code.tokens[from + 1]
  if (!isToken(code.tokens[from], 'def') && !isToken(code.tokens[from], 'defp')) return undefined
  if (name?.kind !== 'name') return undefined
  const bracket = from + 2
  const bracketed = isToken(code.tokens[bracket], '(') && adjacent(name, code.tokens[bracket])
  const head = bracketed ? behind(code, bracket) : bracket
  const args = bracketed ? readArguments(code, { from: bracket + 1, to: head - 1 }) : noArguments
  let index = head
  if (isToken(code.tokens[index], 'when')) {
    while (index < to && !isToken(code.tokens[index], 'do') && !isToken(code.tokens[index], ','))
      index = behind(code, index)
  }
  const key = code.tokens[index + 1]
  const body: TokenRange | undefined =
    isToken(code.tokens[index], 'do') && behind(code, index) === to
      ? { from: index + 1, to: to - 1 }
      : isToken(code.tokens[index], ',') && key?.kind === 'key' && key.text === 'do'
        ? { from: index + 2, to }
        : undefined
  if (body === undefined) return undefined
  return { name: name.text, clause: { ...body, fewest: args.fewest, most: args.most }, parameters: args.parameters }
}

interface Arguments {
  readonly fewest: number
  readonly most: number
  readonly parameters: readonly string[]
}

const noArguments: Arguments = { fewest: 0, most: 0, parameters: [] }

function readArguments(code: ElixirCode, { from, to }: TokenRange): Arguments {
  if (from === to) return noArguments
  let most = 1
  let defaults = 0
  for (let index = from; index < to; index = behind(code, index)) {
    // Pairs at the end are one argument.
    if (code.tokens[index]?.kind === 'key') break
    if (isToken(code.tokens[index], ',')) most++
    if (isToken(code.tokens[index], '\\\\')) defaults++
  }
  const parameters = code.tokens.slice(from, to).flatMap((token) => (token.kind === 'name' ? [token.text] : []))
  return { fewest: most - defaults, most, parameters }
}

function shownAt(code: ElixirCode, index: number): string {
  const token = code.tokens[index]
  return token !== undefined && 'text' in token ? (token.text ?? '…') : '…'
}

function lineOf(code: ElixirCode, index: number): number {
  return code.tokens[index]?.line ?? 1
}
