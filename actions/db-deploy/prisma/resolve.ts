import type { World } from '../../shared/world.ts'
import type { PrismaTool, ToolResult, ToolRun } from '../tool.ts'

/**
 * `prisma migrate resolve`: changes what Prisma's table says of one migration, and nothing else. Whoever calls has proven
 * that it is so.
 *
 * @param name the migration's folder
 */
export declare function prismaResolve(
  tool: PrismaTool,
  name: string,
  as: 'applied' | 'rolled-back',
  run: ToolRun,
  world: Pick<World, 'log' | 'secrets'>
): Promise<ToolResult>
