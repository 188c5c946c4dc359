import { runProgram, type ProgramResult } from '../shared/program.ts'
import type { World } from '../shared/world.ts'
import type { BuildTool, Project } from './project.ts'
import type { Toolchain } from './toolchain.ts'

/** Milliseconds. Nothing asks for input, so that only what hangs comes near it. */
const longestRun = 30 * 60_000

/** Runs the project's tool in its folder; what it says stands in a folded group of the log. */
export function runTool(
  project: Project,
  args: readonly string[],
  { env }: Pick<Toolchain, 'env'>,
  { log, secrets }: Pick<World, 'log' | 'secrets'>
): Promise<ProgramResult> {
  const program = toolOf(project)
  return log.group([program, ...args].join(' '), () =>
    runProgram({ program, args, folder: project.folder, env, timeout: longestRun, log, secrets })
  )
}

/** The tool of a project with which readProject found no problem. */
export function toolOf({ tool, shown }: Project): BuildTool {
  if (tool === undefined) throw new Error(`${shown} has no build tool, and its problems were passed over`)
  return tool
}
