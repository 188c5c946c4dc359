import { endedExecution, type Execution, type Report } from '../shared/phases.ts'
import type { World } from '../shared/world.ts'
import { cancelledCode, type Journal } from './journal.ts'

/** Milliseconds that a cancelled run may take to leave things in order; two more are for telling it. */
const order = 4_000

/**
 * The run, or undefined once it was cancelled and has had its time: a server that does not answer must not keep the job from
 * telling what is known. The step after it takes up what was left.
 */
export function inTime<T>(run: Promise<T>, { cancelled }: Pick<World, 'cancelled'>): Promise<T | undefined> {
  const overdue = new Promise<undefined>((resolve) => {
    const begin = (): void => {
      setTimeout(() => {
        resolve(undefined)
      }, order).unref()
    }
    if (cancelled.aborted) begin()
    else cancelled.addEventListener('abort', begin, { once: true })
  })
  return Promise.race([run, overdue])
}

/** What is told of a run that did not end in its time. */
export function notInOrder(run: Parameters<typeof endedExecution>[0], { stages }: Journal): Execution {
  const last = stages.at(-1)
  const problem = {
    code: cancelledCode,
    message: `The job was cancelled${last === undefined ? '' : ` during “${last.title}”`}, and what was under way did not end in ${order / 1_000} seconds: what it left is not known yet.`,
    hint: 'The step after this one looks again and says it in a summary of its own. Where there is none, look at `pg_stat_activity` for sessions named `release-actions/db-deploy`, and run `command: status`.'
  }
  return endedExecution(run, {
    tag: undefined,
    status: 'failed',
    problems: [problem],
    writing: true,
    done: 0,
    judged: false,
    report: nothing
  })
}

const nothing: Report = { outputs: {}, summary: [], targets: [], notChecked: [] }
