import type { RepositoryCall } from '../operation.ts'
import { userById, type Pull, type Review } from '../state.ts'
import { associationOf } from './association.ts'
import { nodeId } from './node-id.ts'
import { repositoryUrls } from './repository-urls.ts'
import { userShape } from './user.ts'

/** Schema pull-request-review. A pending one has no `submitted_at`. */
export function reviewShape(call: RepositoryCall, pull: Pull, review: Review): object {
  const { api, html } = repositoryUrls(call)
  const user = userById(call.state, review.userId)
  const page = `${html}/pull/${pull.number}#pullrequestreview-${review.id}`
  const url = `${api}/pulls/${pull.number}`
  return {
    id: review.id,
    node_id: nodeId('PRR', call.repository.id, review.id),
    user: userShape(user, call.links),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: url,
    author_association: associationOf(call.state, call.repository, user),
    _links: { html: { href: page }, pull_request: { href: url } },
    ...(review.submittedAt === null ? {} : { submitted_at: review.submittedAt }),
    commit_id: review.commitId
  }
}
