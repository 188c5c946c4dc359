import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ActionError, type Problem } from '../../shared/problem.ts'
import { pause, throwIfCancelled } from '../cancelled.ts'
import { counted } from '../counted.ts'
import { migrationFailure, type FailedMigration, type FailureRequest } from '../failure/migration-failure.ts'
import { cancelledCode } from '../journal.ts'
import { reconcile } from '../lock/reconcile.ts'
import { retryable, type Retry } from '../lock/retryable.ts'
import type { DeployLock } from '../lock/deploy-lock.ts'
import { prismaResolve } from '../prisma/resolve.ts'
import type { MigrationRun } from '../record.ts'
import { mergedState } from '../state/merged-state.ts'
import type { MigrationState, MigrationStatus } from '../state/migration-state.ts'
import { readMigrationState } from '../state/read-migration-state.ts'
import { directUrl, reading } from '../reading.ts'
import type { EctoTool, PrismaTool, ToolResult, ToolRun } from '../tool.ts'
import { done, type Deploy } from './apply.ts'
import { judgeMigrating, type Migrated } from './judge-migrating.ts'

/**
 * Lets the tool run what is pending, and reads the table after it. Tried again only where it is proven that nothing of
 * the migration that got no lock is there. The journal learns what ran, what failed, and what is to be done now.
 * @throws ActionError with every reason why it is no success
 */
export async function migrate(deploy: Deploy, lock: DeployLock): Promise<void> {
  const tool = toolOf(deploy)
  await deploy.journal.stage('migrate', 'Migrations', async (stage) => {
    const ran: MigrationRun[] = []
    for (let attempt = 1; ; attempt++) {
      const before = await readAgain(deploy)
      refuseFailed(before)
      if (pendingNames(before).length === 0) {
        stage.note(ran.length === 0 ? 'another deploy was faster: nothing is pending any more' : toldRuns(ran, attempt))
        return
      }
      const again = await attemptOnce({
        ...deploy,
        tool,
        lock,
        before,
        ran,
        last: attempt > deploy.inputs.lock.retries
      })
      if (again !== undefined) {
        await waitForNextTry(deploy, tool, again, attempt)
        continue
      }
      for (const { name } of ran) done(deploy.plan, name, deploy.record)
      stage.note(toldRuns(ran, attempt))
      return
    }
  })
}

interface Attempt extends Deploy {
  readonly tool: PrismaTool | EctoTool
  readonly lock: DeployLock
  readonly before: readonly MigrationState[]
  /** What this run has run, over all tries. */
  readonly ran: MigrationRun[]
  /** There is no further try. */
  readonly last: boolean
}

/** Found in inspect, as something is pending. */
function toolOf({ facts }: Deploy): PrismaTool | EctoTool {
  if (facts.tool === undefined) throw new TypeError('a deploy with pending migrations has a tool')
  return facts.tool
}

function pendingNames(states: readonly MigrationState[]): readonly string[] {
  return states.flatMap(({ migrations }) =>
    migrations.flatMap(({ name, status }) => (status === 'pending' ? [name] : []))
  )
}

/** @returns how it may be tried again; undefined after a success @throws ActionError */
async function attemptOnce(attempt: Attempt): Promise<Extract<Retry, { retry: true }> | undefined> {
  const { world, lock, tool, before, inputs, state, journal, ran } = attempt
  throwIfCancelled(world, 'it was about to migrate')
  await lock.assertHeld()
  const startedAt = world.clock.now()
  const applicationName = handsNameOn(tool) ? inputs.sessions.tool : undefined
  state.migrating({ applicationName, at: startedAt, pending: pendingNames(before) })
  const result = await tool.migrate(runOf(attempt))
  if (world.cancelled.aborted || result.end === 'killed' || result.end === 'timed out') {
    return breakOff(attempt, result, { startedAt, applicationName })
  }
  const after = await readAgain(attempt)
  const migrated = judgeMigrating(result, before, after, speaks(tool))
  learnRuns(attempt, migrated.ran, after)
  if (migrated.result === 'applied') return undefined
  const name = migrated.failed ?? firstNotApplied(before, after, result)
  const failed =
    name === undefined
      ? undefined
      : await reading({ ...inputs, url: directUrl(inputs) }, world, (session) =>
          migrationFailure(failureRequest(attempt, name, { status: statusOf(after, name), result }), session)
        )
  const retry = retryable(result, before, after, failed)
  if (retry.retry && !attempt.last) return retry
  if (failed !== undefined) {
    ran.splice(
      0,
      ran.length,
      ...ran.map((each) => (each.name === failed.name ? { ...each, failure: failed.failure } : each))
    )
    if (!ran.some(({ name }) => name === failed.name))
      ran.push({ name: failed.name, result: 'failed', failure: failed.failure })
    journal.learn({ ran: [...ran], runbook: failed.runbook })
  }
  for (const each of migrated.ran) if (each.result === 'applied') done(attempt.plan, each.name, attempt.record)
  throw new ActionError(failureProblems(attempt, migrated, failed, retry))
}

function runOf({ inputs, facts }: Deploy): ToolRun {
  return {
    // Of several hosts the one that answered: tools know one alone.
    url: facts.survey.server.url,
    applicationName: inputs.sessions.tool,
    lockTimeout: inputs.lock.lockTimeout,
    statementTimeout: inputs.lock.statementTimeout,
    timeout: inputs.tool.timeout
  }
}

/** Whether the server knows the tool's sessions by our name: Ecto's only where the repository hands `parameters` on. */
export function handsNameOn(tool: PrismaTool | EctoTool): boolean {
  return tool.framework === 'prisma' || tool.program.parameters !== 'none'
}

/** Whether it ends with a sentence of its own: what a release logs is up to the application. */
function speaks(tool: PrismaTool | EctoTool): boolean {
  return tool.framework === 'prisma' || tool.program.kind === 'mix'
}

function learnRuns({ ran, journal }: Attempt, runs: readonly MigrationRun[], after: readonly MigrationState[]): void {
  // A migration that is tried again has one run, the last.
  const names = new Set(runs.map(({ name }) => name))
  ran.splice(0, ran.length, ...ran.filter(({ name }) => !names.has(name)), ...runs)
  const merged = mergedState(after)
  journal.learn({ ran: [...ran], ...(merged === undefined ? {} : { after: merged }) })
}

/** The tool was ended before it was done: what it left is ended and read. @throws ActionError always */
async function breakOff(
  attempt: Attempt,
  result: ToolResult,
  tool: { readonly startedAt: number; readonly applicationName: string | undefined }
): Promise<never> {
  const { inputs, before, world, journal, facts } = attempt
  const found = await reconcile(
    {
      url: directUrl(inputs),
      ...tool,
      before,
      readState: async (session) => (await readMigrationState(session, facts.survey.project)).states,
      examine: (status, session) => migrationFailure(failureRequest(attempt, status.name, { status, result }), session)
    },
    world
  )
  const merged = found.after === undefined ? undefined : mergedState(found.after)
  journal.learn({
    ran: [
      ...attempt.ran,
      ...found.applied.map((each): MigrationRun => ({ name: each, result: 'applied' })),
      ...found.failed.map((each): MigrationRun => {
        const examined = found.failures.find(({ name }) => name === each)
        return { name: each, result: 'failed', ...(examined === undefined ? {} : { failure: examined.failure }) }
      })
    ],
    runbook: found.runbook,
    ...(merged === undefined ? {} : { after: merged })
  })
  for (const each of found.applied) done(attempt.plan, each, attempt.record)
  const told = found.told.join(' ')
  if (world.cancelled.aborted) {
    throw new ActionError([
      {
        code: cancelledCode,
        message: `The job was cancelled while it migrated. ${told}`,
        hint: found.settled
          ? 'Nothing runs any more. Look at the runbook in the job summary, and run it again when you are ready.'
          : 'Something may run still: the job summary says how to look, and how to end it. Then run it again.'
      }
    ])
  }
  throw new ActionError([
    {
      code: result.end === 'timed out' ? 'migrate-timeout' : 'migrate-failed',
      message: `The tool that migrates ${result.end === 'timed out' ? 'did not end in time, and was ended' : 'was killed'}. ${told}`,
      hint: 'Look at the runbook in the job summary. Raise the input `timeout` where the migration needs more time.'
    }
  ])
}

/** What is asked about a migration that did not end well. */
function failureRequest(
  { facts, inputs, journal, tool, before }: Attempt,
  name: string,
  known: Pick<FailureRequest, 'status' | 'result'>
): FailureRequest {
  const path = known.status?.path ?? statusOf(before, name)?.path
  const { backup } = journal.learned
  return {
    framework: facts.survey.project.framework,
    tool: tool.facts,
    name,
    file: path === undefined ? undefined : { path, text: readFileSync(resolve(inputs.folder, path), 'utf8') },
    ...known,
    ...(backup === undefined ? {} : { backup }),
    schema: facts.survey.project.schema,
    table: before.find(({ migrations }) => migrations.some((each) => each.name === name))?.table
  }
}

/** Ecto's table has no failed ones: the first that is still pending is the one that failed, where the tool ran at all. */
function firstNotApplied(
  before: readonly MigrationState[],
  after: readonly MigrationState[],
  { end, exitCode }: ToolResult
): string | undefined {
  if (end !== 'exited' || exitCode === 0 || after[0]?.framework !== 'ecto') return undefined
  const pending = before.flatMap(({ migrations }) => migrations.filter(({ status }) => status === 'pending'))
  return pending.find(({ name }) => statusOf(after, name)?.status !== 'applied')?.name
}

function statusOf(states: readonly MigrationState[], name: string): MigrationStatus | undefined {
  return states.flatMap(({ migrations }) => migrations).find((each) => each.name === name)
}

function failureProblems(
  { last }: Attempt,
  { problems }: Extract<Migrated, { result: 'failed' }>,
  failed: FailedMigration | undefined,
  retry: Retry
): readonly Problem[] {
  if (failed === undefined) return problems
  const { failure, name } = failed
  const code = failure.sqlstate === undefined ? '' : ` (SQLSTATE ${failure.sqlstate})`
  const left =
    failure.atomic === true
      ? 'Nothing of it is there: it ran as one transaction.'
      : failure.atomic === false
        ? `It did not run as one transaction: ${counted(failure.objects.filter(({ there }) => there === true).length, 'object')} of its statements are there.`
        : 'Whether a part of it is there could not be proven.'
  const tries = last && retry.retry ? ' No further try is allowed (input `retries`).' : ` ${retry.why}`
  return [
    {
      code: 'migrate-failed',
      message: `Migration ${name} failed: ${failure.message}${code}. ${left}`,
      hint: `The runbook in the job summary has the exact commands.${tries}`
    },
    ...problems.filter((problem) => problem.code !== 'migrate-failed')
  ]
}

/** Longer with each try, so that what holds the lock can end: 1, 2, 4 … at most 30 seconds. */
async function waitForNextTry(
  deploy: Deploy,
  tool: PrismaTool | EctoTool,
  { why, resolve: name }: Extract<Retry, { retry: true }>,
  attempt: number
): Promise<void> {
  const { world, inputs } = deploy
  if (name !== undefined && tool.framework === 'prisma') {
    const resolved = await prismaResolve(tool, name, 'rolled-back', runOf(deploy), world)
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
  const wait = Math.min(30_000, 1000 * 2 ** (attempt - 1))
  world.log.warning(`${why} Trying again in ${wait / 1000} s (${attempt} of ${inputs.lock.retries})`)
  await pause(wait, world)
}

async function readAgain({ inputs, facts, world }: Deploy): Promise<readonly MigrationState[]> {
  return reading(
    { ...inputs, url: directUrl(inputs) },
    world,
    async (session) => (await readMigrationState(session, facts.survey.project)).states
  )
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

/** `3 applied`, and how often it was tried. */
function toldRuns(ran: readonly MigrationRun[], attempts: number): string {
  const applied = counted(ran.filter(({ result }) => result === 'applied').length, 'migration')
  return `${applied} applied${attempts > 1 ? `, in ${attempts} tries` : ''}`
}
