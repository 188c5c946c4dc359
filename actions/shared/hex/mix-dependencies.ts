import { behind, isToken, type ElixirCode } from './elixir-code.ts'
import type { ElixirDefinitions } from './elixir-definitions.ts'
import type { Doubt } from './elixir-doubts.ts'
import { keywords, parseExpression, type ElixirExpression } from './elixir-expression.ts'

/** A dependency as mix.exs defines it, as far as the text tells. */
export interface MixDependency {
  readonly name: string
  readonly line: number
  /** `computed` where only running the file tells. */
  readonly source: 'hex' | 'path' | 'umbrella' | 'git' | 'computed'
  /** Of a dependency by path, where it is written as a text: relative to the project's folder. */
  readonly path?: string
  /** What is required, where it is written as a text. */
  readonly requirement: string | undefined
  /** The package on Hex: the option `hex`, else the name. */
  readonly package: string
  /** As in mix.lock: `hexpm`, `hexpm:ORGANIZATION` or a repository of the project's own; undefined where computed. */
  readonly repository: string | undefined
  readonly override: boolean
  readonly optional: boolean
  /** Environments; undefined for all of them, and where computed. */
  readonly only: readonly string[] | undefined
  /** Why the text alone does not tell whether, or how, it is a dependency; absent where it does. */
  readonly conditional: Doubt | undefined
  /** Whether the text shows how it gets into the project's `deps`. */
  readonly reached: boolean
}

export interface MixDependencies {
  readonly dependencies: readonly MixDependency[]
  /** What may add, change or take away any of them. */
  readonly doubts: readonly Doubt[]
}

/**
 * Follows the value of `deps` through the functions and attributes of the file, without running any of it.
 *
 * Every tuple that looks like a dependency and was not met on the way is given too, as not reached: something that the
 * text does not show may use it.
 */
export function readDependencies(
  code: ElixirCode,
  definitions: ElixirDefinitions,
  deps: readonly ElixirExpression[]
): MixDependencies {
  const dependencies: MixDependency[] = []
  const doubts: Doubt[] = []
  const met = new Set<number>()
  const entered = new Set<string>()

  const walk = (expression: ElixirExpression, conditional: Doubt | undefined): void => {
    const { line } = expression
    switch (expression.kind) {
      case 'list':
      case 'joined':
        for (const item of expression.items) walk(item, conditional)
        return
      case 'tuple': {
        met.add(expression.at)
        const dependency = readTuple(expression, definitions, conditional, true)
        if (dependency === undefined) doubts.push({ why: 'the tuple there is no dependency that can be read', line })
        else dependencies.push(dependency)
        return
      }
      case 'choice': {
        const why = { why: `it stands in \`${expression.text}\``, line }
        for (const branch of expression.items) walk(branch, conditional ?? why)
        return
      }
      case 'call':
        enter(`${expression.text}/${expression.arity}`, bodiesOf(expression, definitions), line, conditional)
        return
      case 'attribute':
        enter(`@${expression.text}`, bodiesOf(expression, definitions), line, conditional)
        return
      case 'computed':
        doubts.push({ why: 'the list is computed there', line })
        search(expression.from, expression.to, conditional ?? { why: 'it stands in what is computed', line })
        return
      case 'atom':
        if (expression.text !== 'nil') doubts.push({ why: `:${expression.text} is no dependency`, line })
        return
      case 'text':
      case 'charlist':
      case 'integer':
      case 'map':
      case 'bytes':
        doubts.push({ why: 'what stands there is no dependency', line })
    }
  }

  const enter = (
    name: string,
    bodies: readonly ElixirExpression[] | undefined,
    line: number,
    conditional: Doubt | undefined
  ): void => {
    if (bodies === undefined) {
      doubts.push({ why: `what ${name} is, the file does not tell for certain`, line })
      return
    }
    // Named once more, it adds what was read already.
    if (entered.has(name)) return
    entered.add(name)
    const several = bodies.length > 1 ? { why: `${name} has ${bodies.length} definitions`, line } : undefined
    for (const body of bodies) walk(body, conditional ?? several)
  }

  /** The dependencies among tokens that make no expression we understand, and in the functions they name. */
  const search = (from: number, to: number, conditional: Doubt): void => {
    for (let index = from; index < to; index++) {
      const token = code.tokens[index]
      const dependency = met.has(index) ? undefined : tupleAt(index, conditional, true)
      if (dependency !== undefined) {
        met.add(index)
        dependencies.push(dependency)
      }
      if (token?.kind !== 'name' || isToken(code.tokens[index - 1], '.')) continue
      const bodies = definitions.clauses(token.text, 0)
      if (bodies !== undefined) enter(`${token.text}/0`, bodies, token.line, conditional)
    }
  }

  const tupleAt = (index: number, conditional: Doubt | undefined, reached: boolean): MixDependency | undefined => {
    if (!isToken(code.tokens[index], '{') || code.tokens[index + 1]?.kind !== 'atom') return undefined
    const tuple = parseExpression(code, index, behind(code, index))
    return tuple.kind === 'tuple' ? readTuple(tuple, definitions, conditional, reached) : undefined
  }

  /** What nobody was seen to use. Of a dependency that was met, the options are no dependencies either. */
  const look = (expression: ElixirExpression): void => {
    switch (expression.kind) {
      case 'tuple': {
        if (met.has(expression.at)) return
        const written = isToken(code.tokens[expression.at], '{')
        const dependency = written ? readTuple(expression, definitions, undefined, false) : undefined
        // `{:error, reason}` and its like are everywhere.
        if (dependency !== undefined && looksLikeOne(dependency)) dependencies.push(dependency)
        expression.items.forEach(look)
        return
      }
      case 'list':
      case 'joined':
      case 'choice':
      case 'call':
        expression.items.forEach(look)
        return
      case 'map':
        expression.entries.forEach((pair) => {
          pair.forEach(look)
        })
        return
      case 'computed':
        lookThrough(expression.from, expression.to)
        return
      case 'atom':
      case 'text':
      case 'charlist':
      case 'integer':
      case 'attribute':
      case 'bytes':
    }
  }
  const lookThrough = (from: number, to: number): void => {
    for (let index = from; index < to;) {
      const end = behind(code, index)
      const tuple = isToken(code.tokens[index], '{') && !met.has(index) ? parseExpression(code, index, end) : undefined
      if (tuple?.kind === 'tuple') look(tuple)
      index = tuple?.kind === 'tuple' || met.has(index) ? end : index + 1
    }
  }

  for (const expression of deps) walk(expression, undefined)
  lookThrough(0, code.tokens.length)
  return { dependencies, doubts }
}

function looksLikeOne({ requirement, source }: MixDependency): boolean {
  return requirement !== undefined || ['path', 'umbrella', 'git'].includes(source)
}

/** `{:name, "requirement", options}`, `{:name, "requirement"}` or `{:name, options}`. */
function readTuple(
  tuple: ElixirExpression & { readonly kind: 'tuple' },
  definitions: ElixirDefinitions,
  conditional: Doubt | undefined,
  reached: boolean
): MixDependency | undefined {
  const [name, second, third, more] = tuple.items
  if (name?.kind !== 'atom' || second === undefined || more !== undefined) return undefined
  const { line } = tuple
  const first = resolve(second, definitions)
  const requirement = third === undefined && first.kind === 'list' ? undefined : first
  const given = third === undefined ? (first.kind === 'list' ? first : undefined) : resolve(third, definitions)
  const options = given === undefined ? new Map<string, ElixirExpression>() : keywords(given)
  const option = (key: string): ElixirExpression | undefined => {
    const value = options.get(key)
    return value === undefined ? undefined : resolve(value, definitions)
  }
  const whole = given === undefined || (given.kind === 'list' && given.items.every(isPair))
  const source = sourceOf(option, whole)
  const repository = repositoryOf(option)
  const doubt = !whole
    ? 'its options are computed'
    : source === 'computed'
      ? 'one of its options path, in_umbrella, git and github is computed'
      : requirement !== undefined && requirement.kind !== 'text'
        ? 'its requirement is computed'
        : repository === undefined
          ? 'its repository is computed'
          : undefined
  const hex = option('hex')
  const path = source === 'path' ? option('path') : undefined
  return {
    name: name.text,
    line,
    source,
    ...(path?.kind === 'text' ? { path: path.text } : {}),
    requirement: requirement?.kind === 'text' ? requirement.text : undefined,
    package: hex?.kind === 'atom' || hex?.kind === 'text' ? hex.text : name.text,
    repository,
    override: isTrue(option('override')),
    optional: isTrue(option('optional')),
    only: environments(option('only')),
    conditional: conditional ?? (doubt === undefined ? undefined : { why: doubt, line }),
    reached
  }
}

/** Mix asks git, then path, then Hex; `path: nil` and `in_umbrella: false` count as not given. */
function sourceOf(option: (key: string) => ElixirExpression | undefined, whole: boolean): MixDependency['source'] {
  for (const [key, source] of sources) {
    const value = option(key)
    const given = value === undefined ? false : truth(value)
    if (given === undefined) return 'computed'
    if (given) return source
  }
  return whole ? 'hex' : 'computed'
}

const sources: readonly (readonly [string, 'git' | 'path' | 'umbrella'])[] = [
  ['git', 'git'],
  ['github', 'git'],
  ['path', 'path'],
  ['in_umbrella', 'umbrella']
]

/** undefined where only running the file tells. */
function truth(value: ElixirExpression): boolean | undefined {
  switch (value.kind) {
    case 'atom':
      return value.text !== 'nil' && value.text !== 'false'
    case 'call':
    case 'attribute':
    case 'choice':
    case 'computed':
      return undefined
    case 'text':
    case 'charlist':
    case 'integer':
    case 'list':
    case 'joined':
    case 'tuple':
    case 'map':
    case 'bytes':
      return true
  }
}

/** `organization: "acme"` is `repo: "hexpm:acme"` (lib/hex/scm.ex). */
function repositoryOf(option: (key: string) => ElixirExpression | undefined): string | undefined {
  const organization = option('organization')
  const repository = option('repo')
  if (organization !== undefined) return hasText(organization) ? `hexpm:${organization.text}` : undefined
  if (repository === undefined) return 'hexpm'
  if (!hasText(repository)) return undefined
  return repository.text === 'nil' ? 'hexpm' : repository.text
}

function hasText(value: ElixirExpression): value is ElixirExpression & { readonly kind: 'atom' | 'text' | 'charlist' } {
  return value.kind === 'atom' || value.kind === 'text' || value.kind === 'charlist'
}

function environments(only: ElixirExpression | undefined): readonly string[] | undefined {
  if (only?.kind === 'atom') return [only.text]
  if (only?.kind !== 'list') return undefined
  return only.items.flatMap((item) => (item.kind === 'atom' ? [item.text] : []))
}

/** Whether it is a pair of a keyword list. */
export function isPair(item: ElixirExpression): boolean {
  return item.kind === 'tuple' && item.items.length === 2 && item.items[0]?.kind === 'atom'
}

function isTrue(value: ElixirExpression | undefined): boolean {
  return value?.kind === 'atom' && value.text === 'true'
}

/** Names in names in …; a file that goes on longer runs in a circle. */
const longestChain = 20

/** What a function or an attribute with a single definition stands for; otherwise the expression itself. */
export function resolve(expression: ElixirExpression, definitions: ElixirDefinitions): ElixirExpression {
  let resolved = expression
  for (let step = 0; step < longestChain; step++) {
    const bodies = bodiesOf(resolved, definitions)
    const [only, ...others] = bodies ?? []
    if (only === undefined || others.length > 0) return resolved
    resolved = only
  }
  return expression
}

/** What may stand for a name; undefined where that is not certain. A bare name may be a parameter. */
function bodiesOf(
  expression: ElixirExpression,
  definitions: ElixirDefinitions
): readonly ElixirExpression[] | undefined {
  if (expression.kind === 'attribute') return definitions.values(expression.text, expression.line)
  if (expression.kind !== 'call' || (expression.bare && definitions.isParameter(expression.text))) return undefined
  return definitions.clauses(expression.text, expression.arity)
}
