import type { Step } from '../../shared/phases.ts'
import { ActionError, fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { throwIfCancelled } from '../cancelled.ts'
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
import type { MigrationState, MigrationStatus } from '../state/migration-state.ts'
import type { Session } from '../database/session.ts'
import { knownStates } from '../state/read-migration-state.ts'
import type { EctoTool, PrismaTool, ToolResult, ToolRun } from '../tool.ts'
import { backupRequest } from '../dump/backup-request.ts'

import { lookAtFailure, type RollbackFacts } from './inspect.ts'
import type { RollbackPlan } from './plan.ts'

export interface Rollback {
  readonly inputs: Inputs
  readonly facts: RollbackFacts
  readonly plan: RollbackPlan
  readonly world: World
  readonly journal: Journal
  readonly record: (step: Step) => void
}

/** Under the deploy's lock, and after a second look: what was true without the lock need not be true with it. */
export async function apply(rollback: Rollback): Promise<void> {
  const { inputs, facts, world, journal, plan, record } = rollback
  const { project } = facts.survey
  const { tool } = facts
  if (tool === undefined) throw new TypeError('a rollback that is planned has a tool')
  const key = lockKey({ schema: project.schema, table: project.table })
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

/** Another run may have been there while the lock was waited for. */
async function refuseChanged({ inputs, facts, world }: Rollback): Promise<void> {
  const now = await readStates(inputs, facts, world)
  const changed = facts.targets.filter(({ name, status }) => statusOf(now, name)?.status !== status)
  if (changed.length === 0) return
  fail({
    code: 'rollback-target',
    message: `Another run was faster: ${changed.map(({ name, status }) => `${name} was ${status} and is ${statusOf(now, name)?.status ?? 'gone'}`).join(', ')}.`,
    hint: 'Look at the state (`command: status`) before you run this again.'
  })
}

async function markRolledBack(rollback: Rollback, tool: PrismaTool, lock: DeployLock): Promise<void> {
  const { inputs, facts, world, journal } = rollback
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
      const result = await prismaResolve(tool, target.name, 'rolled-back', runOf(inputs), world)
      if (result.exitCode !== 0) throw new ActionError([failedProblem(result, `prisma migrate resolve`)])
    }
    stage.note(facts.targets.map(({ name }) => name).join(', '))
  })
}

async function rollBack(rollback: Rollback, tool: EctoTool, lock: DeployLock): Promise<void> {
  const { inputs, facts, world, journal } = rollback
  await journal.stage('rollback', 'Rollback', async (stage) => {
    throwIfCancelled(world, 'it was about to roll back')
    await lock.assertHeld()
    const startedAt = world.clock.now()
    const result = await ectoRollback(tool, targetOf(inputs, facts, tool), runOf(inputs), world)
    if (world.cancelled.aborted || result.end !== 'exited') {
      const applicationName = tool.program.parameters === 'none' ? undefined : inputs.sessions.tool
      const readState = (session: Session): Promise<readonly MigrationState[]> =>
        knownStates(session, facts.survey.project)
      const url = directUrl(inputs)
      const found = await reconcile({ url, applicationName, startedAt, before: undefined, readState }, world)
      journal.learn({ runbook: found.runbook })
      fail({
        code: world.cancelled.aborted ? cancelledCode : 'rollback-failed',
        message: `The rollback was broken off. ${found.told.join(' ')}`,
        hint: 'Look at the runbook in the job summary; then run it again, or deploy again.'
      })
    }
    if (result.exitCode !== 0) throw new ActionError([failedProblem(result, tool.facts.label)])
    stage.note(facts.targets.length === 0 ? 'by its own call' : facts.targets.map(({ name }) => name).join(', '))
  })
}

/**
 * For Mix as it was asked. The function that Phoenix writes for a release hands its version to `Ecto.Migrator.run(…, :down,
 * to: …)`, which takes that version back as well: it gets the oldest one that goes. A function that means it otherwise then
 * takes back too little, which is told, and never too much.
 */
function targetOf({ rollback }: Inputs, { targets }: RollbackFacts, { program }: EctoTool): RollbackTarget {
  const { to, steps } = rollback
  const bySteps = program.kind === 'mix' || program.rollbackCall?.includes('{steps}') === true
  if (steps !== undefined && bySteps) return { steps }
  if (to !== undefined && program.kind === 'mix') return { to }
  return { to: targets.at(-1)?.name ?? '0' }
}

export function runOf(inputs: Inputs): ToolRun {
  return {
    url: directUrl(inputs),
    applicationName: inputs.sessions.tool,
    lockTimeout: inputs.lock.lockTimeout,
    statementTimeout: inputs.lock.statementTimeout,
    timeout: inputs.tool.timeout
  }
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

function failedProblem(
  result: ToolResult,
  tool: string
): { readonly code: string; readonly message: string; readonly hint: string } {
  const said = result.message ?? result.output.trim().split('\n').at(-1) ?? ''
  return {
    code: 'rollback-failed',
    message: `${tool} ended with ${result.exitCode ?? result.end}${said === '' ? '' : `: ${said}`}`,
    hint: 'A migration of Ecto’s goes back in one transaction, unless it has `@disable_ddl_transaction`. Mend its `down` and run this again, or write a new migration that undoes it.'
  }
}
