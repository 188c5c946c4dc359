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
}

export interface User {
  readonly id: number
  readonly login: string
  readonly type: 'User' | 'Bot' | 'Organization'
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
