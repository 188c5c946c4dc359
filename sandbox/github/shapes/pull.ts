import type { RepositoryCall } from '../operation.ts'
import { pullContent } from '../pull-content.ts'
import { userById, type Pull, type Repository } from '../state.ts'
import { associationOf } from './association.ts'
import { lineTotals } from './diff-entry.ts'
import { labelShape } from './label.ts'
import { nodeId } from './node-id.ts'
import { headRepositoryShape } from './repository.ts'
import { repositoryUrls } from './repository-urls.ts'
import type { Resource } from './resource.ts'
import { userShape } from './user.ts'

/** Schema pull-request-simple: an entry of a list. */
export function simplePullShape(call: RepositoryCall, pull: Pull): Resource {
  const { state, repository, links } = call
  const { api, html } = repositoryUrls(call)
  const url = `${api}/pulls/${pull.number}`
  const page = `${html}/pull/${pull.number}`
  const issue = `${api}/issues/${pull.number}`
  const statuses = `${api}/statuses/${pull.head.sha}`
  const author = userById(state, pull.authorId)
  return {
    url,
    id: pull.id,
    node_id: nodeId('PR', repository.id, pull.number),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userShape(author, links),
    body: pull.body,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.sha ?? pull.mergeSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: pull.labels.map((name) => labelShape(call, name)),
    milestone: null,
    draft: pull.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    head: endShape(call, { ...pull.head, repository: headRepository(call, pull) }),
    base: endShape(call, { ...pull.base, repository, ownerId: repository.ownerId }),
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${api}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses }
    },
    author_association: associationOf(state, repository, author),
    auto_merge: null,
    active_lock_reason: null
  }
}

/** Schema pull-request: one that is read by its number. */
export function pullShape(call: RepositoryCall, pull: Pull): Resource {
  const { state, repository, links } = call
  const { commits, changes } = pullContent(repository, pull)
  const { additions, deletions } = lineTotals(call, changes)
  const mergeable = pull.state === 'closed' ? null : pull.mergeSha !== null
  return {
    ...simplePullShape(call, pull),
    merged: pull.merged !== null,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeableState(pull, mergeable),
    merged_by: pull.merged === null ? null : userShape(userById(state, pull.merged.byId), links),
    comments: repository.issueComments.filter(({ number }) => number === pull.number).length,
    review_comments: 0,
    maintainer_can_modify: pull.head.repositoryId !== null && pull.head.repositoryId !== repository.id,
    commits: commits.length,
    additions,
    deletions,
    changed_files: changes.length
  }
}

/** `dirty` is a conflict; null is not known. */
export function mergeableState(pull: Pull, mergeable: boolean | null): string {
  if (mergeable === null) return 'unknown'
  if (!mergeable) return 'dirty'
  return pull.draft ? 'draft' : 'clean'
}

/** The repository that holds the head; undefined when it was deleted. */
function headRepository(call: RepositoryCall, pull: Pull): Repository | undefined {
  return call.state.repositories.find(({ id }) => id === pull.head.repositoryId)
}

function endShape(
  call: RepositoryCall,
  end: {
    readonly ref: string
    readonly sha: string
    readonly ownerId: number
    readonly repository: Repository | undefined
  }
): object {
  const owner = userById(call.state, end.ownerId)
  return {
    label: `${owner.login}:${end.ref}`,
    ref: end.ref,
    sha: end.sha,
    user: userShape(owner, call.links),
    repo: end.repository === undefined ? null : headRepositoryShape({ ...call, repository: end.repository })
  }
}
