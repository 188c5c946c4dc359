import type { RepositoryCall } from '../operation.ts'
import { userById, type IssueComment } from '../state.ts'
import { associationOf } from './association.ts'
import { nodeId } from './node-id.ts'
import { repositoryUrls } from './repository-urls.ts'
import type { Resource } from './resource.ts'
import { userShape } from './user.ts'

/** Schema issue-comment. */
export function issueCommentShape(call: RepositoryCall, comment: IssueComment): Resource {
  const { api, html } = repositoryUrls(call)
  const url = `${api}/issues/comments/${comment.id}`
  const user = userById(call.state, comment.userId)
  return {
    url,
    html_url: `${html}/pull/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${comment.number}`,
    id: comment.id,
    node_id: nodeId('IC', call.repository.id, comment.id),
    user: userShape(user, call.links),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: associationOf(call.state, call.repository, user),
    body: comment.body,
    reactions: reactionsShape(`${url}/reactions`),
    performed_via_github_app: null
  }
}

/** Schema reaction-rollup; the sandbox has none. */
export function reactionsShape(url: string): object {
  const kinds = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes']
  return { url, total_count: 0, ...Object.fromEntries(kinds.map((kind) => [kind, 0])) }
}
