import { createInputReader } from '../shared/inputs.ts'
import { execute, type Executable, type Execution, type Plan } from '../shared/phases.ts'
import type { World } from '../shared/world.ts'
import { backupAction } from './backup/main.ts'
import { inTime, notInOrder } from './cancelled-run.ts'
import type { Command } from './command.ts'
import { diffAction } from './compare/diff.ts'
import { driftAction } from './compare/drift.ts'
import { conclude } from './conclude.ts'
import { deployAction } from './deploy/main.ts'
import { examineAction } from './examine/main.ts'
import type { Inputs } from './inputs.ts'
import { createJournal, type Journal } from './journal.ts'
import { readableDuration } from './duration.ts'
import { readCommand, readInputs } from './read-inputs.ts'
import { readOther } from './read-urls.ts'
import type { RunRecord, Stage } from './record.ts'
import { reportRun } from './report.ts'
import { restoreAction } from './restore/main.ts'
import { rollbackAction } from './rollback/rollback.ts'
import type { Rooms } from './rooms.ts'
import { recordOf, recordOfRefusal } from './run-record.ts'
import { openRunState, type RunState } from './run-state.ts'
import { toolAloneAction } from './tool-alone/main.ts'

const name = 'db-deploy'

/** Deploys migrations to a database, or looks at it, backs it up, restores it or rolls it back. */
export const dbDeploy: Executable = {
  name,
  endsInOrder: true,
  execute(world, env) {
    // Both are read once more with the other inputs, where a bad one becomes a problem.
    const reader = createInputReader(env, world.secrets)
    const taken = readOther(reader, env) === undefined ? families[readCommand(reader)] : toolAlone
    return taken(world, env)
  }
}

type Family = (world: World, env: NodeJS.ProcessEnv) => Promise<Execution>

/**
 * Runs the phases of one family with a journal of their own, and then tells the run to those who asked for it. However it
 * ends, also by inputs that are wrong, there is a record of it.
 */
function family<F, P extends Plan, V, A>(make: (journal: Journal, state: RunState) => Rooms<F, P, V, A>): Family {
  return async (world, env) => {
    const state = openRunState(env)
    const journal = createJournal(world.clock, {
      ...state,
      hear(stage, moment) {
        state.hear(stage, moment)
        if (moment === 'ended') world.log.info(toldStage(stage))
      }
    })
    const startedAt = world.clock.now()
    let inputs: Inputs | undefined
    let record: RunRecord | undefined
    const run = execute<Inputs, F, P, V, A>(
      {
        name,
        ...make(journal, state),
        readInputs(reader, context) {
          inputs = readInputs(reader, context, env)
          state.begun(inputs)
          return inputs
        },
        report: (outcome) => {
          record = recordOf(outcome, journal, { startedAt, finishedAt: world.clock.now() })
          return reportRun(record)
        }
      },
      world,
      env
    )
    const execution = await inTime(run, world)
    if (inputs === undefined) return execution ?? run
    const times = { startedAt, finishedAt: world.clock.now() }
    const ended = execution ?? notInOrder({ action: name, context: inputs.context, ...times }, journal)
    const known = execution === undefined ? undefined : record
    const told = await conclude(ended, known ?? recordOfRefusal(inputs, ended.problems, journal, times), inputs, world)
    // A run that left things as they were is for the step after it.
    if (execution === undefined) return told
    const afterTelling = (): void => {
      state.finish()
    }
    return { ...told, afterTelling }
  }
}

/** A line of the log: what stands in a summary is to be found there too. */
function toldStage({ title, result, note, startedAt, finishedAt }: Stage): string {
  const took = readableDuration(finishedAt - startedAt)
  return `${title}: ${result}${note === '' ? '' : `, ${note}`} (${took})`
}

const toolAlone = family(toolAloneAction)
const examine = family(examineAction)

const families: Readonly<Record<Command, Family>> = {
  deploy: family(deployAction),
  plan: family(deployAction),
  status: examine,
  preflight: examine,
  smoke: examine,
  drift: family(driftAction),
  diff: family(diffAction),
  backup: family(backupAction),
  restore: family(restoreAction),
  rollback: family(rollbackAction)
}
