import { refuse } from './errors.ts'
import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { paginate } from './pagination.ts'
import { pullContent, pullInPath } from './pull-content.ts'
import { diffEntryShape } from './shapes/diff-entry.ts'
import { commitShape } from './shapes/git.ts'
import { pullShape, simplePullShape } from './shapes/pull.ts'
import { userById, type Pull } from './state.ts'
import { unifiedDiff } from './unified-diff.ts'

const needs = { permission: 'pull-requests', access: 'read' } as const

/** Pull requests, their files and their commits. */
export const pullOperations: readonly Operation[] = [
  {
    id: 'pulls/list',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/pulls',
    documentation: 'pulls/pulls#list-pull-requests',
    scope: 'repository',
    needs,
    run: (call) => paginate(call, listed(call), (pull) => simplePullShape(call, pull))
  },
  {
    id: 'pulls/get',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/pulls/{pull_number}',
    documentation: 'pulls/pulls#get-a-pull-request',
    scope: 'repository',
    needs,
    run: getPull
  },
  {
    id: 'pulls/list-files',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/pulls/{pull_number}/files',
    documentation: 'pulls/pulls#list-pull-requests-files',
    scope: 'repository',
    needs,
    run: (call) => {
      const pull = pullInPath(call)
      const { changes, mergeBase } = pullContent(call.repository, pull)
      return paginate(call, changes.slice(0, call.state.limits.pullFiles), (change) =>
        diffEntryShape(call, change, pull.head.sha, mergeBase)
      )
    }
  },
  {
    id: 'pulls/list-commits',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/pulls/{pull_number}/commits',
    documentation: 'pulls/pulls#list-commits-on-a-pull-request',
    scope: 'repository',
    needs,
    run: (call) => {
      const { commits } = pullContent(call.repository, pullInPath(call))
      return paginate(call, commits.slice(0, call.state.limits.pullCommits), (commit) => commitShape(call, commit))
    }
  },
  {
    id: 'repos/list-pull-requests-associated-with-commit',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/commits/{commit_sha}/pulls',
    documentation: 'commits/commits#list-pull-requests-associated-with-a-commit',
    scope: 'repository',
    needs,
    run: (call) => {
      const sha = call.params['commit_sha'] ?? ''
      const { repository } = call
      if (!repository.commits.some((commit) => commit.sha === sha)) {
        throw refuse(422, `No commit found for SHA: ${sha}`, call.documentation)
      }
      const brings = (pull: Pull): boolean =>
        pull.merged?.sha === sha || pullContent(repository, pull).commits.some((commit) => commit.sha === sha)
      return paginate(call, repository.pulls.filter(brings), (pull) => simplePullShape(call, pull))
    }
  }
]

function getPull(call: RepositoryCall): Answer {
  const pull = pullInPath(call)
  const accept = call.request.headers.accept ?? ''
  if (/application\/vnd\.github\.(v3\.)?diff/.test(accept)) {
    const { changes } = pullContent(call.repository, pull)
    if (changes.length > call.state.limits.comparedFiles) {
      throw refuse(406, tooManyFiles(call.state.limits.comparedFiles), call.documentation)
    }
    const headers = { 'content-type': 'application/vnd.github.v3.diff; charset=utf-8' }
    return { status: 200, headers, bytes: Buffer.from(unifiedDiff(call.repository, changes)) }
  }
  return { status: 200, body: pullShape(call, pull) }
}

/** cli/cli#8091 shows it. */
function tooManyFiles(limit: number): string {
  return `Sorry, the diff exceeded the maximum number of files (${limit}). Consider using 'List pull requests files' API or locally cloning the repository instead.`
}

/** Filtered and sorted as asked: by creation, newest first, unless another order is named, which then begins low. */
function listed(call: RepositoryCall): readonly Pull[] {
  const query = call.request.url.searchParams
  const state = query.get('state') ?? 'open'
  const base = query.get('base')
  const sort = query.get('sort') ?? 'created'
  const direction = query.get('direction') ?? (sort === 'created' ? 'desc' : 'asc')
  const key = sort === 'updated' ? (pull: Pull) => pull.updatedAt : (pull: Pull) => pull.createdAt
  const ascending = call.repository.pulls
    .filter((pull) => state === 'all' || pull.state === state)
    .filter((pull) => base === null || pull.base.ref === base)
    .filter((pull) => hasHead(call, pull, query.get('head')))
    .sort((a, b) => (key(a) === key(b) ? a.number - b.number : key(a) < key(b) ? -1 : 1))
  return direction === 'desc' ? ascending.reverse() : ascending
}

/** `user:branch`; what lacks the user filters nothing, as on GitHub. */
function hasHead(call: RepositoryCall, pull: Pull, asked: string | null): boolean {
  const match = /^([^:]+):(.+)$/.exec(asked ?? '')
  if (match === null) return true
  const owner = userById(call.state, pull.head.ownerId).login
  return owner.toLowerCase() === match[1]?.toLowerCase() && pull.head.ref === match[2]
}
