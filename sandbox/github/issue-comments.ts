import { notFound, refuse, refuseFields } from './errors.ts'
import { readFields } from './json-body.ts'
import type { Operation, RepositoryCall } from './operation.ts'
import { paginate } from './pagination.ts'
import { may, signedIn } from './permissions.ts'
import { pullInPath } from './pull-content.ts'
import { issueCommentShape } from './shapes/issue-comment.ts'
import { takeId, timestamp, type IssueComment } from './state.ts'

/**
 * The description names two permissions, issues or pull-requests, but what is a pull request asks for the second one:
 * with `issues: write` alone the job is refused (indexable-inc/index#582, gip-inclusion/les-emplois#6059).
 */
const read = { permission: 'pull-requests', access: 'read', orElse: 'issues' } as const
const write = { permission: 'pull-requests', access: 'write', orElse: 'issues' } as const

/** Longest text of a comment, in characters (body is too long (maximum is 65536 characters)). */
const longestBody = 65_536

/** Comments in the conversation of a pull request. */
export const issueCommentOperations: readonly Operation[] = [
  {
    id: 'issues/list-comments',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/issues/{issue_number}/comments',
    documentation: 'issues/comments#list-issue-comments',
    scope: 'repository',
    needs: read,
    run: (call) => {
      const { number } = pullInPath(call)
      const since = Date.parse(call.request.url.searchParams.get('since') ?? '')
      const comments = call.repository.issueComments
        .filter((comment) => comment.number === number)
        .filter((comment) => Number.isNaN(since) || Date.parse(comment.updatedAt) >= since)
      return paginate(call, comments, (comment) => issueCommentShape(call, comment))
    }
  },
  {
    id: 'issues/create-comment',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/issues/{issue_number}/comments',
    documentation: 'issues/comments#create-an-issue-comment',
    scope: 'repository',
    needs: write,
    run: (call) => {
      const pull = pullInPath(call)
      const now = timestamp(call.request.now)
      const comment: IssueComment = {
        body: bodyIn(call),
        id: takeId(call.state),
        number: pull.number,
        userId: signedIn(call.actor).user.id,
        createdAt: now,
        updatedAt: now
      }
      call.repository.issueComments.push(comment)
      pull.updatedAt = now
      const body = issueCommentShape(call, comment)
      return { status: 201, body, headers: { location: body.url } }
    }
  },
  {
    id: 'issues/get-comment',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/issues/comments/{comment_id}',
    documentation: 'issues/comments#get-an-issue-comment',
    scope: 'repository',
    needs: read,
    run: (call) => ({ status: 200, body: issueCommentShape(call, commentInPath(call)) })
  },
  {
    id: 'issues/update-comment',
    method: 'PATCH',
    site: 'api',
    path: '/repos/{owner}/{repo}/issues/comments/{comment_id}',
    documentation: 'issues/comments#update-an-issue-comment',
    scope: 'repository',
    needs: write,
    run: (call) => {
      const comment = commentInPath(call)
      refuseOthers(call, comment)
      comment.body = bodyIn(call)
      comment.updatedAt = timestamp(call.request.now)
      return { status: 200, body: issueCommentShape(call, comment) }
    }
  },
  {
    id: 'issues/delete-comment',
    method: 'DELETE',
    site: 'api',
    path: '/repos/{owner}/{repo}/issues/comments/{comment_id}',
    documentation: 'issues/comments#delete-an-issue-comment',
    scope: 'repository',
    needs: write,
    run: (call) => {
      const comment = commentInPath(call)
      refuseOthers(call, comment)
      call.repository.issueComments = call.repository.issueComments.filter((candidate) => candidate !== comment)
      return { status: 204 }
    }
  }
]

function commentInPath(call: RepositoryCall): IssueComment {
  const comment = call.repository.issueComments.find(({ id }) => String(id) === call.params['comment_id'])
  if (comment === undefined) throw notFound(call.documentation)
  return comment
}

/** Somebody else's comment is changed by those only who may push, and by an app that may write to pull requests. */
function refuseOthers(call: RepositoryCall, comment: IssueComment): void {
  const { user, kind } = signedIn(call.actor)
  if (user.id === comment.userId || kind === 'integration') return
  if (may(call.state, call.actor, call.repository, 'contents', 'write')) return
  throw refuse(403, 'Must have admin rights to Repository.', call.documentation)
}

function bodyIn(call: RepositoryCall): string {
  const { body = '' } = readFields(call.request, { body: 'string' }, ['body'], call.documentation)
  if (body.trim() === '') {
    throw refuseFields([{ resource: 'IssueComment', code: 'missing_field', field: 'body' }], call.documentation)
  }
  if (body.length > longestBody) {
    const message = `body is too long (maximum is ${longestBody} characters)`
    throw refuseFields([{ resource: 'IssueComment', code: 'custom', field: 'body', message }], call.documentation)
  }
  return body
}
