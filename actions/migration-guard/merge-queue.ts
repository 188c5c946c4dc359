import type { GithubAccess } from '../shared/github-access.ts'
import { fields, list, text } from '../shared/answer-fields.ts'

/** One place in the queue of a branch. */
export interface QueueEntry {
  readonly number: number
  /** The commit that it is merged onto: the branch, or the entry ahead of it. Undefined until GitHub has made it. */
  readonly base: string | undefined
  readonly head: string | undefined
}

const entries = `query($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) {
    mergeQueue(branch: $branch) {
      entries(first: 100) {
        totalCount
        nodes { baseCommit { oid } headCommit { oid } pullRequest { number } }
      }
    }
  }
}`

/**
 * What waits in a branch's merge queue, first to be merged first. REST has no queue. `none`: the branch has none, or
 * the token may not see it, which GitHub does not tell apart. `unreadable`: GitHub gave no answer.
 * @param branch without `refs/heads/`
 */
export async function readQueue(
  access: GithubAccess,
  branch: string
): Promise<{ readonly entries: readonly QueueEntry[]; readonly whole: boolean } | 'none' | 'unreadable'> {
  const [owner, name] = access.repository.split('/')
  const answer = await access.github.graphql(entries, { owner, name, branch })
  const repository = fields(fields(answer)['repository'])
  if (!('mergeQueue' in repository)) return 'unreadable'
  if (repository['mergeQueue'] === null) return 'none'
  const { totalCount, nodes } = fields(fields(repository['mergeQueue'])['entries'])
  if (!Array.isArray(nodes)) return 'unreadable'
  const found = list(nodes).flatMap((node): QueueEntry[] => {
    const { baseCommit, headCommit, pullRequest } = fields(node)
    const number = fields(pullRequest)['number']
    if (typeof number !== 'number') return []
    return [{ number, base: text(fields(baseCommit)['oid']), head: text(fields(headCommit)['oid']) }]
  })
  return { entries: found, whole: typeof totalCount === 'number' && found.length >= totalCount }
}
