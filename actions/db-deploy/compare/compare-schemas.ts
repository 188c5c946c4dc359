import type { World } from '../../shared/world.ts'
import { findMigrationTool } from '../find-tool.ts'
import { ActionError } from '../../shared/problem.ts'
import { scratchServer } from '../dump/scratch-database.ts'
import type { Inputs } from '../inputs.ts'
import type { Difference } from '../record.ts'
import type { Project } from '../state/project.ts'
import type { Survey } from '../survey.ts'
import type { EctoTool, PrismaTool } from '../tool.ts'
import { compareEcto } from './ecto-difference.ts'
import { comparePrisma } from './prisma-difference.ts'

/** What two schemas are compared with. */
export interface Comparison {
  readonly inputs: Inputs
  readonly found: Survey
}

/**
 * The applied migrations against the database (`drift`), or the database against all migrations (`diff`).
 * @throws ActionError where it cannot be compared
 */
export async function compareSchemas(
  what: 'drift' | 'diff',
  comparison: Comparison,
  world: World
): Promise<Difference> {
  const { inputs, found } = comparison
  const isPending = found.pending.length > 0
  if (found.states.length === 0) return notChecked('which migrations were applied is not known')
  if (what === 'diff' && !isPending) return { result: 'none', text: '', findings: [], tables: [] }
  if (inputs.urls.scratch === undefined) return notChecked('there is no scratch-url')
  const scratch = scratchServer(inputs)
  return found.project.framework === 'prisma'
    ? comparePrisma(what, comparison, scratch, world)
    : compareEcto(what, comparison, scratch, world)
}

export function notChecked(why: string): Difference {
  return { result: 'not checked', why, text: '', findings: [], tables: [] }
}

/** @throws ActionError with every reason why there is none */
export async function toolOf(project: Project, inputs: Inputs, world: World): Promise<PrismaTool | EctoTool> {
  const found = await findMigrationTool(project, inputs, world)
  if ('problems' in found) throw new ActionError(found.problems)
  return found.tool
}
