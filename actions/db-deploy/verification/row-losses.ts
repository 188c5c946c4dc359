import type { Check } from '../check.ts'
import { counted, grouped } from '../counted.ts'
import type { CountedTable, RowCount } from './count-rows.ts'

/** What became of a table that was counted before. */
export interface TableAfter {
  readonly before: CountedTable
  /** Undefined: it was not counted. `gone`: no table has its oid or its name any more. */
  readonly after: RowCount | 'gone' | undefined
  /** A table of its name is there, and it is another one. */
  readonly remade: boolean
}

/** Of an application that is running rows come and go: less than this share of a table is told and is no warning. */
const noticeable = 0.01

/** Estimates follow only after VACUUM or ANALYZE: autovacuum analyses a table when a tenth of it has changed. */
const noticeableByEstimate = 0.25

/**
 * Tables that have fewer rows than before. A warning: a migration may mean to delete, and only people know. That no rows are
 * lost is said of tables that were counted both times, and of no others.
 */
export function lossChecks(tables: readonly TableAfter[]): readonly Check[] {
  const check = { id: 'rows-lost', title: 'Rows before and after' }
  const losses = tables.filter((table) => isLoss(table))
  const rest = tables.filter((table) => !losses.includes(table))
  const compared = rest.filter(({ before, after }) => isExact(before.rows) && isExact(after))
  const estimated = rest.filter((table) => !compared.includes(table) && isEstimated(table))
  const unknown = rest.filter((table) => !compared.includes(table) && !estimated.includes(table))
  const smaller = compared.filter(({ before, after }) => lostRows(before.rows, after) > 0)
  const few = smaller.length === 0 ? '' : `; a few fewer rows in ${listed(smaller)}`
  return [
    ...(losses.length === 0
      ? [{ ...check, result: 'ok', told: `${counted(compared.length, 'table')} compared, no rows lost${few}` } as const]
      : [
          {
            ...check,
            result: 'warning',
            told: listed(losses),
            problem: {
              code: 'rows-lost',
              message: `There are fewer rows than before the migrations: ${listed(losses)}.`,
              hint: 'Where the migrations or the application were to delete these rows, all is well; else stop here and restore the backup of this run.'
            }
          } as const
        ]),
    ...(estimated.length === 0 ? [] : [byEstimate(estimated)]),
    ...(unknown.length === 0 ? [] : [notCompared(unknown)])
  ]
}

/** Of these no loss is to be seen, and a smaller one would not be. */
function byEstimate(tables: readonly TableAfter[]): Check {
  return {
    id: 'rows-estimated',
    title: 'Rows of large tables',
    result: 'not checked',
    told: `compared by estimates only, in which the loss of less than a quarter is not to be seen: ${listed(tables)}`,
    next: 'Raise `exact-count-limit` above their rows where they are to be counted.'
  }
}

function notCompared(tables: readonly TableAfter[]): Check {
  return {
    id: 'rows-not-compared',
    title: 'Rows that were not counted',
    result: 'not checked',
    told: `not counted before and after: ${listed(tables)}`,
    next: 'Let the role of smoke-url read these tables (`GRANT SELECT`), also after they are made anew.'
  }
}

function isLoss({ before: { rows }, after, remade }: TableAfter): boolean {
  if (rows?.count === 0) return false
  if (after === 'gone') return true
  // Its rows were in a table that is no more, and what is in the new one is not known.
  if (after === undefined) return remade && rows !== undefined
  if (rows === undefined) return false
  const lost = rows.count - after.count
  if (after.exact && after.count === 0) return true
  return lost > 0 && lost >= rows.count * (rows.exact && after.exact ? noticeable : noticeableByEstimate)
}

function isExact(rows: TableAfter['after']): boolean {
  return rows !== undefined && rows !== 'gone' && rows.exact
}

function isEstimated({ before, after }: TableAfter): boolean {
  return before.rows !== undefined && after !== undefined && after !== 'gone'
}

function lostRows(before: RowCount | undefined, after: TableAfter['after']): number {
  return before === undefined || after === undefined || after === 'gone' ? 0 : before.count - after.count
}

/** As many as a line holds. */
const mostListed = 10

function listed(tables: readonly TableAfter[]): string {
  const shown = tables.slice(0, mostListed).map(({ before, after, remade }) => {
    const left =
      after === 'gone'
        ? 'gone'
        : after !== undefined
          ? figure(after)
          : remade
            ? 'made anew, not counted'
            : 'not counted'
    return `${before.table} ${before.rows === undefined ? 'not counted' : figure(before.rows)} → ${left}`
  })
  const more = tables.length - shown.length
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

/** `1,234`; an estimate as `about 1,234`. */
export function figure({ count, exact }: Pick<RowCount, 'count' | 'exact'>): string {
  return `${exact ? '' : 'about '}${grouped(count)}`
}
