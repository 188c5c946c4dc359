import { readdirSync } from 'node:fs'
import { createJournal, type Journal } from '../../../actions/db-deploy/journal.ts'
import type { Inputs } from '../../../actions/db-deploy/inputs.ts'
import { readInputs } from '../../../actions/db-deploy/read-inputs.ts'
import { restoreAction } from '../../../actions/db-deploy/restore/main.ts'
import { execute, type Execution } from '../../../actions/shared/phases.ts'
import { temporaryFolder } from '../../support/run-action.ts'
import { backupWorld } from '../dump/backing-up.ts'
import { keptDeeds } from '../kept-deeds.ts'

/** Runs the rooms of `command: restore`, in staging unless told, with the programs of one folder. */
export async function restores(
  url: string,
  programs: string,
  inputs: Readonly<Record<string, string>>,
  cancelled?: AbortSignal
): Promise<{
  readonly execution: Execution
  readonly journal: Journal
  readonly said: string
  /** Files that it left in the job's folder. */
  readonly left: readonly string[]
}> {
  const world = backupWorld(cancelled)
  const journal = createJournal(world.clock)
  const temp = temporaryFolder('runner')
  const given = { command: 'restore', environment: 'staging', 'database-url': url, ...inputs }
  const env: NodeJS.ProcessEnv = {
    PATH: `${programs}:${process.env['PATH'] ?? ''}`,
    RUNNER_TEMP: temp,
    GITHUB_WORKSPACE: temporaryFolder('checkout'),
    GITHUB_RUN_ID: '42',
    GITHUB_REF: 'refs/tags/v1',
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
  }
  const rooms = restoreAction(journal, keptDeeds().state)
  const execution = await execute<
    Inputs,
    Parameters<typeof rooms.plan>[1],
    Parameters<typeof rooms.verify>[2],
    unknown,
    Parameters<typeof rooms.verify>[4]
  >(
    {
      name: 'db-deploy',
      ...rooms,
      readInputs: (reader, context) => readInputs(reader, context, env),
      report: () => ({ outputs: {}, summary: [], targets: [], notChecked: [] })
    },
    world,
    env
  )
  if (execution.bug instanceof Error) throw execution.bug
  return { execution, journal, said: world.log.lines.join('\n'), left: readdirSync(temp) }
}
