import { HttpFailure } from '../shared/http.ts'
import { githubMessage, type GithubAnswer } from '../shared/github.ts'
import { fail, type Problem } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { refusedProblem, type GithubAccess } from '../shared/github-access.ts'
import { pause, tries } from '../shared/github-lag.ts'
import { readRun, type WorkflowRun } from './workflow-run.ts'

/** The failed run that an approval turns green. */
export interface RerunWrite {
  readonly write: 'rerun'
  readonly run: Pick<WorkflowRun, 'id' | 'attempt' | 'url'>
}

/** How long a run that has not ended yet is waited for. Milliseconds. */
const longestWait = 120_000
const interval = 5_000

/**
 * Re-runs the failed jobs of a run. Needs `actions: write`. Never of one that is not completed: that may still read the
 * approval by itself, so its end is waited for. Never twice: a run with more attempts than were planned for was re-run
 * by somebody else, or by a run of ours that was killed.
 * @returns undefined, or what was not done
 * @throws {ActionError} where GitHub refuses
 */
export async function rerun(access: GithubAccess, wanted: RerunWrite, world: World): Promise<Problem | undefined> {
  const path = `/repos/${access.repository}/actions/runs/${wanted.run.id}/rerun-failed-jobs`
  for (let attempt = 1; ; attempt++) {
    const now = await ended(access, wanted, world)
    if (now.attempt > wanted.run.attempt) return undefined
    if (now.status !== 'completed') return notEnded(now)
    if (now.conclusion === 'success') return undefined
    if (now.conclusion !== 'failure') return otherEnd(now)
    let answer: GithubAnswer | undefined
    try {
      answer = await access.github.send('POST', path, undefined)
    } catch (error) {
      if (!(error instanceof HttpFailure) || !error.sent || attempt === tries) throw error
    }
    if (answer?.status === 201) return undefined
    if (answer !== undefined && (answer.status < 500 || attempt === tries)) fail(refusedRerun(answer, path, now))
    world.log.info(`Whether ${now.url} was re-run is open; reading back (${attempt} of ${tries})`)
    await world.clock.sleep(pause * attempt)
  }
}

async function ended(access: GithubAccess, wanted: RerunWrite, world: World): Promise<WorkflowRun> {
  for (let waited = 0; ; waited += interval) {
    const run = await readRun(access, wanted.run.id)
    if (run.status === 'completed' || run.attempt > wanted.run.attempt || waited >= longestWait) return run
    if (waited === 0) world.log.info(`${run.url} is ${run.status}; waiting for its end`)
    await world.clock.sleep(interval)
  }
}

function notEnded(run: WorkflowRun): Problem {
  return notRerun(`The run ${run.url} is still ${run.status}.`, 'If it ends red, re-run its failed jobs by hand.')
}

function otherEnd(run: WorkflowRun): Problem {
  return notRerun(
    `The run ${run.url} ended as ${run.conclusion ?? 'unknown'}, and only failed ones are re-run.`,
    'Look at it, and re-run it by hand.'
  )
}

/** A missing permission is one 403 among several: too old, running again already. */
function refusedRerun(answer: GithubAnswer, path: string, run: WorkflowRun): Problem {
  const problem = refusedProblem(answer, `POST ${path}`, 'actions: write')
  const said = githubMessage(answer)
  if (answer.status !== 403 || /resource not accessible/i.test(said)) return problem
  return notRerun(`GitHub did not re-run ${run.url}: ${said}`, 'Re-run its failed jobs by hand.')
}

/** A run that stays red although it would be green now. */
export function notRerun(message: string, hint: string): Problem {
  return { code: 'run-not-rerun', message, hint }
}
