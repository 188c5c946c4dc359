import { randomBytes } from 'node:crypto'
import type { SandboxResponse } from '../service.ts'
import { render } from './answers.ts'
import { authenticate, roleOf, type Actor } from './credentials.ts'
import { takeId, type HexState, type Permission } from './state.ts'
import type { Visit } from './visit.ts'

/** Seconds that a token lasts (`@default_expires_in` in tokens.ex). */
const lifetime = 30 * 60

/**
 * `POST /oauth/token` with an API key as the client's secret: Mix exchanges the key of a private repository for a
 * token that lasts half an hour. The flows in which a person takes part are not here.
 */
export function exchangeKey({ state, format, parameters, request }: Visit): SandboxResponse {
  const refuse = (status: number, error: string, text: string): SandboxResponse =>
    render(format, status, { error, error_description: text })
  const { grant_type: grant, client_secret: secret, scope = '', name } = parameters
  if (grant !== 'client_credentials')
    return refuse(400, 'unsupported_grant_type', `Unsupported grant type: ${JSON.stringify(grant ?? 'nil')}`)
  if (typeof secret !== 'string' || secret === '')
    return refuse(400, 'invalid_request', 'Missing or invalid client_secret')
  if (typeof scope !== 'string') return refuse(400, 'invalid_scope', 'Invalid scope parameter')
  const actor = authenticate(state, secret, request.now)
  if (typeof actor === 'string' || actor.kind === 'nobody') return refuse(401, 'invalid_client', 'Invalid API key')
  const scopes = expand(state, actor, scope.split(' ').filter(Boolean))
  if (!scopes.every((each) => isGranted(each, actor.key.permissions)))
    return refuse(400, 'invalid_scope', 'Requested scopes exceed API key permissions')
  const token = randomBytes(32).toString('base64url')
  state.keys.push({
    id: takeId(state),
    secret: token,
    name: typeof name === 'string' ? name : 'token',
    kind: 'oauth',
    owner: actor.key.owner,
    permissions: scopes.map(permissionOf),
    createdAt: request.now,
    revokeAt: request.now + lifetime * 1000,
    lastUse: null
  })
  return render(format, 200, {
    access_token: token,
    token_type: 'bearer',
    expires_in: lifetime,
    scope: scopes.join(' ')
  })
}

type Holder = Exclude<Actor, { kind: 'nobody' }>

/** `repositories` becomes a scope for each repository that the key opens (`expand_repositories_scope/3`). */
function expand(state: HexState, actor: Holder, scopes: readonly string[]): readonly string[] {
  if (!scopes.includes('repositories')) return scopes
  const own =
    actor.kind === 'organization'
      ? [actor.organization]
      : state.organizations.filter(({ name }) => roleOf(state, actor.user, name) !== undefined)
  const opened = own.map(({ name }) => `repository:${name}`).filter((each) => isGranted(each, actor.key.permissions))
  return [...scopes.filter((each) => each !== 'repositories'), ...opened]
}

/** `permission_to_scopes/1`: writing implies reading, and a key for all repositories opens each. */
function isGranted(scope: string, permissions: readonly Permission[]): boolean {
  return permissions.some(({ domain, resource }) => {
    if (domain === 'api' && resource === null) return ['api', 'api:read', 'api:write'].includes(scope)
    if (domain === 'api') return scope === `api:${resource ?? ''}` || (resource === 'write' && scope === 'api:read')
    if (domain === 'repositories') return scope.startsWith('repository:')
    return domain === 'repository' && scope === `repository:${resource ?? ''}`
  })
}

function permissionOf(scope: string): Permission {
  const [domain = '', resource] = scope.split(':')
  return { domain, resource: resource ?? null }
}
