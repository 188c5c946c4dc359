import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'
import { expectedApplications, isBuilt } from '../ecto/expect-app.ts'
import type { Inputs } from '../inputs.ts'
import type { Project } from '../state/project.ts'
import { readExpectRows, unknownExpectations } from './expect-rows.ts'
import { readPrismaModels } from './prisma-models.ts'
import { verificationRequest } from './verification-request.ts'
import { findVerifyFiles, unreadableFiles } from './verify-files.ts'

/**
 * What can be known of the verification before anything is changed: files that are not there or cannot be run, a schema that
 * cannot be read, expectations of models that it does not have, a build with another application in it than is expected.
 * @param world where programs may be asked: a release takes its time
 * @throws ActionError where Prisma's schema is not to be had and models are to be read
 */
export async function foreseenChecks(
  inputs: Inputs,
  project: Project,
  world: World | undefined
): Promise<readonly Check[]> {
  const { files, checks: missing } = await findVerifyFiles(inputs.folder, inputs.verification.files)
  const applications = world === undefined ? [] : await applicationsBefore(inputs, world)
  const checks = [...missing, ...unreadableFiles(files), ...applications]
  const { framework, schemaFiles } = await verificationRequest(inputs, project)
  if (framework !== 'prisma' || inputs.verification.smoke !== 'models') return checks
  const { models } = readPrismaModels(schemaFiles)
  const rows = readExpectRows(inputs.verification.expectRows)
  const unknown = 'expectations' in rows ? unknownExpectations(rows.expectations, models) : []
  return [
    ...checks,
    ...unknown.map((problem): Check => ({
      id: 'expect-rows',
      title: 'Expected rows',
      result: 'failed',
      told: 'no such model or table',
      problem
    }))
  ]
}

/** Where nothing is built, migrating by Mix builds it, and it is asked after that. */
async function applicationsBefore(inputs: Inputs, world: World): Promise<readonly Check[]> {
  const { tool, verification, folder, environmentVariables } = inputs
  if (verification.expectApp.length === 0) return []
  if (tool.releaseBinary !== undefined || isBuilt(folder, environmentVariables))
    return expectedApplications(inputs, world)
  return [
    {
      id: 'expect-app',
      title: 'Expected applications',
      result: 'not checked',
      told: `nothing is compiled yet: ${verification.expectApp.join(', ')} is asked for after the migrations`,
      next: 'Compile in a step before this one (`mix deps.get`, `mix compile`), with its MIX_ENV: it is then asked for first.'
    }
  ]
}
