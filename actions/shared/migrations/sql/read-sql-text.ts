import type { SqlParser } from '../../parsers.ts'
import { longestText, type NotAnalysed, type ParsedMigration, type Statement } from '../migration.ts'
import type { Operation } from '../operation.ts'
import { readDoBlock } from './do-block.ts'
import { isInterpolated } from './interpolation.ts'
import { sourceText, type SourceText, type SqlPlace } from './source-text.ts'
import { splitStatements, type StatementText } from './split-statements.ts'
import { operationsOf } from './statement-operations.ts'
import { statementSource } from './statement-source.ts'
import { literalsIn } from './tree.ts'

/** What SQL says, wherever it stands. */
export type SqlReading = Pick<ParsedMigration, 'statements' | 'notAnalysed' | 'syntaxError'>

/**
 * Reads SQL of PostgreSQL. Each statement that can be parsed is read, also where another one cannot; the first that
 * cannot is the `syntaxError`, each other one is told in `notAnalysed`. Never throws for what stands in the text.
 *
 * A value that is known only when the migration runs is written as `interpolation(n)`; a statement that has one is told
 * as partly analysed.
 */
export function readSqlText(text: string, parser: SqlParser, place: SqlPlace): SqlReading {
  const source = sourceText(text, place)
  const { statements, unreadable } = splitStatements(source, parser)
  const notAnalysed: NotAnalysed[] = []
  const read = statements.map((statement) => readStatement(statement, source, parser, notAnalysed))
  let syntaxError: SqlReading['syntaxError']
  for (const { kind, start, end, why } of unreadable) {
    const span = source.span(start, end)
    if (kind === 'syntax error' && syntaxError === undefined) syntaxError = { message: why, span }
    else notAnalysed.push({ span, why, partly: false })
  }
  return { statements: read, notAnalysed, ...(syntaxError === undefined ? {} : { syntaxError }) }
}

function readStatement(
  { node, start, end, offsetOf }: StatementText,
  source: SourceText,
  parser: SqlParser,
  notAnalysed: NotAnalysed[]
): Statement {
  const span = source.span(start, end)
  const text = source.sql.slice(start, end)
  const block = node.DoStmt === undefined ? undefined : readDoBlock(text, node.DoStmt, parser)
  const operations: readonly Operation[] =
    block?.operations ?? operationsOf(node, statementSource(source.sql, offsetOf))
  const tell = (why: string): void => {
    notAnalysed.push({ span, why, partly: true })
  }
  for (const operation of operations) if (operation.kind === 'unknown') tell(operation.why)
  if (isInterpolated(text)) tell('values that are known only when it runs')
  return {
    span,
    text: source.written(start, Math.min(end, start + longestText)),
    direction: 'up',
    operations,
    literals: block?.literals ?? literalsIn(node),
    written: 'sql',
    conditional: block?.conditional ?? false
  }
}
