import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fail } from '../actions/shared/problem.ts'
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
import { hexClient, lendPackages, type HexClient } from './hex.ts'
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
import { earlierRehearsals, readSettings, settle, type SettledOptions } from './settings.ts'
import { readTold } from './told.ts'

/** Where the project is, and who hears of the progress. */
export interface Surroundings {
  readonly project: string
  readonly say: Say
  readonly signal: AbortSignal
}

/**
 * Rehearses a release: the consumer's workflow on act, against the sandbox; before it those releases of other
 * repositories that it wants first, each leaving what it published for the next.
 *
 * @returns an outcome for each in their order; it ends with the first that failed
 * @throws ActionError for whatever stands in the way before anything starts, the signal's reason when it is aborted
 */
export async function rehearse(options: Options, surroundings: Surroundings): Promise<readonly Outcome[]> {
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
    const rehearsals: Rehearsal[] = []
    for (const one of inOrder(options, surroundings.project))
      rehearsals.push({ options: one, preparation: await prepare(one, surroundings.project, git) })
    await checkFaults(options.faults)
    const preparations = rehearsals.map(({ preparation }) => preparation)
    const tools = join(surroundings.project, '.tools')
    const engine = await unlessAborted(findEngine(tools, preparations, join(work, 'hex'), surroundings.say), signal)

    const outcomes: Outcome[] = []
    let left: string | undefined
    for (const [index, rehearsal] of rehearsals.entries()) {
      const ended = await patiently(rehearsal, surroundings, join(work, `rehearsal-${index}`), engine, left)
      left = ended.state
      outcomes.push(ended.outcome)
      if (ended.outcome.verdict === 'failed') break
    }
    return outcomes
  } finally {
    keep()
    clean()
  }
}

/** One repository's release, ready to be rehearsed. */
interface Rehearsal {
  readonly options: SettledOptions
  readonly preparation: Preparation
}

/** What the command line asks for, after everything that it wants first. */
function inOrder(options: Options, project: string): readonly SettledOptions[] {
  const repository = resolve(options.repository ?? join(project, 'examples', 'python-lib'))
  if (statSync(repository, { throwIfNoEntry: false })?.isDirectory() !== true) {
    fail({
      code: 'rehearse-repository',
      message: `there is no folder ${repository}`,
      hint: 'give the repository with --repo'
    })
  }
  const settings = readSettings(repository)
  return [...earlierRehearsals(settings, options.actions, [repository]), settle(options, settings, repository)]
}

/**
 * Rehearses one release, again when act fell over: it keeps its map of local repositories without a lock, and two jobs
 * that start in the same instant end it.
 *
 * @param left folder with the state that the rehearsals before this one left in the sandbox
 */
async function patiently(
  rehearsal: Rehearsal,
  surroundings: Surroundings,
  work: string,
  engine: Engine,
  left: string | undefined
): Promise<{ readonly outcome: Outcome; readonly state: string }> {
  for (let attempt = 1; ; attempt++) {
    const folder = join(work, `attempt-${attempt}`)
    const state = join(folder, 'state')
    mkdirSync(folder, { recursive: true })
    if (left !== undefined) cpSync(left, state, { recursive: true })
    const outcome = await attemptRehearsal(rehearsal, surroundings, folder, engine, state)
    if (!outcome.crashed || attempt === 3) return { outcome, state }
    surroundings.say('act fell over its own feet ("concurrent map writes"); once more from the beginning')
  }
}

/** The programs that a rehearsal needs. */
interface Engine {
  readonly act: string
  readonly python: Python | undefined
  /** Folder with PostgreSQL's programs. */
  readonly postgres: string | undefined
  readonly hex: HexClient | undefined
}

/** What the machine lacks for this rehearsal, one line each. */
export class MissingPrograms extends Error {
  readonly missing: readonly string[]

  constructor(missing: readonly string[]) {
    super(`missing: ${missing.join('; ')}`)
    this.missing = missing
  }
}

async function findEngine(
  tools: string,
  preparations: readonly Preparation[],
  hexFolder: string,
  say: Say
): Promise<Engine> {
  const missing: string[] = []
  if (Number(process.versions.node.split('.')[0]) < 24)
    missing.push('Node 24 (npm ci brings it; start this with npm run rehearse)')
  const [act, python, postgres, hex] = await Promise.all([
    findAct(tools, say),
    preparations.some(({ needsPython }) => needsPython) ? findPython(tools) : undefined,
    preparations.some(({ needsPostgres }) => needsPostgres) ? findPostgres(tools, say) : undefined,
    preparations.some(({ needsBeam }) => needsBeam) ? hexClient(hexFolder, say) : undefined
  ])
  if ('missing' in act) missing.push(act.missing)
  if (python !== undefined && 'missing' in python) missing.push(python.missing)
  if (postgres !== undefined && 'missing' in postgres) missing.push(postgres.missing)
  if (missing.length > 0 || 'missing' in act) throw new MissingPrograms(missing)
  return {
    act: act.program,
    python: python === undefined || 'missing' in python ? undefined : python,
    postgres: postgres === undefined || 'missing' in postgres ? undefined : postgres.folder,
    hex
  }
}

async function attemptRehearsal(
  { options, preparation }: Rehearsal,
  { project, say, signal }: Surroundings,
  work: string,
  engine: Engine,
  state: string
): Promise<Outcome> {
  const git = isolatedGit(work, signal)
  const archive = join(work, 'archive')
  // One after the other: what fails leaves nothing running behind it.
  const repository = await temporaryRepository(preparation.source, preparation.tag, work, git)
  if (preparation.actions.some(({ kind }) => kind === 'own')) await unpackRunnerArchive(project, archive, work, git)
  const sandbox = await startSandbox({ upstream: 'machine', folder: state, logFile: join(work, 'requests.jsonl') })
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
    // Only the stand-in asks for them: who has Hex has hex.pm.
    const asked = preparation.needsBeam || sandbox.hex.state.packages.length > 0
    const lent = engine.hex?.remark !== undefined && asked ? await lendPackages(sandbox) : []

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
        ...(engine.hex !== undefined && {
          REHEARSAL_MIX_ARCHIVES: engine.hex.archives,
          REHEARSAL_HEX_REMARK: engine.hex.remark ?? ''
        }),
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
      lent,
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

function runFacts(options: SettledOptions, preparation: Preparation, repository: TemporaryRepository): RunFacts {
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
