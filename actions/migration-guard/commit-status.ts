import { fail } from '../shared/problem.ts'
import { readList, refusedProblem, type GithubAccess } from '../shared/github-access.ts'
import { fields, text } from '../shared/answer-fields.ts'

/** The name under which a ruleset requires the status. */
export const statusContext = 'migration-guard'

/** A commit status as it is there, or wanted. */
export interface CommitStatus {
  readonly state: 'success' | 'failure'
  /** At most 140 characters, which is all that GitHub takes. */
  readonly description: string
}

export interface StatusWrite extends CommitStatus {
  readonly write: 'status'
  readonly sha: string
  /** Page of the run. */
  readonly target: string | undefined
}

/**
 * The newest status of ours on a commit; undefined where there is none, or one of another state. Needs
 * `statuses: read`.
 * @throws {ActionError} where they cannot be read
 */
export async function readStatus(access: GithubAccess, sha: string): Promise<CommitStatus | undefined> {
  const listed = await readList(access.github, `/repos/${access.repository}/commits/${sha}/statuses`, 'statuses: read')
  const newest = listed.map(fields).find(({ context }) => context === statusContext)
  const state = newest?.['state']
  if (state !== 'success' && state !== 'failure') return undefined
  return { state, description: text(newest?.['description']) ?? '' }
}

/**
 * Sets the status. Needs `statuses: write`. Sent twice it stands twice and says the same, so that it may be repeated.
 * @throws {ActionError} where GitHub refuses
 */
export async function writeStatus(
  access: GithubAccess,
  { sha, state, description, target }: StatusWrite
): Promise<void> {
  const path = `/repos/${access.repository}/statuses/${sha}`
  const body = { state, description, context: statusContext, ...(target === undefined ? {} : { target_url: target }) }
  const answer = await access.github.send('POST', path, body, 'always')
  if (answer.status !== 201) fail(refusedProblem(answer, `POST ${path}`, 'statuses: write'))
}

export function sameStatus(a: CommitStatus | undefined, b: CommitStatus): boolean {
  return a?.state === b.state && a.description === b.description
}
