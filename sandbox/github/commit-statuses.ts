import { resolveCommit } from './commit-graph.ts'
import { notFound, refuse, refuseFields, type FieldError } from './errors.ts'
import { readFields } from './json-body.ts'
import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { paginate } from './pagination.ts'
import { signedIn } from './permissions.ts'
import { nodeId } from './shapes/node-id.ts'
import { simpleRepositoryShape } from './shapes/repository.ts'
import { repositoryUrls } from './shapes/repository-urls.ts'
import { userShape } from './shapes/user.ts'
import { takeId, timestamp, userById, type Commit, type CommitStatus } from './state.ts'

const read = { permission: 'statuses', access: 'read' } as const

/** Statuses of a commit, one context beside the other. */
export const commitStatusOperations: readonly Operation[] = [
  {
    id: 'repos/create-commit-status',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/statuses/{sha}',
    documentation: 'commits/statuses#create-a-commit-status',
    scope: 'repository',
    needs: { permission: 'statuses', access: 'write' },
    run: createStatus
  },
  {
    id: 'repos/list-commit-statuses-for-ref',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/commits/{ref}/statuses',
    documentation: 'commits/statuses#list-commit-statuses-for-a-reference',
    scope: 'repository',
    needs: read,
    run: (call) => {
      const commit = commitInPath(call)
      return paginate(call, statusesOf(call, commit.sha).toReversed(), (status) => ({
        ...statusShape(call, status),
        creator: userShape(userById(call.state, status.creatorId), call.links)
      }))
    }
  },
  {
    id: 'repos/get-combined-status-for-ref',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/commits/{ref}/status',
    documentation: 'commits/statuses#get-the-combined-status-for-a-specific-reference',
    scope: 'repository',
    needs: read,
    run: combined
  }
]

const states = ['error', 'failure', 'pending', 'success'] as const
const longestDescription = 140

function createStatus(call: RepositoryCall): Answer {
  const { repository, documentation } = call
  const fields = {
    state: 'string',
    target_url: 'nullable-string',
    description: 'nullable-string',
    context: 'string'
  } as const
  const sent = readFields(call.request, fields, ['state'], documentation)
  const sha = call.params['sha'] ?? ''
  if (!repository.commits.some((commit) => commit.sha === sha)) {
    throw refuse(422, `No commit found for SHA: ${sha}`, documentation)
  }
  const context = sent.context ?? 'default'
  const state = states.find((candidate) => candidate === sent.state)
  const errors: FieldError[] = []
  const wrong = (message: string, field?: string): void => {
    errors.push({ resource: 'Status', code: 'custom', ...(field === undefined ? {} : { field }), message })
  }
  if (state === undefined) wrong('state is not included in the list', 'state')
  if ((sent.description ?? '').length > longestDescription) {
    wrong(`description is too long (maximum is ${longestDescription} characters)`, 'description')
  }
  if (sent.target_url && !/^https?:\/\//.test(sent.target_url))
    wrong('target_url must use http(s) scheme', 'target_url')
  const before = repository.statuses.filter((status) => status.sha === sha && status.context === context)
  // openshift/release#6179 shows the whole body.
  if (before.length >= call.state.limits.statuses) {
    wrong('This SHA and context has reached the maximum number of statuses.')
  }
  if (state === undefined || errors.length > 0) throw refuseFields(errors, documentation)
  const { user } = signedIn(call.actor)
  const status: CommitStatus = {
    id: takeId(call.state),
    sha,
    state,
    context,
    description: sent.description ?? null,
    targetUrl: sent.target_url ?? null,
    creatorId: user.id,
    createdAt: timestamp(call.request.now)
  }
  repository.statuses.push(status)
  const url = `${repositoryUrls(call).api}/statuses/${sha}`
  const body = { ...statusShape(call, status), creator: userShape(user, call.links) }
  return { status: 201, body, headers: { location: url } }
}

function commitInPath(call: RepositoryCall): Commit {
  const commit = resolveCommit(call.repository, call.params['ref'] ?? '')
  if (commit === undefined) throw notFound(call.documentation)
  return commit
}

function statusesOf(call: RepositoryCall, sha: string): readonly CommitStatus[] {
  return call.repository.statuses.filter((status) => status.sha === sha)
}

/** The newest one of each context; `pending` also where there is none. */
function combined(call: RepositoryCall): Answer {
  const { sha } = commitInPath(call)
  const latest = [...new Map(statusesOf(call, sha).map((status) => [status.context, status])).values()]
  const failing = latest.some(({ state }) => state === 'error' || state === 'failure')
  const pending = latest.length === 0 || latest.some(({ state }) => state === 'pending')
  const { api } = repositoryUrls(call)
  const paged = paginate(call, latest, (status) => statusShape(call, status))
  return {
    ...paged,
    body: {
      state: failing ? 'failure' : pending ? 'pending' : 'success',
      statuses: paged.body,
      sha,
      total_count: latest.length,
      repository: simpleRepositoryShape(call),
      commit_url: `${api}/commits/${sha}`,
      url: `${api}/commits/${sha}/status`
    }
  }
}

/** Schema simple-commit-status; with its `creator` schema status. */
function statusShape(call: RepositoryCall, status: CommitStatus): object {
  const { api } = repositoryUrls(call)
  return {
    url: `${api}/statuses/${status.sha}`,
    avatar_url: `${call.links.html}/avatars/u/${status.creatorId}?v=4`,
    id: status.id,
    node_id: nodeId('SC', call.repository.id, status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt
  }
}
