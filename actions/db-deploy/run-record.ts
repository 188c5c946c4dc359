import type { Outcome, Plan } from '../shared/phases.ts'
import type { Problem } from '../shared/problem.ts'
import type { Inputs } from './inputs.ts'
import { cancelledCode, type Journal } from './journal.ts'
import type { RunRecord } from './record.ts'

/** What is known of the run when it has ended. Pure but for the journal, which is at its end. */
export function recordOf(
  outcome: Outcome<Inputs, unknown, Plan, unknown>,
  journal: Journal,
  times: Pick<RunRecord, 'startedAt' | 'finishedAt'>
): RunRecord {
  return record(outcome.inputs, endOf(outcome), journal, times)
}

/** The same of a run that ended before it began: inputs that are wrong. */
export function recordOfRefusal(
  inputs: Inputs,
  problems: readonly Problem[],
  journal: Journal,
  times: Pick<RunRecord, 'startedAt' | 'finishedAt'>
): RunRecord {
  return record(inputs, { status: 'failed', problems }, journal, times)
}

type End = Pick<RunRecord, 'status' | 'problems' | 'judged'>

function endOf(outcome: Outcome<Inputs, unknown, Plan, unknown>): End {
  if (outcome.status === 'failed') return { status: 'failed', problems: outcome.problems }
  const { verdict } = outcome.plan
  if (verdict === undefined) return { status: outcome.status, problems: [] }
  return { status: verdict.failed ? 'failed' : 'passed', problems: verdict.problems, judged: verdict.failed }
}

function record(
  inputs: Inputs,
  end: End,
  journal: Journal,
  times: Pick<RunRecord, 'startedAt' | 'finishedAt'>
): RunRecord {
  const { environment, production } = inputs.production
  return {
    command: inputs.command,
    ...end,
    cancelled: end.problems.some(({ code }) => code === cancelledCode),
    context: inputs.context,
    environment: environment === '' ? 'production' : environment,
    production,
    ...times,
    stages: journal.stages,
    learned: journal.learned
  }
}
