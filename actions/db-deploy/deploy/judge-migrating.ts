import type { Problem } from '../../shared/problem.ts'
import type { MigrationRun } from '../record.ts'
import type { MigrationState, MigrationStatus } from '../state/migration-state.ts'
import type { ToolResult } from '../tool.ts'

/** What one run of the tool came to, by its exit code, by what it said, and by the table. */
export type Migrated =
  /** All three say so. */
  | { readonly result: 'applied'; readonly ran: readonly MigrationRun[] }
  /** A migration failed, or nothing can be trusted: every reason, and what was applied all the same. */
  | {
      readonly result: 'failed'
      readonly ran: readonly MigrationRun[]
      /** Name of the one that failed, where it is known. */
      readonly failed: string | undefined
      readonly problems: readonly Problem[]
    }

/**
 * Believes no single witness: a run of the tool is a success when it ended with 0, did not say that something failed,
 * said that it is done where it says anything, and the table has every migration that was pending.
 *
 * @param speaks whether this tool ends with a sentence that is known: Prisma and Mix do, a release's own call does not
 * @param after read from the database after the tool had ended
 */
export function judgeMigrating(
  result: ToolResult,
  before: readonly MigrationState[],
  after: readonly MigrationState[],
  speaks: boolean
): Migrated {
  const pending = named(before, 'pending')
  const later = new Map(after.flatMap(({ migrations }) => migrations).map((status) => [status.name, status]))
  const ran = runs(pending, later, result)
  const left = pending.filter(({ name }) => later.get(name)?.status !== 'applied')
  const failed = named(after, 'failed').at(0)?.name ?? result.failedMigration
  const problems = [
    ...exitProblems(result),
    ...sentenceProblems(result, speaks),
    ...tableProblems(left, later, result, failed)
  ]
  return problems.length === 0 ? { result: 'applied', ran } : { result: 'failed', ran, failed, problems }
}

function named(states: readonly MigrationState[], status: MigrationStatus['status']): readonly MigrationStatus[] {
  return states.flatMap(({ migrations }) => migrations.filter((each) => each.status === status))
}

function runs(
  pending: readonly MigrationStatus[],
  later: ReadonlyMap<string, MigrationStatus>,
  { migrations }: ToolResult
): readonly MigrationRun[] {
  return pending.flatMap(({ name }): MigrationRun[] => {
    const status = later.get(name)
    if (status?.status !== 'applied' && status?.status !== 'failed') return []
    const told = migrations.find((each) => each.name === name)
    const took = status.took ?? told?.took
    const statements = told?.statements
    return [
      {
        name,
        result: status.status,
        ...(status.startedAt === undefined ? {} : { startedAt: Date.parse(status.startedAt) }),
        ...(took === undefined ? {} : { took }),
        ...(statements === undefined ? {} : { statements })
      }
    ]
  })
}

/** What the tool's end alone says: nothing where it ended with 0. */
export function exitProblems({ exitCode, end, message, code }: ToolResult): readonly Problem[] {
  if (end === 'exited' && exitCode === 0) return []
  const how =
    end === 'timed out'
      ? 'did not end in time and was ended'
      : end === 'killed'
        ? 'was killed'
        : end === 'not started'
          ? 'could not be started'
          : `ended with exit code ${exitCode}`
  return [
    {
      code: end === 'timed out' ? 'migrate-timeout' : 'migrate-failed',
      message: `The tool that migrates ${how}${message === undefined ? '' : `: ${message}`}${code === undefined || message?.includes(code) === true ? '' : ` (${code})`}.`,
      hint:
        end === 'timed out'
          ? 'The table says what was applied. Raise the input `timeout` where the migration needs more time.'
          : 'The runbook in the job summary says what is there now and what to do.'
    }
  ]
}

function sentenceProblems({ end, exitCode, sentence }: ToolResult, speaks: boolean): readonly Problem[] {
  if (end !== 'exited' || exitCode !== 0) return []
  if (sentence === 'applied' || sentence === 'nothing' || sentence === 'ok') return []
  if (sentence === undefined && !speaks) return []
  return [
    {
      code: 'migrate-not-told',
      message:
        sentence === 'failed'
          ? 'The tool that migrates ended with exit code 0, and says that something failed.'
          : 'The tool that migrates ended with exit code 0, and says nowhere that it is done.',
      hint: 'Its output is in the log above. An engine that dies at its start looks like this: install the tool again, and run the job again.'
    }
  ]
}

function tableProblems(
  left: readonly MigrationStatus[],
  later: ReadonlyMap<string, MigrationStatus>,
  { end, exitCode }: ToolResult,
  failed: string | undefined
): readonly Problem[] {
  // What failed is told already; that what comes after it is pending still needs no words of its own.
  if (failed !== undefined && (end !== 'exited' || exitCode !== 0)) return []
  if (left.length === 0) return []
  const names = left.map(({ name }) => name)
  const one = left.find(({ name }) => later.get(name)?.status === 'failed')
  return [
    {
      code: 'migrate-table',
      message:
        one === undefined
          ? `The table does not have ${names.join(', ')} as applied.`
          : `The table has ${one.name} as failed.`,
      hint:
        end === 'exited' && exitCode === 0
          ? 'The tool ended well: it may have migrated another database than the one that was checked. Compare the address in its configuration with `database-url`.'
          : 'The runbook in the job summary says what to do.'
    }
  ]
}
