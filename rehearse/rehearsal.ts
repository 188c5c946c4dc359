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
import type { ReviewFacts, RunFacts } from './event.ts'
import { exitCodeOf, exitCodes } from './closing.ts'
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
import { dated } from './pulls.ts'
import { makePostgresFolder, removePostgresFolder } from './postgres.ts'
import { prepare, type Preparation } from './preparation.ts'
import { progress, type Say } from './progress.ts'
import { findPython, type Python } from './python.ts'
import { recorder } from './record.ts'
import { temporaryRepository, type TemporaryRepository } from './repository.ts'
import { inventSecrets, inventToken, secretNames, variableNames } from './secrets.ts'
import { endRun, setUpPull, type Asked } from './github-pull.ts'
import { setUpServices } from './services.ts'
import { earlierRehearsals, readSettings, settle, type SettledOptions } from './settings.ts'
import { readTold } from './told.ts'
import { triggerProblems } from './triggers.ts'

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
      const run = (stage: Stage, name: string, before?: Ended): Promise<Ended> =>
        patiently(stage, surroundings, join(work, `rehearsal-${index}${name}`), engine, before?.state ?? left, before)
      const stages = await pullStages(rehearsal, surroundings, git, run)
      left = stages.at(-1)?.state
      const all = decided(stages.map(({ outcome }) => outcome))
      outcomes.push(...all)
      if (exitCodeOf(all) === exitCodes.failed) break
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

/** One run of the workflow in a rehearsal: of a pull request there are several, after each review and when it is run again. */
interface Stage extends Rehearsal {
  readonly attempt: number
  /** Of what runs again. */
  readonly runId?: string
  /** Which review of the pull request starts it. */
  readonly review?: number
}

/** A run that is over, and what the next finds. */
interface Ended {
  readonly outcome: Outcome
  /** Folder with the sandbox's state. */
  readonly state: string
  readonly repository: TemporaryRepository
  readonly asked: Asked
}

/**
 * The first run; of a pull request also one for each review, in their order, where the workflow listens to reviews, and
 * the run of the pull request once more whenever something asked GitHub to run it again.
 */
async function pullStages(
  rehearsal: Rehearsal,
  { project, say }: Surroundings,
  git: ReturnType<typeof isolatedGit>,
  run: (stage: Stage, name: string, before?: Ended) => Promise<Ended>
): Promise<readonly Ended[]> {
  const first = await run({ ...rehearsal, attempt: 1 }, '')
  const ended = [first]
  let attempt = 1
  for (const [index, review] of (rehearsal.options.pull?.reviews ?? []).entries()) {
    const options = { ...rehearsal.options, event: 'pull_request_review' } as const
    say('')
    const body = dated(review.body, Date.now())
    say(oneLine(`A review by ${review.user} arrives: ${review.state}${body === '' ? '' : `, "${body}"`}`))
    if (triggerProblems(rehearsal.preparation.plan.workflow, options.event, '').length > 0) {
      say(`  ${rehearsal.preparation.plan.workflow.path} does not listen to pull_request_review: nothing runs for it`)
      continue
    }
    const preparation = await prepare(options, project, git)
    const reviewed = await run({ options, preparation, attempt: 1, review: index }, `-review-${index}`, ended.at(-1))
    ended.push(reviewed)
    for (const event of reviewed.asked.others) say(`A run of ${event} was asked for once more; that is not rehearsed`)
    if (!reviewed.asked.first) continue
    attempt += 1
    say('')
    say('The workflow asked for the run of the pull request once more')
    const { runId } = first.outcome.facts
    ended.push(await run({ ...rehearsal, attempt, runId }, `-attempt-${attempt}`, reviewed))
  }
  return ended
}

/**
 * Which runs decide about a pull request, as its checks do: the last of each event. Where the workflow sets commit
 * statuses, those are what is required, and the last run tells what they say.
 */
function decided(outcomes: readonly Outcome[]): readonly Outcome[] {
  const statuses = outcomes.at(-1)?.pull?.statuses ?? []
  const byStatus = statuses.length > 0 && statuses.every(({ state }) => state === 'success')
  return outcomes.map((outcome, at) => {
    const later = outcomes.slice(at + 1)
    const replaced = later.some(({ facts }) => facts.event === outcome.facts.event) || (byStatus && later.length > 0)
    return replaced ? { ...outcome, superseded: true } : outcome
  })
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
 * @param before the run before it of the same pull request
 */
async function patiently(
  stage: Stage,
  surroundings: Surroundings,
  work: string,
  engine: Engine,
  left: string | undefined,
  before: Ended | undefined
): Promise<Ended> {
  for (let attempt = 1; ; attempt++) {
    const folder = join(work, `attempt-${attempt}`)
    const state = join(folder, 'state')
    mkdirSync(folder, { recursive: true })
    if (left !== undefined) cpSync(left, state, { recursive: true })
    const ended = await attemptRehearsal(stage, surroundings, folder, engine, state, before)
    if (!ended.outcome.crashed || attempt === 3) return ended
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
  stage: Stage,
  { project, say, signal }: Surroundings,
  work: string,
  engine: Engine,
  state: string,
  before: Ended | undefined
): Promise<Ended> {
  const { options, preparation } = stage
  const git = isolatedGit(work, signal)
  const archive = join(work, 'archive')
  // One after the other: what fails leaves nothing running behind it.
  const repository =
    before?.repository ?? (await temporaryRepository(preparation.source, preparation.tag, work, git, options.pull))
  const beside: TemporaryRepository[] = []
  for (const [index, folder] of (before === undefined ? options.beside : []).entries()) {
    const place = join(work, `beside-${index}`)
    mkdirSync(place)
    beside.push(await temporaryRepository(folder, undefined, place, git))
  }
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
    const token = inventToken()
    // GitHub gives the runs of a fork's pull request no secret but their own token.
    const secrets = options.pull?.fork === true ? [] : inventSecrets(secretNames(preparation.texts), options.secrets)
    const mask = createMask([token, ...secrets.map(({ value }) => value)])
    const known = runFacts(stage, repository)
    setUpServices(sandbox, known, repository, preparation.plan, secrets, token)
    const facts = setUpPull(sandbox, known, repository, beside)
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
    const outcome = readOutcome({
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
    return { outcome, state, repository, asked: endRun(sandbox, facts, outcome.verdict) }
  } finally {
    if (postgres !== undefined) removePostgresFolder(postgres)
    await sandbox.close()
    keep()
  }
}

function runFacts(stage: Stage, repository: TemporaryRepository): RunFacts {
  const { options, preparation, attempt } = stage
  const { workflow } = preparation.plan
  const { pull } = options
  const review = stage.review === undefined ? undefined : reviewFacts(stage.review, options, repository.pull?.head)
  const ref =
    options.event === 'pull_request' || options.event === 'pull_request_review'
      ? `refs/pull/${pull?.number ?? 1}/merge`
      : preparation.tag === undefined
        ? `refs/heads/${repository.defaultBranch}`
        : `refs/tags/${preparation.tag}`
  return {
    event: options.event,
    owner: repository.owner,
    name: repository.name,
    actor: review?.user ?? pull?.author ?? repository.owner,
    ref,
    sha: repository.sha,
    defaultBranch: repository.defaultBranch,
    runId: stage.runId ?? String(10_000_000_000 + randomBytes(4).readUInt32BE()),
    workflowPath: workflow.path,
    workflowName: workflow.name ?? workflow.path,
    message: repository.message,
    time: Date.now(),
    inputs: preparation.inputs,
    attempt,
    ...(pull !== undefined &&
      repository.pull !== undefined && {
        pull: { ...pull, head: repository.pull.head, base: repository.pull.base }
      }),
    ...(review !== undefined && { review })
  }
}

function reviewFacts(index: number, { pull }: SettledOptions, head: string | undefined): ReviewFacts | undefined {
  const review = pull?.reviews[index]
  if (review === undefined || head === undefined) return undefined
  return { ...review, id: index + 1, body: dated(review.body, Date.now()), commit: head }
}

/** What is rehearsed and of which state, and what should be known before it runs. */
function announcement(
  facts: RunFacts,
  { source, tag, warnings }: Preparation,
  { remarks }: TemporaryRepository
): readonly string[] {
  const again = facts.attempt > 1 ? ` (attempt ${facts.attempt})` : ''
  const { pull } = facts
  const about = pull === undefined ? '' : ` ("${pull.title}" by ${pull.author})`
  const what = facts.event === 'push' ? `the push of ${tag ?? ''}` : `${facts.event} at ${facts.ref}${about}`
  return [
    oneLine(
      `Rehearsing ${what}${again} of ${facts.owner}/${facts.name}, ${facts.workflowPath}, with the working tree of ${source}`
    ),
    ...remarks.map((remark) => `  ${oneLine(remark)}`),
    ...warnings.map((warning) => `  warning: ${oneLine(warning)}`)
  ]
}
