import { ActionError } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { failedProblems, type Check } from '../check.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { directUrl, reading } from '../reading.ts'
import { mergedState } from '../state/merged-state.ts'
import { readMigrationState } from '../state/read-migration-state.ts'
import { takeFingerprint } from '../state/take-fingerprint.ts'
import { toldStates } from '../survey.ts'
import { runToolSteps } from '../tool-steps.ts'
import { verifyDatabase } from '../verification/verify-database.ts'
import { verificationRequest } from '../verification/verification-request.ts'
import type { Applied } from './apply.ts'
import { pendingNames } from './attempt.ts'
import type { DeployFacts } from './inspect.ts'

interface Verifying {
  readonly inputs: Inputs
  readonly facts: DeployFacts
  readonly world: World
  readonly journal: Journal
}

/** Everything is looked at again, over new connections. @throws ActionError with everything that is not as it should be */
export async function verify(verifying: Verifying, { before }: Applied): Promise<true> {
  const { inputs, facts, world, journal } = verifying
  const { checks: status, pending } = await secondStatus(verifying)
  const said =
    facts.tool === undefined
      ? []
      : await runToolSteps(
          { ...facts.tool, steps: facts.tool.steps.filter(({ name }) => name === 'status') },
          inputs,
          { pending, migrated: facts.pending.length > 0, url: facts.survey.server.url },
          world,
          journal
        )
  const checks = await lookAgain(verifying, before)
  const problems = [...failedProblems([...status, ...checks]), ...said]
  if (problems.length > 0) throw new ActionError(problems)
  return true
}

/** Nothing was pending: what is there is looked at, by what inspect has not asked yet. */
export async function settle(verifying: Verifying): Promise<true> {
  const checks = await lookAgain(verifying)
  const problems = failedProblems(checks)
  if (problems.length > 0) throw new ActionError(problems)
  return true
}

/** What is verified, and the fingerprint beside it: neither changes the schema. Both have ended when this does. */
async function lookAgain(verifying: Verifying, before?: Applied['before']): Promise<readonly Check[]> {
  const { inputs, facts, world, journal } = verifying
  const verified = verificationRequest(inputs, facts.survey.project).then((request) =>
    verifyDatabase({ ...request, ...(before === undefined ? {} : { before }) }, world, journal)
  )
  const taken = takeFingerprint(inputs, facts.survey.project, world, journal)
  await Promise.allSettled([verified, taken])
  const checks = [...(await verified), ...(await taken)]
  journal.learn({ verification: checks })
  return checks
}

async function secondStatus({
  inputs,
  facts,
  world,
  journal
}: Verifying): Promise<{ readonly checks: readonly Check[]; readonly pending: boolean }> {
  return journal.stage('second-status', 'State after it', async (stage) => {
    const { states, checks } = await reading({ ...inputs, url: directUrl(inputs) }, world, (session) =>
      readMigrationState(session, facts.survey.project, {
        expectCurrent: inputs.migrations.expectCurrent,
        expected: 'now',
        failOn: new Set([...inputs.failOn, 'pending'])
      })
    )
    const merged = mergedState(states)
    if (merged !== undefined) journal.learn({ after: merged })
    stage.note(toldStates(states))
    if (failedProblems(checks).length > 0) stage.result('failed')
    return { checks, pending: pendingNames(states).length > 0 }
  })
}
