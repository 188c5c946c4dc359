import { neverCancelled } from '../shared/cancellation.ts'
import { systemClock } from '../shared/clock.ts'
import { errorCode } from '../shared/http-failure.ts'
import { createHttp } from '../shared/http.ts'
import { createInputReader } from '../shared/inputs.ts'
import { bugProblem } from '../shared/phases.ts'
import { ActionError, describe, type Problem } from '../shared/problem.ts'
import { readRunContext } from '../shared/run-context.ts'
import { createSecrets } from '../shared/secrets.ts'
import type { World } from '../shared/world.ts'
import { runCommand, type CommandRooms, type ExitCode } from './command.ts'
import type { Command } from './command-line.ts'
import { readInputs } from './inputs.ts'
import { judgeChange, ruleTitles } from './inspect.ts'
import { localManifest } from './local-manifest.ts'
import { terminalLog, type Terminal } from './terminal.ts'
import { writeSarif } from './verdict-files.ts'

/** Does what somebody asks for at a terminal: the same guard, on what they have not pushed yet. */
export async function runLocally(command: Command, env: NodeJS.ProcessEnv): Promise<ExitCode> {
  let unwritable: Error | undefined
  for (const stream of [process.stdout, process.stderr]) {
    // Who reads along may stop when they have seen enough, as `head` does: the exit code says the rest.
    stream.on('error', (error: Error) => {
      if (errorCode(error) !== 'EPIPE') unwritable = error
    })
  }
  const terminal: Terminal = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text)
  }
  const secrets = createSecrets(() => undefined)
  const log = terminalLog(secrets, terminal)
  const http = createHttp({ clock: systemClock, log, userAgent: 'release-actions/migration-guard' })
  const world: World = { http, clock: systemClock, log, secrets, cancelled: neverCancelled() }
  try {
    const exitCode = await runCommand(command, roomsOf(world, env), terminal)
    await written(process.stdout)
    if (unwritable === undefined) return exitCode
    terminal.err(`What was found could not be written: ${unwritable.message}\n`)
    return 2
  } catch (error) {
    // Node's own exit code for what nobody caught is 1, which says that the change was judged and failed.
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    terminal.err(`${describe(bugProblem('migration-guard', error))}\n${stack}\n`)
    return 2
  } finally {
    http.close()
  }
}

/** What is said of an input, said of the option that it was given by. */
function asOption(problem: Problem): Problem {
  return {
    ...problem,
    message: problem.message.replace(/^Input ([a-z-]+) is /, '--$1 is '),
    hint: problem.hint.replaceAll(/`([a-z-]+): ([^`]+)`/g, '`--$1 $2`')
  }
}

/** Waits until all was written, or could not be. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => {
      // The error is emitted after the callbacks are called.
      setImmediate(resolve)
    })
  })
}

function roomsOf(world: World, env: NodeJS.ProcessEnv): CommandRooms {
  return {
    async check({ inputs: given, state }) {
      const named = Object.entries(given).map(([name, value]): [string, string] => [
        `INPUT_${name.toUpperCase()}`,
        value
      ])
      const reader = createInputReader(Object.fromEntries(named), world.secrets)
      const inputs = readInputs(reader, readRunContext({}))
      if (reader.problems.length > 0) throw new ActionError(reader.problems.map(asOption))
      const { verdict } = await judgeChange({ ...inputs, environment: env, run: { kind: 'local', state } }, world)
      if (given['sarif'] !== undefined) {
        const problem = await writeSarif(inputs.sarif, verdict, ruleTitles)
        if (problem !== undefined) world.log.error(problem)
      }
      return verdict
    },
    manifest: (command) => localManifest(command, env)
  }
}
