import { locate, type Links } from './origins.ts'
import type { RepositoryCall } from './operation.ts'
import type { GithubService } from './service.ts'
import { labelShape } from './shapes/label.ts'
import { nodeId } from './shapes/node-id.ts'
import { pullShape, simplePullShape } from './shapes/pull.ts'
import { headRepositoryShape } from './shapes/repository.ts'
import { reviewShape } from './shapes/review.ts'
import { userShape } from './shapes/user.ts'
import { findRepository, ownerOf, userById, type GithubState, type Pull, type Repository, type User } from './state.ts'

/** A webhook's payload: what a runner finds in the file at GITHUB_EVENT_PATH. */
export type Payload = Readonly<Record<string, unknown>>

export type PullRequestAction =
  | 'opened'
  | 'synchronize'
  | 'reopened'
  | 'closed'
  | 'edited'
  | 'ready_for_review'
  | 'converted_to_draft'
  | 'labeled'
  | 'unlabeled'
  | 'enqueued'
  | 'dequeued'

/**
 * The payload of a `pull_request` event, from the pull request as it is now.
 *
 * @param repository `owner/name`
 * @param more who did it (the author unless given), for `labeled` and `unlabeled` the label, and for `synchronize` the
 *   head that it had before
 */
export function pullRequestEvent(
  service: Pick<GithubService, 'state'>,
  repository: string,
  number: number,
  action: PullRequestAction,
  more: { readonly sender?: string; readonly label?: string; readonly before?: string } = {}
): Payload {
  const call = callFor(service.state, repository)
  const pull = pullNumbered(call.repository, number)
  const sender = senderOf(service.state, more.sender) ?? userById(service.state, pull.authorId)
  return {
    action,
    number,
    // The merge commit and whether there is one are not known yet when the event is sent.
    pull_request: withSettings({ ...pullShape(call, pull), ...(action === 'opened' ? unknownMerge : {}) }),
    ...(more.label === undefined ? {} : { label: labelShape(call, more.label) }),
    ...(action === 'synchronize' ? { before: more.before ?? pull.base.sha, after: pull.head.sha } : {}),
    ...surroundings(call, sender)
  }
}

/** Events tell of both repositories how they are merged into, which the REST API tells administrators only. */
function withSettings(pull: Payload): Payload {
  const settings = {
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    allow_update_branch: false,
    delete_branch_on_merge: false,
    use_squash_pr_title_as_default: false,
    custom_properties: {}
  }
  const end = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && 'repo' in value && typeof value.repo === 'object'
      ? { ...value, repo: value.repo === null ? null : { ...value.repo, ...settings } }
      : value
  return { ...pull, head: end(pull['head']), base: end(pull['base']) }
}

const unknownMerge = { mergeable: null, rebaseable: null, mergeable_state: 'unknown', merge_commit_sha: null }

/**
 * The payload of a `pull_request_review` event; the state of its review is in small letters, and an empty body null.
 *
 * @param review the id of the review; the newest one unless given
 */
export function reviewEvent(
  service: Pick<GithubService, 'state'>,
  repository: string,
  number: number,
  action: 'submitted' | 'edited' | 'dismissed' = 'submitted',
  more: { readonly review?: number; readonly sender?: string } = {}
): Payload {
  const call = callFor(service.state, repository)
  const pull = pullNumbered(call.repository, number)
  const review = more.review === undefined ? pull.reviews.at(-1) : pull.reviews.find(({ id }) => id === more.review)
  if (review === undefined) throw new Error(`Pull request ${number} of ${repository} has no such review`)
  const sender = senderOf(service.state, more.sender) ?? userById(service.state, review.userId)
  const shape = reviewShape(call, pull, review)
  return {
    action,
    review: { ...shape, state: review.state.toLowerCase(), body: review.body === '' ? null : review.body },
    pull_request: withSettings(simplePullShape(call, pull)),
    ...surroundings(call, sender)
  }
}

/**
 * The payload of a `merge_group` event for the group whose last pull request is `number`.
 * Throws where that is not in the queue.
 */
export function mergeGroupEvent(
  service: Pick<GithubService, 'state'>,
  repository: string,
  number: number,
  action: 'checks_requested' | 'destroyed' = 'checks_requested'
): Payload {
  const call = callFor(service.state, repository)
  const entry = call.repository.queue.find(({ pullNumber }) => pullNumber === number)
  if (entry === undefined) throw new Error(`Pull request ${number} of ${repository} is not in the merge queue`)
  const base = pullNumbered(call.repository, number).base.ref
  const commit = call.repository.commits.find(({ sha }) => sha === entry.headSha)
  if (commit === undefined) throw new Error(`${repository} has no commit ${entry.headSha}`)
  const { name, email } = commit.author
  return {
    action,
    ...(action === 'destroyed' ? { reason: 'merged' } : {}),
    merge_group: {
      head_sha: entry.headSha,
      head_ref: entry.ref,
      base_sha: entry.baseSha,
      base_ref: `refs/heads/${base}`,
      head_commit: {
        id: commit.sha,
        tree_id: commit.tree,
        message: commit.message,
        timestamp: commit.committer.date,
        author: { name, email },
        committer: { name: commit.committer.name, email: commit.committer.email }
      }
    },
    ...surroundings(call, userById(service.state, entry.enqueuerId))
  }
}

function surroundings(call: RepositoryCall, sender: User): Payload {
  const owner = ownerOf(call.state, call.repository)
  return {
    repository: { ...headRepositoryShape(call), custom_properties: {} },
    ...(owner.type === 'Organization' ? { organization: organizationShape(call, owner) } : {}),
    sender: userShape(sender, call.links)
  }
}

/** Schema organization-simple. */
function organizationShape({ links }: RepositoryCall, owner: User): object {
  const url = `${links.api}/orgs/${owner.login}`
  return {
    login: owner.login,
    id: owner.id,
    node_id: nodeId('O', owner.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${links.html}/avatars/u/${owner.id}?v=4`,
    description: null
  }
}

/** A call as github.com would make it: events name its addresses, whoever reads them. */
function callFor(state: GithubState, fullName: string): RepositoryCall {
  const [owner = '', name = ''] = fullName.split('/')
  const repository = findRepository(state, owner, name)
  if (repository === undefined) throw new Error(`The sandbox's GitHub has no repository ${fullName}`)
  const url = new URL(`https://api.github.com/repos/${fullName}`)
  const links: Links = locate(url).links
  const request = { method: 'GET', url, headers: {}, body: Buffer.alloc(0), now: 0 }
  return { state, request, links, actor: { kind: 'anonymous' }, params: {}, documentation: '', repository }
}

function pullNumbered(repository: Repository, number: number): Pull {
  const pull = repository.pulls.find((candidate) => candidate.number === number)
  if (pull === undefined) throw new Error(`${repository.name} has no pull request ${number}`)
  return pull
}

function senderOf(state: GithubState, login: string | undefined): User | undefined {
  if (login === undefined) return undefined
  const user = state.users.find((candidate) => candidate.login.toLowerCase() === login.toLowerCase())
  if (user === undefined) throw new Error(`The sandbox's GitHub has no user ${login}`)
  return user
}
