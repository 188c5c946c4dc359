import { createInputReader, type InputReader } from './inputs.ts'
import { ActionError, type Problem, type Remark } from './problem.ts'
import type { Receipt, ReceiptTarget, Status } from './receipt.ts'
import { readRunContext, type RunContext } from './run-context.ts'
import type { Markdown } from './summary.ts'
import type { World } from './world.ts'

/**
 * One thing a run will do, or found done. `unchanged`: what is there is what is wanted. `blocked`: it cannot be done,
 * and a problem says why.
 */
export interface Step {
  readonly kind: 'create' | 'update' | 'unchanged' | 'blocked'
  /** What it is about, as a user names it: a file, a release. */
  readonly target: string
  /** What is there now, where anything is. */
  readonly there?: string
  readonly wanted: string
  readonly why: string
}

export interface Plan {
  readonly steps: readonly Step[]
  /** There is nothing to write, but what an earlier run wrote is still to be waited for (`settle`). */
  readonly unsettled?: boolean
  /**
   * What the run was to judge and found wanting. It is told, and fails the run, once the plan was carried out: a
   * judgement is written on its pull request most of all when it is a bad one. With it, a dry run judges too.
   */
  readonly verdict?: { readonly failed: boolean; readonly problems: readonly Problem[] }
}

/** What run.ts can run: an `Action` behind `execute`, or the choice between several. */
export interface Executable {
  readonly name: string
  /** It hears `world.cancelled`, and ends by itself in the seconds that a cancelled job leaves. */
  readonly endsInOrder?: boolean
  execute(world: World, env: NodeJS.ProcessEnv): Promise<Execution>
}

/** An action as something that can be run. */
export function executable<I extends CommonInputs, F, P extends Plan, V, A>(action: Action<I, F, P, V, A>): Executable {
  return { name: action.name, execute: (world, env) => execute(action, world, env) }
}

/** The inputs every action has. */
export interface CommonInputs {
  readonly tag: string | undefined
  readonly dryRun: boolean
}

/** How a run ended, with everything known by then. */
export type Outcome<I, F, P, V> =
  | {
      readonly status: 'published'
      readonly inputs: I
      readonly facts: F
      readonly plan: P
      readonly done: readonly Step[]
      readonly verified: V
    }
  | {
      readonly status: 'unchanged'
      readonly inputs: I
      readonly facts: F
      readonly plan: P
      /** What `settle` found; absent where the plan was settled already. */
      readonly verified?: V
    }
  | { readonly status: 'planned'; readonly inputs: I; readonly facts: F; readonly plan: P }
  | {
      readonly status: 'failed'
      readonly problems: readonly Problem[]
      readonly inputs: I
      readonly facts?: F
      readonly plan?: P
      /** Whether writing had begun, and what was written until then. */
      readonly writing: boolean
      readonly done: readonly Step[]
    }

/** What is told of a run: outputs (besides `status` and `receipt`), summary, and the action's part of the receipt. */
export interface Report {
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: readonly Markdown[]
  readonly targets: readonly ReceiptTarget[]
  readonly notChecked: readonly string[]
  /** Of a failed run in which writing had begun: what is so now, in a sentence or two, where more is known than how many steps were done. */
  readonly written?: string
  /** What is to be annotated besides the problems of a failed run. */
  readonly remarks?: readonly Remark[]
}

/**
 * An action: its phases, each in a room of its own. Only `apply` writes.
 * `A`: what apply learns that verify needs, such as the id of what it made.
 */
export interface Action<I extends CommonInputs, F, P extends Plan, V, A = void> {
  readonly name: string
  /** Reads and checks the inputs; what is wrong goes to `reader.reject`. */
  readInputs(reader: InputReader, context: RunContext): I
  /** Reads local files and remote state. Throws `ActionError` only where nothing more can be found out. */
  inspect(inputs: I, world: World): Promise<F>
  /** Pure: the plan, or every problem at once. */
  plan(inputs: I, facts: F): { readonly plan: P } | { readonly problems: readonly Problem[] }
  /** Does what the plan says; calls `record` after each step that is done. */
  apply(inputs: I, facts: F, plan: P, world: World, record: (step: Step) => void): Promise<A>
  /** Reads back what was written. Throws where it is not as planned. */
  verify(inputs: I, facts: F, plan: P, world: World, applied: A): Promise<V>
  /** Waits, without a write, for what an earlier run wrote. Only where a plan can be `unsettled`. */
  settle?(inputs: I, facts: F, plan: P, world: World): Promise<V>
  report(outcome: Outcome<I, F, P, V>): Report
}

/** A run that has ended, ready to be told to the runner. */
export interface Execution {
  readonly status: Status
  readonly problems: readonly Problem[]
  /** Whether writing had begun, and how many steps were done. */
  readonly writing: boolean
  readonly done: number
  /** It failed by its verdict alone: everything that was to be done is done, and the report tells the problems. */
  readonly judged: boolean
  readonly report: Report
  readonly receipt: Receipt
  /** What was thrown and is no `ActionError`: a bug of the action. */
  readonly bug?: unknown
  /** Called when everything of it has been told: outputs, summary, receipt. */
  readonly afterTelling?: () => void
}

/**
 * Runs the phases: inspect → plan → apply → verify → report. `dry-run` stops after the plan; a plan without writes
 * ends there too, because inspect has just read what is there. Writes no outputs: run.ts does. A bug in a phase is a
 * failed run like any other, so that what was written until then is still told.
 */
export async function execute<I extends CommonInputs, F, P extends Plan, V, A>(
  action: Action<I, F, P, V, A>,
  world: World,
  env: NodeJS.ProcessEnv
): Promise<Execution> {
  const startedAt = world.clock.now()
  const context = readRunContext(env)
  const reader = createInputReader(env, world.secrets)

  const done: Step[] = []
  const finish = (
    tag: string | undefined,
    status: Status,
    report: Report,
    problems: readonly Problem[],
    writing: boolean,
    judged = false
  ): Execution =>
    endedExecution(
      { action: action.name, context, startedAt, finishedAt: world.clock.now() },
      { tag, status, problems, writing, done: done.length, judged, report }
    )

  const inputs = action.readInputs(reader, context)
  if (reader.problems.length > 0) return finish(inputs.tag, 'failed', emptyReport, reader.problems, false)

  let facts: F | undefined
  let plan: P | undefined
  let writing = false
  const end = (outcome: Outcome<I, F, P, V>): Execution => {
    const report = action.report(outcome)
    if (outcome.status === 'failed') return finish(inputs.tag, 'failed', report, outcome.problems, writing)
    const { verdict } = outcome.plan
    if (verdict === undefined) return finish(inputs.tag, outcome.status, report, [], writing)
    const judged = verdict.failed ? 'failed' : 'passed'
    return finish(inputs.tag, judged, report, verdict.problems, writing, judged === 'failed')
  }
  const failed = (problems: readonly Problem[]): Execution =>
    end({
      status: 'failed',
      problems,
      inputs,
      ...(facts === undefined ? {} : { facts }),
      ...(plan === undefined ? {} : { plan }),
      writing,
      done
    })
  try {
    facts = await world.log.group('Inspect', () => action.inspect(inputs, world))
    const planned = action.plan(inputs, facts)
    if ('problems' in planned) return failed(planned.problems)
    plan = planned.plan
    for (const step of plan.steps) world.log.info(told(step))
    if (inputs.dryRun) return end({ status: 'planned', inputs, facts, plan })
    if (!plan.steps.some((step) => step.kind === 'create' || step.kind === 'update')) {
      const settled = { inputs, facts, plan }
      const verified =
        plan.unsettled === true
          ? await world.log.group('Verify', async () => action.settle?.(inputs, settled.facts, settled.plan, world))
          : undefined
      return end({ status: 'unchanged', ...settled, ...(verified === undefined ? {} : { verified }) })
    }
    writing = true
    const known = { facts, plan }
    const applied = await world.log.group('Apply', () =>
      action.apply(inputs, known.facts, known.plan, world, (step) => {
        done.push(step)
      })
    )
    const verified = await world.log.group('Verify', () =>
      action.verify(inputs, known.facts, known.plan, world, applied)
    )
    return end({ status: 'published', inputs, facts, plan, done, verified })
  } catch (error) {
    const judged = plan?.verdict?.problems ?? []
    if (error instanceof ActionError) return failed([...error.problems, ...judged])
    return { ...failed([bugProblem(action.name, error), ...judged]), bug: error }
  }
}

/** An execution with the receipt of what it came to. Times are milliseconds since the epoch. */
export function endedExecution(
  run: {
    readonly action: string
    readonly context: RunContext
    readonly startedAt: number
    readonly finishedAt: number
  },
  { tag, ...end }: Omit<Execution, 'receipt'> & { readonly tag: string | undefined }
): Execution {
  const { context } = run
  return {
    ...end,
    receipt: {
      receiptVersion: 1,
      action: run.action,
      status: end.status,
      tag: tag ?? null,
      commit: context.sha ?? null,
      repository: context.repository ?? null,
      runUrl: context.runUrl ?? null,
      startedAt: new Date(run.startedAt).toISOString(),
      finishedAt: new Date(run.finishedAt).toISOString(),
      targets: end.report.targets,
      notChecked: end.report.notChecked,
      problems: end.problems
    }
  }
}

/** What is told of an error that no code expected. */
export function bugProblem(action: string, error: unknown): Problem {
  return {
    code: 'bug',
    message: `${action} met something it does not expect: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'This is a bug in the action. Please report it with this log; running it again is safe.'
  }
}

const emptyReport: Report = { outputs: {}, summary: [], targets: [], notChecked: [] }

function told(step: Step): string {
  const there = step.there === undefined ? '' : `, there: ${step.there}`
  return `${step.kind.padEnd(9)} ${step.target}: ${step.wanted}${there} (${step.why})`
}
