import { isAncestor } from './commit-graph.ts'
import { mergeCommit } from './merge-trees.ts'
import { ownerOf, takeId, timestamp, type Activity, type GithubState, type Pull, type Repository } from './state.ts'

/** Who moves a reference, and when (milliseconds since the epoch). */
export interface Mover {
  readonly actorId: number
  readonly now: number
  /** What the activity of the branch calls it; found out from the commits unless given. */
  readonly as?: Activity['type']
}

const nothing = '0'.repeat(40)

/**
 * Creates, moves or (`sha` undefined) deletes a reference. Everything that GitHub does with it follows: the activity of
 * a branch is written down, and pull requests get their new head, or are closed with it.
 */
export function moveRef(
  state: GithubState,
  repository: Repository,
  ref: string,
  sha: string | undefined,
  mover: Mover
): void {
  const before = repository.refs.find((candidate) => candidate.ref === ref)?.sha
  if (before === sha) return
  repository.refs = repository.refs.filter((candidate) => candidate.ref !== ref)
  if (sha !== undefined) repository.refs.push({ ref, sha })
  if (!ref.startsWith('refs/heads/')) return
  repository.activity.push({
    id: takeId(state),
    ref,
    before: before ?? nothing,
    after: sha ?? nothing,
    type: mover.as ?? activityType(repository, before, sha),
    actorId: mover.actorId,
    timestamp: timestamp(mover.now)
  })
  const branch = ref.slice('refs/heads/'.length)
  for (const base of state.repositories) {
    for (const pull of base.pulls) {
      if (pull.state === 'open' && pull.head.repositoryId === repository.id && pull.head.ref === branch) {
        moveHead(state, base, repository, pull, before, sha, mover)
      }
    }
  }
  for (const pull of repository.pulls) if (pull.base.ref === branch) refreshMerge(state, repository, pull)
}

function activityType(repository: Repository, before: string | undefined, sha: string | undefined): Activity['type'] {
  if (before === undefined) return 'branch_creation'
  if (sha === undefined) return 'branch_deletion'
  return isAncestor(repository, before, sha) ? 'push' : 'force_push'
}

function moveHead(
  state: GithubState,
  base: Repository,
  from: Repository,
  pull: Pull,
  before: string | undefined,
  sha: string | undefined,
  { actorId, now }: Mover
): void {
  const createdAt = timestamp(now)
  pull.updatedAt = createdAt
  if (sha === undefined) {
    pull.state = 'closed'
    pull.closedAt = createdAt
    pull.events.push({ id: takeId(state), actorId, createdAt, event: 'closed' })
    pull.events.push({ id: takeId(state), actorId, createdAt, event: 'head_ref_deleted' })
    return
  }
  shareObjects(from, base)
  if (before !== undefined && !isAncestor(base, before, sha)) {
    pull.events.push({ id: takeId(state), actorId, createdAt, event: 'head_ref_force_pushed', commitId: sha })
  }
  pull.head.sha = sha
  pull.base.sha = tipOf(base, pull.base.ref) ?? pull.base.sha
  refreshMerge(state, base, pull)
}

/** Commits and objects of a fork are readable in the repository that its pull requests go to. */
export function shareObjects(from: Repository, to: Repository): void {
  if (from === to) return
  const known = new Set(to.commits.map(({ sha }) => sha))
  to.commits.push(...from.commits.filter(({ sha }) => !known.has(sha)))
  Object.assign(to.objects, from.objects)
}

/** Makes the commit that would merge an open pull request now, and points `refs/pull/N/merge` at it. */
export function refreshMerge(state: GithubState, repository: Repository, pull: Pull): void {
  const base = tipOf(repository, pull.base.ref)
  if (pull.state !== 'open' || base === undefined) return
  pull.mergeSha = mergeCommit(repository, base, pull.head.sha, `Merge ${pull.head.sha} into ${base}`) ?? null
  setHidden(repository, `refs/pull/${pull.number}/head`, pull.head.sha)
  setHidden(repository, `refs/pull/${pull.number}/merge`, pull.mergeSha)
}

function setHidden(repository: Repository, ref: string, sha: string | null): void {
  repository.refs = repository.refs.filter((candidate) => candidate.ref !== ref)
  if (sha !== null) repository.refs.push({ ref, sha })
}

/** The commit that a branch points at. */
export function tipOf(repository: Repository, branch: string): string | undefined {
  return repository.refs.find((candidate) => candidate.ref === `refs/heads/${branch}`)?.sha
}

/** `owner/name` */
export function fullNameOf(state: GithubState, repository: Repository): string {
  return `${ownerOf(state, repository).login}/${repository.name}`
}
