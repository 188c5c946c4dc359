import type { Step } from '../../shared/phases.ts'
import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { throwIfCancelled } from '../cancelled.ts'
import type { ToolStart } from '../deed.ts'
import { takeBackup } from '../dump/take-backup.ts'
import { ectoRollback, type RollbackTarget } from '../ecto/rollback.ts'
import type { Inputs } from '../inputs.ts'
import { cancelledCode, type Journal } from '../journal.ts'
import type { DeployLock } from '../lock/deploy-lock.ts'
import { lockKey } from '../lock/lock-key.ts'
import { reconcile } from '../lock/reconcile.ts'
import { takeLock } from '../lock/take-lock.ts'
import { prismaResolve } from '../prisma/resolve.ts'
import { directUrl, reading } from '../reading.ts'
import type { RunState } from '../run-state.ts'
import { mergedState } from '../state/merged-state.ts'
import type { MigrationState, MigrationStatus } from '../state/migration-state.ts'
import { knownStates } from '../state/read-migration-state.ts'
import { toolRun } from '../tool-run.ts'
import type { EctoTool, PrismaTool, ToolResult, ToolRun } from '../tool.ts'
import { backupRequest } from '../dump/backup-request.ts'
import { lookAtFailure, type RollbackFacts } from './inspect.ts'
import type { RollbackPlan } from './plan.ts'
import { rollbackProgress, stayingVersion, type RollbackGoal, type RollbackProgress } from './progress.ts'
import { appliedNewestFirst } from './target.ts'

export interface Rollback {
  readonly inputs: Inputs
  readonly facts: RollbackFacts
  readonly plan: RollbackPlan
  readonly world: World
  readonly journal: Journal
  readonly state: RunState
  readonly record: (step: Step) => void
}

/** Under the deploy's lock, and after a second look: what was true without the lock need not be true with it. */
export async function apply(rollback: Rollback): Promise<void> {
  const { inputs, facts, world, journal, plan, record } = rollback
  const { project } = facts.survey
  const { tool } = facts
  if (tool === undefined) throw new TypeError('a rollback that is planned has a tool')
  const key = lockKey({ schema: project.tableSchema, table: project.table })
  const request = { key, wait: inputs.lock.wait, applicationName: inputs.sessions.own }
  const lock = await takeLock(directUrl(inputs), request, world, journal)
  try {
    await refuseChanged(rollback)
    if (facts.backup) {
      await lock.assertHeld()
      await takeBackup(backupRequest(inputs, facts.survey.server), world, journal)
    }
    await (tool.framework === 'prisma' ? markRolledBack(rollback, tool, lock) : rollBack(rollback, tool, lock))
    for (const step of plan.steps) record(step)
  } finally {
    await lock.release()
  }
}

/**
 * Another run may have been there while the lock was waited for. Whatever it applied or took back counts: what goes is
 * chosen by what is applied.
 */
async function refuseChanged({ inputs, facts, world }: Rollback): Promise<void> {
  const now = doneIn(await readStates(inputs, facts, world))
  const before = doneIn(facts.survey.states)
  const changed = [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name))
  if (changed.length === 0) return
  const told = changed.map(
    (name) => `${name} was ${before.get(name) ?? 'pending'} and is ${now.get(name) ?? 'pending'}`
  )
  fail({
    code: 'rollback-target',
    message: `Another run was faster: ${told.join(', ')}. Nothing was rolled back.`,
    hint: 'Look at the state (`command: status`), and whether the same is to go back still, before you run this again.'
  })
}

/** What is not pending, by name. */
function doneIn(states: readonly MigrationState[]): ReadonlyMap<string, MigrationStatus['status']> {
  const all = states.flatMap(({ migrations }) => migrations)
  return new Map(all.flatMap(({ name, status }) => (status === 'pending' ? [] : [[name, status] as const])))
}

async function markRolledBack(rollback: Rollback, tool: PrismaTool, lock: DeployLock): Promise<void> {
  const { inputs, facts, world, journal, state } = rollback
  await journal.stage('resolve', 'Mark as rolled back', async (stage) => {
    for (const target of facts.targets) {
      const failed = await lookAtFailure(target, inputs, { survey: facts.survey, tool }, world, journal)
      if (!failed.provenAbsent) {
        fail({
          code: 'rollback-not-proven',
          message: `What ${target.name} makes came into being while the lock was waited for.`,
          hint: `Something else works on this database. What to do:\n${failed.runbook.join('\n')}`
        })
      }
      throwIfCancelled(world, 'it was about to mark a migration as rolled back')
      await lock.assertHeld()
      const start = { applicationName: inputs.sessions.tool, at: world.clock.now() }
      state.doing({ kind: 'rollback', ...start, goal: goalOf(facts) })
      const result = await prismaResolve(tool, target.name, 'rolled-back', runOf(rollback), world)
      if (result.end !== 'exited' || result.exitCode !== 0) await breakOff(rollback, result, start)
    }
    stage.note(facts.targets.map(({ name }) => name).join(', '))
  })
}

async function rollBack(rollback: Rollback, tool: EctoTool, lock: DeployLock): Promise<void> {
  const { inputs, facts, world, journal, state } = rollback
  await journal.stage('rollback', 'Rollback', async (stage) => {
    throwIfCancelled(world, 'it was about to roll back')
    await lock.assertHeld()
    const start = {
      applicationName: tool.program.parameters === 'none' ? undefined : inputs.sessions.tool,
      at: world.clock.now()
    }
    const goal = goalOf(facts)
    state.doing({ kind: 'rollback', ...start, goal })
    const result = await ectoRollback(tool, targetOf(goal, tool), runOf(rollback), world)
    if (world.cancelled.aborted || result.end !== 'exited' || result.exitCode !== 0) {
      await breakOff(rollback, result, start)
    }
    refuseOthers(result, goal)
    stage.note(facts.targets.length === 0 ? 'by its own call' : facts.targets.map(({ name }) => name).join(', '))
  })
}

/** Of several hosts the one that answered: tools know one alone. */
function runOf({ inputs, facts }: Rollback): ToolRun {
  return toolRun(inputs, facts.survey.server.url)
}

/** By names, as they were chosen: newest first. */
function goalOf({ survey: { project, states }, targets, byCall }: RollbackFacts): RollbackGoal {
  return {
    framework: project.framework,
    before: project.framework === 'ecto' ? appliedNewestFirst(states).map(({ name }) => name) : [],
    targets: byCall ? undefined : targets.map(({ name }) => name)
  }
}

/**
 * Mix gets the version that stays, never a count: that would begin at what is newest then. The function that Phoenix
 * writes for a release hands its version to `Ecto.Migrator.run(…, :down, to: …)`, which takes that version back as well: it
 * gets the oldest one that goes. A function that means it otherwise then takes back too little, which is told, and never
 * too much.
 */
function targetOf(goal: RollbackGoal, { program }: EctoTool): RollbackTarget {
  const { targets = [] } = goal
  if (program.kind === 'mix') return { to: stayingVersion(goal) }
  return { to: targets.at(-1) ?? '0', steps: targets.length }
}

/** It was ended, or failed: what it left is ended, the table read, and what is to be done said by names. @throws ActionError */
async function breakOff(
  { inputs, facts, world, journal }: Rollback,
  result: ToolResult,
  start: ToolStart
): Promise<never> {
  const goal = goalOf(facts)
  let progress: RollbackProgress | undefined
  const found = await reconcile(
    {
      url: directUrl(inputs),
      applicationName: start.applicationName,
      startedAt: start.at,
      before: undefined,
      readState: (session) => knownStates(session, facts.survey.project),
      judge: (after) => (progress = rollbackProgress(goal, after))
    },
    world
  )
  const merged = found.after === undefined ? undefined : mergedState(found.after)
  journal.learn({ runbook: found.runbook, ...(merged === undefined ? {} : { after: merged }) })
  const told = found.told.join(' ')
  if (world.cancelled.aborted) {
    return fail({
      code: cancelledCode,
      message: `The job was cancelled while it rolled back. ${told}`,
      hint: 'The runbook in the job summary has what is to be done now, with the exact inputs.'
    })
  }
  const said = result.message ?? result.output.trim().split('\n').at(-1) ?? ''
  const end = result.end === 'exited' ? `ended with ${result.exitCode}` : `was ${result.end}`
  const [next] = progress?.left ?? []
  return fail({
    code: 'rollback-failed',
    message: `${labelOf(facts)} ${end}${said === '' ? '' : `: ${said}`}. ${told}`,
    hint: [
      ...(next === undefined || goal.framework === 'prisma'
        ? []
        : [`Mend the \`down\` of ${next}, or write a new migration that undoes it.`]),
      ...found.runbook
    ].join(' ')
  })
}

/** What was applied between our look and the tool's, by somebody who does not ask for the lock. */
function refuseOthers({ migrations }: ToolResult, { targets }: RollbackGoal): void {
  const others = migrations.filter(({ name }) => targets?.includes(name) === false).map(({ name }) => name)
  if (others.length === 0) return
  fail({
    code: 'rollback-failed',
    message: `${others.join(', ')} went back as well, and ${others.length === 1 ? 'was' : 'were'} not applied when this run looked: somebody migrates without the deploy lock.`,
    hint: 'Apply it again by `command: deploy`, restore what it held from the backup, and let nobody migrate beside db-deploy.'
  })
}

/** As a user would type it. */
function labelOf({ tool }: RollbackFacts): string {
  if (tool === undefined || tool.framework === 'prisma') return 'prisma migrate resolve'
  return tool.program.kind === 'mix' ? 'mix ecto.rollback' : (tool.program.rollbackCall ?? 'the release')
}

/** The table, over a connection of its own. */
export async function readStates(
  inputs: Inputs,
  { survey }: RollbackFacts,
  world: World
): Promise<readonly MigrationState[]> {
  return reading({ ...inputs, url: directUrl(inputs) }, world, (session) => knownStates(session, survey.project))
}

export function statusOf(states: readonly MigrationState[], name: string): MigrationStatus | undefined {
  return states.flatMap(({ migrations }) => migrations).find((each) => each.name === name)
}
