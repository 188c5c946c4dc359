import { readList, type GithubAccess } from '../shared/github-access.ts'
import { fields, text } from '../shared/answer-fields.ts'
import type { PullRequest } from './pull-request.ts'

/** Another open pull request whose newest commit is the very same, and which goes to another branch. */
export interface SharedHead {
  readonly number: number
  readonly branch: string
}

/**
 * Finds them among all open pull requests: asked by commit, GitHub leaves those of forks out. Needs
 * `pull-requests: read`.
 * @throws {ActionError} where they cannot be read
 */
export async function readSharedHeads(
  access: GithubAccess,
  pull: Pick<PullRequest, 'number' | 'headSha' | 'baseRef'>
): Promise<readonly SharedHead[]> {
  const listed = await readList(access.github, `/repos/${access.repository}/pulls?state=open`, 'pull-requests: read')
  return listed.flatMap((value) => {
    const { number, head, base } = fields(value)
    const branch = text(fields(base)['ref'])
    const isOther = number !== pull.number && branch !== undefined && branch !== pull.baseRef
    return isOther && typeof number === 'number' && fields(head)['sha'] === pull.headSha ? [{ number, branch }] : []
  })
}
