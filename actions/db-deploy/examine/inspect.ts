import { ActionError, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'
import { backupRequest } from '../dump/backup-request.ts'
import { backupProblems } from '../dump/take-backup.ts'
import { wanted } from '../deploy/plan.ts'
import { findMigrationTool } from '../find-tool.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { takeFingerprint } from '../state/take-fingerprint.ts'
import { survey, type Survey } from '../survey.ts'
import { runToolSteps } from '../tool-steps.ts'
import { foreseenChecks } from '../verification/foreseen.ts'
import { smokeDatabaseChecks } from '../verification/smoke-database.ts'
import { verificationRequest } from '../verification/verification-request.ts'
import { verifyDatabase } from '../verification/verify-database.ts'

/** What the command looks at, as checks. */
export async function inspect(inputs: Inputs, world: World, journal: Journal): Promise<readonly Check[]> {
  const found = await survey(
    inputs,
    {
      // A preflight is asked whether a deploy could begin; the other two, how things are.
      expected: inputs.command === 'preflight' ? 'after deploy' : 'now',
      needs: inputs.command === 'preflight' ? 'migrate' : 'read',
      stateOnly: inputs.command !== 'preflight'
    },
    world,
    journal
  )
  return [...found.checks, ...(await further(found, inputs, world, journal))]
}

async function further(found: Survey, inputs: Inputs, world: World, journal: Journal): Promise<readonly Check[]> {
  if (inputs.command === 'smoke') {
    return verifyDatabase(await verificationRequest(inputs, found.project), world, journal)
  }
  if (inputs.command === 'preflight') {
    await needs(found, inputs, world, journal)
    const foreseen = [
      ...(await foreseenChecks(inputs, found.project, world)),
      ...(await smokeDatabaseChecks(inputs, world))
    ]
    journal.learn({ preflight: [...found.checks, ...foreseen] })
    return foreseen
  }
  const taken = await takeFingerprint(inputs, found.project, world, journal)
  journal.learn({ verification: taken })
  if (inputs.tool.toolStatus === 'always') await needs(found, inputs, world, journal)
  return taken
}

/** The programs that a deploy would need. @throws ActionError with every one that is missing */
async function needs(
  { project, server, pending }: Survey,
  inputs: Inputs,
  world: World,
  journal: Journal
): Promise<void> {
  const problems: Problem[] = []
  const tool = await findMigrationTool(project, inputs, world)
  if ('problems' in tool) problems.push(...tool.problems)
  else {
    journal.learn({ tool: tool.tool.facts })
    problems.push(
      ...(await runToolSteps(tool.tool, inputs, { pending: pending.length > 0, url: server.url }, world, journal))
    )
  }
  // As for a deploy that has something to do.
  if (inputs.command === 'preflight' && wanted(inputs, Math.max(1, pending.length)).backup) {
    problems.push(...(await backupProblems(backupRequest(inputs, server), world)))
  }
  if (problems.length > 0) throw new ActionError(problems)
}
