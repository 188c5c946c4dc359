import { notFound, refuse, unprocessable } from './errors.ts'
import { readFields } from './json-body.ts'
import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { paginate } from './pagination.ts'
import { signedIn } from './permissions.ts'
import { pullInPath } from './pull-content.ts'
import { reviewShape } from './shapes/review.ts'
import { takeId, timestamp, type Pull, type Review, type ReviewState } from './state.ts'

const read = { permission: 'pull-requests', access: 'read' } as const
const write = { permission: 'pull-requests', access: 'write' } as const

/** Reviews of a pull request. */
export const reviewOperations: readonly Operation[] = [
  {
    id: 'pulls/list-reviews',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/pulls/{pull_number}/reviews',
    documentation: 'pulls/reviews#list-reviews-for-a-pull-request',
    scope: 'repository',
    needs: read,
    run: (call) => {
      const pull = pullInPath(call)
      const visible = pull.reviews.filter((review) => isVisible(call, review))
      return paginate(call, visible, (review) => reviewShape(call, pull, review))
    }
  },
  {
    id: 'pulls/get-review',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}',
    documentation: 'pulls/reviews#get-a-review-for-a-pull-request',
    scope: 'repository',
    needs: read,
    run: (call) => {
      const pull = pullInPath(call)
      return { status: 200, body: reviewShape(call, pull, reviewInPath(call, pull)) }
    }
  },
  {
    id: 'pulls/update-review',
    method: 'PUT',
    site: 'api',
    path: '/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}',
    documentation: 'pulls/reviews#update-a-review-for-a-pull-request',
    scope: 'repository',
    needs: write,
    run: (call) => {
      const pull = pullInPath(call)
      const review = reviewInPath(call, pull)
      const { body = '' } = readFields(call.request, { body: 'string' }, ['body'], call.documentation)
      review.body = body
      review.edits.push({ editorId: signedIn(call.actor).user.id, editedAt: timestamp(call.request.now) })
      return { status: 200, body: reviewShape(call, pull, review) }
    }
  },
  {
    id: 'pulls/create-review',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/pulls/{pull_number}/reviews',
    documentation: 'pulls/reviews#create-a-review-for-a-pull-request',
    scope: 'repository',
    needs: write,
    run: createReview
  },
  {
    id: 'pulls/submit-review',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/events',
    documentation: 'pulls/reviews#submit-a-review-for-a-pull-request',
    scope: 'repository',
    needs: write,
    run: (call) => {
      const pull = pullInPath(call)
      const review = reviewInPath(call, pull)
      const fields = { body: 'nullable-string', event: 'string' } as const
      const sent = readFields(call.request, fields, ['event'], call.documentation)
      if (review.state !== 'PENDING') throw unprocessable('Can not submit a review twice', call.documentation)
      const body = sent.body ?? review.body
      const state = stateFor(call, pull, sent.event ?? '', body)
      Object.assign(review, { body, state, submittedAt: timestamp(call.request.now) })
      return { status: 200, body: reviewShape(call, pull, review) }
    }
  },
  {
    id: 'pulls/dismiss-review',
    method: 'PUT',
    site: 'api',
    path: '/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals',
    documentation: 'pulls/reviews#dismiss-a-review-for-a-pull-request',
    scope: 'repository',
    needs: write,
    run: (call) => {
      const pull = pullInPath(call)
      const review = reviewInPath(call, pull)
      const fields = { message: 'string', event: 'string' } as const
      const { message = '' } = readFields(call.request, fields, ['message'], call.documentation)
      if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
        throw unprocessable(`Can not dismiss a ${spoken(review.state)} pull request review`, call.documentation)
      }
      pull.events.push({
        id: takeId(call.state),
        actorId: signedIn(call.actor).user.id,
        createdAt: timestamp(call.request.now),
        event: 'review_dismissed',
        review: { id: review.id, state: review.state.toLowerCase(), message }
      })
      review.state = 'DISMISSED'
      return { status: 200, body: reviewShape(call, pull, review) }
    }
  }
]

function spoken(state: ReviewState): string {
  return state.toLowerCase().replace('_', ' ')
}

/** A pending review is its writer's own. */
function isVisible(call: RepositoryCall, review: Review): boolean {
  return review.state !== 'PENDING' || (call.actor.kind !== 'anonymous' && call.actor.user.id === review.userId)
}

function reviewInPath(call: RepositoryCall, pull: Pull): Review {
  const review = pull.reviews.find((candidate) => String(candidate.id) === call.params['review_id'])
  if (review === undefined || !isVisible(call, review)) throw notFound(call.documentation)
  return review
}

function createReview(call: RepositoryCall): Answer {
  const pull = pullInPath(call)
  const { user } = signedIn(call.actor)
  const fields = { body: 'nullable-string', event: 'string', commit_id: 'string' } as const
  const sent = readFields(call.request, fields, [], call.documentation)
  const body = sent.body ?? ''
  const commitId = sent.commit_id ?? pull.head.sha
  if (!call.repository.commits.some(({ sha }) => sha === commitId)) {
    throw refuse(422, 'No commit found for SHA: ' + commitId, call.documentation)
  }
  const pending = sent.event === undefined || sent.event === ''
  if (pull.reviews.some((review) => review.state === 'PENDING' && review.userId === user.id)) {
    throw unprocessable('User can only have one pending review per pull request', call.documentation)
  }
  const review: Review = {
    id: takeId(call.state),
    userId: user.id,
    commitId,
    body,
    state: pending ? 'PENDING' : stateFor(call, pull, sent.event ?? '', body),
    submittedAt: pending ? null : timestamp(call.request.now),
    edits: []
  }
  pull.reviews.push(review)
  pull.updatedAt = timestamp(call.request.now)
  return { status: 200, body: reviewShape(call, pull, review) }
}

const states: Readonly<Record<string, ReviewState>> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED'
}

/**
 * What a review's `event` makes of it. Throws GitHub's 422 for what its rules forbid
 * (hubtty/hubtty#33, github/docs#31550).
 */
function stateFor(call: RepositoryCall, pull: Pull, event: string, body: string): ReviewState {
  const state = states[event]
  const { user, kind } = signedIn(call.actor)
  if (state === undefined) {
    const reason = `Variable $event of type PullRequestReviewEvent was provided invalid value`
    throw unprocessable(reason, call.documentation)
  }
  const own = user.id === pull.authorId
  if (own && state === 'APPROVED') throw unprocessable('Can not approve your own pull request', call.documentation)
  if (own && state === 'CHANGES_REQUESTED') {
    throw unprocessable('Can not request changes on your own pull request', call.documentation)
  }
  if (state === 'APPROVED' && kind === 'integration' && !call.repository.actionsMayApprove) {
    throw unprocessable('GitHub Actions is not permitted to approve pull requests.', call.documentation)
  }
  if (state !== 'APPROVED' && body === '') {
    throw unprocessable("Review body can't be blank", call.documentation)
  }
  return state
}
