import type { Remark } from '../shared/problem.ts'
import { executable, type Action, type Executable, type Outcome, type Report } from '../shared/phases.ts'
import { writeAll, type Written } from './apply-writes.ts'
import { readInputs, type Inputs } from './inputs.ts'
import { inspect, type Facts } from './inspect.ts'
import { plan, type GuardPlan } from './plan.ts'
import { readBack } from './read-back.ts'
import { reportVerdict } from './report.ts'

/** Judges what a change does to migrations, and says so where it is to be read. */
export const judgeMigrations: Action<Inputs, Facts, GuardPlan, readonly Remark[], Written> = {
  name: 'migration-guard',
  readInputs,
  inspect,
  plan,
  async apply(_inputs, { access }, { steps }, world, record) {
    if (access === undefined) throw new TypeError('steps are planned only where there is a token')
    return writeAll(access, steps, world, record)
  },
  async verify(_inputs, { access }, _plan, world, written) {
    const back = access === undefined ? [] : await readBack(access, written, world)
    return [...written.remarks, ...back]
  },
  report
}

export const migrationGuard: Executable = executable(judgeMigrations)

function report(outcome: Outcome<Inputs, Facts, GuardPlan, readonly Remark[]>): Report {
  const { facts, inputs } = outcome
  const remarks: readonly Remark[] = [
    ...(facts?.files.problems ?? []).map((problem) => ({ level: 'warning' as const, problem })),
    ...(facts?.writes.remarks ?? []),
    ...('verified' in outcome ? (outcome.verified ?? []) : [])
  ]
  const told = reportVerdict({
    verdict: facts?.verdict,
    files: facts?.files,
    notes: {
      steps: outcome.plan?.steps ?? [],
      dryRun: inputs.dryRun,
      notDone: remarks.map(({ problem }) => `${problem.message} ${problem.hint}`)
    }
  })
  return { ...told, remarks: [...(told.remarks ?? []), ...remarks] }
}
