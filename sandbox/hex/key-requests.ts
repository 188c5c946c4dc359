import { randomBytes } from 'node:crypto'
import type { SandboxResponse } from '../service.ts'
import { accessAnswer, cached, errorAnswer, render } from './answers.ts'
import { isRevoked, ownerReaches, reachesDomain, type Actor } from './credentials.ts'
import type { Plain } from './external-terms.ts'
import type { Errors } from './release-metadata.ts'
import {
  findOrganization,
  takeId,
  type HexState,
  type Key,
  type KeyOwner,
  type Permission,
  type Role
} from './state.ts'
import { authView, keyView } from './views.ts'
import { authorize, organizationAccess, type Visit } from './visit.ts'

/** `GET /auth?domain=…&resource=…`: whether the key may do that. */
export function checkAuth(visit: Visit): SandboxResponse {
  const { state, format, actor, parameters } = visit
  const { domain, resource } = parameters
  if (typeof domain !== 'string') return errorAnswer(format, 400, { message: 'missing required parameters: "domain"' })
  const refused = authorize(visit, { required: true, domains: [], checks: [] })
  if (refused !== undefined) return refused
  if (actor.kind === 'nobody') return accessAnswer(format, 'missing')
  const wanted = typeof resource === 'string' ? resource : null
  if (!reachesDomain(actor.key, domain, wanted)) return accessAnswer(format, 'domain')
  if (!ownerReaches(state, actor, domain, wanted)) return accessAnswer(format, 'auth')
  const organization = domain === 'repository' || domain === 'docs' ? findOrganization(state, wanted ?? '') : undefined
  if (organization?.billing === false) return accessAnswer(format, 'no_billing')
  return actor.key.kind === 'key' ? render(format, 200, authView(actor.key)) : { status: 204 }
}

/** `GET /keys` and `GET /orgs/ORG/keys`. */
export function listKeys(visit: Visit): SandboxResponse {
  const owner = admit(visit, 'read', 'read')
  if ('status' in owner) return owner
  const keys = keysOf(visit, owner).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const authing = authingKey(visit.actor)
  return render(
    visit.format,
    200,
    keys.map((key) => keyView(visit.addresses, key, { authing, secret: false })),
    cached('private')
  )
}

/** `GET /keys/NAME`. */
export function showKey(visit: Visit): SandboxResponse {
  const owner = admit(visit, 'read', 'read')
  if ('status' in owner) return owner
  const key = keysOf(visit, owner).find(({ name }) => name === visit.path.key)
  if (key === undefined) return errorAnswer(visit.format, 404)
  const view = keyView(visit.addresses, key, { authing: authingKey(visit.actor), secret: false })
  return render(visit.format, 200, view, cached('private'))
}

/** `POST /keys`: the only answer that shows a secret. */
export function createKey(visit: Visit): SandboxResponse {
  const owner = admit(visit, 'write', 'write')
  if ('status' in owner) return owner
  const cast = castKey(visit)
  if ('errors' in cast) return errorAnswer(visit.format, 422, { errors: cast.errors })
  const key: Key = {
    id: takeId(visit.state),
    secret: randomBytes(16).toString('hex'),
    name: freeName(keysOf(visit, owner), cast.name),
    kind: 'key',
    owner,
    permissions: cast.permissions,
    createdAt: visit.request.now,
    revokeAt: cast.revokeAt,
    lastUse: null
  }
  visit.state.keys.push(key)
  const view = keyView(visit.addresses, key, { authing: authingKey(visit.actor), secret: true })
  return render(visit.format, 201, view, {
    ...cached('private'),
    location: `/api/keys/${encodeURIComponent(key.name)}`
  })
}

/** `DELETE /keys/NAME`. */
export function revokeKey(visit: Visit): SandboxResponse {
  const owner = admit(visit, 'write', 'write')
  if ('status' in owner) return owner
  const key = keysOf(visit, owner).find(({ name }) => name === visit.path.key)
  if (key === undefined) return errorAnswer(visit.format, 404)
  key.revokeAt = visit.request.now - 1000
  const view = keyView(visit.addresses, key, { authing: authingKey(visit.actor), secret: false })
  return render(visit.format, 200, view, cached('private'))
}

/** Whose keys the path is about, or why not. An organization's own key must use the organization's path. */
function admit(visit: Visit, resource: 'read' | 'write', role: Role): KeyOwner | SandboxResponse {
  const { state, format, actor, path } = visit
  if (path.organization !== undefined && findOrganization(state, path.organization) === undefined)
    return errorAnswer(format, 404)
  const refused = authorize(visit, {
    required: true,
    domains: [{ domain: 'api', resource }],
    checks: path.organization === undefined ? [] : [organizationAccess(path.organization, role)]
  })
  if (refused !== undefined) return refused
  if (path.organization !== undefined) return { organization: path.organization }
  return actor.kind === 'user' ? { user: actor.user.username } : errorAnswer(format, 404)
}

function keysOf({ state, request }: { readonly state: HexState; readonly request: Visit['request'] }, owner: KeyOwner) {
  return state.keys.filter((key) => key.kind === 'key' && !isRevoked(key, request.now) && isSame(key.owner, owner))
}

function isSame(one: KeyOwner, other: KeyOwner): boolean {
  return 'user' in one
    ? 'user' in other && one.user === other.user
    : 'organization' in other && one.organization === other.organization
}

const authingKey = (actor: Actor): Key | undefined => (actor.kind === 'nobody' ? undefined : actor.key)

function freeName(keys: readonly Key[], name: string): string {
  const names = new Set(keys.map((key) => key.name))
  let free = name
  for (let number = 2; names.has(free); number += 1) free = `${name}-${String(number)}`
  return free
}

const domains = ['api', 'package', 'repository', 'repositories', 'docs']

/** `Key.changeset/3` and `KeyPermission.changeset/3`. */
function castKey({
  state,
  actor,
  parameters,
  request
}: Visit):
  | { readonly name: string; readonly permissions: readonly Permission[]; readonly revokeAt: number | null }
  | { readonly errors: Errors } {
  const { name, permissions = [], revoke_at: expiry } = parameters
  if (typeof name !== 'string' || name.trim() === '') return { errors: { name: "can't be blank" } }
  if (typeof permissions !== 'object' || permissions === null) return { errors: { permissions: 'is invalid' } }
  if (expiry !== undefined && expiry !== null && typeof expiry !== 'string')
    return { errors: { revoke_at: 'is invalid' } }
  const revokeAt = typeof expiry === 'string' ? Date.parse(expiry) : null
  if (revokeAt !== null && !(revokeAt > request.now)) return { errors: { revoke_at: 'must be in the future' } }
  // Ecto takes a map with indices for a list, as forms send one.
  const cast = Object.values(permissions).map(castPermission)
  if (cast.some((each) => each === undefined || !domains.includes(each.domain)))
    return { errors: { permissions: { domain: 'is invalid' } } }
  const known = cast.filter((each) => each !== undefined)
  const unreachable = known.find(({ domain, resource }) => !isValid(domain, resource))
  if (unreachable !== undefined) return { errors: { permissions: { resource: 'invalid resource for given domain' } } }
  const foreign = known.find(
    ({ domain, resource }) => resource !== null && !ownerReaches(state, actor, domain, resource)
  )
  if (foreign !== undefined) {
    const what = foreign.domain === 'package' ? 'package' : 'repository'
    return { errors: { permissions: { resource: `you do not have access to this ${what}` } } }
  }
  return { name, permissions: known.length === 0 ? [{ domain: 'api', resource: null }] : known, revokeAt }
}

function castPermission(value: Plain): Permission | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { domain, resource = null } = value as Readonly<Record<string, Plain>>
  if (typeof domain !== 'string' || (resource !== null && typeof resource !== 'string')) return undefined
  return normalPermission({ domain, resource })
}

/** A package without its repository is a public one. */
export function normalPermission({ domain, resource }: Permission): Permission {
  const isBare = domain === 'package' && resource !== null && !resource.includes('/')
  return { domain, resource: isBare ? `hexpm/${resource}` : resource }
}

function isValid(domain: string, resource: string | null): boolean {
  if (resource === null) return true
  if (domain === 'api') return resource === 'read' || resource === 'write'
  return domain !== 'repositories'
}
