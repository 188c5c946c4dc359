import { GraphQLError } from 'graphql'
import { connection, type Page } from './graphql-connection.ts'
import { commitFields } from './graphql-git.ts'
import { userFields, type GraphqlCall } from './graphql-users.ts'
import type { RepositoryCall } from './operation.ts'
import { may, signedIn } from './permissions.ts'
import { pullContent } from './pull-content.ts'
import { associationOf } from './shapes/association.ts'
import { lineTotals } from './shapes/diff-entry.ts'
import { labelShape } from './shapes/label.ts'
import { nodeId } from './shapes/node-id.ts'
import { mergeableState } from './shapes/pull.ts'
import { repositoryUrls } from './shapes/repository-urls.ts'
import { userById, type IssueComment, type Pull, type QueueEntry, type Review } from './state.ts'
import { lineDiffOf, type TreeChange } from './tree-changes.ts'

/** Arguments of `Repository.pullRequests`. */
export interface PullsQuery extends Page {
  readonly states?: readonly ('OPEN' | 'CLOSED' | 'MERGED')[] | null
  readonly labels?: readonly string[] | null
  readonly headRefName?: string | null
  readonly baseRefName?: string | null
  readonly orderBy?: {
    readonly field: 'COMMENTS' | 'CREATED_AT' | 'UPDATED_AT'
    readonly direction: 'ASC' | 'DESC'
  } | null
}

export function pullsConnection(call: RepositoryCall, query: PullsQuery): object {
  const { states, labels, headRefName, baseRefName, orderBy } = query
  const key = (pull: Pull): string => (orderBy?.field === 'UPDATED_AT' ? pull.updatedAt : pull.createdAt)
  const ascending = call.repository.pulls
    .filter((pull) => states?.includes(stateOf(pull)) ?? true)
    .filter((pull) => labels?.some((label) => pull.labels.includes(label)) ?? true)
    .filter((pull) => (headRefName ?? pull.head.ref) === pull.head.ref)
    .filter((pull) => (baseRefName ?? pull.base.ref) === pull.base.ref)
    .sort((a, b) => (key(a) === key(b) ? a.number - b.number : key(a) < key(b) ? -1 : 1))
  const ordered = orderBy?.direction === 'DESC' ? ascending.reverse() : ascending
  return connection(ordered, query, (pull) => pullFields(call, pull))
}

/** The object with a global id, of those that can be asked for: pull requests and their reviews. */
export function nodeFields(call: GraphqlCall, id: string): object {
  for (const repository of call.state.repositories) {
    if (!may(call.state, call.actor, repository, 'pull-requests', 'read')) continue
    const inside: RepositoryCall = { ...call, repository, params: {}, documentation: '' }
    for (const pull of repository.pulls) {
      if (nodeId('PR', repository.id, pull.number) === id)
        return { __typename: 'PullRequest', ...pullFields(inside, pull) }
      const review = pull.reviews.find((candidate) => nodeId('PRR', repository.id, candidate.id) === id)
      if (review !== undefined) return { __typename: 'PullRequestReview', ...reviewFields(inside, pull, review) }
    }
  }
  throw new GraphQLError(`Could not resolve to a node with the global id of '${id}'`, {
    extensions: { type: 'NOT_FOUND' }
  })
}

/** The queue of a branch, or null where it has none: none of its pull requests was ever put into one. */
export function mergeQueueFields(call: RepositoryCall, branch: string): object | null {
  const { repository } = call
  const queued = repository.pulls.some(
    ({ base, events }) => base.ref === branch && events.some(({ event }) => event === 'added_to_merge_queue')
  )
  if (!queued) return null
  return {
    id: nodeId('MQ', repository.id, branch),
    url: `${repositoryUrls(call).html}/queue/${branch}`,
    entries: (page: Page) => connection(queueOf(call, branch), page, (entry) => queueEntryFields(call, entry))
  }
}

function queueOf({ repository }: RepositoryCall, branch: string): readonly QueueEntry[] {
  const bases = new Map(repository.pulls.map((pull) => [pull.number, pull.base.ref]))
  return repository.queue.filter(({ pullNumber }) => bases.get(pullNumber) === branch)
}

function queueEntryFields(call: RepositoryCall, entry: QueueEntry): object {
  const pull = call.repository.pulls.find(({ number }) => number === entry.pullNumber)
  return {
    id: nodeId('MQE', call.repository.id, entry.id),
    position: queueOf(call, pull?.base.ref ?? '').indexOf(entry) + 1,
    state: entry.state,
    enqueuedAt: entry.enqueuedAt,
    enqueuer: () => userFields(call, userById(call.state, entry.enqueuerId)),
    pullRequest: () => (pull === undefined ? null : pullFields(call, pull)),
    baseCommit: () => commitFields(call, entry.baseSha),
    // An entry that cannot be merged has no group.
    headCommit: () => (entry.state === 'UNMERGEABLE' ? null : commitFields(call, entry.headSha))
  }
}

function stateOf(pull: Pull): 'OPEN' | 'CLOSED' | 'MERGED' {
  if (pull.merged !== null) return 'MERGED'
  return pull.state === 'open' ? 'OPEN' : 'CLOSED'
}

const noReactions: readonly object[] = []

export function pullFields(call: RepositoryCall, pull: Pull): object {
  const { state, repository } = call
  const { html } = repositoryUrls(call)
  const content = (): ReturnType<typeof pullContent> => pullContent(repository, pull)
  const totals = (): { additions: number; deletions: number } => lineTotals(call, content().changes)
  const open = pull.state === 'open'
  const head = state.repositories.find(({ id }) => id === pull.head.repositoryId)
  const entry = repository.queue.find(({ pullNumber }) => pullNumber === pull.number)
  const empty = (page: Page): object => connection([], page, () => null)
  return {
    id: nodeId('PR', repository.id, pull.number),
    databaseId: pull.id,
    number: pull.number,
    url: `${html}/pull/${pull.number}`,
    title: pull.title,
    body: pull.body ?? '',
    state: stateOf(pull),
    isDraft: pull.draft,
    isCrossRepository: pull.head.repositoryId !== repository.id,
    maintainerCanModify: head !== undefined && head !== repository,
    author: () => userFields(call, userById(state, pull.authorId)),
    createdAt: pull.createdAt,
    updatedAt: pull.updatedAt,
    closedAt: pull.closedAt,
    mergedAt: pull.merged?.at ?? null,
    merged: pull.merged !== null,
    mergeable: open ? (pull.mergeSha === null ? 'CONFLICTING' : 'MERGEABLE') : 'UNKNOWN',
    mergeStateStatus: mergeableState(pull, open ? pull.mergeSha !== null : null).toUpperCase(),
    mergeCommit: () => (pull.merged === null ? null : commitFields(call, pull.merged.sha)),
    additions: () => totals().additions,
    deletions: () => totals().deletions,
    changedFiles: () => content().changes.length,
    baseRefName: pull.base.ref,
    baseRefOid: pull.base.sha,
    headRefName: pull.head.ref,
    headRefOid: pull.head.sha,
    headRepository: head === undefined ? null : headRepositoryFields(call, head),
    headRepositoryOwner: () => userFields(call, userById(state, pull.head.ownerId)),
    isInMergeQueue: entry !== undefined,
    mergeQueueEntry: () => (entry === undefined ? null : queueEntryFields(call, entry)),
    reviewDecision: null,
    commits: (page: Page) =>
      connection(content().commits, page, (commit) => ({ commit: commitFields(call, commit.sha) })),
    files: (page: Page) => connection(content().changes, page, (change) => fileFields(call, change)),
    reviews: (page: Page) =>
      connection(
        pull.reviews.filter(({ state: reviewState }) => reviewState !== 'PENDING'),
        page,
        (review) => reviewFields(call, pull, review)
      ),
    labels: (page: Page) =>
      connection(pull.labels, page, (name) => ({ ...labelShape(call, name), id: nodeId('LA', repository.id, name) })),
    comments: (page: Page) =>
      connection(
        repository.issueComments.filter(({ number }) => number === pull.number),
        page,
        (comment) => commentFields(call, comment)
      ),
    assignees: empty,
    reviewRequests: empty,
    projectCards: empty,
    milestone: null,
    reactionGroups: noReactions
  }
}

function headRepositoryFields(call: RepositoryCall, head: RepositoryCall['repository']): object {
  const { fullName, html } = repositoryUrls({ ...call, repository: head })
  return { id: nodeId('R', head.id), databaseId: head.id, name: head.name, nameWithOwner: fullName, url: html }
}

const changeTypes: Readonly<Record<TreeChange['status'], string>> = {
  added: 'ADDED',
  removed: 'DELETED',
  modified: 'MODIFIED',
  renamed: 'RENAMED',
  changed: 'CHANGED'
}

function fileFields(call: RepositoryCall, change: TreeChange): object {
  const { additions = 0, deletions = 0 } = lineDiffOf(call.repository, change) ?? {}
  return { path: change.path, additions, deletions, changeType: changeTypes[change.status] }
}

function reviewFields(call: RepositoryCall, pull: Pull, review: Review): object {
  const user = userById(call.state, review.userId)
  // The first edit brings the text as it was written into the list, too; newest first.
  const original = { editedAt: review.submittedAt ?? pull.createdAt, editorId: review.userId }
  const edits = review.edits.length === 0 ? [] : [original, ...review.edits].reverse()
  return {
    id: nodeId('PRR', call.repository.id, review.id),
    databaseId: review.id,
    author: () => userFields(call, user),
    authorAssociation: associationOf(call.state, call.repository, user),
    body: review.body,
    state: review.state,
    submittedAt: review.submittedAt,
    lastEditedAt: review.edits.at(-1)?.editedAt ?? null,
    commit: () => commitFields(call, review.commitId),
    url: `${repositoryUrls(call).html}/pull/${pull.number}#pullrequestreview-${review.id}`,
    reactionGroups: noReactions,
    userContentEdits: (page: Page) =>
      connection(edits, page, ({ editedAt, editorId }) => ({
        editedAt,
        editor: userFields(call, userById(call.state, editorId))
      }))
  }
}

function commentFields(call: RepositoryCall, comment: IssueComment): object {
  const user = userById(call.state, comment.userId)
  return {
    id: nodeId('IC', call.repository.id, comment.id),
    author: () => userFields(call, user),
    authorAssociation: associationOf(call.state, call.repository, user),
    body: comment.body,
    createdAt: comment.createdAt,
    includesCreatedEdit: comment.updatedAt !== comment.createdAt,
    isMinimized: false,
    minimizedReason: null,
    url: `${repositoryUrls(call).html}/pull/${comment.number}#issuecomment-${comment.id}`,
    viewerDidAuthor: signedIn(call.actor).user.id === comment.userId,
    reactionGroups: noReactions
  }
}
