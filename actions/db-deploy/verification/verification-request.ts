import { relative, sep } from 'node:path'
import type { Inputs } from '../inputs.ts'
import type { Project } from '../state/project.ts'
import { frameworkTables } from './framework-tables.ts'
import { readSchemaFiles } from './schema-files.ts'
import type { VerificationRequest } from './verify-database.ts'

/**
 * What the verification of a project is asked with, whatever command asks.
 * @throws ActionError where Prisma's schema is not to be had and models are to be read
 */
export async function verificationRequest(
  inputs: Inputs,
  project: Project
): Promise<Omit<VerificationRequest, 'before'>> {
  const schema = project.prisma?.schema
  const reads = inputs.verification.smoke === 'models' && schema !== undefined
  return {
    inputs,
    applicationName: inputs.sessions.own,
    framework: project.framework,
    schemaFiles: reads ? await readSchemaFiles(schema, relative(inputs.folder, schema).replaceAll(sep, '/')) : [],
    frameworkTables: frameworkTables(project)
  }
}
