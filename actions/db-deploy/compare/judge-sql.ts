import { expectedLocks } from '../../shared/migrations/expected-locks.ts'
import { lint } from '../../shared/migrations/lint.ts'
import type { Session } from '../database/session.ts'
import type { Difference } from '../record.ts'
import { contextOf, parseAll } from '../state/pending-migrations.ts'
import type { Project } from '../state/project.ts'
import { readTouchedTables } from '../state/touched-tables.ts'

/** What the linter says of SQL that stands in no file, and the tables that it is about. */
export async function judgeSql(
  sql: string,
  session: Session,
  project: Project
): Promise<Pick<Difference, 'findings' | 'tables'>> {
  const parsed = await parseAll([
    { path: 'difference.sql', framework: 'prisma', version: '', name: 'difference', text: sql }
  ])
  const context = await contextOf(session, project, { timeoutsSet: true })
  const { findings } = lint(parsed, context)
  const [tables = []] = await readTouchedTables(session, expectedLocks(parsed, context), project)
  return {
    // There is no file that an annotation could stand in.
    findings: findings.map(({ rule, level, message, hint, lock }) => ({
      rule,
      level,
      message,
      hint,
      ...(lock === undefined ? {} : { lock })
    })),
    tables
  }
}
