import { counted } from '../counted.ts'
import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { openSession } from '../database/session.ts'
import { numberOf, optionalTextOf } from '../database/sql.ts'
import type { DumpedRows } from '../dump/dumped-rows.ts'
import { namesOf } from '../dump/prove-dump.ts'
import type { Inputs } from '../inputs.ts'

/**
 * Compares each table of a restored database with the rows that its dump has, and lets the planner look at them: what was
 * just restored has no statistics, and queries would be slow until autovacuum comes round.
 *
 * @throws ActionError `deploy-restore-unproven` where they differ
 */
export async function compareRows(
  url: DatabaseUrl,
  dumped: DumpedRows,
  { sessions, backup }: Pick<Inputs, 'sessions' | 'backup'>,
  world: World
): Promise<{ readonly tables: number; readonly rows: number }> {
  const options = { applicationName: sessions.own, statementTimeout: backup.timeout }
  const session = await openSession(url, options, world)
  try {
    await session.query('ANALYZE')
    const differing: string[] = []
    let sum = 0
    for (const [table, rows] of dumped.tables) {
      const [kind] = await session.query(
        'SELECT relkind::text AS kind FROM (SELECT pg_catalog.to_regclass($1) AS oid) t LEFT JOIN pg_catalog.pg_class USING (oid)',
        [table]
      )
      const relkind = optionalTextOf(kind, 'kind')
      if (relkind === undefined) {
        differing.push(`${table} (is missing)`)
        continue
      }
      // The rows of partitions are dumped under the name of their table where pg_dump was told so.
      const [row] = await session.query(`SELECT count(*) AS rows FROM ${relkind === 'p' ? '' : 'ONLY '}${table}`)
      const now = numberOf(row, 'rows')
      sum += now
      if (now !== rows)
        differing.push(`${table} (${counted(rows, 'row')} in the dump, ${counted(now, 'row')} restored)`)
    }
    if (differing.length === 0) return { tables: dumped.tables.size, rows: sum }
    return fail({
      code: 'deploy-restore-unproven',
      message: `What was restored into ${url.database} is not what the dump has: ${namesOf(differing)}.`,
      hint: 'Look whether something writes into the database while it is restored, or triggers of it do.'
    })
  } finally {
    await session.close()
  }
}
