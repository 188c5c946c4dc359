import { HttpFailure } from './http.ts'
import type { GithubAnswer } from './github.ts'
import { ActionError, fail } from './problem.ts'
import type { World } from './world.ts'
import { readList, refusedProblem, type GithubAccess } from './github-access.ts'
import { fields, text } from './answer-fields.ts'
import { pause, tries } from './github-lag.ts'
import { writerAccount } from './github-account.ts'

/** A comment of our own on a pull request. */
export interface OwnComment {
  readonly id: number
  readonly body: string
}

/** What becomes of the comment: one that says `body`, in the place of `ids`, of which the oldest stays. */
export interface CommentWrite {
  readonly write: 'comment'
  readonly pull: number
  readonly marker: string
  readonly body: string
  /** Those that are there, oldest first. Two runs at the same time may have made two. */
  readonly ids: readonly number[]
}

/**
 * Our comments on a pull request, oldest first: by our own account, beginning with the marker. Reads all pages. Needs
 * `pull-requests: read`.
 * @throws {ActionError} where they cannot be read
 */
export async function readOwnComments(
  access: GithubAccess,
  pull: number,
  marker: string
): Promise<readonly OwnComment[]> {
  const path = `/repos/${access.repository}/issues/${pull}/comments`
  const marked = (await readList(access.github, path, 'pull-requests: read')).flatMap((value) => {
    const { id, body, user } = fields(value)
    const login = text(fields(user)['login'])
    const ours = typeof id === 'number' && typeof body === 'string' && body.trimStart().startsWith(marker)
    return ours && login !== undefined ? [{ id, body, login }] : []
  })
  if (marked.length === 0) return []
  const isOwn = await writerAccount(access.github)
  return marked
    .filter(({ login }) => isOwn(login))
    .map(({ id, body }) => ({ id, body }))
    .sort((a, b) => a.id - b.id)
}

/**
 * Leaves exactly one comment that says what is wanted. Needs `pull-requests: write`. Can be repeated: what an earlier
 * run left, or another one made at the same time, is used and not doubled.
 * @returns the comment's id
 * @throws {ActionError} where GitHub refuses
 */
export async function writeComment(access: GithubAccess, wanted: CommentWrite, world: World): Promise<number> {
  const [oldest] = wanted.ids
  const updated = oldest === undefined ? undefined : await update(access, oldest, wanted.body)
  const id = updated ?? (await create(access, wanted, world))
  try {
    return await leaveOne(access, id, wanted)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    // The comment stands; the reading back says whether it is the only one.
    world.log.info(`Whether the comment is the only one could not be found out: ${error.message}`)
    return id
  }
}

/** Another run may have written in between. Of several comments the oldest one stays, and says what is wanted. */
async function leaveOne(access: GithubAccess, id: number, wanted: CommentWrite): Promise<number> {
  const [first, ...others] = await readOwnComments(access, wanted.pull, wanted.marker)
  for (const other of others) await remove(access, other.id)
  if (first === undefined || first.id === id) return id
  await update(access, first.id, wanted.body)
  return first.id
}

/** Undefined where it was deleted in the meantime. */
async function update(access: GithubAccess, id: number, body: string): Promise<number | undefined> {
  const path = `/repos/${access.repository}/issues/comments/${id}`
  const answer = await access.github.send('PATCH', path, { body }, 'always')
  if (answer.status === 200) return id
  return answer.status === 404 || answer.status === 410 ? undefined : refused(answer, `PATCH ${path}`)
}

async function remove(access: GithubAccess, id: number): Promise<void> {
  const path = `/repos/${access.repository}/issues/comments/${id}`
  const answer = await access.github.send('DELETE', path, undefined, 'always')
  if (![204, 404, 410].includes(answer.status)) refused(answer, `DELETE ${path}`)
}

/** Creates it once: after an answer that leaves it open, the comments are read before another try. */
async function create(access: GithubAccess, wanted: CommentWrite, world: World): Promise<number> {
  const path = `/repos/${access.repository}/issues/${wanted.pull}/comments`
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await access.github.send('POST', path, { body: wanted.body })
      const id = fields(answer.body)['id']
      if (answer.status === 201 && typeof id === 'number') return id
      if (answer.status < 500 || attempt === tries) refused(answer, `POST ${path}`)
    } catch (error) {
      if (!(error instanceof HttpFailure) || !error.sent || attempt === tries) throw error
    }
    world.log.info(`Whether the comment was made is open; reading back (${attempt} of ${tries})`)
    await world.clock.sleep(pause * attempt)
    const [made] = await readOwnComments(access, wanted.pull, wanted.marker)
    if (made !== undefined) return made.id
  }
}

function refused(answer: GithubAnswer, doing: string): never {
  fail(refusedProblem(answer, doing, 'pull-requests: write'))
}
