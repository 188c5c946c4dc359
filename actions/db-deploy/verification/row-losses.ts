import type { Check } from '../check.ts'
import { counted, grouped } from '../counted.ts'
import type { CountedTable, RowCount } from './count-rows.ts'

/** What became of a table that was counted before. */
export interface TableAfter {
  readonly before: CountedTable
  /** Of the table that it is now. */
  readonly oid?: number
  /** Undefined: it was not counted. `gone`: no table has its oid or its name any more. */
  readonly after: RowCount | 'gone' | undefined
  /** SQLSTATE by which the server refused to count it after. */
  readonly refused?: string
  /** A table of its name is there, and it is another one. */
  readonly remade: boolean
}

/** Estimates follow only after VACUUM or ANALYZE: autovacuum analyses a table when a tenth of it has changed. */
const noticeableByEstimate = 0.25

/**
 * Tables that have fewer rows than before, by however few. A warning: a migration may mean to delete, the application deletes
 * meanwhile, and only people know. That no rows are lost is said of tables that were counted both times, and of no others.
 */
export function lossChecks(tables: readonly TableAfter[]): readonly Check[] {
  const kinds = Map.groupBy(tables, kindOf)
  const of = (kind: Kind, check: (those: readonly TableAfter[]) => Check): readonly Check[] => {
    const those = kinds.get(kind) ?? []
    return those.length === 0 ? [] : [check(those)]
  }
  return [
    ...(tables.length === 0 ? [noneLost(tables)] : []),
    ...(kinds.has('lost') ? of('lost', rowsLost) : of('compared', noneLost)),
    ...[...Map.groupBy(kinds.get('refused') ?? [], (table) => refusalOf(table) ?? '')].map(([sqlstate, those]) =>
      refused(sqlstate, those)
    ),
    ...of('estimated', byEstimate),
    ...of('unknown', notCompared)
  ]
}

const check = { id: 'rows-lost', title: 'Rows before and after' }

function rowsLost(tables: readonly TableAfter[]): Check {
  return {
    ...check,
    result: 'warning',
    told: listed(tables),
    problem: {
      code: 'rows-lost',
      message: `There are fewer rows than before the migrations: ${listed(tables)}.`,
      hint: 'Where the migrations or the application were to delete these rows, all is well. Else stop here: what has them is a backup from before, where there is one; the summary names that of this run, if it made one.'
    }
  }
}

function noneLost(tables: readonly TableAfter[]): Check {
  return { ...check, result: 'ok', told: `${counted(tables.length, 'table')} compared, no rows lost` }
}

type Kind = 'lost' | 'compared' | 'refused' | 'estimated' | 'unknown'

function kindOf(table: TableAfter): Kind {
  const { before, after } = table
  if (isLoss(table)) return 'lost'
  if (isExact(before.rows) && isExact(after)) return 'compared'
  if (refusalOf(table) !== undefined) return 'refused'
  return before.rows !== undefined && after !== undefined && after !== 'gone' ? 'estimated' : 'unknown'
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

/** Those that were to be counted, and that the server refused to count. */
function refused(sqlstate: string, tables: readonly TableAfter[]): Check {
  const { why, next } = refusals[sqlstate] ?? otherRefusal
  return {
    id: 'rows-not-compared',
    title: 'Rows that were not counted',
    result: 'not checked',
    told: `not counted both times, as ${why} (SQLSTATE ${sqlstate}): ${listed(tables)}`,
    next
  }
}

function refusalOf({ before, refused }: TableAfter): string | undefined {
  return before.refused ?? refused
}

/** By SQLSTATE (PostgreSQL, appendix A). */
const refusals: Readonly<Record<string, { readonly why: string; readonly next: string }>> = {
  '55P03': {
    why: 'another session held a lock for longer than 5 seconds',
    next: 'Look in pg_locks what locks these tables for so long, and deploy when nothing does.'
  },
  '57014': {
    why: 'counting took too long',
    next: 'Deploy when the server is less busy, or set `exact-count-limit` below their rows, to compare their estimates.'
  }
}

const otherRefusal = {
  why: 'the server refused it',
  next: 'Read these tables as the role of smoke-url: the server says what it lacks.'
}

function isLoss({ before: { rows }, after, remade }: TableAfter): boolean {
  if (rows?.count === 0) return false
  if (after === 'gone') return true
  // Its rows were in a table that is no more, and what is in the new one is not known.
  if (after === undefined) return remade && rows !== undefined
  if (rows === undefined) return false
  const lost = rows.count - after.count
  if (after.exact && (rows.exact || after.count === 0)) return lost > 0
  return lost > 0 && lost >= rows.count * noticeableByEstimate
}

function isExact(rows: TableAfter['after']): boolean {
  return rows !== undefined && rows !== 'gone' && rows.exact
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
