import { systemClock } from '../shared/clock.ts'
import { createHttp } from '../shared/http.ts'
import { createInputReader } from '../shared/inputs.ts'
import { bugProblem } from '../shared/phases.ts'
import { ActionError, describe } from '../shared/problem.ts'
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
  const terminal: Terminal = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text)
  }
  const secrets = createSecrets(() => undefined)
  const log = terminalLog(secrets, terminal)
  const http = createHttp({ clock: systemClock, log, userAgent: 'release-actions/migration-guard' })
  const world: World = { http, clock: systemClock, log, secrets }
  try {
    return await runCommand(command, roomsOf(world, env), terminal)
  } catch (error) {
    // Node's own exit code for what nobody caught is 1, which says that the change was judged and failed.
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    terminal.err(`${describe(bugProblem('migration-guard', error))}\n${stack}\n`)
    return 2
  } finally {
    http.close()
  }
}

function roomsOf(world: World, env: NodeJS.ProcessEnv): CommandRooms {
  return {
    async check({ inputs: given, staged }) {
      const named = Object.entries(given).map(([name, value]): [string, string] => [
        `INPUT_${name.toUpperCase()}`,
        value
      ])
      const reader = createInputReader(Object.fromEntries(named), world.secrets)
      const inputs = readInputs(reader, readRunContext({}))
      if (reader.problems.length > 0) throw new ActionError(reader.problems)
      const { verdict } = await judgeChange({ ...inputs, environment: env, run: { kind: 'local', staged } }, world)
      if (given['sarif'] !== undefined) await writeSarif(inputs.sarif, verdict, ruleTitles)
      return verdict
    },
    manifest: (command) => localManifest(command, env)
  }
}
