import type { Check } from '../check.ts'
import type { Inputs } from '../inputs.ts'
import type { Project } from '../state/project.ts'
import { readExpectRows, unknownExpectations } from './expect-rows.ts'
import { readPrismaModels } from './prisma-models.ts'
import { verificationRequest } from './verification-request.ts'
import { findVerifyFiles } from './verify-files.ts'

/**
 * What can be known of the verification before anything is changed: files that are not there, a schema that cannot be
 * read, expectations of models that it does not have.
 * @throws ActionError where Prisma's schema is not to be had and models are to be read
 */
export async function foreseenChecks(inputs: Inputs, project: Project): Promise<readonly Check[]> {
  const { checks } = await findVerifyFiles(inputs.folder, inputs.verification.files)
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
