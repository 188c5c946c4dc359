import { evaluate, evaluateBody } from './evaluate.ts'
import { callOf, readAlias, sectionOf } from './functions.ts'
import { fit } from './pattern.ts'
import { readFrom } from './query.ts'
import { conditionally, inDirection, type Run } from './run.ts'
import { innerScope, type Scope } from './scope.ts'
import type { Syntax } from './syntax.ts'
import { openTable } from './table-block.ts'
import { nil, unknown, type Value } from './value.ts'

/** A call whose arguments are not simply evaluated first: Elixir's special forms and Ecto's macros with blocks. */
export interface Form {
  readonly node: Syntax
  readonly arguments: readonly Syntax[]
  readonly piped: readonly Value[]
  readonly scope: Scope
  readonly discarded: boolean
  /** The body, where it is not written as a block: the right side of `&&`. */
  readonly then?: readonly Syntax[]
}

type FormReader = (run: Run, form: Form) => Value

export const controlFlow: Readonly<Record<string, FormReader>> = {
  if: (run, form) => branch(run, form, 'do', 'else'),
  unless: (run, form) => branch(run, form, 'else', 'do'),
  case: readCase,
  cond: readCond,
  for: readFor,
  with: readWith,
  try: readTry,
  create: (run, form) => openTable(run, form, 'create'),
  create_if_not_exists: (run, form) => openTable(run, form, 'create_if_not_exists'),
  alter: (run, form) => openTable(run, form, 'alter'),
  from: readFrom,
  quote: () => unknown('quoted code'),
  alias: (run, { node, scope }) => {
    const call = callOf(run.source.text, node)
    const names = call === undefined ? [] : readAlias(run.source.text, call)
    for (const [short, full] of names) scope.variables.set(short, { kind: 'module', name: full })
    return nil
  },
  import: () => nil,
  require: () => nil,
  use: () => nil
}

function truth(value: Value): boolean | undefined {
  if (value.kind === 'atom') return value.name !== 'false' && value.name !== 'nil'
  return value.kind === 'unknown' || value.kind === 'direction' ? undefined : true
}

function branch(run: Run, form: Form, whenTrue: 'do' | 'else', whenFalse: 'do' | 'else'): Value {
  const [first] = form.arguments
  const condition = form.piped[0] ?? (first === undefined ? nil : evaluate(run, first, form.scope))
  const body = (section: string): readonly Syntax[] =>
    section === 'do' && form.then !== undefined ? form.then : (sectionOf(run.source.text, form.node, section) ?? [])
  const take = (section: string): Value => evaluateBody(run, body(section), innerScope(form.scope), form.discarded)

  if (condition.kind === 'direction' && condition.is !== undefined) {
    const { is } = condition
    let value: Value = nil
    inDirection(run, is, () => {
      value = take(whenTrue)
    })
    inDirection(run, is === 'up' ? 'down' : 'up', () => {
      const other = take(whenFalse)
      if (run.mode === 'down' && value.kind === 'atom') value = other
    })
    return value
  }
  const known = truth(condition)
  if (known !== undefined) return take(known ? whenTrue : whenFalse)
  return conditionally(run, () => either(take('do'), take('else')))
}

/** The value of branches of which one is taken: known where they agree. */
function either(...values: readonly Value[]): Value {
  const [first, ...rest] = values
  if (first?.kind === 'atom' && rest.every((value) => value.kind === 'atom' && value.name === first.name)) return first
  return unknown('a value that depends on a condition')
}

interface Clause {
  readonly pattern: Syntax | undefined
  readonly guarded: boolean
  readonly body: readonly Syntax[]
}

function clausesOf(nodes: readonly Syntax[]): readonly Clause[] {
  return nodes
    .filter(({ type }) => type === 'stab_clause')
    .map((clause) => {
      const head = clause.children.find(({ type }) => type !== 'body')
      const guarded = head?.type === 'binary_operator' && head.token === 'when'
      const list = guarded ? head.children[0] : head
      const pattern = list?.type === 'arguments' ? list.children[0] : list
      return { pattern, guarded, body: clause.children.find(({ type }) => type === 'body')?.children ?? [] }
    })
}

function readCase(run: Run, form: Form): Value {
  const [first] = form.arguments
  const subject = form.piped[0] ?? (first === undefined ? nil : evaluate(run, first, form.scope))
  const clauses = clausesOf(sectionOf(run.source.text, form.node, 'do') ?? [])
  return chooseClause(run, subject, clauses, form)
}

function chooseClause(run: Run, subject: Value, clauses: readonly Clause[], form: Form): Value {
  const values: Value[] = []
  const body = (clause: Clause, scope: Scope): Value => evaluateBody(run, clause.body, scope, form.discarded)
  for (const clause of clauses) {
    const scope = innerScope(form.scope)
    const { pattern } = clause
    const written = pattern === undefined ? '' : run.source.text.slice(pattern.start, pattern.end)
    if (subject.kind === 'direction' && subject.is === undefined && (written === ':up' || written === ':down')) {
      inDirection(run, written === ':up' ? 'up' : 'down', () => values.push(body(clause, scope)))
      continue
    }
    const fits = pattern === undefined ? 'perhaps' : fit(run, pattern, subject, scope)
    if (fits === 'no') continue
    if (fits === 'yes' && !clause.guarded && values.length === 0 && subject.kind !== 'unknown')
      return body(clause, scope)
    values.push(conditionally(run, () => body(clause, scope)))
  }
  return values.length === 1 ? (values[0] ?? nil) : either(...values)
}

function readCond(run: Run, form: Form): Value {
  const values: Value[] = []
  for (const clause of clausesOf(sectionOf(run.source.text, form.node, 'do') ?? [])) {
    const condition = clause.pattern === undefined ? nil : evaluate(run, clause.pattern, form.scope)
    const body = (): Value => evaluateBody(run, clause.body, innerScope(form.scope), form.discarded)
    const known = truth(condition)
    if (condition.kind === 'direction' && condition.is !== undefined) {
      inDirection(run, condition.is, () => values.push(body()))
    } else if (known === undefined) {
      values.push(conditionally(run, body))
    } else if (known) {
      values.push(values.length === 0 ? body() : conditionally(run, body))
      break
    }
  }
  return either(...values)
}

/** Longer lists are no list of tables that somebody wrote down. */
export const longestLoop = 300

/** A comprehension over lists that are written down runs once for each item, any other once with unknown values. */
function readFor(run: Run, form: Form): Value {
  const body = sectionOf(run.source.text, form.node, 'do') ?? []
  const clauses = form.arguments.filter(({ type }) => type !== 'keywords')
  const results: Value[] = []
  const unknownLists: Syntax[] = []
  const enter = (index: number, scope: Scope): void => {
    const clause = clauses[index]
    if (clause === undefined) {
      results.push(evaluateBody(run, body, innerScope(scope), form.discarded))
      return
    }
    const [pattern, source] = clause.children
    if (clause.type !== 'binary_operator' || clause.token !== '<-' || pattern === undefined || source === undefined) {
      const filter = truth(evaluate(run, clause, scope))
      if (filter === undefined)
        conditionally(run, () => {
          enter(index + 1, scope)
        })
      else if (filter) enter(index + 1, scope)
      return
    }
    const list = evaluate(run, source, scope)
    if (list.kind !== 'list' || list.items.length > longestLoop) {
      unknownLists.push(source)
      const inner = innerScope(scope)
      fit(run, pattern, unknown('a value of a loop'), inner)
      conditionally(run, () => {
        enter(index + 1, inner)
      })
      return
    }
    for (const item of list.items) {
      const inner = innerScope(scope)
      const fits = fit(run, pattern, item, inner)
      if (fits === 'yes') enter(index + 1, inner)
      else if (fits === 'perhaps')
        conditionally(run, () => {
          enter(index + 1, inner)
        })
    }
  }
  enter(0, form.scope)
  return unknownLists.length === 0 ? { kind: 'list', items: results } : unknown('a list computed while it runs')
}

function readWith(run: Run, form: Form): Value {
  const scope = innerScope(form.scope)
  for (const clause of form.arguments) {
    const [pattern, source] = clause.children
    if (clause.type === 'binary_operator' && clause.token === '<-' && pattern !== undefined && source !== undefined) {
      fit(run, pattern, evaluate(run, source, scope), scope)
    } else if (clause.type !== 'keywords') {
      evaluate(run, clause, scope)
    }
  }
  return conditionally(run, () => {
    const value = evaluateBody(run, sectionOf(run.source.text, form.node, 'do') ?? [], scope, form.discarded)
    const otherwise = clausesOf(sectionOf(run.source.text, form.node, 'else') ?? [])
    return otherwise.length === 0 ? value : either(value, chooseClause(run, unknown('a value'), otherwise, form))
  })
}

function readTry(run: Run, form: Form): Value {
  const section = (name: string): readonly Syntax[] => sectionOf(run.source.text, form.node, name) ?? []
  const value = evaluateBody(run, section('do'), innerScope(form.scope), form.discarded)
  conditionally(run, () => {
    for (const name of ['rescue', 'catch', 'else']) {
      chooseClause(run, unknown('an error'), clausesOf(section(name)), { ...form, discarded: true })
    }
  })
  evaluateBody(run, section('after'), innerScope(form.scope), true)
  return value
}
