import { createJournal, type Journal } from '../../../actions/db-deploy/journal.ts'
import { readInputs } from '../../../actions/db-deploy/read-inputs.ts'
import { rollbackAction } from '../../../actions/db-deploy/rollback/rollback.ts'
import { systemClock } from '../../../actions/shared/clock.ts'
import { execute, type Execution } from '../../../actions/shared/phases.ts'
import { runnerEnvironment, temporaryFolder } from '../../support/run-action.ts'
import { keptDeeds } from '../kept-deeds.ts'
import { realWorld } from '../lock/deploying.ts'

export interface RolledBackRun {
  readonly execution: Execution
  readonly journal: Journal
  readonly codes: readonly string[]
  readonly said: string
}

/**
 * Runs `command: rollback` in this process, in staging.
 *
 * @param tools a folder of programs that are found first
 * @param cancelledIn the stage at whose beginning the job is cancelled
 */
export async function rollsBack(
  folder: string,
  url: string,
  inputs: Readonly<Record<string, string>> = {},
  tools?: string,
  cancelledIn?: string
): Promise<RolledBackRun> {
  const cancel = new AbortController()
  const world = realWorld(cancel.signal)
  const { state } = keptDeeds()
  const journal = createJournal(systemClock, {
    ...state,
    hear({ name }) {
      if (name === cancelledIn) cancel.abort()
    }
  })
  const given = { command: 'rollback', environment: 'staging', 'database-url': url, ...inputs }
  const env: NodeJS.ProcessEnv = {
    ...runnerEnvironment(temporaryFolder('runner'), folder),
    PATH: tools === undefined ? process.env['PATH'] : `${tools}:${process.env['PATH'] ?? ''}`,
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
  }
  const execution = await execute(
    {
      name: 'db-deploy',
      ...rollbackAction(journal, state),
      readInputs: (reader, context) => readInputs(reader, context, env),
      report: () => ({ outputs: {}, summary: [], targets: [], notChecked: [] })
    },
    world,
    env
  )
  return { execution, journal, codes: execution.problems.map(({ code }) => code), said: world.log.lines.join('\n') }
}
