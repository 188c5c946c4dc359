import type { Report } from '../shared/phases.ts'
import type { Remark } from '../shared/problem.ts'
import { outputsOf } from './report-outputs.ts'
import type { RunRecord } from './record.ts'
import { summaryOf } from './summary-page.ts'
import { notCheckedOf } from './report-not-checked.ts'
import { receiptTargets } from './report-receipt.ts'

/**
 * Tells a run, however it ended: outputs (besides `status` and `receipt`, which `run.ts` adds), summary, its part of the
 * receipt, and what is to be annotated besides the problems of a failed run. Pure: the record has everything.
 * @param further what was noted outside of the record: times that were too long, Slack that did not answer
 */
export function reportRun(record: RunRecord, further: readonly Remark[] = []): Report {
  const remarks = [...remarksOf(record), ...further]
  const notChecked = notCheckedOf(record)
  return {
    outputs: outputsOf(record),
    summary: summaryOf(record, remarks, notChecked),
    targets: receiptTargets(record),
    notChecked,
    ...(record.learned.runbook === undefined || record.learned.runbook.length === 0
      ? {}
      : {
          written:
            'What is in the database now, and what to do about it, stands in the runbook below, in the job summary.'
        }),
    remarks
  }
}

/** What was looked at, and passes with a warning. */
function remarksOf({ learned }: RunRecord): readonly Remark[] {
  const checks = [...(learned.preflight ?? []), ...(learned.verification ?? [])]
  return checks.flatMap((check): Remark[] =>
    check.result === 'warning' ? [{ level: 'warning', problem: check.problem }] : []
  )
}
