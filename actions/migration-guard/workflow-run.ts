import { read, type GithubAccess } from '../shared/github-access.ts'
import { fields, list, sameLogin, text, unexpected } from '../shared/answer-fields.ts'
import type { PullRequest } from './pull-request.ts'

/** The run that this is, as the runner's environment says (GITHUB_RUN_ID, _EVENT_NAME, _WORKFLOW_REF). */
export interface CurrentRun {
  readonly id: number
  readonly event: string
  /** `owner/name/.github/workflows/FILE@REF` */
  readonly workflowRef: string
  readonly url: string | undefined
}

/** A run of a workflow as GitHub has it now. */
export interface WorkflowRun {
  readonly id: number
  /** 1 for the first, one more with each rerun. */
  readonly attempt: number
  /** `completed`, or what it waits for or does. */
  readonly status: string
  /** Undefined while it is not completed. */
  readonly conclusion: string | undefined
  /** When this attempt began, ISO 8601. */
  readonly startedAt: string
  readonly url: string
}

/** File name of the workflow, where it is one of this repository; a ruleset may require another repository's. */
export function workflowFile(run: CurrentRun, repository: string): string | undefined {
  const parts = /^([^/]+\/[^/]+)\/\.github\/workflows\/([^@/]+)@/.exec(run.workflowRef)
  const [, owner, file] = parts ?? []
  return owner !== undefined && sameLogin(owner, repository) ? file : undefined
}

/**
 * The newest run of this workflow for the event `pull_request` and the head of a pull request: the one whose check is
 * shown, and required. Undefined where there is none. Needs `actions: read`.
 * @throws {ActionError} where they cannot be read
 */
export async function readLastRun(
  access: GithubAccess,
  file: string,
  pull: Pick<PullRequest, 'number' | 'headSha' | 'headRef' | 'headRepository'>
): Promise<WorkflowRun | undefined> {
  const query = `head_sha=${pull.headSha}&event=pull_request&per_page=100`
  const path = `/repos/${access.repository}/actions/workflows/${encodeURIComponent(file)}/runs?${query}`
  const runs = list(fields(await read(access.github, path, 'actions: read'))['workflow_runs'])
  const [newest] = runs
    .filter((run) => isOf(run, pull))
    .map(parseRun)
    .sort((a, b) => b.id - a.id)
  return newest
}

/** Needs `actions: read`. @throws {ActionError} where it cannot be read */
export async function readRun(access: GithubAccess, id: number): Promise<WorkflowRun> {
  return parseRun(await read(access.github, `/repos/${access.repository}/actions/runs/${id}`, 'actions: read'))
}

/** The same head may be that of several pull requests; runs of forks name none of them. */
function isOf(run: unknown, pull: Pick<PullRequest, 'number' | 'headSha' | 'headRef' | 'headRepository'>): boolean {
  const { event, head_sha, head_branch, head_repository, pull_requests } = fields(run)
  if (event !== 'pull_request' || head_sha !== pull.headSha) return false
  const numbers = list(pull_requests).map((each) => fields(each)['number'])
  if (numbers.length > 0) return numbers.includes(pull.number)
  return head_branch === pull.headRef && text(fields(head_repository)['full_name']) === pull.headRepository
}

function parseRun(value: unknown): WorkflowRun {
  const { id, run_attempt, status, conclusion, run_started_at, created_at, html_url } = fields(value)
  const startedAt = text(run_started_at) ?? text(created_at)
  if (typeof id !== 'number' || typeof status !== 'string' || startedAt === undefined) return unexpected('workflow run')
  return {
    id,
    attempt: typeof run_attempt === 'number' ? run_attempt : 1,
    status,
    conclusion: text(conclusion),
    startedAt,
    url: text(html_url) ?? ''
  }
}
