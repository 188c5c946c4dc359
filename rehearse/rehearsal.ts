import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fail } from '../actions/shared/problem.ts'
import { attempt, type Ended, type Rehearsal, type Shared, type Stage, type Surroundings } from './attempt.ts'
import { exitCodeOf, exitCodes } from './closing.ts'
import { startDatabase, type RehearsalDatabase } from './database.ts'
import { findEngine, MissingPrograms } from './engine.ts'
import { checkFaults } from './faults.ts'
import { isolatedGit, type Git } from './git.ts'
import { onExit, unlessAborted } from './interruption.ts'
import { workFolderPrefix } from './machine.ts'
import { oneLine } from './masking.ts'
import type { Options } from './options.ts'
import { runName, type Outcome } from './outcome.ts'
import { prepare } from './preparation.ts'
import { dated } from './pulls.ts'
import { readSettings } from './settings.ts'
import { earlierRehearsals, settleAll, type SettledOptions } from './settled-options.ts'
import { triggerProblems } from './triggers.ts'

/**
 * Rehearses a release: the consumer's workflow on act, against the sandbox; before it those releases of other
 * repositories that it wants first, each leaving what it published for the next. Where the repository lists workflows,
 * they run one after the other, and on one database where it names one.
 *
 * @returns an outcome for each in their order; it ends with the first that failed, since the next would not find what it
 *   expects
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

    const database = await databaseOf(rehearsals)
    try {
      signal.throwIfAborted()
      const shared: Shared = { engine, database, artifacts: join(work, 'artifacts'), secrets: new Map() }
      return await inTurn(rehearsals, surroundings, git, work, shared)
    } finally {
      database?.stop()
    }
  } finally {
    keep()
    clean()
  }
}

/** One database for all of one repository's runs. */
async function databaseOf(rehearsals: readonly Rehearsal[]): Promise<RehearsalDatabase | undefined> {
  const name = rehearsals.at(-1)?.options.database
  return name === undefined ? undefined : startDatabase(name)
}

async function inTurn(
  rehearsals: readonly Rehearsal[],
  surroundings: Surroundings,
  git: Git,
  work: string,
  shared: Shared
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  let last: Ended | undefined
  const kept = new Map<string, Ended>()
  for (const [index, rehearsal] of rehearsals.entries()) {
    const left = last?.state
    const run = (stage: Stage, name: string, before?: Ended): Promise<Ended> =>
      patiently(
        stage,
        surroundings,
        join(work, `rehearsal-${index}${name}`),
        shared,
        before?.state ?? left,
        before ?? kept.get(sameRepository(rehearsal))
      )
    if (index > 0) surroundings.say('')
    const stages = await pullStages(rehearsal, surroundings, git, run)
    last = stages.at(-1)
    const { runId } = rehearsal.options
    if (last !== undefined && runId !== undefined) kept.set(sameRepository(rehearsal), last)
    const all = decided(stages.map(({ outcome }) => outcome))
    outcomes.push(...all)
    if (exitCodeOf(all) === exitCodes.failed) return withRest(outcomes, rehearsals.slice(index + 1))
  }
  return outcomes
}

/** What did not run because of the last that did is told with it. */
function withRest(outcomes: readonly Outcome[], rest: readonly Rehearsal[]): readonly Outcome[] {
  const last = outcomes.at(-1)
  if (last === undefined) return outcomes
  const lines = rest.map(
    ({ options, preparation }) =>
      `${basename(preparation.plan.workflow.path)}, ${options.event}: it did not run, as ${runName(last)} failed before it`
  )
  return [...outcomes.slice(0, -1), { ...last, notRehearsed: [...last.notRehearsed, ...lines] }]
}

/** What runs of one repository share: its commits, and what steps pushed. A pull request has a copy of its own. */
function sameRepository({ options, preparation }: Rehearsal): string {
  return [options.repository, options.pull?.name ?? '', preparation.tag ?? ''].join('\0')
}

/**
 * The first run; of a pull request also one for each review, in their order, where the workflow listens to reviews, and
 * the run of the pull request once more whenever something asked GitHub to run it again.
 */
async function pullStages(
  rehearsal: Rehearsal,
  { project, say }: Surroundings,
  git: Git,
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
  return [...earlierRehearsals(settings, options.actions, [repository]), ...settleAll(options, settings, repository)]
}

/**
 * Rehearses one run, again when act fell over: it keeps its map of local repositories without a lock, and two jobs that
 * start in the same instant end it. With a database there is no again, since what has run has changed it.
 *
 * @param left folder with the state that the rehearsals before this one left in the sandbox
 * @param before the run before it of the same repository
 */
async function patiently(
  stage: Stage,
  { say, ...surroundings }: Surroundings,
  work: string,
  shared: Shared,
  left: string | undefined,
  before: Ended | undefined
): Promise<Ended> {
  for (let tries = 1; ; tries++) {
    const folder = join(work, `attempt-${tries}`)
    const state = join(folder, 'state')
    mkdirSync(folder, { recursive: true })
    if (left !== undefined) cpSync(left, state, { recursive: true })
    const ended = await attempt(stage, { ...surroundings, say }, folder, shared, state, before)
    if (!ended.outcome.crashed) return ended
    const what = 'act fell over its own feet ("concurrent map writes")'
    if (tries === 3 || shared.database !== undefined) {
      say(`${what}; rehearse once more`)
      return ended
    }
    say(`${what}; once more from the beginning`)
  }
}
