import type { PrismaTool, ToolResult, ToolRun } from '../tool.ts'
import { runPrisma, type ToolWorld } from './prisma-program.ts'

/**
 * `prisma migrate resolve`: changes what Prisma's table says of one migration, and nothing else. Whoever calls has proven
 * that it is so.
 *
 * @param name the migration's folder
 */
export function prismaResolve(
  { program }: PrismaTool,
  name: string,
  as: 'applied' | 'rolled-back',
  run: ToolRun,
  world: ToolWorld
): Promise<ToolResult> {
  return runPrisma(program, { command: 'resolve', args: ['migrate', 'resolve', `--${as}`, name] }, run, world)
}
