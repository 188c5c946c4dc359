import type { Problem, Remark } from '../shared/problem.ts'
import { readableDuration } from './duration.ts'
import type { TelemetryInputs } from './inputs.ts'
import type { Stage } from './record.ts'
import { stagesOf } from './telemetry/time-limits.ts'

/** What has been timed: the stages that ran, and the whole. Milliseconds since the epoch. */
export interface TimedRun {
  readonly stages: readonly Stage[]
  readonly startedAt: number
  readonly finishedAt: number
}

/**
 * Compares what was timed with the limits, after the fact: nothing is interrupted by them. Stages of one name count
 * together, and what did not run is not judged.
 * @returns what fails the run by `fail-after`, and what `warn-after` has to say of the rest
 */
export function judgeTimes(
  run: TimedRun,
  { warnAfter, failAfter }: Pick<TelemetryInputs, 'warnAfter' | 'failAfter'>
): { readonly problems: readonly Problem[]; readonly remarks: readonly Remark[] } {
  const exceeding = (limits: ReadonlyMap<string, number>, input: string): ReadonlyMap<string, Problem> =>
    new Map(
      [...limits].flatMap(([name, limit]): [string, Problem][] => {
        const took = timeOf(name, run)
        return took === undefined || took <= limit ? [] : [[name, tooLong(name, took, limit, input)]]
      })
    )
  const failing = exceeding(failAfter, 'fail-after')
  const warning = [...exceeding(warnAfter, 'warn-after')].filter(([name]) => !failing.has(name))
  return {
    problems: [...failing.values()],
    remarks: warning.map(([, problem]) => ({ level: 'warning', problem }))
  }
}

function timeOf(name: string, { stages, startedAt, finishedAt }: TimedRun): number | undefined {
  if (name === 'total') return finishedAt - startedAt
  const names = stagesOf.get(name) ?? [name]
  const ran = stages.filter((stage) => names.includes(stage.name) && stage.result !== 'skipped')
  return ran.length === 0 ? undefined : ran.reduce((sum, stage) => sum + stage.finishedAt - stage.startedAt, 0)
}

function tooLong(name: string, took: number, limit: number, input: string): Problem {
  const what = name === 'total' ? 'The run' : `The stage ${name}`
  return {
    code: 'took-too-long',
    message: `${what} took ${readableDuration(took)}, and ${input} allows ${readableDuration(limit)}.`,
    hint: 'Nothing was interrupted, and what was done stands. Look at the times in the job summary; split what is slow, or raise the limit where this is to be expected.'
  }
}
