import { commands } from './commands.ts'
import { controlFlow } from './control-flow.ts'
import { evaluateBody, evaluate } from './evaluate.ts'
import type { FunctionClause } from './functions.ts'
import { isDefault } from './functions.ts'
import { libraryCalls, pureFunctions, pureModules } from './library.ts'
import { fit } from './pattern.ts'
import { readRepoCall } from './repo-call.ts'
import { conditionally, tellNotAnalysed, type Run } from './run.ts'
import { innerScope, lookUp, moduleScope, type Scope } from './scope.ts'
import type { Syntax } from './syntax.ts'
import { nil, unknown, type Value } from './value.ts'
import { wordIn } from './words.ts'

/** A call whose arguments are known as far as they can be. */
export interface Call {
  readonly name: string
  readonly node: Syntax
  readonly arguments: readonly Value[]
  readonly scope: Scope
  readonly discarded?: boolean
}

/** A call by name alone: a function of the same module, a word of Ecto's, or one of Elixir's own. */
export function callLocal(run: Run, call: Call): Value {
  const own = call.scope.module.functions.get(`${call.name}/${String(call.arguments.length)}`)
  if (own !== undefined) return callClauses(run, own, call.arguments, moduleScope(call.scope.module), call.discarded)
  const command = wordIn(commands, call.name)
  if (command !== undefined) return command(run, call)
  const library = wordIn(libraryCalls, call.name)
  if (library !== undefined) return library(run, call) ?? unknown('a value computed while it runs')
  visitFunctions(run, call)
  if (call.node.type === 'identifier' && call.arguments.length === 0 && call.discarded !== true) {
    return unknown(`\`${call.name}\``)
  }
  if (!pureFunctions.has(call.name)) {
    const what = call.scope.module.macros.has(call.name) ? 'a macro' : 'a function of the application'
    tellNotAnalysed(run, call.node, `${what}: ${call.name}/${String(call.arguments.length)}`, run.table !== undefined)
  }
  return unknown(`what ${call.name}/${String(call.arguments.length)} gives`)
}

/** `Module.function(…)`, `repo().query!(…)`, `value.field`. */
export function callRemote(run: Run, receiver: Value, call: Call): Value {
  if (receiver.kind === 'repo') return readRepoCall(run, call)
  if (receiver.kind !== 'module') {
    visitFunctions(run, call)
    return unknown('a value computed while it runs')
  }
  const { name } = receiver
  if (name === 'Ecto.Adapters.SQL') return readRepoCall(run, { ...call, arguments: call.arguments.slice(1) })
  if (/(?:^|\.)\w*Repo$/.test(name)) return readRepoCall(run, call)
  const own = run.modules.find((module) => module.name === name || module.name.endsWith(`.${name}`))
  const clauses = own?.functions.get(`${call.name}/${String(call.arguments.length)}`)
  if (own !== undefined && clauses !== undefined) {
    return callClauses(run, clauses, call.arguments, moduleScope(own), call.discarded)
  }
  const library = wordIn(libraryCalls, `${name}.${call.name}`)
  const value = library?.(run, call)
  if (value !== undefined) return value
  visitFunctions(run, call)
  if (!pureModules.has(name.split('.')[0] ?? '')) {
    const what = `a function of the application: ${name}.${call.name}/${String(call.arguments.length)}`
    tellNotAnalysed(run, call.node, what, run.table !== undefined)
  }
  return unknown(`what ${name}.${call.name}/${String(call.arguments.length)} gives`)
}

/** A function that some other function gets is called by it, perhaps. */
function visitFunctions(run: Run, call: Call): void {
  for (const argument of call.arguments) {
    if (argument.kind !== 'function' && argument.kind !== 'short-function' && argument.kind !== 'capture') continue
    const values = Array.from({ length: argument.kind === 'capture' ? argument.arity : 0 }, () =>
      unknown('an argument')
    )
    conditionally(run, () => callValue(run, argument, values, call.node, true))
  }
}

/** Calls a function that is a value. Parameters without an argument are unknown. */
export function callValue(run: Run, callee: Value, values: readonly Value[], node: Syntax, discarded = false): Value {
  if (callee.kind === 'function') return callClauses(run, callee.clauses, values, callee.scope, discarded)
  if (callee.kind === 'capture') {
    const { scope } = callee
    const call: Call = { name: callee.name, node, arguments: values, scope, discarded }
    const form = wordIn(controlFlow, callee.name)
    if (callee.module === undefined) {
      return form === undefined ? callLocal(run, call) : form(run, { ...call, arguments: [], piped: values, discarded })
    }
    const receiver: Value = lookUp(scope, callee.module) ?? { kind: 'module', name: callee.module }
    return callRemote(run, receiver, call)
  }
  if (callee.kind === 'short-function') {
    const scope = innerScope(callee.scope)
    for (let index = 1; index <= 9; index += 1) {
      scope.variables.set(`&${String(index)}`, values[index - 1] ?? unknown('an argument'))
    }
    return evaluate(run, callee.body, scope, discarded)
  }
  return unknown('what a function gives that is a value')
}

/** The clause that fits; several where that depends on what is not known. */
function callClauses(
  run: Run,
  clauses: readonly FunctionClause[],
  values: readonly Value[],
  outer: Scope,
  discarded = false
): Value {
  let result: Value | undefined
  for (const clause of clauses) {
    const scope = innerScope(outer)
    let given = 0
    const fits = clause.parameters.map((parameter) => {
      if (isDefault(parameter)) {
        const [name, value] = parameter.children
        return name === undefined || value === undefined ? 'yes' : fit(run, name, evaluate(run, value, outer), scope)
      }
      given += 1
      return fit(run, parameter, values[given - 1] ?? unknown('an argument'), scope)
    })
    if (fits.includes('no')) continue
    const body = (): Value => evaluateBody(run, clause.body, scope, discarded)
    const sure = !fits.includes('perhaps') && !clause.guarded
    if (sure && result === undefined) return body()
    const value = clauses.length === 1 ? body() : conditionally(run, body)
    result = result === undefined ? value : unknown('a value that depends on a condition')
    if (sure) break
  }
  return result ?? nil
}
