import type { RepositoryCall } from '../operation.ts'
import { userById, type Commit, type IssueEvent } from '../state.ts'
import { gitCommitShape } from './git.ts'
import { nodeId } from './node-id.ts'
import { repositoryUrls } from './repository-urls.ts'
import { userShape } from './user.ts'

/** Schemas labeled-issue-event, unlabeled-issue-event, review-dismissed-issue-event, and what is common to all. */
export function issueEventShape(call: RepositoryCall, event: IssueEvent): object {
  const { api } = repositoryUrls(call)
  const commit = 'commitId' in event ? event.commitId : null
  return {
    id: event.id,
    node_id: nodeId('LE', call.repository.id, event.id),
    url: `${api}/issues/events/${event.id}`,
    actor: userShape(userById(call.state, event.actorId), call.links),
    event: event.event,
    commit_id: commit,
    commit_url: commit === null ? null : `${api}/commits/${commit}`,
    created_at: event.createdAt,
    performed_via_github_app: null,
    ...('label' in event ? { label: event.label } : {}),
    ...('review' in event
      ? {
          dismissed_review: {
            state: event.review.state,
            review_id: event.review.id,
            dismissal_message: event.review.message
          }
        }
      : {})
  }
}

/** Schema timeline-committed-event. */
export function committedShape(call: RepositoryCall, commit: Commit): object {
  return { ...gitCommitShape(call, commit), event: 'committed' }
}
