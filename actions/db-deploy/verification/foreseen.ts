import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'
import { expectedApplications } from '../ecto/expect-app.ts'
import type { Inputs } from '../inputs.ts'
import type { Project } from '../state/project.ts'
import { readExpectRows, unknownExpectations } from './expect-rows.ts'
import { readPrismaModels } from './prisma-models.ts'
import { verificationRequest } from './verification-request.ts'
import { findVerifyFiles } from './verify-files.ts'

/**
 * What can be known of the verification before anything is changed: files that are not there, a schema that cannot be
 * read, expectations of models that it does not have, a release with another application in it than is expected.
 * @param world where programs may be asked: a release takes its time
 * @throws ActionError where Prisma's schema is not to be had and models are to be read
 */
export async function foreseenChecks(
  inputs: Inputs,
  project: Project,
  world: World | undefined
): Promise<readonly Check[]> {
  const { checks: files } = await findVerifyFiles(inputs.folder, inputs.verification.files)
  const checks = [...files, ...(world === undefined ? [] : await otherApplications(inputs, world))]
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

/** A release is what it will be afterwards. What Mix has compiled is not: migrating compiles. */
async function otherApplications(inputs: Inputs, world: World): Promise<readonly Check[]> {
  const { tool, verification } = inputs
  if (tool.releaseBinary === undefined || verification.expectApp.length === 0) return []
  return (await expectedApplications(inputs, world)).filter(({ result }) => result === 'failed')
}
