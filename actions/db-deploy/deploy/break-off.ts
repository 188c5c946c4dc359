import { ActionError } from '../../shared/problem.ts'
import { migrationFailure } from '../failure/migration-failure.ts'
import { cancelledCode } from '../journal.ts'
import { reconcile } from '../lock/reconcile.ts'
import { directUrl } from '../reading.ts'
import type { MigrationRun } from '../record.ts'
import { knownStates } from '../state/read-migration-state.ts'
import type { ToolResult } from '../tool.ts'
import { failureRequest, learnRuns, type Attempt } from './attempt.ts'
import { exitProblems } from './judge-migrating.ts'
import { done } from './plan.ts'

/** The tool was ended before it was done, or the job before anybody had looked: what it left is ended and read. @throws ActionError always */
export async function breakOff(
  attempt: Attempt,
  result: ToolResult,
  tool: { readonly startedAt: number; readonly applicationName: string | undefined }
): Promise<never> {
  const { inputs, before, world, journal, facts, state } = attempt
  const found = await reconcile(
    {
      url: directUrl(inputs),
      ...tool,
      before,
      readState: (session) => knownStates(session, facts.survey.project),
      examine: (status, session) => migrationFailure(failureRequest(attempt, status.name, { status, result }), session)
    },
    world
  )
  const runs = [
    ...found.applied.map((name): MigrationRun => ({ name, result: 'applied' })),
    ...found.failed.map((name): MigrationRun => {
      const examined = found.failures.find((each) => each.name === name)
      return { name, result: 'failed', ...(examined === undefined ? {} : { failure: examined.failure }) }
    })
  ]
  learnRuns(attempt, runs, found.after ?? [])
  if (found.after === undefined) state.unsettled()
  journal.learn({ runbook: found.runbook })
  for (const each of found.applied) done(attempt.plan, each, attempt.record)
  const told = found.told.join(' ')
  if (world.cancelled.aborted) {
    throw new ActionError([
      {
        code: cancelledCode,
        message: `The job was cancelled while it migrated. ${told}`,
        hint: found.settled
          ? 'Nothing runs any more. Look at the runbook in the job summary, and run it again when you are ready.'
          : 'Something may run still: the job summary says how to look, and how to end it. Then run it again.'
      },
      // Nobody ended it: it had said by itself that something is wrong.
      ...(result.end === 'exited' ? exitProblems(result) : [])
    ])
  }
  throw new ActionError([
    {
      code: result.end === 'timed out' ? 'migrate-timeout' : 'migrate-failed',
      message: `The tool that migrates ${result.end === 'timed out' ? 'did not end in time, and was ended' : 'was killed'}. ${told}`,
      hint: 'Look at the runbook in the job summary. Raise the input `timeout` where the migration needs more time.'
    }
  ])
}
