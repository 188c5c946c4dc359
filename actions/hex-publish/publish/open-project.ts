import { ActionError, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { buildDocs, type BuiltDocs } from '../build-docs.ts'
import { buildTarball, type BuiltTarball } from '../build.ts'
import { readProject } from '../project.ts'
import { findToolchain, type Toolchain } from '../toolchain.ts'
import type { Inputs } from './inputs.ts'

/** A project with the tools that build it. */
export interface OpenProject {
  readonly versions: Toolchain['versions']
  /** @throws {ActionError} */
  readonly tarball: () => Promise<BuiltTarball>
  /** @throws {ActionError} */
  readonly docs: () => Promise<BuiltDocs>
}

/**
 * Finds the project and its tools.
 * @param others finds what else would make building pointless
 * @throws {ActionError} with everything that keeps it from being built: nothing of the project has run then
 */
export async function openProject(
  inputs: Inputs,
  world: World,
  others: () => Promise<readonly Problem[]>
): Promise<OpenProject> {
  const { source, folder, shownFolder, toolchain: wanted, environment } = inputs
  const project = readProject(folder, shownFolder, source.kind === 'project' ? source.tool : 'auto')
  const { tool } = project
  const found =
    tool === undefined ? { problems: [] } : await findToolchain(wanted, environment, { tool, secrets: world.secrets })
  const problems = [...(await others()), ...project.problems, ...('problems' in found ? found.problems : [])]
  if (problems.length > 0 || 'problems' in found) throw new ActionError(problems)
  const { toolchain } = found
  return {
    versions: toolchain.versions,
    tarball: () => buildTarball(project, toolchain, world),
    docs: () => buildDocs(project, toolchain, world)
  }
}
