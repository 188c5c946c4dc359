import { connection, type Page } from './graphql-connection.ts'
import type { RepositoryCall } from './operation.ts'
import { commitOf } from './refs.ts'
import { nodeId } from './shapes/node-id.ts'
import { repositoryUrls } from './shapes/repository-urls.ts'
import type { CheckRun } from './state.ts'

export function refFields(call: RepositoryCall, name: string): object | null {
  const ref = call.repository.refs.find((candidate) => candidate.ref === name)
  if (ref === undefined) return null
  const [, kind = '', ...rest] = ref.ref.split('/')
  const annotated = call.repository.tagObjects.find((tag) => tag.sha === ref.sha)
  return {
    id: nodeId('REF', call.repository.id, ref.ref),
    name: rest.join('/'),
    prefix: `refs/${kind}/`,
    target:
      annotated === undefined
        ? commitFields(call, ref.sha)
        : {
            __typename: 'Tag',
            id: nodeId('TA', call.repository.id, annotated.sha),
            oid: annotated.sha,
            name: annotated.tag,
            message: annotated.message,
            target: commitFields(call, commitOf(call.repository, annotated.sha))
          }
  }
}

export function commitFields(call: RepositoryCall, sha: string): object {
  const commit = call.repository.commits.find((candidate) => candidate.sha === sha)
  const message = commit?.message ?? ''
  const [headline = '', ...rest] = message.split('\n')
  return {
    __typename: 'Commit',
    id: nodeId('C', call.repository.id, sha),
    oid: sha,
    message,
    messageHeadline: headline,
    messageBody: rest.join('\n').trim(),
    committedDate: commit?.committer.date ?? call.repository.createdAt,
    authoredDate: commit?.author.date ?? call.repository.createdAt,
    authors: (page: Page) =>
      connection(commit === undefined ? [] : [commit.author], page, ({ name, email }) => ({ name, email, user: null })),
    statusCheckRollup: () => rollupFields(call, sha)
  }
}

/** Check runs and statuses of a commit together; null where it has none. */
function rollupFields(call: RepositoryCall, sha: string): object | null {
  const { repository } = call
  const runs = new Map(
    repository.checkRuns.filter(({ headSha }) => headSha === sha).map((run) => [`${run.suiteId} ${run.name}`, run])
  )
  const statuses = new Map(
    repository.statuses.filter((status) => status.sha === sha).map((status) => [status.context, status])
  )
  if (runs.size + statuses.size === 0) return null
  const outcomes = [
    ...[...runs.values()].map((run) => run.conclusion ?? 'pending'),
    ...[...statuses.values()].map((status) => status.state)
  ]
  const failed = outcomes.some((outcome) => !['success', 'neutral', 'skipped', 'pending'].includes(outcome))
  const contexts = [
    ...[...runs.values()].map((run) => checkRunFields(call, run)),
    ...[...statuses.values()].map((status) => ({
      __typename: 'StatusContext',
      context: status.context,
      state: status.state.toUpperCase(),
      targetUrl: status.targetUrl,
      description: status.description,
      createdAt: status.createdAt,
      // The sandbox has no rules that require a check.
      isRequired: false
    }))
  ]
  return {
    state: failed ? 'FAILURE' : outcomes.includes('pending') ? 'PENDING' : 'SUCCESS',
    contexts: (page: Page) => connection(contexts, page, (context) => context)
  }
}

function checkRunFields(call: RepositoryCall, run: CheckRun): object {
  const { repository } = call
  const workflowId = repository.workflowRuns.find(({ id }) => id === run.runId)?.workflowId
  const workflow = repository.workflows.find(({ id }) => id === workflowId)
  return {
    __typename: 'CheckRun',
    name: run.name,
    status: run.status.toUpperCase(),
    conclusion: run.conclusion?.toUpperCase() ?? null,
    startedAt: run.startedAt,
    completedAt: run.completedAt,
    isRequired: false,
    detailsUrl: `${repositoryUrls(call).html}/actions/runs/${run.runId ?? 0}/job/${run.id}`,
    checkSuite: { workflowRun: workflow === undefined ? null : { workflow: { name: workflow.name } } }
  }
}
