import type { Suppression } from '../migration.ts'
import { readSqlSuppressions, readSuppressions } from '../sql/suppressions.ts'
import type { Run } from './run.ts'
import { sourceOffset, type Text } from './text.ts'

/**
 * Comments of a migration that ask for silence: Elixir's, and SQL's inside of strings. One before a call covers all of
 * it, whose SQL or columns stand in later lines.
 */
export function ectoSuppressions(run: Run): readonly Suppression[] {
  const { text, comments } = run.source
  const inElixir = readSuppressions(text, comments, run.statements).map((suppression) => covering(run, suppression))
  return [...inElixir, ...run.suppressions].toSorted((a, b) => a.line - b.line)
}

function covering(run: Run, suppression: Suppression): Suppression {
  const { covers, by } = suppression
  if (covers === 'file') return suppression
  const begun = run.calls.filter(({ span, block }) => {
    // excellent_migrations means one line of a block (dangers_filter.ex).
    if (block && by === 'excellent_migrations') return false
    return covers.first <= span.start.line && span.start.line <= covers.last
  })
  const last = Math.max(covers.last, ...begun.map(({ span }) => span.end.line))
  return { ...suppression, covers: { first: covers.first, last } }
}

/** What comments in embedded SQL ask for, in lines of the file. "The file" is to them no more than their own text. */
export function suppressionsInSql(run: Run, sql: Text): readonly Suppression[] {
  const { value } = sql
  const found = readSqlSuppressions(value, [])
  if (found.length === 0) return []
  const starts = [0]
  for (let at = value.indexOf('\n'); at !== -1; at = value.indexOf('\n', at + 1)) starts.push(at + 1)
  const lineOf = (line: number): number => {
    const start = starts[Math.min(line, starts.length) - 1] ?? 0
    return run.source.positions.at(sourceOffset(sql, start)).line
  }
  const all = { first: lineOf(1), last: lineOf(starts.length) }
  return found.map((suppression) => {
    const { covers, line } = suppression
    return {
      ...suppression,
      covers: covers === 'file' ? all : { first: lineOf(covers.first), last: lineOf(covers.last) },
      line: lineOf(line)
    }
  })
}
