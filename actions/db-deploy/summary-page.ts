import type { Remark } from '../shared/problem.ts'
import { heading, type Markdown } from '../shared/summary.ts'
import type { RunRecord } from './record.ts'
import { verdictOf } from './summary-verdict.ts'

/** The page that people see of a run, however it ended: the verdict first, then what they need next. */
export function summaryOf(
  record: RunRecord,
  _remarks: readonly Remark[],
  _notChecked: readonly string[]
): readonly Markdown[] {
  return [heading(record.status === 'failed' ? 3 : 2, verdictOf(record))]
}
