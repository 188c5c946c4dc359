import type { Plan, Step } from '../../shared/phases.ts'
import { ActionError, fail, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { throwIfCancelled } from '../cancelled.ts'
import type { OtherDatabase } from '../database/database-url.ts'
import { runBackupCommand } from '../dump/backup-command.ts'
import { findMigrationTool } from '../find-tool.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { Rooms } from '../rooms.ts'
import type { RunState } from '../run-state.ts'
import { projectOf } from '../state/project.ts'
import type { EctoTool, PrismaTool, ToolResult, ToolRun, ToolStep } from '../tool.ts'
import { notLookedAt, wantsBackup } from './other-database.ts'

interface Facts {
  readonly other: OtherDatabase
  readonly tool: PrismaTool | EctoTool | undefined
  /** What the tool says: `undefined` where it has no way to say it without migrating. */
  readonly upToDate: boolean | undefined
  readonly problems: readonly Problem[]
}

/**
 * `deploy`, `plan` and `status` of a database that is not PostgreSQL: by the project's tool alone. Its exit code and its
 * sentences are all that is known, and everything else is told as not checked.
 */
export function toolAloneAction(journal: Journal, state: RunState): Rooms<Facts, Plan, true> {
  return {
    inspect: (inputs, world) => inspect(inputs, world, journal),
    plan({ command, backup, failOn, production }, { other, tool, upToDate, problems }) {
      if (problems.length > 0) return { problems }
      if (command === 'status') {
        const found =
          upToDate === undefined ? [cannotTell] : upToDate || !failOn.has('pending') ? [] : [somethingPending]
        return { plan: { steps: [], verdict: { failed: found.length > 0, problems: found } } }
      }
      if (upToDate === true) return { plan: { steps: [] } }
      const backedUp: Step = { kind: 'create', target: 'backup', wanted: 'made', why: backup.command ?? '' }
      const migrated: Step = {
        kind: 'update',
        target: `${other.other} database`,
        wanted: 'migrated',
        why: upToDate === undefined ? `${tool?.facts.label ?? 'the tool'} decides what is pending` : 'the tool says so'
      }
      return { plan: { steps: [...(wantsBackup(backup, production) ? [backedUp] : []), migrated] } }
    },
    async apply(inputs, facts, { steps }, world, record) {
      for (const step of steps) {
        if (step.target === 'backup') await backup(inputs, facts, world, journal)
        else await migrate(inputs, facts, world, journal, state)
        record(step)
      }
    },
    async verify(inputs, facts, _plan, world) {
      const said = await status(inputs, facts, world, journal)
      if (said === false) {
        fail({
          code: 'migrate-table',
          message: 'The tool has migrated, and says now that the database is not up to date.',
          hint: 'Its words are in the log above: look there which migration is left, and run this job again.'
        })
      }
      return true
    }
  }
}

/** A tool that could not tell must not be green. */
const cannotTell: Problem = {
  code: 'deploy-other-database',
  message: 'The project’s tool has no command that tells the state of a database that is not PostgreSQL.',
  hint: 'Ask it by hand (`mix ecto.migrations`), or leave this command out: `deploy` lets the tool decide what is pending.'
}

const somethingPending: Problem = {
  code: 'migrations-pending',
  message: 'The tool says that migrations are pending.',
  hint: 'Deploy them, or take `pending` out of the input `fail-on`.'
}

async function inspect(inputs: Inputs, world: World, journal: Journal): Promise<Facts> {
  const { other } = inputs.urls
  if (other === undefined) throw new TypeError('these rooms are for other databases')
  journal.learn({ preflight: notLookedAt(other) })
  const project = await projectOf(inputs)
  if ('problems' in project) throw new ActionError(project.problems)
  const found = await findMigrationTool(project.project, inputs, world)
  if ('problems' in found) return { other, tool: undefined, upToDate: undefined, problems: found.problems }
  const { tool } = found
  journal.learn({ tool: tool.facts })
  const facts = { other, tool, upToDate: undefined, problems: [] }
  const problems = await before(inputs, facts, world, journal)
  return { ...facts, problems, upToDate: problems.length > 0 ? undefined : await status(inputs, facts, world, journal) }
}

/** `validate`, where the tool has it: offline, and worth knowing before anything else. */
async function before(inputs: Inputs, facts: Facts, world: World, journal: Journal): Promise<readonly Problem[]> {
  const step = facts.tool?.steps.find(({ name }) => name === 'validate')
  if (step === undefined || inputs.tool.validate === 'never') return []
  const result = await ran(step, inputs, facts, world, journal)
  if (result.end === 'exited' && result.exitCode === 0 && result.sentence === 'ok') return []
  return [
    {
      code: 'tool-step-failed',
      message: `${step.title} failed${result.message === undefined ? '' : `: ${result.message}`}.`,
      hint: 'Its output is in the log above. Mend what it says.'
    }
  ]
}

/** @returns undefined where the tool cannot say it without migrating @throws ActionError where it could not look */
async function status(inputs: Inputs, facts: Facts, world: World, journal: Journal): Promise<boolean | undefined> {
  const step = facts.tool?.steps.find(({ name }) => name === 'status')
  if (step === undefined) return undefined
  const result = await ran(step, inputs, facts, world, journal)
  // By what it says: an engine that dies at its start ends with 0 too.
  if (result.end === 'exited' && result.exitCode === 0 && result.sentence === 'nothing') return true
  if (result.end === 'exited' && result.exitCode !== 0 && result.sentence === 'ok') return false
  return fail({
    code: 'tool-step-failed',
    message: `${step.title} could not say how the database is${result.message === undefined ? '' : `: ${result.message}`}.`,
    hint: 'Its output is in the log above. A failed migration has to be resolved by hand first.'
  })
}

function ran(step: ToolStep, inputs: Inputs, facts: Facts, world: World, journal: Journal): Promise<ToolResult> {
  return journal.stage(step.name, step.title, async (stage) => {
    throwIfCancelled(world, `${step.title} was about to run`)
    const result = await step.run(runOf(inputs, facts))
    throwIfCancelled(world, `${step.title} ran`)
    journal.learn({ outputs: [...(journal.learned.outputs ?? []), { title: step.title, text: result.output }] })
    stage.note(result.message ?? `exit code ${result.exitCode}`)
    return result
  })
}

async function backup(inputs: Inputs, { other }: Facts, world: World, journal: Journal): Promise<void> {
  const { command } = inputs.backup
  if (command === undefined) throw new TypeError('another database is backed up by a command alone')
  await journal.stage('backup', 'Backup', async (stage) => {
    const startedAt = world.clock.now()
    const made = await runBackupCommand(
      command,
      {
        url: other,
        inputs: inputs.backup,
        environmentVariables: inputs.environmentVariables,
        folder: inputs.folder,
        applicationName: inputs.sessions.own
      },
      world
    )
    journal.learn({ backup: { ...made, took: world.clock.now() - startedAt } })
    stage.note(made.restore)
  })
}

async function migrate(inputs: Inputs, facts: Facts, world: World, journal: Journal, state: RunState): Promise<void> {
  const { tool } = facts
  if (tool === undefined) throw new TypeError('a deploy that is planned has a tool')
  await journal.stage('migrate', 'Migrations', async (stage) => {
    throwIfCancelled(world, 'it was about to migrate')
    state.migrating({ applicationName: undefined, at: world.clock.now() })
    const result = await tool.migrate(runOf(inputs, facts))
    throwIfCancelled(world, 'it migrated: the server may go on with what it was doing')
    const well = result.end === 'exited' && result.exitCode === 0
    if (!well || result.sentence === 'failed' || result.sentence === undefined) {
      fail({
        code: 'migrate-failed',
        message: `The tool that migrates ${well ? 'ended with exit code 0 and says nowhere that it is done' : 'failed'}${result.failedMigration === undefined ? '' : ` at ${result.failedMigration}`}${result.message === undefined ? '' : `: ${result.message}`}.`,
        hint: 'What it left is not known. Look at the database, resolve the failed migration as the tool’s documentation says, and run this job again.'
      })
    }
    journal.learn({
      ran: result.migrations.map(({ name, took }) => ({
        name,
        result: 'applied',
        ...(took === undefined ? {} : { took })
      }))
    })
    stage.note(result.sentence === 'nothing' ? 'nothing was pending' : 'done, as the tool says')
  })
}

function runOf({ sessions, tool }: Inputs, { other }: Facts): ToolRun {
  return { url: other, applicationName: sessions.tool, lockTimeout: 0, statementTimeout: 0, timeout: tool.timeout }
}
