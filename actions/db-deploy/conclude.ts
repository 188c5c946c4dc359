import type { Execution } from '../shared/phases.ts'
import type { World } from '../shared/world.ts'
import type { Inputs } from './inputs.ts'
import { judgeTimes } from './judge-times.ts'
import type { RunRecord } from './record.ts'
import { reportRun } from './report.ts'
import { verdictOf } from './summary-verdict.ts'
import { announce } from './telemetry/announce.ts'
import { unhidden } from './read-urls.ts'

/**
 * The last word on a run: `fail-after` judges it, those who asked for it are told, and the report says both. A run that has
 * failed keeps its own reasons first.
 */
export async function conclude(ended: Execution, known: RunRecord, inputs: Inputs, world: World): Promise<Execution> {
  const late = judgeTimes(known, inputs.telemetry)
  const record: RunRecord =
    late.problems.length === 0
      ? known
      : {
          ...known,
          status: 'failed',
          problems: [...known.problems, ...late.problems],
          // What was to be done is done; the time that it took fails the run.
          judged: known.judged === true || known.status !== 'failed'
        }
  world.log.info(verdictOf(record).line)
  const remarks = [...late.remarks, unhidden(inputs.urls)].filter((remark) => remark !== undefined)
  const report = reportRun(record, [...remarks, ...(await announce(record, inputs, world, remarks))])
  return {
    ...ended,
    status: record.status,
    problems: record.problems,
    // What was to be done is done; the time that it took fails the run.
    judged: ended.judged || (ended.status !== 'failed' && record.status === 'failed'),
    report,
    receipt: { ...ended.receipt, status: record.status, problems: record.problems }
  }
}
