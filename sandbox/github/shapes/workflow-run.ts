import type { RepositoryCall } from '../operation.ts'
import { userById, type Job, type Workflow, type WorkflowRun } from '../state.ts'
import { nodeId } from './node-id.ts'
import { simpleRepositoryShape } from './repository.ts'
import { repositoryUrls } from './repository-urls.ts'
import { userShape } from './user.ts'

/** Schema workflow-run. */
export function workflowRunShape(call: RepositoryCall, run: WorkflowRun): object {
  const { state, repository, links } = call
  const { api, html } = repositoryUrls(call)
  const url = `${api}/actions/runs/${run.id}`
  const suite = `${api}/check-suites/${run.suiteId}`
  const workflow = repository.workflows.find(({ id }) => id === run.workflowId)
  const head = state.repositories.find(({ id }) => id === run.headRepositoryId) ?? repository
  const commit = [...repository.commits, ...head.commits].find(({ sha }) => sha === run.headSha)
  return {
    id: run.id,
    name: workflow?.name ?? null,
    node_id: nodeId('WFR', repository.id, run.id),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: workflow?.path ?? '',
    display_title: run.title,
    run_number: run.runNumber,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflowId,
    check_suite_id: run.suiteId,
    check_suite_node_id: nodeId('CS', repository.id, run.suiteId),
    url,
    html_url: `${html}/actions/runs/${run.id}`,
    pull_requests: run.pullNumbers.flatMap((number) => minimalPullShape(call, number)),
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    actor: userShape(userById(state, run.actorId), links),
    run_attempt: run.attempt,
    referenced_workflows: [],
    run_started_at: run.startedAt,
    triggering_actor: userShape(userById(state, run.triggeringActorId), links),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: suite,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    workflow_url: `${api}/actions/workflows/${run.workflowId}`,
    head_commit:
      commit === undefined
        ? null
        : {
            id: commit.sha,
            tree_id: commit.tree,
            message: commit.message,
            timestamp: commit.committer.date,
            author: { name: commit.author.name, email: commit.author.email },
            committer: { name: commit.committer.name, email: commit.committer.email }
          },
    repository: simpleRepositoryShape(call),
    head_repository: simpleRepositoryShape({ ...call, repository: head })
  }
}

/** Schema pull-request-minimal. GitHub shows it for branches of the repository itself, not for those of forks. */
function minimalPullShape(call: RepositoryCall, number: number): readonly object[] {
  const { repository } = call
  const { api } = repositoryUrls(call)
  const pull = repository.pulls.find((candidate) => candidate.number === number)
  if (pull === undefined || pull.head.repositoryId !== repository.id) return []
  const repo = { id: repository.id, url: api, name: repository.name }
  return [
    {
      url: `${api}/pulls/${number}`,
      id: pull.id,
      number,
      head: { ref: pull.head.ref, sha: pull.head.sha, repo },
      base: { ref: pull.base.ref, sha: pull.base.sha, repo }
    }
  ]
}

/** Schema workflow. */
export function workflowShape(call: RepositoryCall, workflow: Workflow): object {
  const { api, html } = repositoryUrls(call)
  const file = workflow.path.split('/').at(-1) ?? ''
  return {
    id: workflow.id,
    node_id: nodeId('W', call.repository.id, workflow.id),
    name: workflow.name,
    path: workflow.path,
    state: 'active',
    created_at: call.repository.createdAt,
    updated_at: call.repository.createdAt,
    url: `${api}/actions/workflows/${workflow.id}`,
    html_url: `${html}/blob/${call.repository.defaultBranch}/${workflow.path}`,
    badge_url: `${html}/workflows/${encodeURIComponent(workflow.name)}/badge.svg?file=${encodeURIComponent(file)}`
  }
}

/** Schema job. */
export function jobShape(call: RepositoryCall, run: WorkflowRun, job: Job): object {
  const { api, html } = repositoryUrls(call)
  const workflow = call.repository.workflows.find(({ id }) => id === run.workflowId)
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: workflow?.name ?? null,
    head_branch: run.headBranch,
    run_url: `${api}/actions/runs/${run.id}`,
    run_attempt: job.attempt,
    node_id: nodeId('CR', call.repository.id, job.id),
    head_sha: run.headSha,
    url: `${api}/actions/jobs/${job.id}`,
    html_url: `${html}/actions/runs/${run.id}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: job.startedAt,
    started_at: job.startedAt,
    completed_at: job.completedAt,
    name: job.name,
    steps: [],
    check_run_url: `${api}/check-runs/${job.id}`,
    labels: ['ubuntu-latest'],
    runner_id: null,
    runner_name: null,
    runner_group_id: null,
    runner_group_name: null
  }
}
