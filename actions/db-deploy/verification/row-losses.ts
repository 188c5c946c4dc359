import type { Check } from '../check.ts'
import type { CountedTable, RowCount } from './count-rows.ts'

/** What became of a table that was counted before. */
export interface TableAfter {
  readonly before: CountedTable
  /** Undefined: it was not counted. `gone`: no table has its oid or its name any more. */
  readonly after: RowCount | 'gone' | undefined
}

/** Of an application that is running rows come and go: less than this share of a table is told and is no warning. */
const noticeable = 0.01

/** Estimates follow only after VACUUM or ANALYZE, and are rough. */
const noticeableByEstimate = 0.5

/** Tables that have fewer rows than before. A warning: a migration may mean to delete, and only people know. */
export function lossCheck(tables: readonly TableAfter[]): Check {
  const losses = tables.filter(({ before, after }) => isLoss(before.rows, after))
  const smaller = tables.filter(
    ({ before, after }) =>
      after !== undefined && after !== 'gone' && before.rows.exact && after.exact && after.count < before.rows.count
  )
  const check = { id: 'rows-lost', title: 'Rows before and after' }
  if (losses.length === 0) {
    const few = smaller.length === 0 ? '' : `; a few fewer rows in ${listed(smaller)}`
    return { ...check, result: 'ok', told: `${tables.length} tables compared, no rows lost${few}` }
  }
  return {
    ...check,
    result: 'warning',
    told: listed(losses),
    problem: {
      code: 'rows-lost',
      message: `There are fewer rows than before the migrations: ${listed(losses)}.`,
      hint: 'Where the migrations or the application were to delete these rows, all is well; else stop here and restore the backup of this run.'
    }
  }
}

function isLoss(before: RowCount, after: TableAfter['after']): boolean {
  if (after === undefined || before.count === 0) return false
  if (after === 'gone') return true
  const lost = before.count - after.count
  if (!before.exact || !after.exact) return lost > before.count * noticeableByEstimate
  return lost > 0 && (after.count === 0 || lost >= before.count * noticeable)
}

/** As many as a line holds. */
const mostListed = 10

function listed(tables: readonly TableAfter[]): string {
  const shown = tables.slice(0, mostListed).map(({ before, after }) => {
    const left = after === undefined ? 'not counted' : after === 'gone' ? 'gone' : figure(after)
    return `${before.table} ${figure(before.rows)} → ${left}`
  })
  const more = tables.length - shown.length
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

/** `1,234`; an estimate as `about 1,234`. */
export function figure({ count, exact }: Pick<RowCount, 'count' | 'exact'>): string {
  return `${exact ? '' : 'about '}${count.toLocaleString('en-US')}`
}
