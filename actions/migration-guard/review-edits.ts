import type { GithubAccess } from '../shared/github-access.ts'
import { fields, list, sameLogin, text } from '../shared/answer-fields.ts'
import type { Review } from './reviews.ts'

const edits = `query($id: ID!) {
  node(id: $id) {
    ... on PullRequestReview {
      lastEditedAt
      userContentEdits(first: 100) { totalCount nodes { editor { login } } }
    }
  }
}`

/**
 * Who besides its author has edited a review's body: everybody with write access to a repository may edit the comments
 * of others (docs.github.com, "Managing disruptive comments"), so that the words of a review prove nothing until this
 * is known. REST does not tell. `unknown`: GitHub gave no answer, or not all edits.
 */
export async function otherEditors(access: GithubAccess, review: Review): Promise<readonly string[] | 'unknown'> {
  if (review.nodeId === undefined) return 'unknown'
  const answer = await access.github.graphql(edits, { id: review.nodeId })
  const { lastEditedAt, userContentEdits } = fields(fields(answer)['node'])
  if (lastEditedAt === null) return []
  const { totalCount, nodes } = fields(userContentEdits)
  if (typeof totalCount !== 'number' || !Array.isArray(nodes) || nodes.length < totalCount) return 'unknown'
  const editors = list(nodes).map((node) => text(fields(fields(node)['editor'])['login']))
  return editors.flatMap((login) =>
    login === undefined ? ['a deleted account'] : sameLogin(plain(login), plain(review.by.login)) ? [] : [login]
  )
}

/** GraphQL names apps without the `[bot]` that REST gives them. */
function plain(login: string): string {
  return login.replace(/\[bot\]$/, '')
}
