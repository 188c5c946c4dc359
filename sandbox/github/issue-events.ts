import type { Operation, RepositoryCall } from './operation.ts'
import { paginate } from './pagination.ts'
import { pullContent, pullInPath } from './pull-content.ts'
import { issueCommentShape } from './shapes/issue-comment.ts'
import { committedShape, issueEventShape } from './shapes/issue-event.ts'
import { reviewShape } from './shapes/review.ts'
import { userById, type Pull } from './state.ts'
import { userShape } from './shapes/user.ts'

const needs = { permission: 'pull-requests', access: 'read', orElse: 'issues' } as const

/** What happened to a pull request, oldest first. */
export const issueEventOperations: readonly Operation[] = [
  {
    id: 'issues/list-events',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/issues/{issue_number}/events',
    documentation: 'issues/events#list-issue-events',
    scope: 'repository',
    needs,
    run: (call) => paginate(call, pullInPath(call).events, (event) => issueEventShape(call, event))
  },
  {
    id: 'issues/list-events-for-timeline',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/issues/{issue_number}/timeline',
    documentation: 'issues/timeline#list-timeline-events-for-an-issue',
    scope: 'repository',
    needs,
    run: (call) => paginate(call, timeline(call, pullInPath(call)), ({ shape }) => shape())
  }
]

interface Moment {
  readonly time: string
  readonly shape: () => object
}

/** Events, and with them commits, comments and reviews. */
function timeline(call: RepositoryCall, pull: Pull): readonly Moment[] {
  const { repository, state, links } = call
  const moments: Moment[] = [
    ...pullContent(repository, pull).commits.map((commit) => ({
      time: commit.committer.date,
      shape: () => committedShape(call, commit)
    })),
    ...pull.events.map((event) => ({ time: event.createdAt, shape: () => issueEventShape(call, event) })),
    ...repository.issueComments
      .filter(({ number }) => number === pull.number)
      .map((comment) => ({
        time: comment.createdAt,
        shape: () => ({
          ...issueCommentShape(call, comment),
          event: 'commented',
          actor: userShape(userById(state, comment.userId), links)
        })
      })),
    ...pull.reviews.flatMap((review) =>
      review.submittedAt === null
        ? []
        : {
            time: review.submittedAt,
            shape: () => ({ ...reviewShape(call, pull, review), event: 'reviewed', state: review.state.toLowerCase() })
          }
    )
  ]
  return moments.sort((a, b) => Date.parse(a.time) - Date.parse(b.time))
}
