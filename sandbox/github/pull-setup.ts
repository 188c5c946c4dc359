import { fullNameOf, moveRef, refreshMerge, shareObjects, tipOf } from './branch-moves.ts'
import { completeCommit } from './commit-object.ts'
import { addBlob, addTree, emptyTree, filesOf } from './git-tree.ts'
import { readGit } from './import-git.ts'
import { mergeCommit } from './merge-trees.ts'
import { plainColor } from './shapes/label.ts'
import {
  copy,
  takeId,
  timestamp,
  type Commit,
  type GithubState,
  type IssueComment,
  type IssueEvent,
  type Pull,
  type QueueEntry,
  type Repository,
  type ReviewState,
  type Role,
  type User
} from './state.ts'

/** What a pull request is made of. Its files are what its commits change. */
export interface NewPull {
  /** The next one unless given. */
  readonly number?: number
  readonly title?: string
  readonly body?: string
  readonly author: string
  /** The branch is made, or moved, to `sha`, where that is given. `repository` is a fork, made where it is missing. */
  readonly head: { readonly ref: string; readonly sha?: string; readonly repository?: string }
  readonly base: { readonly ref: string; readonly sha?: string }
  readonly labels?: readonly string[]
  readonly draft?: boolean
}

export interface NewReview {
  readonly user: string
  readonly state: ReviewState
  /** The head unless given. */
  readonly commitId?: string
  readonly body?: string
}

/** People, branches and pull requests, as a test sets them up; what it does is done by the users that it names. */
export interface PullSetup {
  addUser(login: string): void
  /** What somebody may do in a repository, as `collaborators/{username}/permission` tells it. */
  setCollaborator(repository: string, login: string, role: Role): void
  /** A team; its members are logins, or say more. The owner becomes an organisation. */
  addTeam(
    organization: string,
    slug: string,
    members: readonly (
      | string
      | { readonly login: string; readonly role?: 'member' | 'maintainer'; readonly state?: 'active' | 'pending' }
    )[]
  ): void
  /** A fork with everything that the repository has; gives its name. */
  addFork(repository: string, owner: string): string
  /** Forgets a fork, as its owner deleting it does: pull requests from it stay, their head has no repository. */
  deleteRepository(repository: string): void
  /** Takes in all objects of a git repository on disk, and its branches and tags. */
  importGit(repository: string, folder: string, by?: string): void
  /**
   * Pushes one commit to a branch: the given files written over what is there (`null` removes one). A branch that does
   * not exist begins at `from`, or at the default branch. Gives the commit's SHA.
   */
  commitFiles(
    repository: string,
    branch: string,
    files: Readonly<Record<string, string | Buffer | null>>,
    options?: { readonly message?: string; readonly by?: string; readonly from?: string }
  ): string
  deleteBranch(repository: string, branch: string, by?: string): void
  /** Gives the pull request's number. */
  addPullRequest(repository: string, pull: NewPull): number
  /** Gives the review's id. */
  addReview(repository: string, number: number, review: NewReview): number
  /** Changes the text of a review, as its author or anybody who may write can. */
  editReview(repository: string, number: number, reviewId: number, body: string, by: string): void
  dismissReview(repository: string, number: number, reviewId: number, by: string, message?: string): void
  addLabel(repository: string, number: number, label: string, by: string): void
  removeLabel(repository: string, number: number, label: string, by: string): void
  /** Gives the comment's id. */
  addComment(repository: string, number: number, comment: { readonly user: string; readonly body: string }): number
  closePull(repository: string, number: number, by: string): void
  /** Merges with a merge commit, and gives its SHA. Throws where it conflicts. */
  mergePull(repository: string, number: number, by: string): string
  /** Puts it into the merge queue of its base, behind those that wait, and makes its group's branch. */
  queuePull(repository: string, number: number, by?: string): QueueEntry
  unqueuePull(repository: string, number: number, by?: string): void
  /** Copies of what the service knows. */
  pull(repository: string, number: number): Pull
  comments(repository: string, number: number): readonly IssueComment[]
}

/** @param find gives a repository by `owner/name`, @param user a user by login, made where there is none */
export function pullSetup(
  state: GithubState,
  clock: () => number,
  find: (fullName: string) => Repository,
  user: (login: string) => User
): PullSetup {
  const now = (): string => timestamp(clock())
  const actor = (repository: Repository, login?: string): number =>
    login === undefined ? repository.ownerId : user(login).id
  const pullNumbered = (repository: Repository, number: number): Pull => {
    const pull = repository.pulls.find((candidate) => candidate.number === number)
    if (pull === undefined) throw new Error(`${fullNameOf(state, repository)} has no pull request ${number}`)
    return pull
  }
  const event = (login: string): { id: number; actorId: number; createdAt: string } => ({
    id: takeId(state),
    actorId: user(login).id,
    createdAt: now()
  })
  const happened = (pull: Pull, happening: IssueEvent): void => {
    pull.events.push(happening)
    pull.updatedAt = happening.createdAt
  }
  const push = (repository: Repository, branch: string, sha: string, by?: string): void => {
    moveRef(state, repository, `refs/heads/${branch}`, sha, { actorId: actor(repository, by), now: clock() })
  }
  const addFork = (source: Repository, owner: string): Repository => {
    const fork: Repository = {
      ...copy(source),
      ...{ id: takeId(state), ownerId: user(owner).id, forkOf: source.id, createdAt: now() },
      ...{ refs: source.refs.filter(({ ref }) => !ref.startsWith('refs/pull/')).map((ref) => ({ ...ref })) },
      ...{
        pulls: [],
        issueComments: [],
        activity: [],
        statuses: [],
        deployments: [],
        checkRuns: [],
        workflowRuns: [],
        queue: []
      },
      ...{ releases: [], latestReleaseId: null, collaborators: [] }
    }
    state.repositories.push(fork)
    return fork
  }
  const headRepository = (base: Repository, named: string | undefined): Repository => {
    if (named === undefined) return base
    const [owner = '', name = ''] = named.split('/')
    const known = state.repositories.find(
      (candidate) => fullNameOf(state, candidate).toLowerCase() === named.toLowerCase()
    )
    if (known !== undefined) return known
    if (name !== base.name) throw new Error(`${named} would not be a fork of ${fullNameOf(state, base)}`)
    return addFork(base, owner)
  }
  const addCommit = (repository: Repository, given: Partial<Commit>): string => {
    const commit = completeCommit(given, clock())
    if (!repository.commits.some(({ sha }) => sha === commit.sha)) repository.commits.push(commit)
    return commit.sha
  }
  const label = (repository: Repository, name: string): { readonly name: string; readonly color: string } => {
    const known = repository.labels.find((candidate) => candidate.name === name)
    if (known !== undefined) return known
    const made = { id: takeId(state), name, color: plainColor, description: null }
    repository.labels.push(made)
    return made
  }
  const addLabel = (repository: Repository, pull: Pull, name: string, by: string): void => {
    const { color } = label(repository, name)
    if (pull.labels.includes(name)) return
    pull.labels.push(name)
    happened(pull, { ...event(by), event: 'labeled', label: { name, color } })
  }

  return {
    addUser: (login) => void user(login),
    setCollaborator(fullName, login, role) {
      const repository = find(fullName)
      const userId = user(login).id
      repository.collaborators = [
        ...repository.collaborators.filter((collaborator) => collaborator.userId !== userId),
        { userId, role }
      ]
    },
    addTeam(organization, slug, members) {
      const owner = user(organization)
      owner.type = 'Organization'
      state.teams.push({
        id: takeId(state),
        organizationId: owner.id,
        name: slug,
        slug,
        createdAt: now(),
        members: members.map((member) => {
          const {
            login,
            role = 'member',
            state: membership = 'active'
          } = typeof member === 'string' ? { login: member } : member
          return { userId: user(login).id, role, state: membership }
        })
      })
    },
    addFork: (fullName, owner) => fullNameOf(state, addFork(find(fullName), owner)),
    deleteRepository(fullName) {
      const gone = find(fullName)
      state.repositories = state.repositories.filter((repository) => repository !== gone)
      for (const pull of state.repositories.flatMap(({ pulls }) => pulls)) {
        if (pull.head.repositoryId === gone.id) pull.head = { ...pull.head, repositoryId: null }
      }
    },
    importGit(fullName, folder, by) {
      const repository = find(fullName)
      const { objects, commits, tagObjects, refs } = readGit(folder)
      const imported = new Set(commits.map(({ sha }) => sha))
      Object.assign(repository.objects, objects)
      repository.commits = [...repository.commits.filter(({ sha }) => !imported.has(sha)), ...commits]
      repository.tagObjects = [...repository.tagObjects, ...tagObjects]
      for (const [ref, sha] of Object.entries(refs)) {
        moveRef(state, repository, ref, sha, { actorId: actor(repository, by), now: clock() })
      }
    },
    commitFiles(fullName, branch, files, { message = 'Change files', by, from } = {}) {
      const repository = find(fullName)
      const parent = tipOf(repository, branch) ?? from ?? tipOf(repository, repository.defaultBranch)
      const before = repository.commits.find(({ sha }) => sha === parent)?.tree ?? emptyTree
      const tree = new Map(filesOf(repository, before))
      for (const [path, content] of Object.entries(files)) {
        if (content === null) tree.delete(path)
        else {
          const mode = tree.get(path)?.mode ?? '100644'
          tree.set(path, { mode, sha: addBlob(repository, Buffer.from(content)) })
        }
      }
      const name = by ?? 'Sandbox'
      const author = { name, email: `${name.toLowerCase()}@example.com`, date: now() }
      const parents = parent === undefined ? [] : [parent]
      const sha = addCommit(repository, { tree: addTree(repository, tree), parents, message, author })
      push(repository, branch, sha, by)
      return sha
    },
    deleteBranch(fullName, branch, by) {
      const repository = find(fullName)
      moveRef(state, repository, `refs/heads/${branch}`, undefined, { actorId: actor(repository, by), now: clock() })
    },
    addPullRequest(fullName, given) {
      const repository = find(fullName)
      const from = headRepository(repository, given.head.repository)
      const base = given.base.sha ?? tipOf(repository, given.base.ref)
      if (base === undefined) throw new Error(`${fullName} has no branch ${given.base.ref}`)
      if (tipOf(repository, given.base.ref) === undefined) push(repository, given.base.ref, base)
      const sha = given.head.sha ?? tipOf(from, given.head.ref)
      if (sha === undefined) throw new Error(`${fullNameOf(state, from)} has no branch ${given.head.ref}`)
      shareObjects(repository, from)
      // A SHA that nobody has given objects for: a commit that changes nothing.
      const tree = repository.commits.find((commit) => commit.sha === base)?.tree ?? emptyTree
      addCommit(from, { sha, tree, parents: [base], message: given.title ?? 'A pull request' })
      push(from, given.head.ref, sha, given.author)
      shareObjects(from, repository)
      const number = given.number ?? repository.nextNumber
      repository.nextNumber = Math.max(repository.nextNumber, number + 1)
      const pull: Pull = {
        id: takeId(state),
        number,
        authorId: user(given.author).id,
        createdAt: now(),
        head: { repositoryId: from.id, ownerId: from.ownerId, ref: given.head.ref, sha },
        base: { ref: given.base.ref, sha: base },
        mergeSha: null,
        title: given.title ?? `Pull request ${number}`,
        body: given.body ?? null,
        draft: given.draft ?? false,
        state: 'open',
        updatedAt: now(),
        closedAt: null,
        merged: null,
        labels: [],
        reviews: [],
        events: []
      }
      repository.pulls.push(pull)
      for (const name of given.labels ?? []) addLabel(repository, pull, name, given.author)
      refreshMerge(state, repository, pull)
      return number
    },
    addReview(fullName, number, { user: login, state: reviewState, commitId, body = '' }) {
      const pull = pullNumbered(find(fullName), number)
      const submittedAt = reviewState === 'PENDING' ? null : now()
      const id = takeId(state)
      const review = { id, edits: [], userId: user(login).id, commitId: commitId ?? pull.head.sha, body, submittedAt }
      pull.reviews.push({ ...review, state: reviewState })
      pull.updatedAt = now()
      return id
    },
    editReview(fullName, number, reviewId, body, by) {
      const review = pullNumbered(find(fullName), number).reviews.find(({ id }) => id === reviewId)
      if (review === undefined) throw new Error(`Pull request ${number} has no review ${reviewId}`)
      review.body = body
      review.edits.push({ editorId: user(by).id, editedAt: now() })
    },
    dismissReview(fullName, number, reviewId, by, message = 'Dismissed') {
      const pull = pullNumbered(find(fullName), number)
      const review = pull.reviews.find(({ id }) => id === reviewId)
      if (review === undefined) throw new Error(`Pull request ${number} has no review ${reviewId}`)
      const dismissed = { id: reviewId, state: review.state.toLowerCase(), message }
      happened(pull, { ...event(by), event: 'review_dismissed', review: dismissed })
      review.state = 'DISMISSED'
    },
    addLabel(fullName, number, name, by) {
      addLabel(find(fullName), pullNumbered(find(fullName), number), name, by)
    },
    removeLabel(fullName, number, name, by) {
      const pull = pullNumbered(find(fullName), number)
      const { color } = label(find(fullName), name)
      if (!pull.labels.includes(name)) return
      pull.labels = pull.labels.filter((candidate) => candidate !== name)
      happened(pull, { ...event(by), event: 'unlabeled', label: { name, color } })
    },
    addComment(fullName, number, { user: login, body }) {
      const repository = find(fullName)
      pullNumbered(repository, number)
      const id = takeId(state)
      const comment = { id, number, userId: user(login).id, body, createdAt: now(), updatedAt: now() }
      repository.issueComments.push(comment)
      return id
    },
    closePull(fullName, number, by) {
      const pull = pullNumbered(find(fullName), number)
      happened(pull, { ...event(by), event: 'closed' })
      pull.state = 'closed'
      pull.closedAt = now()
    },
    mergePull(fullName, number, by) {
      const repository = find(fullName)
      const pull = pullNumbered(repository, number)
      const base = tipOf(repository, pull.base.ref) ?? pull.base.sha
      const message = `Merge pull request #${number} from ${pull.head.ref}\n\n${pull.title}`
      const sha = mergeCommit(repository, base, pull.head.sha, message)
      if (sha === undefined) throw new Error(`Pull request ${number} conflicts with ${pull.base.ref}`)
      happened(pull, { ...event(by), event: 'merged', commitId: sha })
      happened(pull, { ...event(by), event: 'closed' })
      pull.state = 'closed'
      pull.closedAt = now()
      pull.merged = { at: now(), byId: user(by).id, sha }
      pull.base.sha = base
      const mover = { actorId: user(by).id, now: clock(), as: 'pr_merge' } as const
      moveRef(state, repository, `refs/heads/${pull.base.ref}`, sha, mover)
      return sha
    },
    queuePull(fullName, number, by) {
      const repository = find(fullName)
      const pull = pullNumbered(repository, number)
      const ahead = repository.queue.filter(
        (entry) => pullNumbered(repository, entry.pullNumber).base.ref === pull.base.ref
      )
      const baseSha = ahead.at(-1)?.headSha ?? tipOf(repository, pull.base.ref) ?? pull.base.sha
      const message = `Merge pull request #${number} from ${pull.head.ref}\n\n${pull.title}`
      const headSha = mergeCommit(repository, baseSha, pull.head.sha, message)
      const ref = `refs/heads/gh-readonly-queue/${pull.base.ref}/pr-${number}-${baseSha}`
      const enqueuerId = actor(repository, by)
      const entry: QueueEntry = {
        id: takeId(state),
        pullNumber: number,
        ref,
        baseSha,
        headSha: headSha ?? baseSha,
        enqueuerId,
        enqueuedAt: now(),
        state: headSha === undefined ? 'UNMERGEABLE' : 'AWAITING_CHECKS'
      }
      repository.queue.push(entry)
      happened(pull, { id: takeId(state), actorId: enqueuerId, createdAt: now(), event: 'added_to_merge_queue' })
      moveRef(state, repository, ref, entry.headSha, { actorId: enqueuerId, now: clock() })
      return copy(entry)
    },
    unqueuePull(fullName, number, by) {
      const repository = find(fullName)
      const entry = repository.queue.find(({ pullNumber }) => pullNumber === number)
      if (entry === undefined) throw new Error(`Pull request ${number} is not in the merge queue`)
      repository.queue = repository.queue.filter((candidate) => candidate !== entry)
      const removed = { id: takeId(state), actorId: actor(repository, by), createdAt: now() }
      happened(pullNumbered(repository, number), { ...removed, event: 'removed_from_merge_queue' })
      moveRef(state, repository, entry.ref, undefined, { actorId: actor(repository, by), now: clock() })
    },
    pull: (fullName, number) => copy(pullNumbered(find(fullName), number)),
    comments: (fullName, number) => copy(find(fullName).issueComments.filter((comment) => comment.number === number))
  }
}
