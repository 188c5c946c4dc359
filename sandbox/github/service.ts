import type { SandboxRequest, SandboxResponse, Service } from '../service.ts'
import { answer, answerHalfway } from './answer.ts'
import { moveRef } from './branch-moves.ts'
import { completeCommit } from './commit-object.ts'
import { githubLimits } from './limits.ts'
import { githubHosts } from './origins.ts'
import { pullSetup, type PullSetup } from './pull-setup.ts'
import { runSetup, type RunSetup } from './run-setup.ts'
import { githubRateLimits } from './rate-limit.ts'
import { tagObject } from './refs.ts'
import type {
  Access,
  Commit,
  GithubState,
  Limits,
  Permissions,
  RateLimits,
  Release,
  Repository,
  TagRule,
  TokenKind,
  User
} from './state.ts'
import { copy, findRepository, takeId, timestamp, withoutPulls } from './state.ts'

/** Rules that can be bent; each has github.com's value unless given. */
export interface GithubOptions {
  readonly rateLimits?: Partial<RateLimits>
  /** false: assets get no digest, as on an Enterprise Server before 3.17. */
  readonly digests?: boolean
  /** Caps of answers, which tests make small. */
  readonly limits?: Partial<Limits>
  /** Milliseconds since the epoch, for what is set up before the first request. */
  readonly clock?: () => number
}

export interface GithubService extends Service<GithubState>, PullSetup, RunSetup {
  readonly state: GithubState
  /** Leaves a `starter` asset behind and answers 502, for an upload; undefined for any other request. */
  partial(request: SandboxRequest): SandboxResponse | undefined
  handle(request: SandboxRequest): SandboxResponse
  /** A repository with one commit on its default branch (`main` unless given). */
  addRepository(repository: {
    readonly owner: string
    readonly name: string
    readonly defaultBranch?: string
    readonly private?: boolean
    readonly immutableReleases?: boolean
    readonly tagRules?: readonly TagRule[]
  }): void
  /** Points a ref (`refs/tags/v1`) at a commit or tag object, as a push by somebody; an unknown SHA becomes a commit. */
  setRef(repository: string, ref: string, sha: string, by?: string): void
  /** Adds a commit, or replaces what is known of it; answers with its SHA. */
  addCommit(repository: string, commit?: Partial<Commit>): string
  /** An annotated tag: the object, and `refs/tags/<tag>` at it. Answers with the object's SHA. */
  addAnnotatedTag(repository: string, tag: string, message: string, commit: string): string
  /** A file as the `contents` operation gives it. */
  addFile(repository: string, path: string, bytes: Buffer): void
  /**
   * A token and whom it stands for. Its kind is told by GitHub's prefixes (`ghs_`, `github_pat_`, `ghp_`) or by a login
   * that ends in `[bot]`, unless given. `repositories` are `owner/name`; absent means all.
   */
  addToken(token: {
    readonly token: string
    readonly login: string
    readonly permissions: Readonly<Record<string, Access>>
    readonly repositories?: readonly string[]
    readonly kind?: TokenKind
  }): void
  /** Limits integration tokens in requests of this job to these permissions too; what is not named is `none`. */
  setJobPermissions(job: string, permissions: Permissions): void
  setRateLimits(limits: Partial<RateLimits>): void
  setTagRules(repository: string, rules: readonly TagRule[]): void
  setImmutableReleases(repository: string, enabled: boolean): void
  /** Copies of a repository's releases with their assets, drafts included, oldest first. */
  releases(repository: string): readonly Release[]
  /** `refs/tags/v1` → SHA. */
  refs(repository: string): Readonly<Record<string, string>>
}

/**
 * A GitHub that holds releases: REST, uploads, GraphQL, download pages and storage, over one state. Under the real
 * host names it is github.com, at any other address an Enterprise Server.
 */
export function createGithub(options: GithubOptions = {}): GithubService {
  const clock = options.clock ?? Date.now
  const state: GithubState = {
    nextId: 1001,
    requests: 0,
    users: [],
    tokens: [],
    repositories: [],
    jobs: {},
    rateLimits: { ...githubRateLimits, ...options.rateLimits },
    usage: [],
    digests: options.digests ?? true,
    teams: [],
    limits: { ...githubLimits, ...options.limits }
  }

  const repositoryNamed = (fullName: string): Repository => {
    const [owner = '', name = ''] = fullName.split('/')
    const repository = findRepository(state, owner, name)
    if (repository === undefined) throw new Error(`The sandbox's GitHub has no repository ${fullName}`)
    return repository
  }
  const userNamed = (login: string): User => {
    const known = state.users.find((user) => user.login.toLowerCase() === login.toLowerCase())
    if (known !== undefined) return known
    const type = login.endsWith('[bot]') ? 'Bot' : 'User'
    const user: User = { id: takeId(state), login, type, createdAt: timestamp(clock()) }
    state.users.push(user)
    return user
  }
  const addCommit = (repository: Repository, given: Partial<Commit>): string => {
    const commit = completeCommit(given, clock())
    repository.commits = [...repository.commits.filter((known) => known.sha !== commit.sha), commit]
    return commit.sha
  }
  const setRef = (repository: Repository, ref: string, sha: string, by?: string): void => {
    const known =
      repository.commits.some((commit) => commit.sha === sha) || repository.tagObjects.some((tag) => tag.sha === sha)
    if (!known) addCommit(repository, { sha })
    const actorId = by === undefined ? repository.ownerId : userNamed(by).id
    moveRef(state, repository, ref, sha, { actorId, now: clock() })
  }

  return {
    ...pullSetup(state, clock, repositoryNamed, userNamed),
    ...runSetup(state, clock, repositoryNamed, userNamed),
    name: 'github',
    hosts: githubHosts,
    state,
    handle: (request) => answer(state, request),
    partial: (request) => answerHalfway(state, request),
    save: () => copy(state),
    load: (saved) => {
      const { repositories, ...rest } = copy(saved)
      // A folder that was kept before there were pull requests lacks their fields.
      Object.assign(state, rest, {
        repositories: repositories.map((repository) => ({ ...withoutPulls(), ...repository }))
      })
    },
    addRepository({
      owner,
      name,
      defaultBranch = 'main',
      private: hidden = false,
      immutableReleases = false,
      tagRules = []
    }) {
      const repository: Repository = {
        id: takeId(state),
        ownerId: userNamed(owner).id,
        name,
        private: hidden,
        defaultBranch,
        createdAt: timestamp(clock()),
        immutableReleases,
        refs: [],
        commits: [],
        tagObjects: [],
        files: [],
        releases: [],
        latestReleaseId: null,
        burnedTags: [],
        tagRules: [...tagRules],
        discussionCategories: [],
        ...withoutPulls()
      }
      state.repositories.push(repository)
      const head = addCommit(repository, { message: `Start ${owner}/${name}` })
      setRef(repository, `refs/heads/${defaultBranch}`, head)
    },
    setRef: (fullName, ref, sha, by) => {
      setRef(repositoryNamed(fullName), ref, sha, by)
    },
    addCommit: (fullName, commit = {}) => addCommit(repositoryNamed(fullName), commit),
    addAnnotatedTag(fullName, tag, message, commit) {
      const repository = repositoryNamed(fullName)
      const tagger = { name: 'Sandbox', email: 'sandbox@example.com', date: timestamp(clock()) }
      const object = tagObject({ tag, message, tagger, target: { type: 'commit', sha: commit } })
      repository.tagObjects.push(object)
      setRef(repository, `refs/tags/${tag}`, object.sha)
      return object.sha
    },
    addFile(fullName, path, bytes) {
      const repository = repositoryNamed(fullName)
      repository.files = [...repository.files.filter((file) => file.path !== path), { path, bytes }]
    },
    addToken({ token, login, permissions, repositories, kind = kindOf(token, login) }) {
      const entry = { token, kind, userId: userNamed(login).id, permissions }
      state.tokens = [
        ...state.tokens.filter((known) => known.token !== token),
        repositories === undefined ? entry : { ...entry, repositories }
      ]
    },
    setJobPermissions(job, permissions) {
      state.jobs[job] = permissions
    },
    setRateLimits(limits) {
      state.rateLimits = { ...state.rateLimits, ...limits }
    },
    setTagRules(fullName, rules) {
      repositoryNamed(fullName).tagRules = [...rules]
    },
    setImmutableReleases(fullName, enabled) {
      repositoryNamed(fullName).immutableReleases = enabled
    },
    releases: (fullName) => copy(repositoryNamed(fullName).releases),
    refs: (fullName) => Object.fromEntries(repositoryNamed(fullName).refs.map(({ ref, sha }) => [ref, sha]))
  }
}

/** github.blog/2021-04-05-behind-githubs-new-authentication-token-formats lists the prefixes. */
function kindOf(token: string, login: string): TokenKind {
  if (token.startsWith('ghs_') || login.endsWith('[bot]')) return 'integration'
  return token.startsWith('github_pat_') ? 'fine-grained' : 'classic'
}
