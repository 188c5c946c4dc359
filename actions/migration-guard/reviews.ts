import { readList, type GithubAccess } from '../shared/github-access.ts'
import { fields, sameLogin, text, unexpected } from '../shared/answer-fields.ts'
import type { Account } from './teams.ts'

/** One submitted review, as the list of a pull request has it. */
export interface Review {
  readonly id: number
  /** Its id in GraphQL. */
  readonly nodeId: string | undefined
  readonly by: Account
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED'
  readonly body: string
  /** The head when it was submitted; undefined where that commit is gone. */
  readonly commit: string | undefined
  /** ISO 8601. */
  readonly at: string
  readonly url: string
}

const states: ReadonlySet<string> = new Set(['APPROVED', 'CHANGES_REQUESTED', 'COMMENTED', 'DISMISSED'])

/**
 * All reviews of a pull request, oldest first as GitHub lists them. Those that are not submitted yet (PENDING, seen by
 * their author only) and those of deleted accounts are left out. Needs `pull-requests: read`.
 * @throws {ActionError} where they cannot be read whole
 */
export async function readReviews(access: GithubAccess, number: number): Promise<readonly Review[]> {
  const listed = await readList(
    access.github,
    `/repos/${access.repository}/pulls/${number}/reviews`,
    'pull-requests: read'
  )
  return listed.flatMap((value) => parseReview(value) ?? [])
}

function parseReview(value: unknown): Review | undefined {
  const { id, user, state, body, commit_id, submitted_at, html_url, node_id } = fields(value)
  if (typeof id !== 'number' || typeof state !== 'string') return unexpected('review')
  const by = parseAccount(user)
  const at = text(submitted_at)
  if (!isState(state) || by === undefined || at === undefined) return undefined
  return {
    id,
    nodeId: text(node_id),
    by,
    state,
    body: text(body) ?? '',
    commit: text(commit_id),
    at,
    url: text(html_url) ?? ''
  }
}

function isState(state: string): state is Review['state'] {
  return states.has(state)
}

/** A `simple-user`; undefined for a deleted account. */
export function parseAccount(value: unknown): Account | undefined {
  const { login, type } = fields(value)
  return typeof login === 'string' ? { login, bot: type === 'Bot' } : undefined
}

/**
 * The review of each person that counts, as GitHub counts: the newest that approves, asks for changes or was
 * dismissed. A comment changes nothing, and an approval before a dismissed one does not come back.
 */
export function standingOpinions(reviews: readonly Review[]): readonly Review[] {
  const newest = new Map<string, Review>()
  for (const review of reviews) {
    if (review.state === 'COMMENTED') continue
    const key = review.by.login.toLowerCase()
    const known = newest.get(key)
    if (known === undefined || Date.parse(known.at) <= Date.parse(review.at)) newest.set(key, review)
  }
  return [...newest.values()]
}

/** Whether the same person asked for changes, or was dismissed, after this review. */
export function takenBack(review: Review, reviews: readonly Review[]): boolean {
  const opinion = standingOpinions(reviews).find(({ by }) => sameLogin(by.login, review.by.login))
  return (
    opinion !== undefined &&
    opinion.id !== review.id &&
    opinion.state === 'CHANGES_REQUESTED' &&
    Date.parse(opinion.at) >= Date.parse(review.at)
  )
}
