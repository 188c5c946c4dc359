import {
  findOrganization,
  findPackage,
  findUser,
  hexpm,
  type HexState,
  type Key,
  type Organization,
  type Package,
  type Permission,
  type Role,
  type User
} from './state.ts'

/** Who asks: an account or an organization, and the key or token that says so. */
export type Actor =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'user'; readonly user: User; readonly key: Key }
  | { readonly kind: 'organization'; readonly organization: Organization; readonly key: Key }

/** The cases of `HexpmWeb.AuthHelpers.error/2`. */
export type AccessError =
  | 'missing'
  | 'invalid'
  | 'basic_auth_disabled'
  | 'key'
  | 'revoked_key'
  | 'domain'
  | 'totp_required'
  | 'invalid_totp'
  | 'tfa_not_enabled'
  | 'unconfirmed'
  | 'auth'
  | 'no_billing'
  | 'not_found'

/**
 * `AuthHelpers.authenticate/1`: a key stands alone in the header, an OAuth token behind `Bearer`. Basic credentials are
 * off since 2026-11-01 and in hours of October 2026 before; here always.
 */
export function authenticate(state: HexState, header: string | undefined, now: number): Actor | AccessError {
  if (header === undefined) return { kind: 'nobody' }
  if (header.startsWith('Basic ')) return 'basic_auth_disabled'
  const bearer = header.startsWith('Bearer ') ? header.slice('Bearer '.length) : undefined
  const key = state.keys.find(
    (each) => each.secret === (bearer ?? header) && (each.kind === 'oauth') === (bearer !== undefined)
  )
  if (key === undefined) return 'key'
  // An expired token cannot be verified any more, so it is like one that never was (`Auth.oauth_token_auth/2`).
  if (isRevoked(key, now)) return bearer === undefined ? 'revoked_key' : 'key'
  if ('organization' in key.owner) {
    const organization = findOrganization(state, key.owner.organization)
    return organization === undefined ? 'key' : { kind: 'organization', organization, key }
  }
  const user = findUser(state, key.owner.user)
  return user === undefined ? 'key' : { kind: 'user', user, key }
}

export function isRevoked(key: Key, now: number): boolean {
  return key.revokeAt !== null && key.revokeAt < now
}

/** What `Permissions.verify_access?/3` is asked for: `package` only ever passes for the package that was looked up. */
export type Domain =
  | { readonly domain: 'api'; readonly resource: 'read' | 'write' }
  | { readonly domain: 'package'; readonly package: Package | undefined }

/** Whether a key's permissions, or a token's scopes, reach that far (`Permissions.check_access?/3`). */
export function reaches(key: Key, wanted: Domain): boolean {
  if (wanted.domain === 'api') return reachesDomain(key, 'api', wanted.resource)
  if (key.kind === 'oauth' && key.permissions.some(({ domain, resource }) => domain === 'api' && resource !== 'read'))
    return true
  return key.permissions.some(
    (permission) => permission.domain === 'package' && isPackage(permission, key, wanted.package)
  )
}

/** The same for domain and resource as `/api/auth` is asked: no package is loaded there, so `package` hardly passes. */
export function reachesDomain(key: Key, domain: string, resource: string | null): boolean {
  const isRead = resource === null || resource === 'read'
  switch (domain) {
    case 'api':
      return key.permissions.some((each) => {
        if (each.domain === 'package') return isRead && (key.kind === 'key' || each.resource === null)
        if (each.domain !== 'api') return false
        return each.resource === null || (each.resource === 'read' ? isRead : isRead || resource === 'write')
      })
    case 'package':
      return reaches(key, { domain: 'package', package: undefined })
    case 'repositories':
      return resource === null && key.permissions.some((each) => each.domain === 'repositories')
    case 'repository':
      return (
        resource !== null &&
        key.permissions.some(
          (each) => each.domain === 'repositories' || (each.domain === 'repository' && each.resource === resource)
        )
      )
    case 'docs':
      return resource !== null && key.permissions.some((each) => each.domain === 'docs' && each.resource === resource)
    default:
      return false
  }
}

function isPackage({ resource }: Permission, key: Key, wanted: Package | undefined): boolean {
  if (resource === null) return key.kind === 'key'
  return wanted !== undefined && resource === `${wanted.repository}/${wanted.name}`
}

/** Whether the owner of the key may use the resource at all (`User.verify_permissions`, `Organization.…`). */
export function ownerReaches(state: HexState, actor: Actor, domain: string, resource: string | null): boolean {
  if (domain === 'api' || domain === 'repositories') return true
  if (resource === null) return false
  if (domain === 'package') {
    const [repository = '', name = ''] = resource.split('/')
    const known = findPackage(state, repository, name)
    if (known === undefined) return false
    return actor.kind === 'organization' ? actor.organization.name === repository : ownsPackage(state, actor, known)
  }
  return hasRole(state, actor, resource, 'read')
}

const roles: readonly Role[] = ['read', 'write', 'admin']

/** Whether the actor has that role in the organization or a higher one; an organization's own key has every role. */
export function hasRole(state: HexState, actor: Actor, organization: string, role: Role): boolean {
  if (actor.kind === 'organization') return actor.organization.name === organization
  return actor.kind === 'user' &&
    roles.indexOf(roleOf(state, actor.user, organization) ?? 'read') >= roles.indexOf(role)
    ? roleOf(state, actor.user, organization) !== undefined
    : false
}

export function roleOf(state: HexState, user: User, organization: string): Role | undefined {
  return findOrganization(state, organization)?.members.find((member) => member.username === user.username)?.role
}

/** `Packages.owner_with_access?/3`: an owner, a member of an owning organization, or one of the repository's own. */
export function ownsPackage(
  state: HexState,
  actor: Actor,
  owned: Package,
  level: 'maintainer' | 'full' = 'maintainer'
): boolean {
  const isEnough = (each: Package['owners'][number]): boolean => level === 'maintainer' || each.level === 'full'
  const role: Role = level === 'full' ? 'admin' : 'write'
  if (owned.repository !== hexpm && hasRole(state, actor, owned.repository, role)) return true
  const name =
    actor.kind === 'user' ? actor.user.username : actor.kind === 'organization' ? actor.organization.name : ''
  return owned.owners.some(
    (each) =>
      isEnough(each) &&
      (each.username === name
        ? owned.repository === hexpm ||
          actor.kind !== 'user' ||
          roleOf(state, actor.user, owned.repository) !== undefined
        : hasRole(state, actor, each.username, role))
  )
}
