import type { Syntax } from '../../shared/migrations/ecto/syntax.ts'
import { branch } from './branches.ts'
import { applyClauses, evaluate, Stop, Undecided, whyUnknown, type Evaluation } from './evaluation.ts'
import { keyName, ownName, textOf } from './mix-module.ts'
import { atom, unknownPart, type Scope, type Value } from './value.ts'

/** A call by its name; the module's own functions come before Elixir's. @throws Stop, Undecided */
export function callFunction(
  run: Evaluation,
  node: Syntax,
  called: string,
  given: readonly Syntax[],
  scope: Scope
): Value {
  const name = ownName(run.module, called)
  const own = run.module.functions.get(`${name}/${given.length}`)
  if (own !== undefined) {
    const values = given.map((each) => evaluate(run, each, scope))
    return applyClauses(run, own, values)
  }
  const [home = ''] = name.split('.')
  const branches = branch(run, node, name, given, scope)
  if (branches !== undefined) return branches
  if (!run.module.renamed.has(home)) {
    const known = knownCalls[name]
    if (known !== undefined) return known({ run, node, given, scope, value: (at) => valueAt(run, given[at], scope) })
    if (pureModules.has(home) || pureCalls.has(name)) return unknownCall(run, node, name, given, scope)
  }
  throw new Undecided(`a call of \`${name}/${given.length}\`, which is not followed`, node)
}

interface Call {
  readonly run: Evaluation
  readonly node: Syntax
  readonly given: readonly Syntax[]
  readonly scope: Scope
  readonly value: (at: number) => Value
}

function valueAt(run: Evaluation, node: Syntax | undefined, scope: Scope): Value {
  return node === undefined ? atom('nil') : evaluate(run, node, scope)
}

/** Calls whose effect is known: those that stop, those that print, and those that look at the environment. */
const knownCalls: Readonly<Record<string, (call: Call) => Value>> = {
  raise: stopWithMessage,
  'Kernel.raise': stopWithMessage,
  'Mix.raise': (call) => {
    throw new Stop(spoken(call, 0), option(call, 'exit_status') ?? 1)
  },
  throw: (call) => {
    throw new Stop(spoken(call, 0), 1)
  },
  exit: (call) => {
    throw new Stop('', exitCode(call.value(0)))
  },
  // It asks the system to end and returns at once (Elixir, System.stop/1), so it stops no task.
  'System.stop': () => atom('ok'),
  'System.halt': halt,
  ':erlang.halt': halt,
  'System.get_env': (call) => environmentOf(call) ?? (call.given.length > 1 ? call.value(1) : atom('nil')),
  'System.fetch_env': (call) => {
    const found = environmentOf(call)
    if (found === undefined) return atom('error')
    if (found.kind === 'unknown') return found
    return tuple(call.node, [atom('ok'), found])
  },
  'System.fetch_env!': (call) => {
    const found = environmentOf(call)
    if (found === undefined) throw new Stop('could not fetch environment variable', 1)
    return found
  },
  is_nil: (call) => {
    const value = call.value(0)
    return value.kind === 'unknown' ? value : atom(String(value.kind === 'atom' && value.name === 'nil'))
  },
  to_string: (call) => {
    const value = call.value(0)
    return value.kind === 'atom'
      ? { kind: 'string', text: value.name === 'nil' ? '' : value.name }
      : textual(value, (text) => text)
  },
  'String.downcase': (call) => textual(call.value(0), (text) => text.toLowerCase()),
  'String.upcase': (call) => textual(call.value(0), (text) => text.toUpperCase()),
  'String.trim': (call) => textual(call.value(0), (text) => text.trim()),
  'IO.puts': say,
  'IO.write': say,
  'IO.warn': say,
  'Mix.shell().error': say,
  'Mix.shell().info': say,
  'Mix.shell.error': say,
  'Mix.shell.info': say
}

/** Modules of Elixir whose functions only compute. */
const pureModules = new Set([
  'String',
  'Enum',
  'List',
  'Keyword',
  'Map',
  'Path',
  'Integer',
  'Atom',
  'Date',
  'DateTime',
  'Version'
])
const pureCalls = new Set([
  'inspect',
  'Mix.env',
  'Mix.target',
  'Mix.shell',
  'Mix.Project.config',
  'Mix.Project.get',
  'Application.get_env',
  'File.exists?',
  'File.cwd!',
  'System.version',
  'System.otp_release',
  'is_list',
  'length',
  'hd'
])

/** A value that only running it could tell. A function that is handed over could do anything. */
function unknownCall(run: Evaluation, node: Syntax, name: string, given: readonly Syntax[], scope: Scope): Value {
  for (const each of given) {
    const value = evaluate(run, each, scope)
    if (value.kind === 'function' || value.kind === 'capture')
      throw new Undecided(`a function given to \`${name}\``, node)
  }
  return { kind: 'unknown', why: `\`${textOf(run.module.source, node).slice(0, 60)}\`` }
}

/** `raise "text"`, `raise Error, "text"`, `raise Error, message: "text"`. */
function stopWithMessage(call: Call): never {
  const [first, second] = call.given
  const at = second === undefined ? first : second
  if (at?.type === 'keywords') {
    const message = at.children.find(({ children: [key] }) => key && keyName(call.run.module.source, key) === 'message')
    throw new Stop(spokenText(valueAt(call.run, message?.children[1], call.scope)), 1)
  }
  throw new Stop(spoken(call, second === undefined ? 0 : 1), 1)
}

function spoken(call: Call, at: number): string {
  return spokenText(call.value(at))
}

function spokenText(value: Value): string {
  return value.kind === 'string' ? value.text : unknownPart
}

function say(call: Call): Value {
  // `IO.puts(:stderr, text)`
  const last = call.value(call.given.length - 1)
  const first = call.value(0)
  call.run.said.push(spokenText(last.kind === 'string' ? last : first))
  return atom('ok')
}

function option({ given, run, scope }: Call, name: string): number | undefined {
  const keywords = given.find(({ type }) => type === 'keywords')
  const pair = keywords?.children.find(({ children: [key] }) => key && keyName(run.module.source, key) === name)
  const value = pair === undefined ? undefined : valueAt(run, pair.children[1], scope)
  return value?.kind === 'integer' ? value.value : undefined
}

/** `System.halt()` ends with 0, `:abort` and a text with a failure. */
function halt(call: Call): never {
  const value = call.given.length === 0 ? undefined : call.value(0)
  const code =
    value === undefined ? 0 : value.kind === 'integer' ? value.value : value.kind === 'unknown' ? undefined : 1
  throw new Stop('', code)
}

/** What `exit(reason)` in a task makes of the process: 0 for `:normal`, N for `{:shutdown, N}`, else 1. */
function exitCode(reason: Value): number | undefined {
  if (reason.kind === 'unknown') return undefined
  if (reason.kind === 'atom') return reason.name === 'normal' ? 0 : 1
  const [kind, code] = reason.kind === 'tuple' ? reason.items.map((item) => item.value()) : []
  return kind?.kind === 'atom' && kind.name === 'shutdown' && code?.kind === 'integer' ? code.value : 1
}

/** The variable's value; undefined where it is not set, `unknown` where it is another one. */
function environmentOf(call: Call): Value | undefined {
  const name = call.value(0)
  if (name.kind !== 'string' || !call.run.environment.has(name.text)) {
    return { kind: 'unknown', why: name.kind === 'string' ? `the variable ${name.text}` : whyUnknown(name) }
  }
  const text = call.run.environment.get(name.text)
  return text === undefined ? undefined : { kind: 'string', text }
}

function textual(value: Value, change: (text: string) => string): Value {
  if (value.kind === 'string')
    return value.text.includes(unknownPart) ? value : { kind: 'string', text: change(value.text) }
  // Not a string: Elixir stops, and not with the check's message.
  if (value.kind === 'atom') throw new Stop('no clause of the function fits', 1)
  return { kind: 'unknown', why: whyUnknown(value) }
}

function tuple(node: Syntax, values: readonly Value[]): Value {
  return { kind: 'tuple', items: values.map((value) => ({ node, value: () => value })) }
}
