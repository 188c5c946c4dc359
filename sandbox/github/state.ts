/** Everything the sandbox's GitHub remembers, as plain data: numbers, strings, arrays, objects and Buffers. */
export interface GithubState {
  /** One counter for every id, so that a later thing has a higher id, as on GitHub. */
  nextId: number
  requests: number
  users: User[]
  tokens: Token[]
  repositories: Repository[]
  /** Permissions of a workflow job, by the name under which its requests come. */
  jobs: Record<string, Permissions>
  rateLimits: RateLimits
  usage: Usage[]
  /** Whether assets get a digest, as on github.com and on Enterprise Server from 3.17 on. */
  digests: boolean
  teams: Team[]
  limits: Limits
}

/** Caps of single answers, which tests make small. */
export interface Limits {
  /** Entries of a recursive tree. */
  readonly treeEntries: number
  /** Files of a pull request, of a comparison and of a commit. */
  readonly pullFiles: number
  readonly comparedFiles: number
  /** Commits of a pull request. */
  readonly pullCommits: number
  /** Statuses of one commit and context. */
  readonly statuses: number
}

export interface Team {
  readonly id: number
  readonly organizationId: number
  readonly name: string
  readonly slug: string
  readonly createdAt: string
  members: { readonly userId: number; readonly role: 'member' | 'maintainer'; readonly state: 'active' | 'pending' }[]
}

export interface User {
  readonly id: number
  readonly login: string
  type: 'User' | 'Bot' | 'Organization'
  readonly createdAt: string
}

export type Access = 'none' | 'read' | 'write'

/** Keys are those of a workflow's `permissions:` or of a fine-grained token: contents, administration, workflows … */
export type Permissions = Readonly<Record<string, Access>>

/** integration: GITHUB_TOKEN or another GitHub App token; fine-grained and classic: the two personal access tokens. */
export type TokenKind = 'integration' | 'fine-grained' | 'classic'

export interface Token {
  readonly token: string
  readonly kind: TokenKind
  readonly userId: number
  readonly permissions: Permissions
  /** `owner/name` of the repositories that it reaches; absent means all. */
  readonly repositories?: readonly string[]
}

export interface RateLimits {
  /** Requests an hour: personal tokens, GITHUB_TOKEN, no token, GraphQL points. */
  readonly user: number
  readonly installation: number
  readonly anonymous: number
  readonly graphql: number
  readonly secondary: {
    readonly enforced: boolean
    readonly contentPerMinute: number
    readonly contentPerHour: number
    readonly pointsPerMinute: number
    /** Seconds in `retry-after`; absent means that the header is absent, which GitHub does too. */
    readonly retryAfter?: number
  }
  /** GitHub answers either. */
  readonly status: 403 | 429
}

export interface Usage {
  readonly key: string
  /** Requests since the window's start, by resource; times are milliseconds since the epoch. */
  windows: { resource: 'core' | 'graphql'; start: number; used: number }[]
  recent: { time: number; points: number; creates: boolean }[]
}

export interface Repository {
  readonly id: number
  readonly ownerId: number
  readonly name: string
  readonly private: boolean
  readonly defaultBranch: string
  readonly createdAt: string
  immutableReleases: boolean
  refs: Ref[]
  commits: Commit[]
  tagObjects: TagObject[]
  files: { readonly path: string; readonly bytes: Buffer }[]
  releases: Release[]
  /** The release that was made latest on purpose; see releases.ts. */
  latestReleaseId: number | null
  /** Tags of immutable releases can never be used again, not even after the release was deleted. */
  burnedTags: string[]
  tagRules: TagRule[]
  discussionCategories: string[]
  /** The repository that this one is a fork of. */
  readonly forkOf: number | null
  /** Blobs and trees by their ids, as git stores them. Commits and tags have lists of their own. */
  objects: Record<string, GitObject>
  collaborators: { readonly userId: number; readonly role: Role }[]
  /** Numbers that issues and pull requests share. */
  nextNumber: number
  pulls: Pull[]
  issueComments: IssueComment[]
  labels: Label[]
  activity: Activity[]
  statuses: CommitStatus[]
  deployments: Deployment[]
  checkRuns: CheckRun[]
  workflows: Workflow[]
  workflowRuns: WorkflowRun[]
  /** Pull requests in the merge queue of their base, first one first. */
  queue: QueueEntry[]
  /** The repository's setting "Allow GitHub Actions to create and approve pull requests". */
  actionsMayApprove: boolean
}

export interface GitObject {
  readonly type: 'blob' | 'tree'
  readonly bytes: Buffer
}

export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none'

export interface Pull {
  readonly id: number
  readonly number: number
  readonly authorId: number
  readonly createdAt: string
  /** `repositoryId` is null when the fork was deleted. */
  head: { readonly repositoryId: number | null; readonly ownerId: number; readonly ref: string; sha: string }
  /** `sha` is the branch's commit when the head last moved, or was merged. */
  base: { readonly ref: string; sha: string }
  /** The commit that would merge it, at `refs/pull/N/merge`; null where it conflicts. */
  mergeSha: string | null
  title: string
  body: string | null
  draft: boolean
  state: 'open' | 'closed'
  updatedAt: string
  closedAt: string | null
  merged: { readonly at: string; readonly byId: number; readonly sha: string } | null
  labels: string[]
  reviews: Review[]
  /** What happened to it, oldest first. */
  events: IssueEvent[]
}

export type ReviewState = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING'

export interface Review {
  readonly id: number
  readonly userId: number
  readonly commitId: string
  body: string
  state: ReviewState
  /** Null while it is pending. */
  submittedAt: string | null
  /** Changes of its text, by whoever made them, oldest first. */
  edits: { readonly editorId: number; readonly editedAt: string }[]
}

export type IssueEvent = { readonly id: number; readonly actorId: number; readonly createdAt: string } & (
  | { readonly event: 'labeled' | 'unlabeled'; readonly label: { readonly name: string; readonly color: string } }
  | {
      readonly event: 'closed' | 'reopened' | 'ready_for_review' | 'convert_to_draft' | 'head_ref_deleted'
    }
  | { readonly event: 'merged' | 'head_ref_force_pushed'; readonly commitId: string }
  | {
      readonly event: 'review_dismissed'
      readonly review: { readonly id: number; readonly state: string; readonly message: string }
    }
  | { readonly event: 'added_to_merge_queue' | 'removed_from_merge_queue' }
)

export interface IssueComment {
  readonly id: number
  readonly number: number
  readonly userId: number
  readonly createdAt: string
  body: string
  updatedAt: string
}

export interface Label {
  readonly id: number
  readonly name: string
  readonly color: string
  readonly description: string | null
}

export interface Activity {
  readonly id: number
  readonly ref: string
  readonly before: string
  readonly after: string
  readonly type: 'push' | 'force_push' | 'branch_deletion' | 'branch_creation' | 'pr_merge' | 'merge_queue_merge'
  readonly actorId: number
  readonly timestamp: string
}

export interface Deployment {
  readonly id: number
  readonly sha: string
  readonly ref: string
  readonly task: string
  readonly environment: string
  readonly description: string | null
  readonly transient: boolean
  readonly production: boolean
  readonly creatorId: number
  readonly createdAt: string
  /** Oldest first. */
  statuses: DeploymentStatus[]
}

export interface DeploymentStatus {
  readonly id: number
  readonly state: 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success'
  readonly description: string
  readonly environment: string
  readonly environmentUrl: string
  readonly logUrl: string
  readonly creatorId: number
  readonly createdAt: string
}

export interface CommitStatus {
  readonly id: number
  readonly sha: string
  readonly state: 'error' | 'failure' | 'pending' | 'success'
  readonly context: string
  readonly description: string | null
  readonly targetUrl: string | null
  readonly creatorId: number
  readonly createdAt: string
}

export type RunStatus = 'queued' | 'in_progress' | 'completed'
export type Conclusion = 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | 'action_required'

export interface CheckRun {
  readonly id: number
  readonly name: string
  readonly headSha: string
  readonly suiteId: number
  readonly runId: number | null
  readonly startedAt: string
  status: RunStatus
  conclusion: Conclusion | null
  completedAt: string | null
}

export interface Workflow {
  readonly id: number
  readonly name: string
  /** `.github/workflows/guard.yml` */
  readonly path: string
}

export interface WorkflowRun {
  readonly id: number
  readonly workflowId: number
  readonly runNumber: number
  readonly suiteId: number
  readonly event: string
  readonly headBranch: string | null
  readonly headSha: string
  readonly headRepositoryId: number
  readonly title: string
  readonly actorId: number
  readonly createdAt: string
  readonly pullNumbers: readonly number[]
  attempt: number
  status: RunStatus
  conclusion: Conclusion | null
  triggeringActorId: number
  startedAt: string
  updatedAt: string
  jobs: Job[]
}

export interface Job {
  readonly id: number
  readonly name: string
  readonly attempt: number
  readonly startedAt: string
  status: RunStatus
  conclusion: Conclusion | null
  completedAt: string | null
}

export interface QueueEntry {
  readonly id: number
  readonly pullNumber: number
  /** Branch `gh-readonly-queue/<base>/pr-<number>-<sha>`. */
  readonly ref: string
  readonly baseSha: string
  readonly headSha: string
  readonly enqueuerId: number
  readonly enqueuedAt: string
  state: 'AWAITING_CHECKS' | 'LOCKED' | 'MERGEABLE' | 'QUEUED' | 'UNMERGEABLE'
}

/** A ruleset that restricts the creation of tags whose name matches `pattern` (`*` is any run of characters). */
export interface TagRule {
  readonly pattern: string
  readonly forbids: 'creation'
}

export interface Ref {
  readonly ref: string
  sha: string
}

export interface Signature {
  readonly name: string
  readonly email: string
  readonly date: string
}

export interface Commit {
  readonly sha: string
  readonly tree: string
  readonly message: string
  readonly author: Signature
  readonly committer: Signature
  readonly parents: readonly string[]
  /** Whether it changes .github/workflows relative to the default branch. */
  readonly changesWorkflows: boolean
}

export interface TagObject {
  readonly sha: string
  readonly tag: string
  readonly message: string
  readonly tagger: Signature
  readonly target: { readonly type: 'commit' | 'tag'; readonly sha: string }
}

export interface Release {
  readonly id: number
  /** Name in the URLs while the release is a draft: `untagged-` and twenty hexadecimal digits. */
  readonly untagged: string
  readonly authorId: number
  tag: string
  target: string
  name: string | null
  body: string | null
  draft: boolean
  prerelease: boolean
  immutable: boolean
  makeLatest: MakeLatest
  createdAt: string
  publishedAt: string | null
  updatedAt: string
  assets: Asset[]
}

export type MakeLatest = 'true' | 'false' | 'legacy'

export interface Asset {
  readonly id: number
  /** Name of the bytes in the storage that downloads are redirected to. */
  readonly storageKey: string
  readonly uploaderId: number
  readonly contentType: string
  readonly size: number
  readonly digest: string | null
  readonly bytes: Buffer
  readonly createdAt: string
  name: string
  label: string | null
  /** `starter` is what a failed upload leaves: no bytes, and the name is taken. */
  state: 'uploaded' | 'starter' | 'open'
  downloads: number
  updatedAt: string
}

/** What a new repository has of pull requests and all that belongs to them: nothing. */
export function withoutPulls(): Omit<
  Repository,
  | 'id'
  | 'ownerId'
  | 'name'
  | 'private'
  | 'defaultBranch'
  | 'createdAt'
  | 'immutableReleases'
  | 'refs'
  | 'commits'
  | 'tagObjects'
  | 'files'
  | 'releases'
  | 'latestReleaseId'
  | 'burnedTags'
  | 'tagRules'
  | 'discussionCategories'
> {
  return {
    forkOf: null,
    objects: {},
    collaborators: [],
    nextNumber: 1,
    pulls: [],
    issueComments: [],
    labels: [],
    activity: [],
    statuses: [],
    deployments: [],
    checkRuns: [],
    workflows: [],
    workflowRuns: [],
    queue: [],
    actionsMayApprove: false
  }
}

/** A copy that shares nothing with `value` except Buffers, which nobody changes. */
export function copy<T>(value: T): T
export function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  if (Array.isArray(value)) return value.map((item: unknown) => copy(item))
  return Object.fromEntries(Object.entries(value).map(([key, item]: [string, unknown]) => [key, copy(item)]))
}

export function takeId(state: GithubState): number {
  return state.nextId++
}

/** The user of that id; ids never come from outside, so an unknown one is a bug. */
export function userById(state: GithubState, id: number): User {
  const user = state.users.find((candidate) => candidate.id === id)
  if (user === undefined) throw new Error(`No user has the id ${id}`)
  return user
}

export function ownerOf(state: GithubState, repository: Repository): User {
  return userById(state, repository.ownerId)
}

/** Owner and repository names are compared without case, as GitHub does. */
export function findRepository(state: GithubState, owner: string, name: string): Repository | undefined {
  return state.repositories.find(
    (candidate) =>
      candidate.name.toLowerCase() === name.toLowerCase() &&
      ownerOf(state, candidate).login.toLowerCase() === owner.toLowerCase()
  )
}

/** Seconds precision and `Z`, the form of every date that GitHub gives. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}
