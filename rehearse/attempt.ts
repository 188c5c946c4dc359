import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startSandbox } from '../sandbox/sandbox.ts'
import { runAct } from './act.ts'
import { actArguments, writeActFiles } from './act-input.ts'
import { actionFolders } from './action-folders.ts'
import { unpackRunnerArchive } from './archive.ts'
import type { RehearsalDatabase } from './database.ts'
import type { Engine } from './engine.ts'
import type { ReviewFacts, RunFacts } from './event.ts'
import { isolatedGit } from './git.ts'
import { endRun, setUpPull, type Asked } from './github-pull.ts'
import { lendPackages } from './hex.ts'
import { identityTokens } from './identity.ts'
import { instrument } from './instrument.ts'
import { onExit } from './interruption.ts'
import { jobEnvironment } from './job-environment.ts'
import { lendPrograms } from './lending.ts'
import { makeRoom, stepEnvironment } from './machine.ts'
import { createMask, oneLine } from './masking.ts'
import { readOutcome, type Outcome } from './outcome.ts'
import { allJobs } from './plan.ts'
import { makePostgresFolder, removePostgresFolder } from './postgres.ts'
import type { Preparation } from './preparation.ts'
import { progress, type Say } from './progress.ts'
import { dated } from './pulls.ts'
import { recorder } from './record.ts'
import { temporaryRepository, type TemporaryRepository } from './repository.ts'
import { inventSecrets, inventToken, keepSecrets, secretNames, variableNames } from './secrets.ts'
import { setUpServices } from './services.ts'
import type { SettledOptions } from './settled-options.ts'
import { readTold } from './told.ts'

/** Where the project is, and who hears of the progress. */
export interface Surroundings {
  readonly project: string
  readonly say: Say
  readonly signal: AbortSignal
}

/** One workflow of one repository, ready to be rehearsed. */
export interface Rehearsal {
  readonly options: SettledOptions
  readonly preparation: Preparation
}

/** One run of the workflow in a rehearsal: of a pull request there are several, after each review and when it is run again. */
export interface Stage extends Rehearsal {
  readonly attempt: number
  /** Of what runs again. */
  readonly runId?: string
  /** Which review of the pull request starts it. */
  readonly review?: number
}

/** A run that is over, and what the next finds. */
export interface Ended {
  readonly outcome: Outcome
  /** Folder with the sandbox's state. */
  readonly state: string
  readonly repository: TemporaryRepository
  readonly asked: Asked
}

/** What all runs of a rehearsal share. */
export interface Shared {
  readonly engine: Engine
  readonly database: RehearsalDatabase | undefined
  /** Folder with the artifacts of each run, by its number. */
  readonly artifacts: string
  /** Made-up values of secrets, by repository and name. */
  readonly secrets: Map<string, string>
}

/**
 * Runs a workflow once.
 *
 * @param work folder of its own
 * @param state folder with what the sandbox holds by now
 * @param before the run that has left its repository to this one; it is made anew where there is none
 */
export async function attempt(
  stage: Stage,
  { project, say, signal }: Surroundings,
  work: string,
  { engine, database, artifacts, secrets: kept }: Shared,
  state: string,
  before: Pick<Ended, 'repository'> | undefined
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
    const given = options.database === undefined ? undefined : database
    const secrets =
      options.pull?.fork === true
        ? []
        : keepSecrets(inventSecrets(secretNames(preparation.texts), options.secrets, given), options.repository, kept)
    const mask = createMask([token, ...secrets.map(({ value }) => value), ...(database?.passwords ?? [])])
    const known = runFacts(stage, repository)
    const posted = sandbox.slack.messages.length
    setUpServices(sandbox, known, repository, preparation.plan, secrets, token)
    const facts = setUpPull(sandbox, known, repository, beside)
    // Only the stand-in asks for them: who has Hex has hex.pm.
    const asked = preparation.needsBeam || sandbox.hex.state.packages.length > 0
    const lent = engine.hex?.remark !== undefined && asked ? await lendPackages(sandbox) : []

    const room = makeRoom(work, repository.origin)
    const stored = join(artifacts, facts.runId)
    rmSync(stored, { recursive: true, force: true })
    mkdirSync(stored, { recursive: true })
    const lentVariables = await lendPrograms(preparation.texts, given !== undefined, {
      repository: repository.folder,
      tools: join(project, '.tools'),
      folder: room.programs,
      work,
      say,
      signal
    })
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
        ...lentVariables,
        REHEARSAL_FOLDER: work,
        REHEARSAL_ARTIFACTS: artifacts,
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
    const content = await given?.read()
    const outcome = readOutcome({
      sandbox,
      facts,
      preparation,
      listed: options.runId !== undefined,
      repository,
      secrets,
      lent,
      mask,
      record: record.finish(),
      told: readTold(work),
      artifacts: stored,
      messages: sandbox.slack.messages.slice(posted),
      run,
      ...(given !== undefined && content !== undefined && { database: { server: given.server, content } }),
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
    runId: stage.runId ?? options.runId ?? String(10_000_000_000 + randomBytes(4).readUInt32BE()),
    workflowPath: workflow.path,
    workflowName: workflow.name ?? workflow.path,
    message: repository.message,
    time: Date.now(),
    inputs: preparation.inputs,
    ...(preparation.cron !== undefined && { cron: preparation.cron }),
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
