import { accountOperations } from './account.ts'
import { activityOperations } from './activity.ts'
import { assetOperations } from './assets.ts'
import { checkRunOperations } from './check-runs.ts'
import { collaboratorOperations } from './collaborators.ts'
import { commitStatusOperations } from './commit-statuses.ts'
import { commitOperations } from './commits.ts'
import { contentOperations } from './contents.ts'
import { deploymentOperations } from './deployments.ts'
import { notFound } from './errors.ts'
import { issueCommentOperations } from './issue-comments.ts'
import { issueEventOperations } from './issue-events.ts'
import { issueLabelOperations } from './issue-labels.ts'
import type { Answer, Call, Operation, RepositoryCall } from './operation.ts'
import { matchPath } from './operation.ts'
import type { Place } from './origins.ts'
import { refusalFor, type Actor } from './permissions.ts'
import { pullOperations } from './pulls.ts'
import { refOperations } from './refs.ts'
import { releaseOperations } from './releases.ts'
import { repositoryOperations } from './repositories.ts'
import { reviewOperations } from './reviews.ts'
import type { SandboxRequest } from '../service.ts'
import { findRepository, ownerOf, type GithubState } from './state.ts'
import { teamOperations } from './teams.ts'
import { treeOperations } from './trees.ts'
import { workflowRunOperations } from './workflow-runs.ts'

/** Every REST operation that the sandbox serves; the first one whose method and path match answers. */
export const operations: readonly Operation[] = [
  ...accountOperations,
  ...releaseOperations,
  ...assetOperations,
  ...refOperations,
  ...commitOperations,
  ...treeOperations,
  ...contentOperations,
  ...repositoryOperations,
  ...pullOperations,
  ...reviewOperations,
  ...issueCommentOperations,
  ...issueLabelOperations,
  ...issueEventOperations,
  ...commitStatusOperations,
  ...deploymentOperations,
  ...checkRunOperations,
  ...workflowRunOperations,
  ...activityOperations,
  ...collaboratorOperations,
  ...teamOperations
].sort((a, b) => literalness(b.path) - literalness(a.path))

/** `releases/latest` before `releases/{release_id}`: the template with fewer parameters is the nearer one. */
function literalness(path: string): number {
  const parameters = path.match(/\{/g)?.length ?? 0
  return path.split('/').length - 2 * parameters
}

/** Finds the operation of a request and runs it. Throws a Refusal for what GitHub refuses. */
export function answerRest(state: GithubState, request: SandboxRequest, place: Place, actor: Actor): Answer {
  const matched = findOperation(state, request.method, place)
  if (matched === undefined) throw notFound()
  const { operation, params } = matched
  const documentation = `https://docs.github.com/rest/${operation.documentation}`
  const call: Call = { state, request, links: place.links, actor, params, documentation }
  if (operation.scope === 'global') return operation.run(call)
  return operation.run(repositoryCall(call, operation))
}

/** The call with its repository, after the permission check. */
export function repositoryCall(call: Call, operation: Operation & { scope: 'repository' }): RepositoryCall {
  const repository = findRepository(call.state, call.params['owner'] ?? '', call.params['repo'] ?? '')
  if (repository === undefined) throw notFound(call.documentation)
  const refusal = refusalFor(call.state, call.actor, repository, operation.needs, call.documentation)
  if (refusal !== undefined) throw refusal
  return { ...call, repository }
}

export function findOperation(
  state: GithubState,
  method: string,
  place: Place
): { readonly operation: Operation; readonly params: Readonly<Record<string, string>> } | undefined {
  const path = withOwnerAndName(state, place.path)
  const verb = method === 'HEAD' ? 'GET' : method
  for (const operation of operations) {
    if (operation.site !== place.site || operation.method !== verb) continue
    const params = matchPath(operation.path, path)
    if (params !== undefined) return { operation, params }
  }
  return undefined
}

/** Link headers name a repository by its id: /repositories/1/releases stands for /repos/{owner}/{repo}/releases. */
function withOwnerAndName(state: GithubState, path: string): string {
  const match = /^\/repositories\/(\d+)(\/.*)?$/.exec(path)
  const repository = state.repositories.find((candidate) => String(candidate.id) === match?.[1])
  if (match === null || repository === undefined) return path
  return `/repos/${ownerOf(state, repository).login}/${repository.name}${match[2] ?? ''}`
}
