import { createInputReader } from '../shared/inputs.ts'
import { endedExecution, execute, type Executable, type Execution, type Plan, type Report } from '../shared/phases.ts'
import type { Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { backupAction } from './backup/main.ts'
import type { Command } from './command.ts'
import { diffAction } from './compare/diff.ts'
import { driftAction } from './compare/drift.ts'
import { deployAction } from './deploy/main.ts'
import { examineAction } from './examine/main.ts'
import type { Inputs } from './inputs.ts'
import { cancelledCode, createJournal, type Journal } from './journal.ts'
import { readableDuration } from './duration.ts'
import { judgeTimes } from './judge-times.ts'
import { readCommand, readInputs } from './read-inputs.ts'
import { readOther } from './read-urls.ts'
import type { RunRecord, Stage } from './record.ts'
import { reportRun } from './report.ts'
import { restoreAction } from './restore/main.ts'
import { rollbackAction } from './rollback/rollback.ts'
import type { Rooms } from './rooms.ts'
import { recordOf, recordOfRefusal } from './run-record.ts'
import { openRunState, type RunState } from './run-state.ts'
import { verdictOf } from './summary-verdict.ts'
import { announce } from './telemetry/announce.ts'
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
    const journal = createJournal(world.clock, (stage, moment) => {
      state.hear(stage, moment)
      if (moment === 'ended') world.log.info(toldStage(stage))
    })
    const startedAt = world.clock.now()
    let inputs: Inputs | undefined
    let record: RunRecord | undefined
    const run = execute<Inputs, F, P, V, A>(
      {
        name,
        ...make(journal, state),
        readInputs: (reader, context) => (inputs = readInputs(reader, context, env)),
        report: (outcome) => {
          record = recordOf(outcome, journal, { startedAt, finishedAt: world.clock.now() })
          return reportRun(record)
        }
      },
      world,
      env
    )
    const execution = await Promise.race([run, overdue(world)])
    const times = { startedAt, finishedAt: world.clock.now() }
    if (inputs === undefined) return execution ?? run
    const { tag, context } = inputs
    const ended =
      execution ??
      endedExecution(
        { action: name, context, ...times },
        {
          tag,
          status: 'failed',
          problems: [notInOrder(journal)],
          writing: true,
          done: 0,
          judged: false,
          report: nothing
        }
      )
    const known =
      (execution === undefined ? undefined : record) ?? recordOfRefusal(inputs, ended.problems, journal, times)
    const judged = judgeTimes(known, inputs.telemetry)
    const told = { ...known, ...(judged.problems.length === 0 ? {} : failedFor(known, judged.problems)) }
    world.log.info(verdictOf(told).line)
    const report = reportRun(told, [...judged.remarks, ...(await announce(told, inputs, world, judged.remarks))])
    return {
      ...ended,
      status: told.status,
      problems: told.problems,
      // What was to be done is done; the time that it took fails the run.
      judged: ended.judged || (ended.status !== 'failed' && told.status === 'failed'),
      report,
      receipt: { ...ended.receipt, status: told.status, problems: told.problems },
      // A run that left things as they were is for the step after it.
      ...(execution === undefined
        ? {}
        : {
            afterTelling: () => {
              state.finish()
            }
          })
    }
  }
}

/** `fail-after` judges a run that has ended; one that has failed keeps its own reasons first. */
function failedFor({ problems }: RunRecord, late: readonly Problem[]): Pick<RunRecord, 'status' | 'problems'> {
  return { status: 'failed', problems: [...problems, ...late] }
}

const nothing: Report = { outputs: {}, summary: [], targets: [], notChecked: [] }

/** Milliseconds that a cancelled run may take to leave things in order; two more are for telling it. */
const order = 4_000

/**
 * Undefined once a cancelled run has had its time: a server that does not answer must not keep the job from telling what
 * is known. The step after it takes up what was left.
 */
function overdue({ cancelled }: World): Promise<undefined> {
  return new Promise((resolve) => {
    const begin = (): void => {
      setTimeout(() => {
        resolve(undefined)
      }, order).unref()
    }
    if (cancelled.aborted) begin()
    else cancelled.addEventListener('abort', begin, { once: true })
  })
}

function notInOrder({ stages }: Journal): Problem {
  const last = stages.at(-1)
  return {
    code: cancelledCode,
    message: `The job was cancelled${last === undefined ? '' : ` during “${last.title}”`}, and what was under way did not end in ${order / 1_000} seconds: what it left is not known yet.`,
    hint: 'The step after this one looks again and says it in a summary of its own. Where there is none, look at `pg_stat_activity` for sessions named `release-actions/db-deploy`, and run `command: status`.'
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
