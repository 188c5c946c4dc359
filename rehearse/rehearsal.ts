import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startSandbox } from '../sandbox/sandbox.ts'
import { findAct } from '../scripts/install-act.ts'
import { findPostgres } from '../scripts/install-postgres.ts'
import { runAct } from './act.ts'
import { actArguments, writeActFiles } from './act-input.ts'
import { actionFolders } from './action-folders.ts'
import { unpackRunnerArchive } from './archive.ts'
import type { RunFacts } from './event.ts'
import { checkFaults } from './faults.ts'
import { isolatedGit } from './git.ts'
import { identityTokens } from './identity.ts'
import { instrument } from './instrument.ts'
import { onExit, unlessAborted } from './interruption.ts'
import { jobEnvironment } from './job-environment.ts'
import { makeRoom, stepEnvironment, workFolderPrefix } from './machine.ts'
import { createMask, oneLine } from './masking.ts'
import type { Options } from './options.ts'
import { readOutcome, type Outcome } from './outcome.ts'
import { allJobs } from './plan.ts'
import { makePostgresFolder, removePostgresFolder } from './postgres.ts'
import { prepare, type Preparation } from './preparation.ts'
import { progress, type Say } from './progress.ts'
import { findPython, type Python } from './python.ts'
import { recorder } from './record.ts'
import { temporaryRepository, type TemporaryRepository } from './repository.ts'
import { inventSecrets, inventToken, secretNames, variableNames } from './secrets.ts'
import { setUpServices } from './services.ts'
import { readTold } from './told.ts'

/** Where the project is, and who hears of the progress. */
export interface Surroundings {
  readonly project: string
  readonly say: Say
  readonly signal: AbortSignal
}

/**
 * Rehearses a release: the consumer's workflow on act, against the sandbox.
 *
 * @throws ActionError for whatever stands in the way before anything starts, the signal's reason when it is aborted
 */
export async function rehearse(options: Options, surroundings: Surroundings): Promise<Outcome> {
  const tools = join(surroundings.project, '.tools')
  const { signal } = surroundings
  signal.throwIfAborted()
  const work = realpathSync(mkdtempSync(workFolderPrefix()))
  const clean = (): void => {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 })
  }
  const keep = onExit(clean)
  try {
    const git = isolatedGit(work, signal)
    await git(['--version']).catch(() => {
      signal.throwIfAborted()
      throw new MissingPrograms(['git'])
    })
    const preparation = await prepare(options, surroundings.project, git)
    await checkFaults(options.faults)
    const engine = await unlessAborted(findEngine(tools, preparation, surroundings.say), signal)
    for (let attempt = 1; ; attempt++) {
      const outcome = await attemptRehearsal(
        options,
        surroundings,
        join(work, `attempt-${attempt}`),
        preparation,
        engine
      )
      // act keeps its map of local repositories without a lock; two jobs that start in the same instant end it.
      if (!outcome.crashed || attempt === 3) return outcome
      surroundings.say('act fell over its own feet ("concurrent map writes"); once more from the beginning')
    }
  } finally {
    keep()
    clean()
  }
}

/** The programs that a rehearsal needs. */
interface Engine {
  readonly act: string
  readonly python: Python | undefined
  /** Folder with PostgreSQL's programs. */
  readonly postgres: string | undefined
}

/** What the machine lacks for this rehearsal, one line each. */
export class MissingPrograms extends Error {
  readonly missing: readonly string[]

  constructor(missing: readonly string[]) {
    super(`missing: ${missing.join('; ')}`)
    this.missing = missing
  }
}

async function findEngine(tools: string, preparation: Preparation, say: Say): Promise<Engine> {
  const missing: string[] = []
  if (Number(process.versions.node.split('.')[0]) < 24)
    missing.push('Node 24 (npm ci brings it; start this with npm run rehearse)')
  const [act, python, postgres] = await Promise.all([
    findAct(tools, say),
    preparation.needsPython ? findPython(tools) : undefined,
    preparation.needsPostgres ? findPostgres(tools, say) : undefined
  ])
  if ('missing' in act) missing.push(act.missing)
  if (python !== undefined && 'missing' in python) missing.push(python.missing)
  if (postgres !== undefined && 'missing' in postgres) missing.push(postgres.missing)
  if (missing.length > 0 || 'missing' in act) throw new MissingPrograms(missing)
  return {
    act: act.program,
    python: python === undefined || 'missing' in python ? undefined : python,
    postgres: postgres === undefined || 'missing' in postgres ? undefined : postgres.folder
  }
}

async function attemptRehearsal(
  options: Options,
  { project, say, signal }: Surroundings,
  work: string,
  preparation: Preparation,
  engine: Engine
): Promise<Outcome> {
  mkdirSync(work, { recursive: true })
  const git = isolatedGit(work, signal)
  const archive = join(work, 'archive')
  // One after the other: what fails leaves nothing running behind it.
  const repository = await temporaryRepository(preparation.source, preparation.tag, work, git)
  if (preparation.actions.some(({ kind }) => kind === 'own')) await unpackRunnerArchive(project, archive, work, git)
  const sandbox = await startSandbox({ upstream: 'machine', logFile: join(work, 'requests.jsonl') })
  const postgres = engine.postgres === undefined ? undefined : makePostgresFolder(engine.postgres)
  const keep = onExit(() => {
    if (postgres !== undefined) removePostgresFolder(postgres)
    rmSync(dirname(sandbox.caFile), { recursive: true, force: true })
  })
  try {
    signal.throwIfAborted()
    for (const rule of options.faults) sandbox.fault(rule)
    const facts = runFacts(options, preparation, repository)
    const token = inventToken()
    const secrets = inventSecrets(secretNames(preparation.texts), options.secrets)
    const mask = createMask([token, ...secrets.map(({ value }) => value)])
    setUpServices(sandbox, facts, repository, preparation.plan, secrets, token)

    const room = makeRoom(work, repository.origin)
    const identity = identityTokens(sandbox, facts, mask)
    const copies = instrument(
      preparation.plan,
      (job) => {
        const folder = join(work, 'jobs', job.key.replaceAll(/[^\w-]/g, '.'))
        return jobEnvironment(job, folder, room, sandbox, engine.python, identity.environmentOf(job))
      },
      preparation.leftOutSteps
    )
    const files = writeActFiles(join(work, 'act'), copies, facts, secrets, token, options.variables)
    const actions = actionFolders(preparation.actions, archive, work, copies.called)
    for (const line of announcement(facts, preparation, repository)) say(line)

    const record = recorder(allJobs(preparation.plan), facts.workflowName, mask, progress(say))
    const run = await runAct({
      program: engine.act,
      args: actArguments(facts, preparation.plan, repository.folder, files, actions, work),
      folder: room.home,
      environment: {
        ...stepEnvironment(room),
        ...sandbox.environment(),
        REHEARSAL_FOLDER: work,
        ...(postgres !== undefined && { REHEARSAL_POSTGRES: postgres }),
        ...(engine.python !== undefined && {
          REHEARSAL_PYTHON: engine.python.executable,
          REHEARSAL_PYTHON_VERSION: engine.python.version,
          REHEARSAL_PYTHON_TEMPLATE: engine.python.template
        })
      },
      mark: 'REHEARSAL_FOLDER',
      onLine: record.take,
      signal
    })
    identity.close()
    signal.throwIfAborted()
    return readOutcome({
      sandbox,
      facts,
      preparation,
      repository,
      secrets,
      mask,
      record: record.finish(),
      told: readTold(work),
      run,
      variables: variableNames(preparation.texts).filter((name) => !options.variables.has(name))
    })
  } finally {
    if (postgres !== undefined) removePostgresFolder(postgres)
    await sandbox.close()
    keep()
  }
}

function runFacts(options: Options, preparation: Preparation, repository: TemporaryRepository): RunFacts {
  const { workflow } = preparation.plan
  const ref =
    options.event === 'pull_request'
      ? 'refs/pull/1/merge'
      : preparation.tag === undefined
        ? `refs/heads/${repository.defaultBranch}`
        : `refs/tags/${preparation.tag}`
  return {
    event: options.event,
    owner: repository.owner,
    name: repository.name,
    actor: repository.owner,
    ref,
    sha: repository.sha,
    defaultBranch: repository.defaultBranch,
    runId: String(10_000_000_000 + randomBytes(4).readUInt32BE()),
    workflowPath: workflow.path,
    workflowName: workflow.name ?? workflow.path,
    message: repository.message,
    time: Date.now(),
    inputs: preparation.inputs
  }
}

/** What is rehearsed and of which state, and what should be known before it runs. */
function announcement(
  facts: RunFacts,
  { source, tag, warnings }: Preparation,
  { remarks }: TemporaryRepository
): readonly string[] {
  const what = facts.event === 'push' ? `the push of ${tag ?? ''}` : `${facts.event} at ${facts.ref}`
  return [
    oneLine(
      `Rehearsing ${what} of ${facts.owner}/${facts.name}, ${facts.workflowPath}, with the working tree of ${source}`
    ),
    ...remarks.map((remark) => `  ${oneLine(remark)}`),
    ...warnings.map((warning) => `  warning: ${oneLine(warning)}`)
  ]
}
