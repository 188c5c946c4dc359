/** The types of GitHub's GraphQL schema that clients ask of pull requests, their reviews, checks and merge queues. */
export const pullRequestTypes = `
  enum PullRequestState { OPEN CLOSED MERGED }
  enum MergeableState { CONFLICTING MERGEABLE UNKNOWN }
  enum MergeStateStatus { BEHIND BLOCKED CLEAN DIRTY DRAFT HAS_HOOKS UNKNOWN UNSTABLE }
  enum PullRequestReviewState { APPROVED CHANGES_REQUESTED COMMENTED DISMISSED PENDING }
  enum PullRequestReviewDecision { APPROVED CHANGES_REQUESTED REVIEW_REQUIRED }
  enum CommentAuthorAssociation { COLLABORATOR CONTRIBUTOR FIRST_TIMER FIRST_TIME_CONTRIBUTOR MANNEQUIN MEMBER NONE OWNER }
  enum PatchStatus { ADDED CHANGED COPIED DELETED MODIFIED RENAMED }
  enum MergeQueueEntryState { AWAITING_CHECKS LOCKED MERGEABLE QUEUED UNMERGEABLE }
  enum StatusState { ERROR EXPECTED FAILURE PENDING SUCCESS }
  enum CheckStatusState { COMPLETED IN_PROGRESS PENDING QUEUED REQUESTED WAITING }
  enum CheckConclusionState { ACTION_REQUIRED CANCELLED FAILURE NEUTRAL SKIPPED STALE STARTUP_FAILURE SUCCESS TIMED_OUT }
  enum ReactionContent { CONFUSED EYES HEART HOORAY LAUGH ROCKET THUMBS_DOWN THUMBS_UP }

  input IssueOrder { field: IssueOrderField! direction: OrderDirection! }
  enum IssueOrderField { COMMENTS CREATED_AT UPDATED_AT }

  type PullRequest implements Node {
    id: ID!
    databaseId: Int
    number: Int!
    url: URI!
    title: String!
    body: String!
    state: PullRequestState!
    isDraft: Boolean!
    isCrossRepository: Boolean!
    maintainerCanModify: Boolean!
    author: Actor
    createdAt: DateTime!
    updatedAt: DateTime!
    closedAt: DateTime
    mergedAt: DateTime
    merged: Boolean!
    mergeable: MergeableState!
    mergeStateStatus: MergeStateStatus!
    mergeCommit: Commit
    additions: Int!
    deletions: Int!
    changedFiles: Int!
    baseRefName: String!
    baseRefOid: GitObjectID!
    headRefName: String!
    headRefOid: GitObjectID!
    headRepository: Repository
    headRepositoryOwner: RepositoryOwner
    isInMergeQueue: Boolean!
    mergeQueueEntry: MergeQueueEntry
    reviewDecision: PullRequestReviewDecision
    commits(first: Int, last: Int, after: String, before: String): PullRequestCommitConnection!
    files(first: Int, last: Int, after: String, before: String): PullRequestChangedFileConnection
    reviews(first: Int, last: Int, after: String, before: String): PullRequestReviewConnection
    labels(first: Int, last: Int, after: String, before: String): LabelConnection
    comments(first: Int, last: Int, after: String, before: String): IssueCommentConnection!
    assignees(first: Int, last: Int, after: String, before: String): UserConnection!
    reviewRequests(first: Int, last: Int, after: String, before: String): ReviewRequestConnection
    projectCards(first: Int, last: Int, after: String, before: String): ProjectCardConnection!
    milestone: Milestone
    reactionGroups: [ReactionGroup!]
  }

  type PullRequestReview implements Node {
    id: ID!
    databaseId: Int
    author: Actor
    authorAssociation: CommentAuthorAssociation!
    body: String!
    state: PullRequestReviewState!
    submittedAt: DateTime
    lastEditedAt: DateTime
    commit: Commit
    url: URI!
    reactionGroups: [ReactionGroup!]
    userContentEdits(first: Int, last: Int, after: String, before: String): UserContentEditConnection
  }

  type UserContentEdit { editedAt: DateTime! editor: Actor }
  type PullRequestChangedFile { path: String! additions: Int! deletions: Int! changeType: PatchStatus! }
  type PullRequestCommit { commit: Commit! }
  type Label { id: ID! name: String! description: String color: String! }
  type IssueComment {
    id: ID!
    author: Actor
    authorAssociation: CommentAuthorAssociation!
    body: String!
    createdAt: DateTime!
    includesCreatedEdit: Boolean!
    isMinimized: Boolean!
    minimizedReason: String
    url: URI!
    viewerDidAuthor: Boolean!
    reactionGroups: [ReactionGroup!]
  }

  type MergeQueue { id: ID! url: URI! entries(first: Int, last: Int, after: String, before: String): MergeQueueEntryConnection }
  type MergeQueueEntry {
    id: ID!
    position: Int!
    state: MergeQueueEntryState!
    enqueuedAt: DateTime!
    enqueuer: Actor!
    pullRequest: PullRequest
    baseCommit: Commit
    headCommit: Commit
  }

  type StatusCheckRollup {
    state: StatusState!
    contexts(first: Int, last: Int, after: String, before: String): StatusCheckRollupContextConnection!
  }
  union StatusCheckRollupContext = CheckRun | StatusContext
  type StatusContext {
    context: String!
    state: StatusState!
    targetUrl: URI
    description: String
    createdAt: DateTime!
    isRequired(pullRequestId: ID, pullRequestNumber: Int): Boolean!
  }
  type CheckRun {
    name: String!
    status: CheckStatusState!
    conclusion: CheckConclusionState
    startedAt: DateTime
    completedAt: DateTime
    detailsUrl: URI
    isRequired(pullRequestId: ID, pullRequestNumber: Int): Boolean!
    checkSuite: CheckSuite!
  }
  type CheckSuite { workflowRun: WorkflowRun }
  type WorkflowRun { workflow: Workflow! }
  type Workflow { name: String! }

  type Team { name: String! slug: String! organization: Organization! }
  union RequestedReviewer = Bot | Team | User
  type ReviewRequest { requestedReviewer: RequestedReviewer }
  type Project { name: String! }
  type ProjectColumn { name: String! }
  type ProjectCard { project: Project! column: ProjectColumn }
  type Milestone { number: Int! title: String! description: String dueOn: DateTime }
  type GitActor { name: String email: String user: User }
  type ReactorConnection { totalCount: Int! }
  type ReactionGroup { content: ReactionContent! users: ReactorConnection! }

  type PullRequestConnection { totalCount: Int! nodes: [PullRequest] edges: [PullRequestEdge] pageInfo: PageInfo! }
  type PullRequestEdge { node: PullRequest cursor: String! }
  type PullRequestCommitConnection { totalCount: Int! nodes: [PullRequestCommit] pageInfo: PageInfo! }
  type PullRequestChangedFileConnection { totalCount: Int! nodes: [PullRequestChangedFile] pageInfo: PageInfo! }
  type PullRequestReviewConnection { totalCount: Int! nodes: [PullRequestReview] pageInfo: PageInfo! }
  type UserContentEditConnection { totalCount: Int! nodes: [UserContentEdit] pageInfo: PageInfo! }
  type LabelConnection { totalCount: Int! nodes: [Label] pageInfo: PageInfo! }
  type IssueCommentConnection { totalCount: Int! nodes: [IssueComment] pageInfo: PageInfo! }
  type UserConnection { totalCount: Int! nodes: [User] pageInfo: PageInfo! }
  type ReviewRequestConnection { totalCount: Int! nodes: [ReviewRequest] pageInfo: PageInfo! }
  type ProjectCardConnection { totalCount: Int! nodes: [ProjectCard] pageInfo: PageInfo! }
  type GitActorConnection { totalCount: Int! nodes: [GitActor] pageInfo: PageInfo! }
  type MergeQueueEntryConnection { totalCount: Int! nodes: [MergeQueueEntry] pageInfo: PageInfo! }
  type StatusCheckRollupContextConnection { totalCount: Int! nodes: [StatusCheckRollupContext] pageInfo: PageInfo! }
`
