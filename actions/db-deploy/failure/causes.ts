import { quoteIdentifier } from '../database/sql.ts'
import { failedAt, statementsOf } from './failed-statement.ts'
import type { RunbookCase } from './runbook.ts'

/** Why it was not made ready for what met it, by SQLSTATE (PostgreSQL, appendix A). */
export function causes(failed: RunbookCase): readonly string[] {
  const { failure, result, status, name } = failed
  const { sqlstate } = failure
  const killed =
    sqlstate === undefined &&
    !status?.logs &&
    (result === undefined || result.end === 'killed' || result.end === 'timed out')
  if (killed) return [`${name} was ended while it ran: nobody knows more of it than what is in the database now.`]
  if (sqlstate === '55P03') {
    return [
      "A lock was not to be had in lock_timeout. Look who holds it: `SELECT pid, usename, state, xact_start, query FROM pg_stat_activity WHERE state <> 'idle' ORDER BY xact_start;` End it or wait for it, or deploy when there is less to do."
    ]
  }
  if (sqlstate === '57014')
    return ['It took longer than statement_timeout, or somebody cancelled it: set statement-timeout to more.']
  if (sqlstate !== undefined && brokenByRows.has(sqlstate)) {
    const look = sqlstate === '23505' ? duplicateRows(failed) : undefined
    return [
      `Rows that are there break what it makes (${failure.message}): mend or remove them first, or it fails again.${look === undefined ? '' : ` Find them: \`${look}\``}`
    ]
  }
  if (sqlstate !== undefined && duplicates.has(sqlstate)) {
    return [
      'What it makes was there before it: somebody made it by hand, or an earlier attempt did. What stands in the list of objects as there need not be of this migration.'
    ]
  }
  return []
}

/** not_null_, foreign_key_, unique_, check_violation; of an exclusion, too. */
const brokenByRows = new Set(['23502', '23503', '23505', '23514', '23P01'])

/** The query that finds what a unique index does not take, where the statement that failed makes one on plain columns. */
function duplicateRows(failed: RunbookCase): string | undefined {
  const statement = statementsOf(failed.found, () => true)[failedAt(failed) ?? Number.NaN]
  const [keys] = (statement?.operations ?? []).flatMap((operation) => {
    if (operation.kind === 'create-index') return [operation]
    return operation.kind === 'add-constraint'
      ? [{ table: operation.table, columns: operation.constraint.columns }]
      : []
  })
  // An expression among them is ''.
  if (keys === undefined || keys.columns.length === 0 || keys.columns.includes('')) return undefined
  const { schema, name } = keys.table
  const table = [...(schema === undefined ? [] : [schema]), name].map(quoteIdentifier).join('.')
  const list = keys.columns.map(quoteIdentifier).join(', ')
  return `SELECT ${list}, count(*) FROM ${table} GROUP BY ${list} HAVING count(*) > 1;`
}

/** duplicate_table, _column, _object, _schema, _function. */
const duplicates = new Set(['42P07', '42701', '42710', '42P06', '42723'])
