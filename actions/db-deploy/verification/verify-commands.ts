import { childEnvironment, runProgram, type ProgramResult } from '../../shared/program.ts'
import type { World } from '../../shared/world.ts'
import { throwIfCancelled } from '../cancelled.ts'
import type { Check } from '../check.ts'
import { withCommandFile } from '../command-file.ts'

export interface CommandOptions {
  /** Absolute; where they run. */
  readonly folder: string
  readonly environmentVariables: NodeJS.ProcessEnv
  /** Besides: `DATABASE_URL`, `PGHOST` … */
  readonly given: Readonly<Record<string, string>>
  /** Milliseconds for each. */
  readonly timeout: number
}

/**
 * Runs each line by bash as the `run` of a workflow is, `bash --noprofile --norc -e -o pipefail FILE` (command-file.ts).
 * It passes when it exits with 0. One that fails hides no other.
 *
 * @throws ActionError when the job is cancelled
 */
export async function verifyCommands(
  commands: readonly string[],
  options: CommandOptions,
  world: Pick<World, 'log' | 'secrets' | 'clock' | 'cancelled'>
): Promise<readonly Check[]> {
  const checks: Check[] = []
  for (const command of commands) {
    throwIfCancelled(world, 'the verify-commands were run')
    const shown = world.secrets.redact(command)
    const startedAt = world.clock.now()
    const result = await world.log.group(`verify-commands: ${shown}`, () => runLine(command, options, world))
    throwIfCancelled(world, `${shown} was run`)
    const took = `${((world.clock.now() - startedAt) / 1000).toFixed(1)} s`
    const check = { id: 'verify-command', title: shown }
    const why = whyFailed(result, options.timeout)
    world.log.info(`${shown}: ${why ?? 'passed'} (${took})`)
    checks.push(
      why === undefined
        ? { ...check, result: 'ok', told: took }
        : {
            ...check,
            result: 'failed',
            told: `${why} after ${took}`,
            problem: {
              code: 'verify-command',
              message: `${shown} ${why}${lastWords(result)}.`,
              hint: `Its whole output stands in the log. It is run by bash in working-directory, with DATABASE_URL and libpq's PG… variables set; other secrets are only there where env of this step names them.`
            }
          }
    )
  }
  return checks
}

function runLine(
  command: string,
  { folder, environmentVariables, given, timeout }: CommandOptions,
  { log, secrets, cancelled }: Pick<World, 'log' | 'secrets' | 'cancelled'>
): Promise<ProgramResult> {
  return withCommandFile(command, environmentVariables, (file) =>
    runProgram({
      program: 'bash',
      args: ['--noprofile', '--norc', '-e', '-o', 'pipefail', file],
      folder,
      env: { ...childEnvironment(environmentVariables), ...given },
      timeout,
      log,
      secrets,
      cancelled
    })
  )
}

function whyFailed({ end, exitCode }: ProgramResult, timeout: number): string | undefined {
  switch (end) {
    case 'exited':
      return exitCode === 0 ? undefined : `exited with ${exitCode ?? 'no code'}`
    case 'killed':
      return 'was killed'
    case 'timed out':
      return `was not done after ${timeout / 1000} seconds`
    case 'not started':
      return 'could not be started'
  }
}

/** Lines that are enough to see what it is about. */
function lastWords({ output }: ProgramResult): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.length === 0 ? '' : `: ${lines.slice(-3).join(' / ')}`
}
