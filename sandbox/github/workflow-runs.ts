import { notFound, refuse } from './errors.ts'
import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { paginateUnder } from './pagination.ts'
import { signedIn } from './permissions.ts'
import { jobShape, workflowRunShape, workflowShape } from './shapes/workflow-run.ts'
import {
  takeId,
  timestamp,
  type Conclusion,
  type GithubState,
  type Job,
  type Repository,
  type Workflow,
  type WorkflowRun
} from './state.ts'

const read = { permission: 'actions', access: 'read' } as const
const write = { permission: 'actions', access: 'write' } as const

/** Runs of workflows, and running them again. */
export const workflowRunOperations: readonly Operation[] = [
  {
    id: 'actions/list-workflow-runs-for-repo',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/actions/runs',
    documentation: 'actions/workflow-runs#list-workflow-runs-for-a-repository',
    scope: 'repository',
    needs: read,
    run: (call) => listed(call, call.repository.workflowRuns)
  },
  {
    id: 'actions/list-workflow-runs',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
    documentation: 'actions/workflow-runs#list-workflow-runs-for-a-workflow',
    scope: 'repository',
    needs: read,
    run: (call) => {
      const workflow = workflowInPath(call)
      return listed(
        call,
        call.repository.workflowRuns.filter(({ workflowId }) => workflowId === workflow.id)
      )
    }
  },
  {
    id: 'actions/get-workflow',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/actions/workflows/{workflow_id}',
    documentation: 'actions/workflows#get-a-workflow',
    scope: 'repository',
    needs: read,
    run: (call) => ({ status: 200, body: workflowShape(call, workflowInPath(call)) })
  },
  {
    id: 'actions/get-workflow-run',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/actions/runs/{run_id}',
    documentation: 'actions/workflow-runs#get-a-workflow-run',
    scope: 'repository',
    needs: read,
    run: (call) => ({ status: 200, body: workflowRunShape(call, runInPath(call)) })
  },
  {
    id: 'actions/list-jobs-for-workflow-run',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
    documentation: 'actions/workflow-jobs#list-jobs-for-a-workflow-run',
    scope: 'repository',
    needs: read,
    run: (call) => {
      const run = runInPath(call)
      const all = call.request.url.searchParams.get('filter') === 'all'
      const jobs = run.jobs.filter(({ attempt }) => all || attempt === run.attempt)
      return paginateUnder(call, 'jobs', jobs, (job) => jobShape(call, run, job))
    }
  },
  {
    id: 'actions/re-run-workflow',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/actions/runs/{run_id}/rerun',
    documentation: 'actions/workflow-runs#re-run-a-workflow',
    scope: 'repository',
    needs: write,
    run: (call) => rerun(call, 'all')
  },
  {
    id: 'actions/re-run-workflow-failed-jobs',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs',
    documentation: 'actions/workflow-runs#re-run-failed-jobs-from-a-workflow-run',
    scope: 'repository',
    needs: write,
    run: (call) => rerun(call, 'failed')
  }
]

/** By its id, or by the name of its file. */
function workflowInPath(call: RepositoryCall): Workflow {
  const asked = call.params['workflow_id']
  const workflow = call.repository.workflows.find(
    ({ id, path }) => String(id) === asked || path.split('/').at(-1) === asked
  )
  if (workflow === undefined) throw notFound(call.documentation)
  return workflow
}

function runInPath(call: RepositoryCall): WorkflowRun {
  const run = call.repository.workflowRuns.find(({ id }) => String(id) === call.params['run_id'])
  if (run === undefined) throw notFound(call.documentation)
  return run
}

/** Newest first; `status` also takes a conclusion, as GitHub's does. */
function listed(call: RepositoryCall, runs: readonly WorkflowRun[]): Answer {
  const query = call.request.url.searchParams
  const asked = (name: string, value: string | null): boolean => {
    const wanted = query.get(name)
    return wanted === null || wanted === value
  }
  const status = query.get('status')
  const actor = query.get('actor')
  const login = (run: WorkflowRun): string => call.state.users.find(({ id }) => id === run.actorId)?.login ?? ''
  const matching = runs.filter(
    (run) =>
      asked('branch', run.headBranch) &&
      asked('event', run.event) &&
      asked('head_sha', run.headSha) &&
      (status === null || status === run.status || status === run.conclusion) &&
      (actor === null || actor === login(run))
  )
  const newestFirst = [...matching].sort((a, b) => b.id - a.id)
  return paginateUnder(call, 'workflow_runs', newestFirst, (run) => workflowRunShape(call, run))
}

const day = 86_400_000

/** docs.github.com/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs: up to 30 days, at most 50 times. */
const longest = 30 * day
const mostAttempts = 51

const failed: readonly (Conclusion | null)[] = ['failure', 'cancelled', 'timed_out']

/** A new attempt of a run that has ended (words: cli/cli#9221, metabase/metabase#70916). */
function rerun(call: RepositoryCall, which: 'all' | 'failed'): Answer {
  const run = runInPath(call)
  const refuseWith = (message: string): never => {
    throw refuse(403, message, call.documentation)
  }
  if (run.status !== 'completed') refuseWith('This workflow is already running')
  if (call.request.now - Date.parse(run.createdAt) > longest) {
    refuseWith('Unable to retry this workflow run because it was created over a month ago')
  }
  const jobs = run.jobs.filter(({ attempt }) => attempt === run.attempt)
  const again = which === 'all' ? jobs : jobs.filter(({ conclusion }) => failed.includes(conclusion))
  const nothingFailed = which === 'failed' && again.length === 0 && !failed.includes(run.conclusion)
  if (nothingFailed || run.attempt >= mostAttempts) refuseWith('This workflow run cannot be retried')
  const now = timestamp(call.request.now)
  run.attempt++
  run.status = 'queued'
  run.conclusion = null
  run.triggeringActorId = signedIn(call.actor).user.id
  run.startedAt = now
  run.updatedAt = now
  for (const job of jobs) {
    if (again.includes(job)) addJob(call.state, call.repository, run, { name: job.name, startedAt: now })
    else run.jobs.push({ ...job, id: takeId(call.state), attempt: run.attempt })
  }
  return { status: 201, body: {} }
}

/** Adds a job to the newest attempt of a run, and its check run to the commit. */
export function addJob(
  state: GithubState,
  repository: Repository,
  run: WorkflowRun,
  given: Pick<Job, 'name' | 'startedAt'> & Partial<Pick<Job, 'status' | 'conclusion' | 'completedAt'>>
): void {
  const { status = 'queued', conclusion = null, completedAt = null, name, startedAt } = given
  const id = takeId(state)
  run.jobs.push({ id, name, attempt: run.attempt, startedAt, status, conclusion, completedAt })
  const check = { id, name, headSha: run.headSha, suiteId: run.suiteId, runId: run.id, startedAt }
  repository.checkRuns.push({ ...check, status, conclusion, completedAt })
}
