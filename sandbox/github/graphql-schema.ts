import { buildSchema } from 'graphql'
import { pullRequestTypes } from './graphql-pull-types.ts'

/**
 * The part of GitHub's GraphQL schema that release tools and guards ask for (docs.github.com/graphql): names, arguments and
 * nullability are GitHub's. A query for anything else gets the validation error it would get for an unknown field.
 */
export const graphqlSchema = buildSchema(`
${pullRequestTypes}

  scalar DateTime
  scalar URI
  scalar GitObjectID

  type Query {
    viewer: User!
    rateLimit(dryRun: Boolean = false): RateLimit
    repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
    node(id: ID!): Node
  }

  interface Node { id: ID! }

  type RateLimit { limit: Int! cost: Int! remaining: Int! used: Int! nodeCount: Int! resetAt: DateTime! }

  interface Actor { login: String! url: URI! }
  interface RepositoryOwner { id: ID! login: String! url: URI! }
  type User implements Actor & RepositoryOwner { id: ID! databaseId: Int login: String! name: String url: URI! }
  type Organization implements Actor & RepositoryOwner { id: ID! databaseId: Int login: String! name: String url: URI! }
  type Bot implements Actor & RepositoryOwner { id: ID! databaseId: Int login: String! name: String url: URI! }

  enum RepositoryVisibility { PRIVATE PUBLIC INTERNAL }
  enum RepositoryPermission { ADMIN MAINTAIN WRITE TRIAGE READ }

  type Repository {
    id: ID!
    databaseId: Int
    name: String!
    nameWithOwner: String!
    owner: RepositoryOwner!
    url: URI!
    isPrivate: Boolean!
    isArchived: Boolean!
    isFork: Boolean!
    parent: Repository
    description: String
    visibility: RepositoryVisibility!
    hasIssuesEnabled: Boolean!
    hasWikiEnabled: Boolean!
    viewerPermission: RepositoryPermission
    viewerCanAdminister: Boolean!
    mergeCommitAllowed: Boolean!
    squashMergeAllowed: Boolean!
    rebaseMergeAllowed: Boolean!
    createdAt: DateTime!
    pushedAt: DateTime
    defaultBranchRef: Ref
    ref(qualifiedName: String!): Ref
    refs(refPrefix: String!, first: Int, last: Int, after: String, before: String): RefConnection
    mergeQueue(branch: String): MergeQueue
    pullRequest(number: Int!): PullRequest
    pullRequests(states: [PullRequestState!], labels: [String!], headRefName: String, baseRefName: String, orderBy: IssueOrder, first: Int, last: Int, after: String, before: String): PullRequestConnection!
    latestRelease: Release
    release(tagName: String!): Release
    releases(first: Int, last: Int, after: String, before: String, orderBy: ReleaseOrder): ReleaseConnection!
  }

  interface GitObject { id: ID! oid: GitObjectID! }
  type Commit implements GitObject {
    id: ID!
    oid: GitObjectID!
    message: String!
    messageHeadline: String!
    messageBody: String!
    committedDate: DateTime!
    authoredDate: DateTime!
    authors(first: Int, last: Int, after: String, before: String): GitActorConnection!
    statusCheckRollup: StatusCheckRollup
  }
  type Tag implements GitObject { id: ID! oid: GitObjectID! name: String! message: String target: GitObject! }
  type Ref { id: ID! name: String! prefix: String! target: GitObject }

  input ReleaseOrder { field: ReleaseOrderField! direction: OrderDirection! }
  enum ReleaseOrderField { CREATED_AT NAME }
  enum OrderDirection { ASC DESC }

  type Release {
    id: ID!
    databaseId: Int
    name: String
    tagName: String!
    description: String
    isDraft: Boolean!
    isPrerelease: Boolean!
    isLatest: Boolean!
    immutable: Boolean!
    createdAt: DateTime!
    publishedAt: DateTime
    updatedAt: DateTime!
    url: URI!
    author: User
    tag: Ref
    tagCommit: Commit
    releaseAssets(first: Int, last: Int, after: String, before: String, name: String): ReleaseAssetConnection!
  }

  type ReleaseAsset {
    id: ID!
    name: String!
    size: Int!
    digest: String
    contentType: String!
    downloadCount: Int!
    createdAt: DateTime!
    updatedAt: DateTime!
    url: URI!
    downloadUrl: URI!
  }

  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type RefConnection { totalCount: Int! nodes: [Ref] edges: [RefEdge] pageInfo: PageInfo! }
  type RefEdge { node: Ref cursor: String! }
  type ReleaseConnection { totalCount: Int! nodes: [Release] edges: [ReleaseEdge] pageInfo: PageInfo! }
  type ReleaseEdge { node: Release cursor: String! }
  type ReleaseAssetConnection { totalCount: Int! nodes: [ReleaseAsset] edges: [ReleaseAssetEdge] pageInfo: PageInfo! }
  type ReleaseAssetEdge { node: ReleaseAsset cursor: String! }
`)
