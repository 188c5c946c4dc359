import type { Remark } from '../shared/problem.ts'
import { executable, type Action, type Executable, type Outcome, type Report } from '../shared/phases.ts'
import { line } from '../shared/summary.ts'
import { writeAll, type Written } from './apply-writes.ts'
import { readInputs, type Inputs } from './inputs.ts'
import { inspect, type Facts } from './inspect.ts'
import { plan, type GuardPlan } from './plan.ts'
import { readBack } from './read-back.ts'
import { reportVerdict, type Told } from './report.ts'

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
  if (facts === undefined) return { ...reportVerdict(nothingJudged), summary: [line(staleWords)] }
  const remarks: readonly Remark[] = [
    ...facts.files.problems.map((problem) => ({ level: 'warning' as const, problem })),
    ...facts.writes.remarks,
    ...('verified' in outcome ? (outcome.verified ?? []) : [])
  ]
  const told = reportVerdict({
    verdict: facts.verdict,
    files: facts.files,
    notes: {
      steps: outcome.plan?.steps ?? [],
      dryRun: inputs.dryRun,
      notDone: remarks.map(({ problem }) => `${problem.message} ${problem.hint}`)
    }
  })
  return { ...told, remarks: [...(told.remarks ?? []), ...remarks] }
}

const nothingJudged: Told = { verdict: undefined, files: undefined, notes: { steps: [], dryRun: false, notDone: [] } }

/** Nothing is written before a change is judged, so that what an earlier run wrote is still there. */
const staleWords =
  'This run could not judge. A comment on the pull request, or a commit status, is of an earlier run, and holds for the state that it names only.'
