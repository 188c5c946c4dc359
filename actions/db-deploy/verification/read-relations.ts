import type { Session } from '../database/session.ts'
import { quoteIdentifier } from '../database/sql.ts'
import type { QueryError } from '../database/query-error.ts'
import type { Relation } from './catalog.ts'
import { eachAlone } from './each-alone.ts'

/**
 * Reads one row of each relation, all of the given columns. The values stay on the server: only their size is sent, for
 * which the server has to fetch all of them, and to compute what a view computes.
 *
 * @returns why the server refused, undefined for each that was read
 */
export async function readRelations(
  session: Session,
  wanted: readonly { readonly relation: Relation; readonly columns: readonly string[] }[],
  timeout: number
): Promise<readonly (QueryError | undefined)[]> {
  const answers = await eachAlone(
    session,
    wanted.map(({ relation, columns }) => ({
      sql: oneRow(relation, columns),
      // Views may take long; what the role lacks a grant for will fail, unless its columns are granted one by one.
      alone: !relation.granted || relation.kind === 'view' || !relation.populated
    })),
    timeout
  )
  return answers.map((answer) => ('refused' in answer ? answer.refused : undefined))
}

function oneRow({ quoted }: Relation, columns: readonly string[]): string {
  if (columns.length === 0) return `SELECT 0 FROM ${quoted} LIMIT 1`
  return `SELECT pg_catalog.pg_column_size(ROW(${columns.map(quoteIdentifier).join(', ')})) FROM ${quoted} LIMIT 1`
}
