import type { Problem } from '../../shared/problem.ts'
import { counted } from '../counted.ts'
import type { FailedMigration } from '../failure/migration-failure.ts'
import type { Retry } from '../lock/retryable.ts'
import type { MigrationState } from '../state/migration-state.ts'
import type { ToolResult } from '../tool.ts'
import { pendingNames, statusOf } from './attempt.ts'
import type { Migrated } from './judge-migrating.ts'

/** What is told of a migration that failed, in the place of what the tool's exit code alone would say. */
export function failureProblems(
  { problems }: Extract<Migrated, { result: 'failed' }>,
  failed: FailedMigration | undefined,
  retry: Retry
): readonly Problem[] {
  if (failed === undefined) return problems
  const { failure, name, transaction } = failed
  const code = failure.sqlstate === undefined ? '' : ` (SQLSTATE ${failure.sqlstate})`
  const done = failure.objects.filter(({ doing, there }) => there === (doing !== 'drop')).length
  const left =
    failure.atomic === true
      ? `Nothing of it is there: ${transaction === 'all or nothing' ? 'it ran as one transaction' : 'none of what its statements make or change was found'}.`
      : failure.atomic === false
        ? `It did not run as one transaction: ${counted(done, 'object')} of its statements ${done === 1 ? 'is' : 'are'} made, changed or dropped.`
        : 'Whether a part of it is there could not be proven.'
  const tries = retry.retry ? ' No further try is allowed (input `retries`).' : ''
  return [
    {
      code: 'migrate-failed',
      message: `Migration ${name} failed: ${failure.message}${code}. ${left}`,
      hint: `The runbook in the job summary has the exact commands.${tries}`
    },
    ...problems.filter((problem) => problem.code !== 'migrate-failed')
  ]
}

/** Ecto's table has no failed ones: the first that is still pending is the one that failed, where the tool ran at all. */
export function firstNotApplied(
  before: readonly MigrationState[],
  after: readonly MigrationState[],
  { end, exitCode }: ToolResult
): string | undefined {
  if (end !== 'exited' || exitCode === 0 || after[0]?.framework !== 'ecto') return undefined
  return pendingNames(before).find((name) => statusOf(after, name)?.status !== 'applied')
}
