import type { Syntax } from '../shared/migrations/ecto/syntax.ts'
import type { Finding, Level } from '../shared/migrations/finding.ts'
import type { ElixirParser } from '../shared/parsers.ts'
import { startEvaluation, type Evaluation } from './mix/evaluation.ts'
import { bypassVariable, findAlias, outcomeOf } from './mix/guard-outcome.ts'
import { argumentsOf, calledName, nodesBelow, readMixModule, textOf, type MixModule } from './mix/mix-module.ts'
import type { Later } from './mix/value.ts'
import { writtenCode } from './mix/written-code.ts'
import { mixSnippet } from './mix-snippet.ts'

/** A project's mix.exs at the head of a change, and at its base. */
export interface MixExs {
  /** Relative to the repository. */
  readonly file: string
  /** Undefined where the head has none. */
  readonly text: string | undefined
  /** At the base; undefined where there was none. */
  readonly before: string | undefined
}

/** The tasks that must not run where migrations are not this repository's own. */
export const guardedTasks = ['ecto.migrate', 'ecto.rollback', 'ecto.drop'] as const

/**
 * Whether mix.exs carries aliases that stop `ecto.migrate`, `ecto.rollback` and `ecto.drop`, unless
 * ALLOW_CORE_MIGRATION is `true`. It is read, never run: what only running could tell is an error that says so. `ecto.setup`
 * and `ecto.reset` go through these aliases (Mix runs the alias of every step by name).
 *
 * @param repository `owner/name` or `name`; undefined where it is not known
 * @param reviewed whether an allowed reviewer has approved the head
 */
export function checkMixGuard(
  { file, text, before }: MixExs,
  repository: string | undefined,
  elixir: ElixirParser,
  reviewed: boolean
): readonly Finding[] {
  const name = repository?.split('/').at(-1)
  const snippet = { language: 'elixir', text: mixSnippet(name ?? namedIn(before) ?? namedIn(text) ?? 'NAME') } as const
  const found = (fault: Fault): Finding => ({
    rule: fault.rule ?? 'mix-guard',
    level: fault.level ?? 'error',
    file,
    ...(fault.span === undefined ? {} : { span: fault.span }),
    message: fault.message,
    hint: fault.hint ?? 'Put the aliases and the function below into mix.exs, beside the aliases that are there.'
  })
  if (text === undefined) {
    return [{ ...found({ message: 'There is no mix.exs, so nothing stops `mix ecto.migrate`.' }), recipe: snippet }]
  }
  const now = judge(text, name, elixir)
  const was = before === undefined ? undefined : judge(before, name, elixir)
  const broken = now.faults.some(({ level }) => level === undefined)
  const disarmed = was === undefined || was.faults.length > 0 ? [] : disarming(was, now, broken, reviewed)
  const findings = [...disarmed, ...now.faults].map(found)
  const [first, ...others] = findings
  return first === undefined || !broken ? findings : [{ ...first, recipe: snippet }, ...others]
}

/** The repository that a mix.exs tells in its message: on somebody's machine, nothing else says what it is called. */
function namedIn(text: string | undefined): string | undefined {
  return /\[SAFETY BLOCK\] Database migrations in '([\w.-]+)' are restricted/.exec(text ?? '')?.[1]
}

interface Fault {
  readonly rule?: 'guard-disarmed'
  /** `error` unless told. */
  readonly level?: Level
  readonly span?: Finding['span']
  readonly message: string
  readonly hint?: string
}

interface Judgement {
  readonly faults: readonly Fault[]
  /** All that the file does (written-code.ts). */
  readonly code: string
}

function disarming(was: Judgement, now: Judgement, broken: boolean, reviewed: boolean): readonly Fault[] {
  if (broken) {
    return [
      {
        rule: 'guard-disarmed',
        message: 'This change takes the guard of migrations out of mix.exs; before it, `mix ecto.migrate` was stopped.',
        hint: 'Restore the aliases as they were. A project that is to run migrations of its own sets `mix-guard: off` in the configuration, with a review.'
      }
    ]
  }
  if (reviewed || was.code === now.code) return []
  return [
    {
      rule: 'guard-disarmed',
      message:
        'This change alters code of mix.exs, beside which its aliases stop migrations, and nobody who may has reviewed it.',
      hint: 'Ask one of the reviewers of the configuration to approve it. Dependencies and the version need no review, where deps/0 is a plain list.'
    }
  ]
}

function judge(text: string, name: string | undefined, elixir: ElixirParser): Judgement {
  const module = readMixModule(text, elixir)
  if ('why' in module) {
    const { why, at, source } = module
    const span = at === undefined ? undefined : source.positions.span(at.start, at.end)
    return {
      faults: [{ message: `Whether mix.exs stops migrations cannot be told: ${why}.`, ...(span ? { span } : {}) }],
      code: ''
    }
  }
  const faults = [...guardedTasks.flatMap((task) => judgeTask(module, task, name)), ...waysAround(module)]
  return { faults: once(faults), code: writtenCode(module) }
}

/** The same fault of three aliases that share a function is told once. */
function once(faults: readonly Fault[]): readonly Fault[] {
  return [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()]
}

function judgeTask(module: MixModule, task: string, name: string | undefined): readonly Fault[] {
  const run: Evaluation = startEvaluation(module, new Map())
  const alias = findAlias(run, task)
  const spanOf = (at: Syntax | undefined): Pick<Fault, 'span'> =>
    at === undefined ? {} : { span: module.source.positions.span(at.start, at.end) }
  const undecided = (why: string, at: Syntax | undefined): readonly Fault[] => [
    {
      ...spanOf(at),
      message: `Whether \`mix ${task}\` is stopped cannot be told without running mix.exs: ${why}.`,
      hint: 'Write it so that it can be read: a list of aliases, and a function that looks at ALLOW_CORE_MIGRATION alone, as below.'
    }
  ]
  if (alias.state === 'absent')
    return [{ message: `Nothing stops \`mix ${task}\`: mix.exs has no alias of that name.` }]
  if (alias.state === 'unknown') return undecided(alias.why, alias.at)
  const [first, ...rest] = alias.steps
  if (first === undefined) {
    return [
      { ...spanOf(alias.at), level: 'warning', message: `\`mix ${task}\` does nothing at all: its alias is empty.` }
    ]
  }
  const outcome = (allowed: string | undefined): ReturnType<typeof outcomeOf> => outcomeOf(module, first.node, allowed)

  if (first.node.type === 'string') {
    return [
      {
        ...spanOf(first.node),
        message: `\`mix ${task}\` is not stopped at once: the first step of its alias is ${textOf(module.source, first.node)}, not the check.`
      }
    ]
  }
  for (const value of notAllowed) {
    const ended = outcome(value)
    if (ended.state === 'unknown') return undecided(ended.why, ended.at)
    const set = value === undefined ? `where ${bypassVariable} is not set` : `with ${bypassVariable}=${value}`
    if (ended.state === 'passes') {
      return [{ ...spanOf(first.node), message: `\`mix ${task}\` is not stopped ${set}: the check lets it pass.` }]
    }
    if (ended.exitCode === undefined) return undecided('with what exit code the check ends', first.node)
    if (ended.exitCode === 0) {
      return [
        {
          ...spanOf(first.node),
          message: `The check of \`mix ${task}\` ends it with exit code 0, so whoever called it takes it for done.`
        }
      ]
    }
    const fault = value === undefined ? messageFault(ended.said, name) : undefined
    if (fault !== undefined) return [{ ...fault, ...spanOf(first.node) }]
  }
  const allowed = outcome('true')
  if (allowed.state === 'unknown') return undecided(allowed.why, allowed.at)
  if (allowed.state === 'stops') {
    return [
      {
        ...spanOf(first.node),
        level: 'warning',
        message: `\`mix ${task}\` is stopped even with ${bypassVariable}=true, so throw-away databases cannot be migrated either.`
      }
    ]
  }
  return goesOn(task, rest) ? [] : [{ ...spanOf(alias.at), level: 'warning', message: neverRuns(task) }]
}

/** States of the variable that must stop: the last is for a check that lists what does not allow. */
const notAllowed = [undefined, '', 'false', 'no', '0', 'False', 'whatever else'] as const

function neverRuns(task: string): string {
  return `With ${bypassVariable}=true, \`mix ${task}\` does nothing and ends well: "${task}" is no step of its own alias.`
}

function messageFault(said: string, name: string | undefined): Fault | undefined {
  const told = /\[SAFETY BLOCK\] Database migrations in '([^']*)' are restricted/.exec(said)
  const wanted = `[SAFETY BLOCK] Database migrations in '${name ?? 'REPOSITORY'}' are restricted`
  if (told === null) return { message: `The check stops migrations without the message "${wanted}".` }
  const [, repository = ''] = told
  // What is computed is not known here, and may be right.
  if (name === undefined || repository.includes('\u{FFFC}') || repository.split('/').at(-1) === name) return undefined
  return {
    level: 'warning',
    message: `The check's message names '${repository}', and this is '${name}'.`,
    hint: `Write: ${wanted}`
  }
}

/** Mix runs the task itself where a step of its alias has its name. */
function goesOn(task: string, steps: readonly Later[]): boolean {
  return steps.some(({ node, value }) => {
    if (node.type !== 'string') return false
    const step = value()
    return step.kind === 'string' && step.text.split(/\s/)[0] === task
  })
}

/** What in mix.exs reaches the database past the aliases, or lets itself through. */
function waysAround(module: MixModule): readonly Fault[] {
  const { source } = module
  const faults: Fault[] = []
  for (const node of nodesBelow(source.root)) {
    const span = source.positions.span(node.start, node.end)
    const written = textOf(source, node)
    // In text, only a step that runs something counts: a message may name these things.
    const step = node.type === 'quoted_content' && /^\s*(cmd|run|eval)\b/.test(written)
    const direct =
      node.type === 'alias' || step
        ? /\bMix\.Tasks\.Ecto\.(Migrate|Rollback|Drop)\b|\bEcto\.Migrator\b/.exec(written)
        : null
    if (direct !== null) faults.push({ span, message: `mix.exs calls ${direct[0]} itself, past the aliases.` })
    const called = calledName(source, node) ?? ''
    const puts = ['System.put_env', ':os.putenv'].includes(called)
    const sets = puts && argumentsOf(node).some((given) => textOf(source, given).includes(bypassVariable))
    if (sets || (step && written.includes(`${bypassVariable}=`))) {
      faults.push({ span, message: `mix.exs sets ${bypassVariable} itself, so the check lets everything pass.` })
    }
  }
  return faults
}
