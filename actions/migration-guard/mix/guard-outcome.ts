import type { Syntax } from '../../shared/migrations/ecto/syntax.ts'
import { applyClauses, evaluate, evaluateAll, startEvaluation, Stop, Undecided, type Evaluation } from './evaluation.ts'
import { ownName, type MixModule } from './mix-module.ts'
import type { Later, Value } from './value.ts'

/** The environment variable that lets a local run pass. */
export const bypassVariable = 'ALLOW_CORE_MIGRATION'

/** What an alias of Mix comes to. */
export type Alias =
  | { readonly state: 'absent' }
  /** Its steps, in order. */
  | { readonly state: 'found'; readonly steps: readonly Later[]; readonly at: Syntax }
  | { readonly state: 'unknown'; readonly why: string; readonly at: Syntax | undefined }

/** What the first step of an alias does with one state of the environment. */
export type StepOutcome =
  | { readonly state: 'passes' }
  | { readonly state: 'stops'; readonly exitCode: number | undefined; readonly said: string }
  | { readonly state: 'unknown'; readonly why: string; readonly at: Syntax | undefined }

/** The project's alias of that name: as Mix, the first one counts. */
export function findAlias(run: Evaluation, name: string): Alias {
  const found = tried((): Alias => {
    const project = run.module.functions.get('project/0')
    if (project === undefined) return { state: 'unknown', why: 'there is no `project/0`', at: undefined }
    const [clause] = project
    if (clause === undefined || project.length > 1 || clause.guarded || clause.caught !== undefined) {
      return { state: 'unknown', why: '`project/0` has several clauses', at: clause?.node }
    }
    const aliases = entry(evaluateAll(run, clause.body, new Map()), 'aliases')
    if (aliases === undefined) return { state: 'absent' }
    const steps = entry(aliases.value(), name)
    if (steps === undefined) return { state: 'absent' }
    const value = steps.value()
    const list = value.kind === 'list' ? value.items : [{ node: steps.node, value: () => value }]
    return { state: 'found', steps: list, at: steps.node }
  })
  if ('value' in found) return found.value
  return found.state === 'unknown' ? found : { state: 'unknown', why: 'the project itself stops', at: undefined }
}

/** The value of a key in a list of pairs. @throws Undecided where an item before it cannot be read */
function entry(list: Value, key: string): Later | undefined {
  if (list.kind !== 'list') throw new UndecidedList(list)
  for (const item of list.items) {
    const pair = item.value()
    if (pair.kind !== 'tuple') throw new UndecidedList(pair)
    const [name, value] = pair.items
    const known = name?.value()
    if (known?.kind !== 'atom') throw new UndecidedList(known)
    if (known.name === key) return value
  }
  return undefined
}

class UndecidedList extends Error {
  constructor(value: Value | undefined) {
    super(value?.kind === 'unknown' ? value.why : 'a list that is computed')
    this.name = 'UndecidedList'
  }
}

/**
 * What the step does where the variable has this value.
 *
 * @param allowed undefined: it is not set
 */
export function outcomeOf(module: MixModule, step: Syntax, allowed: string | undefined): StepOutcome {
  const run = startEvaluation(module, new Map([[bypassVariable, allowed]]))
  const taskArguments: Value = { kind: 'unknown', why: 'the arguments of the task' }
  const ended = tried((): StepOutcome => {
    const value = evaluate(run, step, new Map())
    if (value.kind === 'capture') {
      const own = module.functions.get(`${ownName(module, value.name)}/${value.arity}`)
      if (own === undefined)
        return { state: 'unknown', why: `\`&${value.name}/${value.arity}\` is not in mix.exs`, at: step }
      applyClauses(run, own, [taskArguments])
      return { state: 'passes' }
    }
    if (value.kind === 'function') {
      callAnonymous(run, value.node, taskArguments)
      return { state: 'passes' }
    }
    return { state: 'unknown', why: 'it is no function', at: step }
  })
  const outcome = 'value' in ended ? ended.value : ended
  return outcome.state === 'stops' ? { ...outcome, said: [...run.said, outcome.said].join('\n') } : outcome
}

function callAnonymous(run: Evaluation, node: Syntax, given: Value): void {
  const [clause, another] = node.children
  if (node.type !== 'anonymous_function') {
    // `&check(&1)`: its argument is as unknown as that of a function.
    if (clause === undefined) throw new Undecided('a function without a body', node)
    const [target, given] = clause.children
    const own =
      target === undefined
        ? undefined
        : run.module.functions.get(`${run.module.source.text.slice(target.start, target.end)}/1`)
    if (own === undefined || given?.children.length !== 1) throw new Undecided('a function that is not followed', node)
    applyClauses(run, own, [{ kind: 'unknown', why: 'the arguments of the task' }])
    return
  }
  if (clause === undefined || another !== undefined) throw new Undecided('a function of several clauses', node)
  const [left, body] = clause.children
  if (left?.type !== 'arguments') throw new Undecided('a clause with a guard', clause)
  const [parameter] = left.children
  const name = parameter === undefined ? '_' : run.module.source.text.slice(parameter.start, parameter.end)
  if (!/^[a-z_]\w*$/.test(name)) throw new Undecided('whether the arguments fit', left)
  evaluateAll(run, body?.children ?? [], new Map([[name, given]]))
}

/** What `body` gives, or how it ended otherwise. */
function tried<T>(body: () => T): { readonly value: T } | Ended {
  try {
    return { value: body() }
  } catch (error) {
    if (error instanceof Stop) return { state: 'stops', exitCode: error.exitCode, said: error.message }
    if (error instanceof Undecided) return { state: 'unknown', why: error.message, at: error.at }
    if (error instanceof UndecidedList) return { state: 'unknown', why: error.message, at: undefined }
    throw error
  }
}

type Ended = Exclude<StepOutcome, { state: 'passes' }>
