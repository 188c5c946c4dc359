import type { Operation } from '../operation.ts'
import type { Statement } from '../migration.ts'
import { readSqlText, type SqlReading } from '../sql/read-sql-text.ts'
import type { SqlPlace } from '../sql/source-text.ts'
import { addNotAnalysed, tellNotAnalysed, type Run } from './run.ts'
import { suppressionsInSql } from './suppressions.ts'
import type { Syntax } from './syntax.ts'
import { sourceOffset, withPlaceholders, type Text } from './text.ts'

/** Adds what SQL does that a migration hands to the database as a string. `node`: the call. */
export function readEmbeddedSql(run: Run, node: Syntax, sql: Text): void {
  if (sql.value.trim() === '') return
  run.calls.push({ span: run.source.positions.span(node.start, node.end), block: false })
  run.suppressions.push(...suppressionsInSql(run, sql))
  const { text, reading } = readBest(run, sql)
  if (reading.syntaxError !== undefined) {
    const computed = sql.computed.length > 0
    const why = computed
      ? `SQL with values in it that are known only when it runs: ${sql.computed.map(shown).join(', ')}`
      : `SQL that PostgreSQL's parser refuses: ${reading.syntaxError.message}`
    tellNotAnalysed(run, node, why, reading.statements.length > 0)
  } else if (text !== sql) {
    tellNotAnalysed(run, node, `values that are known only when it runs: ${sql.computed.map(shown).join(', ')}`, true)
  }
  if (run.mode !== 'down') for (const one of reading.notAnalysed) addNotAnalysed(run, one)
  run.statements.push(...reading.statements.map((statement) => inPlace(run, statement)))
}

function shown({ expression }: { readonly expression: string }): string {
  return `\`#{${expression}}\``
}

function inPlace(run: Run, statement: Statement): Statement {
  return {
    ...statement,
    direction: run.mode === 'down' ? 'down' : 'up',
    conditional: statement.conditional || run.conditional
  }
}

/** A placeholder is a name; where the interpolation is a whole clause, the SQL may parse without it. */
function readBest(run: Run, sql: Text): { readonly text: Text; readonly reading: SqlReading } {
  const reading = readSqlText(sql.value, run.sql, placeOf(run, sql))
  if (reading.syntaxError === undefined || sql.computed.length === 0) return { text: sql, reading }
  const without = withPlaceholders(sql, '')
  const second = without.value.trim() === '' ? reading : readSqlText(without.value, run.sql, placeOf(run, without))
  return second.syntaxError === undefined ? { text: without, reading: second } : { text: sql, reading }
}

function placeOf(run: Run, sql: Text): SqlPlace {
  const { text, positions } = run.source
  return {
    at: (offset) => positions.at(sourceOffset(sql, offset)),
    written: (start, end) =>
      text.slice(sourceOffset(sql, start), Math.max(sourceOffset(sql, start), sourceOffset(sql, end)))
  }
}

/** What one statement does that Ecto would send; undefined where it cannot be read. */
export function operationsOfSql(run: Run, sql: string): readonly Operation[] | undefined {
  const known = run.read.get(sql)
  if (known !== undefined) return known
  const reading = readSqlText(sql, run.sql, nowhere)
  if (reading.syntaxError !== undefined) return undefined
  const operations = reading.statements.flatMap((statement) => statement.operations)
  run.read.set(sql, operations)
  return operations
}

const nowhere: SqlPlace = { at: () => ({ line: 1, column: 1 }) }
