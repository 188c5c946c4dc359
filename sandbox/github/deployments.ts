import { resolveCommit } from './commit-graph.ts'
import { notFound, refuse, refuseFields } from './errors.ts'
import { parseBody, readFields } from './json-body.ts'
import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { paginate } from './pagination.ts'
import { signedIn } from './permissions.ts'
import { nodeId } from './shapes/node-id.ts'
import { repositoryUrls } from './shapes/repository-urls.ts'
import type { Resource } from './shapes/resource.ts'
import { userShape } from './shapes/user.ts'
import { takeId, timestamp, userById, type Deployment, type DeploymentStatus } from './state.ts'

const read = { permission: 'deployments', access: 'read' } as const
const write = { permission: 'deployments', access: 'write' } as const

/** What was to be deployed where, and how that went. */
export const deploymentOperations: readonly Operation[] = [
  {
    id: 'repos/list-deployments',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/deployments',
    documentation: 'deployments/deployments#list-deployments',
    scope: 'repository',
    needs: read,
    run: listDeployments
  },
  {
    id: 'repos/create-deployment',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/deployments',
    documentation: 'deployments/deployments#create-a-deployment',
    scope: 'repository',
    needs: write,
    run: createDeployment
  },
  {
    id: 'repos/list-deployment-statuses',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    documentation: 'deployments/statuses#list-deployment-statuses',
    scope: 'repository',
    needs: read,
    run: (call) => {
      const deployment = deploymentInPath(call)
      return paginate(call, deployment.statuses.toReversed(), (status) => statusShape(call, deployment, status))
    }
  },
  {
    id: 'repos/create-deployment-status',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    documentation: 'deployments/statuses#create-a-deployment-status',
    scope: 'repository',
    needs: write,
    run: createStatus
  }
]

function listDeployments(call: RepositoryCall): Answer {
  const query = call.request.url.searchParams
  const wanted = (['sha', 'ref', 'task', 'environment'] as const).flatMap((name) => {
    const value = query.get(name)
    // `none` is the default of each, and filters nothing.
    return value === null || value === '' || value === 'none' ? [] : [[name, value] as const]
  })
  const found = call.repository.deployments.filter((each) => wanted.every(([name, value]) => each[name] === value))
  return paginate(call, found.toReversed(), (deployment) => deploymentShape(call, deployment))
}

function createDeployment(call: RepositoryCall): Answer {
  const { repository, documentation } = call
  const fields = {
    ref: 'string',
    task: 'string',
    environment: 'string',
    description: 'nullable-string',
    transient_environment: 'boolean',
    production_environment: 'boolean'
  } as const
  const sent = readFields(call.request, fields, ['ref'], documentation)
  const ref = sent.ref ?? ''
  const commit = resolveCommit(repository, ref)
  if (commit === undefined) throw refuse(422, `No ref found for: ${ref}`, documentation)
  if (!contextsPass(call, commit.sha)) {
    throw refuse(409, `Conflict: Commit status checks failed for ${ref}.`, documentation)
  }
  const environment = sent.environment ?? 'production'
  const deployment: Deployment = {
    id: takeId(call.state),
    sha: commit.sha,
    ref,
    task: sent.task ?? 'deploy',
    environment,
    description: sent.description ?? null,
    transient: sent.transient_environment ?? false,
    production: sent.production_environment ?? environment === 'production',
    creatorId: signedIn(call.actor).user.id,
    createdAt: timestamp(call.request.now),
    statuses: []
  }
  repository.deployments.push(deployment)
  const body = deploymentShape(call, deployment)
  return { status: 201, body, headers: { location: body.url } }
}

/** Without `required_contexts` every status of the commit must be a success; an empty list asks for none. */
function contextsPass({ request, repository, documentation }: RepositoryCall, sha: string): boolean {
  const sent = parseBody(request.body, documentation)
  const named =
    'required_contexts' in sent && Array.isArray(sent.required_contexts) ? sent.required_contexts : undefined
  const latest = new Map(
    repository.statuses.filter((status) => status.sha === sha).map(({ context, state }) => [context, state])
  )
  const contexts: readonly unknown[] = named ?? [...latest.keys()]
  return contexts.every((context) => typeof context === 'string' && latest.get(context) === 'success')
}

const states = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'] as const

function createStatus(call: RepositoryCall): Answer {
  const { documentation } = call
  const deployment = deploymentInPath(call)
  const fields = {
    state: 'string',
    target_url: 'string',
    log_url: 'string',
    description: 'string',
    environment: 'string',
    environment_url: 'string',
    auto_inactive: 'boolean'
  } as const
  const sent = readFields(call.request, fields, ['state'], documentation)
  const state = states.find((candidate) => candidate === sent.state)
  const resource = 'DeploymentStatus'
  if (state === undefined)
    throw refuseFields(
      [{ resource, code: 'custom', field: 'state', message: 'state is not included in the list' }],
      documentation
    )
  if ((sent.description ?? '').length > 140) {
    const message = 'description is too long (maximum is 140 characters)'
    throw refuseFields([{ resource, code: 'custom', field: 'description', message }], documentation)
  }
  const at = timestamp(call.request.now)
  const creatorId = signedIn(call.actor).user.id
  if (state === 'success' && sent.auto_inactive !== false) retireOthers(call, deployment, creatorId, at)
  const status: DeploymentStatus = {
    id: takeId(call.state),
    state,
    description: sent.description ?? '',
    environment: sent.environment ?? deployment.statuses.at(-1)?.environment ?? deployment.environment,
    environmentUrl: sent.environment_url ?? '',
    logUrl: sent.log_url ?? sent.target_url ?? '',
    creatorId,
    createdAt: at
  }
  deployment.statuses.push(status)
  const body = statusShape(call, deployment, status)
  return { status: 201, body, headers: { location: body.url } }
}

/** `auto_inactive`: earlier deployments of the environment that succeeded, unless they are transient or production. */
function retireOthers(call: RepositoryCall, deployment: Deployment, creatorId: number, createdAt: string): void {
  for (const other of call.repository.deployments) {
    const last = other.statuses.at(-1)
    const same = other.id !== deployment.id && other.environment === deployment.environment
    if (!same || other.transient || other.production || last?.state !== 'success') continue
    other.statuses.push({ ...last, id: takeId(call.state), state: 'inactive', creatorId, createdAt })
  }
}

function deploymentInPath(call: RepositoryCall): Deployment {
  const found = call.repository.deployments.find(({ id }) => String(id) === call.params['deployment_id'])
  if (found === undefined) throw notFound(call.documentation)
  return found
}

/** Schema deployment. */
function deploymentShape(call: RepositoryCall, deployment: Deployment): Resource {
  const { api } = repositoryUrls(call)
  const url = `${api}/deployments/${deployment.id}`
  return {
    url,
    id: deployment.id,
    node_id: nodeId('DE', call.repository.id, deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: {},
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: userShape(userById(call.state, deployment.creatorId), call.links),
    created_at: deployment.createdAt,
    updated_at: deployment.statuses.at(-1)?.createdAt ?? deployment.createdAt,
    statuses_url: `${url}/statuses`,
    repository_url: api,
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: null
  }
}

/** Schema deployment-status. */
function statusShape(call: RepositoryCall, deployment: Deployment, status: DeploymentStatus): Resource {
  const { api } = repositoryUrls(call)
  const deploymentUrl = `${api}/deployments/${deployment.id}`
  return {
    url: `${deploymentUrl}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DES', call.repository.id, status.id),
    state: status.state,
    creator: userShape(userById(call.state, status.creatorId), call.links),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: deploymentUrl,
    repository_url: api,
    // Its default is '', which the description's own format of the field does not take.
    ...(status.environmentUrl === '' ? {} : { environment_url: status.environmentUrl }),
    log_url: status.logUrl,
    performed_via_github_app: null
  }
}
