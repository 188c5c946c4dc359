import { adjacent, isToken, type ElixirCode } from './elixir-code.ts'
import { operatorWords } from './elixir-statements.ts'

/** Something that only running the file tells. `why` is a clause: "it stands in an `if`". */
export interface Doubt {
  readonly why: string
  readonly line: number
}

/**
 * What can change the meaning of a file from within any expression: code that makes code, and an attribute that is
 * given a value anywhere but in a statement of its own.
 *
 * @param understood where the statements begin that are plain definitions
 */
export function doubtsOfWords(code: ElixirCode, understood: ReadonlySet<number>): readonly Doubt[] {
  const doubts: Doubt[] = []
  for (const [index, token] of code.tokens.entries()) {
    const why = understood.has(index) ? undefined : (wordDoubt(code, index) ?? attributeDoubt(code, index))
    if (why !== undefined) doubts.push({ why, line: token.line })
  }
  return doubts
}

/** Names that define, import or make code, or change what Mix reads. */
const words: ReadonlySet<string> = new Set([
  'import',
  'quote',
  'unquote',
  'unquote_splicing',
  'def',
  'defp',
  'defmacro',
  'defmacrop',
  'defdelegate',
  'defoverridable',
  'apply',
  'put_env'
])

/** Erlang's modules that load or run code. */
const erlangModules = /^(?:elixir|code$|erl_|compile$)/

/** What mix.exs may ask `Mix.Project` without changing anything. */
const questions: ReadonlySet<string> = new Set([
  'config',
  'get',
  'get!',
  'umbrella?',
  'deps_path',
  'build_path',
  'app_path',
  'apps_paths',
  'compile_path',
  'manifest_path',
  'project_file'
])

function wordDoubt(code: ElixirCode, index: number): string | undefined {
  const token = code.tokens[index]
  const next = code.tokens[index + 1]
  const called = code.tokens[index + 2]
  const name = isToken(next, '.') && called !== undefined && 'text' in called ? called.text : undefined
  if (token?.kind === 'name')
    return words.has(token.text) ? `\`${token.text}\` there can change any definition` : undefined
  if (token?.kind === 'atom')
    return name !== undefined && token.text !== undefined && erlangModules.test(token.text)
      ? `:${token.text} there can run any code`
      : undefined
  if (token?.kind !== 'alias') return undefined
  if (token.text === 'Module' || token.text === 'Macro') return `${token.text} there can change any definition`
  // `Code.ensure_loaded?/1` and its like only ask.
  if (token.text === 'Code') return name?.startsWith('ensure_') === true ? undefined : 'Code there can run any code'
  if (token.text !== 'Mix' || !isToken(next, '.')) return undefined
  const what = code.tokens[index + 4]
  const asked = what !== undefined && 'text' in what ? what.text : undefined
  const changes =
    name === 'ProjectStack' ||
    name === 'State' ||
    name === 'install' ||
    (name === 'Project' && isToken(code.tokens[index + 3], '.') && !questions.has(asked ?? ''))
  return changes ? `Mix.${name}${asked === undefined ? '' : ` there`} can change the project` : undefined
}

/** `@name value` within an expression; `@name` alone, or with an operator behind it, is read. */
function attributeDoubt(code: ElixirCode, index: number): string | undefined {
  const at = code.tokens[index]
  if (!isToken(at, '@')) return undefined
  const name = code.tokens[index + 1]
  if (name?.kind !== 'name' || !adjacent(at, name)) return 'the attribute there is named by an expression'
  const next = code.tokens[index + 2]
  if (next === undefined || next.line !== name.line || readsOn(code, index + 2)) return undefined
  return `@${name.text} is given a value within an expression`
}

const readBefore: ReadonlySet<string> = new Set(['do', 'end', 'else', 'rescue', 'after', 'catch'])

/** Operators that can also begin an expression. */
const beginners: ReadonlySet<string> = new Set(['@', '&', '%', '!', '^', '<<', '~~~', '...', '..'])

function readsOn(code: ElixirCode, index: number): boolean {
  const token = code.tokens[index]
  const glued = adjacent(code.tokens[index - 1], token)
  if (token?.kind === 'close') return true
  // `@a[:key]`
  if (token?.kind === 'open') return token.text === '[' && glued
  if (token?.kind === 'name')
    return readBefore.has(token.text) || (operatorWords.has(token.text) && token.text !== 'not')
  if (token?.kind !== 'operator') return false
  // `@a -1` is a call, `@a - 1` and `@a-1` are sums.
  if (token.text === '-' || token.text === '+') return glued || !adjacent(token, code.tokens[index + 1])
  return !beginners.has(token.text)
}
