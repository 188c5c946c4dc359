import { ActionError } from '../../shared/problem.ts'
import { pause, throwIfCancelled } from '../cancelled.ts'
import { counted } from '../counted.ts'
import { migrationFailure } from '../failure/migration-failure.ts'
import type { DeployLock } from '../lock/deploy-lock.ts'
import { retryable, type Retry } from '../lock/retryable.ts'
import { prismaResolve } from '../prisma/resolve.ts'
import { directUrl, reading } from '../reading.ts'
import type { MigrationState } from '../state/migration-state.ts'
import { knownStates } from '../state/read-migration-state.ts'
import type { EctoTool, PrismaTool, ToolResult } from '../tool.ts'
import { toolRun } from '../tool-run.ts'
import type { Deploy } from './apply.ts'
import { failureRequest, learnRuns, pendingNames, statusOf, type Attempt } from './attempt.ts'
import { breakOff } from './break-off.ts'
import { failureProblems, firstNotApplied } from './failed-migration.ts'
import { judgeMigrating } from './judge-migrating.ts'
import { done } from './plan.ts'
import { unreadError } from './unread.ts'

/**
 * Lets the tool run what is pending, and reads the table after it. Tried again only where it is proven that nothing of
 * the migration that got no lock is there. The journal learns what ran, what failed, and what is to be done now.
 * @throws ActionError with every reason why it is no success
 */
export async function migrate(deploy: Deploy, lock: DeployLock): Promise<void> {
  const tool = toolOf(deploy)
  await deploy.journal.stage('migrate', 'Migrations', async (stage) => {
    let before = await readAgain(deploy)
    for (let number = 1; ; number++) {
      refuseFailed(before)
      refuseUnplanned(before, deploy)
      if (pendingNames(before).length === 0) {
        stage.note('another deploy was faster: nothing is pending any more')
        return
      }
      const left = await attemptOnce({ ...deploy, tool, lock, before, number })
      if (left !== undefined) {
        before = left
        continue
      }
      const ran = deploy.journal.learned.ran ?? []
      for (const { name } of ran) done(deploy.plan, name, deploy.record)
      stage.note(`${counted(ran.length, 'migration')} applied${number > 1 ? `, in ${number} tries` : ''}`)
      return
    }
  })
}

/** Found in inspect, as something is pending. */
function toolOf({ facts }: Deploy): PrismaTool | EctoTool {
  if (facts.tool === undefined) throw new TypeError('a deploy with pending migrations has a tool')
  return facts.tool
}

/**
 * Once the tool was started, this ends in what the table says, whatever a cancelled job has cut off: the tool, a look at
 * what it left, or the wait for a further try.
 *
 * @returns the table before a further try, which is to be made; undefined after a success
 * @throws ActionError
 */
async function attemptOnce(attempt: Attempt): Promise<readonly MigrationState[] | undefined> {
  const { world, lock, tool, before, inputs, state } = attempt
  throwIfCancelled(world, 'it was about to migrate')
  await lock.assertHeld()
  const startedAt = world.clock.now()
  const applicationName = handsNameOn(tool) ? inputs.sessions.tool : undefined
  state.migrating({ applicationName, at: startedAt, pending: pendingNames(before) })
  const result = await tool.migrate(toolRun(inputs, attempt.facts.survey.server.url))
  const cut = (): boolean => world.cancelled.aborted
  if (cut() || result.end === 'killed' || result.end === 'timed out') {
    return breakOff(attempt, result, { startedAt, applicationName })
  }
  try {
    return await lookAfter(attempt, result)
  } catch (error) {
    if (cut()) return await breakOff(attempt, result, { startedAt, applicationName })
    throw error
  }
}

/** What the tool has left, where it ended by itself; the wait included, where it may be tried again. */
async function lookAfter(attempt: Attempt, result: ToolResult): Promise<readonly MigrationState[] | undefined> {
  const { world, lock, tool, before, inputs, journal } = attempt
  const orUnread = async <T>(read: Promise<T>): Promise<T> =>
    read.catch((error: unknown) => {
      throw unreadError(attempt, result, error)
    })
  const after = await orUnread(readAgain(attempt))
  const migrated = judgeMigrating(result, before, after, speaks(tool))
  learnRuns(attempt, migrated.ran, after)
  if (migrated.result === 'applied') return undefined
  const name = migrated.failed ?? firstNotApplied(before, after, result)
  const failed =
    name === undefined
      ? undefined
      : await orUnread(
          reading({ ...inputs, url: directUrl(inputs) }, world, (session) =>
            migrationFailure(failureRequest(attempt, name, { status: statusOf(after, name), result }), session)
          )
        )
  const retry = retryable(result, before, after, failed)
  if (retry.retry && attempt.number <= inputs.lock.retries) {
    await lock.assertHeld()
    await waitForNextTry(attempt, retry)
    const left = await readAgain(attempt)
    learnRuns(attempt, [], left)
    return left
  }
  if (failed !== undefined) {
    const run = migrated.ran.find((each) => each.name === failed.name)
    learnRuns(attempt, [{ name: failed.name, result: 'failed', ...run, failure: failed.failure }], after)
    journal.learn({ runbook: failed.runbook })
  }
  for (const each of migrated.ran) if (each.result === 'applied') done(attempt.plan, each.name, attempt.record)
  throw new ActionError(failureProblems(migrated, failed, retry))
}

/** Whether the server knows the tool's sessions by our name: Ecto's only where the repository hands `parameters` on. */
function handsNameOn(tool: PrismaTool | EctoTool): boolean {
  return tool.framework === 'prisma' || tool.program.parameters !== 'none'
}

/** Whether it ends with a sentence of its own: what a release logs is up to the application. */
function speaks(tool: PrismaTool | EctoTool): boolean {
  return tool.framework === 'prisma' || tool.program.kind === 'mix'
}

/** Longer with each try, so that what holds the lock can end: 1, 2, 4 … at most 30 seconds. */
async function waitForNextTry(
  { world, inputs, facts, tool, number }: Attempt,
  { why, resolve: name }: Extract<Retry, { retry: true }>
): Promise<void> {
  if (name !== undefined && tool.framework === 'prisma') {
    const resolved = await prismaResolve(tool, name, 'rolled-back', toolRun(inputs, facts.survey.server.url), world)
    throwIfCancelled(world, `${name} was being marked as rolled back, as nothing of it is there`)
    if (resolved.exitCode !== 0) {
      throw new ActionError([
        {
          code: 'migrate-not-resolved',
          message: `Nothing of ${name} is there, and Prisma could not mark it as rolled back: ${resolved.message ?? `exit code ${resolved.exitCode}`}.`,
          hint: `Run \`npx prisma migrate resolve --rolled-back "${name}"\`, and then this job again.`
        }
      ])
    }
  }
  const wait = Math.min(30_000, 1000 * 2 ** (number - 1))
  world.log.remark({
    level: 'warning',
    problem: {
      code: 'migrate-again',
      message: `${why}. Trying again in ${wait / 1000} s (${number} of ${inputs.lock.retries}).`,
      hint: 'Raise `lock-timeout`, or deploy when less is written, where a migration seldom gets its lock; end what holds it for long.'
    }
  })
  await pause(wait, world)
}

async function readAgain({ inputs, facts, world }: Deploy): Promise<readonly MigrationState[]> {
  return reading({ ...inputs, url: directUrl(inputs) }, world, (session) => knownStates(session, facts.survey.project))
}

/** Another deploy may have failed since inspect; the tool would refuse, and say less. */
function refuseFailed(states: readonly MigrationState[]): void {
  const failed = states.flatMap(({ migrations }) => migrations.filter(({ status }) => status === 'failed'))
  if (failed.length === 0) return
  throw new ActionError(
    failed.map(({ name }) => ({
      code: 'migrations-failed',
      message: `Migration ${name} has failed since this run began: another deploy ran it.`,
      hint: 'Run this job again: it shows what is there, and what to do.'
    }))
  )
}

/** Only what was shown, linted and backed up for is run. */
function refuseUnplanned(states: readonly MigrationState[], { facts }: Deploy): void {
  const planned = new Set(facts.pending.map(({ name }) => name))
  const unplanned = pendingNames(states).filter((name) => !planned.has(name))
  if (unplanned.length === 0) return
  throw new ActionError([
    {
      code: 'migrate-changed',
      message: `${unplanned.join(', ')} ${unplanned.length === 1 ? 'is' : 'are'} pending now, and ${unplanned.length === 1 ? 'was' : 'were'} not when this run looked: something was rolled back, or a file was added.`,
      hint: 'Run this job again: it looks at everything anew.'
    }
  ])
}
