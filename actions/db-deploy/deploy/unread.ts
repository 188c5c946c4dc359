import { ActionError, type Problem } from '../../shared/problem.ts'
import type { ToolResult } from '../tool.ts'
import { exitProblems } from './judge-migrating.ts'
import { pendingNames, statusOf, type Attempt } from './attempt.ts'

/**
 * What is told where the database could not be asked after the tool had ended: what the tool said comes first, then what is
 * not known because of that. The journal learns what is to be done, and the step after this one looks again.
 *
 * @param error with which asking failed; a bug, and the end of a job that was cancelled, are given back as they are
 */
export function unreadError(attempt: Attempt, result: ToolResult, error: unknown): unknown {
  if (attempt.world.cancelled.aborted || !(error instanceof ActionError)) return error
  attempt.state.unsettled()
  attempt.journal.learn({ runbook: unreadRunbook(attempt, result) })
  const [why] = error.problems
  const unread: Problem = {
    code: 'migrate-not-read',
    message:
      `What the tool left is not known, as the database could not be asked after it. ${why?.message ?? ''}`.trim(),
    hint: 'A migration may be half done. The runbook in the job summary says how to look, once the database can be asked again.'
  }
  return new ActionError([...exitProblems(result), unread], { cause: error })
}

function unreadRunbook({ before, facts }: Attempt, { failedMigration }: ToolResult): readonly string[] {
  const [first] = pendingNames(before)
  const name = failedMigration ?? first
  const path = name === undefined ? undefined : statusOf(before, name)?.path
  return [
    'Look whether the step after this one has found out more: its summary says so.',
    'Wait until the server answers again: `psql "$DATABASE_URL" -c "SELECT 1"`',
    'Look what the table says now: run this workflow with `command: status`.',
    facts.survey.project.framework === 'prisma'
      ? 'Is a migration marked as failed there, look what of it is in the database: run this workflow with `command: rollback` and `dry-run: true`, which changes nothing and shows what to do.'
      : `Ecto's table knows no failed ones: where the first that is pending${path === undefined ? '' : ` (before this run ${path})`} has \`@disable_ddl_transaction true\`, look what of it is in the database, and take that back by hand before it is run again.`,
    'Deploy nothing else to this database until that is done.'
  ]
}
