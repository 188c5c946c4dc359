import { childEnvironment, findProgram, runProgram } from '../shared/program.ts'
import type { World } from '../shared/world.ts'
import { withCommandFile } from './command-file.ts'
import type { ToolResult, ToolRun } from './tool.ts'

export interface SeedCommand {
  /** One line, or several, as a workflow's `run` takes them. */
  readonly command: string
  /** Absolute. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * Runs the seed command that the user named, by a shell as a runner's step would (`bash -e`), in the environment of the
 * tool. Its exit code is all that is known of it.
 */
export async function runSeedCommand(
  { command, folder, env }: SeedCommand,
  run: ToolRun,
  { log, secrets, cancelled }: Pick<World, 'log' | 'secrets'> & Partial<Pick<World, 'cancelled'>>
): Promise<ToolResult> {
  const bash = findProgram('bash', childEnvironment(env))
  const { exitCode, end, output } = await log.group(command, () =>
    withCommandFile(command, env, (file) =>
      runProgram({
        program: bash ?? 'sh',
        args: [...(bash === undefined ? [] : ['--noprofile', '--norc']), '-e', file],
        folder,
        env,
        timeout: run.timeout,
        log,
        secrets,
        ...(cancelled === undefined ? {} : { cancelled })
      })
    )
  )
  const ended = end === 'exited' && exitCode === 0
  return { exitCode, end, sentence: ended ? 'ok' : 'failed', migrations: [], output }
}
