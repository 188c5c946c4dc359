import type { World } from '../../shared/world.ts'
import type { ToolChoice, ToolProject } from '../find-tool.ts'
import type { FoundTool } from '../tool.ts'

export declare function findPrisma(
  project: ToolProject,
  inputs: ToolChoice,
  world: Pick<World, 'log' | 'secrets'>
): Promise<FoundTool>
