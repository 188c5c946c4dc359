import type { PrismaTool, ToolResult, ToolRun } from '../tool.ts'
import { withOwnConfiguration } from './own-configuration.ts'
import { runPrisma, type ToolWorld } from './prisma-program.ts'

/** `migrate deploy` on a database that is nobody's, with the migrations that the tool's configuration names. */
export function prismaReplay({ program }: PrismaTool, run: ToolRun, world: ToolWorld): Promise<ToolResult> {
  return withOwnConfiguration(program, { run }, world, ({ file, env }) =>
    runPrisma(program, { command: 'deploy', args: ['migrate', 'deploy', '--config', file], env }, run, world)
  )
}
