import { ActionError, type Problem } from '../shared/problem.ts'
import type { GithubAccess } from '../shared/github-access.ts'
import { readOwnComments, type OwnComment } from '../shared/github-comment.ts'
import { readStatus, type CommitStatus } from './commit-status.ts'
import type { Configuration } from './configuration.ts'
import type { PullRequest } from './pull-request.ts'
import { readLastRun, workflowFile, type CurrentRun, type WorkflowRun } from './workflow-run.ts'

/** What is there already of what the guard writes. A part that could not be read is the problem. */
export interface Existing {
  /** Our comments, oldest first; undefined where none is wanted. */
  readonly comments: readonly OwnComment[] | Problem | undefined
  /** Undefined where there is none, none is wanted, or it could not be read: it is written anew then. */
  readonly status: CommitStatus | undefined
  /** The run whose check an approval turns green; undefined where there is none, or none is wanted. */
  readonly lastRun: WorkflowRun | Problem | undefined
}

/** What is asked for. */
export interface ExistingQuestion {
  readonly pull: PullRequest | undefined
  readonly marker: string
  /** The commit that gets the status. */
  readonly statusSha: string
  readonly configuration: Pick<Configuration, 'comment' | 'afterReview'>
  readonly run: CurrentRun | undefined
}

/** Reads it. Never fails: nothing here decides about the change. */
export async function readExisting(access: GithubAccess, asked: ExistingQuestion): Promise<Existing> {
  const { pull, configuration, run } = asked
  const comments =
    pull !== undefined && configuration.comment && !pull.fromFork
      ? await orProblem(readOwnComments(access, pull.number, asked.marker))
      : undefined
  const status =
    configuration.afterReview === 'status' ? await orProblem(readStatus(access, asked.statusSha)) : undefined
  const file = run === undefined ? undefined : workflowFile(run, access.repository)
  const lastRun =
    pull !== undefined && configuration.afterReview === 'rerun' && run?.event === 'pull_request_review'
      ? file === undefined
        ? foreignWorkflow(run)
        : await orProblem(readLastRun(access, file, pull))
      : undefined
  return { comments, status: isProblem(status) ? undefined : status, lastRun }
}

export function isProblem(value: object | undefined): value is Problem {
  return value !== undefined && 'code' in value
}

async function orProblem<T>(reading: Promise<T>): Promise<T | Problem> {
  try {
    return await reading
  } catch (error) {
    const [problem] = error instanceof ActionError ? error.problems : []
    if (problem === undefined) throw error
    return problem
  }
}

function foreignWorkflow(run: CurrentRun): Problem {
  return {
    code: 'run-not-rerun',
    message: `The workflow ${run.workflowRef} is none of this repository, so that its failed run cannot be re-run from here.`,
    hint: 'Re-run it by hand after an approval, or let the guard set a status: `after-review: status`.'
  }
}
