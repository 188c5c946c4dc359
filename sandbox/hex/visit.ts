import type { SandboxRequest, SandboxRequestHead, SandboxResponse } from '../service.ts'
import type { Addresses } from './addresses.ts'
import { accessAnswer, type Format } from './answers.ts'
import { hasRole, ownsPackage, reaches, type AccessError, type Actor, type Domain } from './credentials.ts'
import type { Plain } from './external-terms.ts'
import {
  findOrganization,
  findPackage,
  hexpm,
  isRepository,
  type HexState,
  type Package,
  type Role,
  type User
} from './state.ts'

/** A request to the API that has passed what comes before every controller. */
export interface Visit {
  readonly state: HexState
  /** With an empty body while only the head is known. */
  readonly request: SandboxRequest
  readonly format: Format
  readonly actor: Actor
  readonly addresses: Addresses
  /** What the path's named groups held, decoded. */
  readonly path: Readonly<Record<string, string | undefined>>
  /** Query and body together, as Phoenix has them. */
  readonly parameters: Readonly<Record<string, Plain>>
}

/** What `plug :authorize` was told, and what its functions look at. */
export interface Demand {
  readonly required?: boolean
  readonly allowUnconfirmed?: boolean
  /** One of them must be in reach of the key. */
  readonly domains: readonly Domain[]
  /** In order; the first that refuses ends it. */
  readonly checks: readonly ((visit: Visit) => AccessError | undefined)[]
}

/** `AuthHelpers.authorize/2`; the answer when access is refused. */
export function authorize(visit: Visit, demand: Demand): SandboxResponse | undefined {
  const error = accessError(visit, demand)
  return error === undefined ? undefined : accessAnswer(visit.format, error)
}

function accessError(visit: Visit, demand: Demand): AccessError | undefined {
  const { actor, request } = visit
  if (actor.kind === 'nobody') {
    if (demand.required === true) return 'missing'
  } else {
    if (actor.kind === 'user' && demand.allowUnconfirmed !== true && !actor.user.verified) return 'unconfirmed'
    if (demand.domains.length > 0 && !demand.domains.some((domain) => reaches(actor.key, domain))) return 'domain'
    if (actor.kind === 'user' && actor.key.kind === 'oauth' && demand.domains.some(isWrite)) {
      const otp = otpError(actor.user, request)
      if (otp !== undefined) return otp
    }
  }
  for (const check of demand.checks) {
    const error = check(visit)
    if (error !== undefined) return error
  }
  return undefined
}

const isWrite = (domain: Domain): boolean => domain.domain === 'api' && domain.resource === 'write'

/** OAuth tokens write with two-factor authentication only; API keys need none. */
function otpError({ otp }: User, { headers }: SandboxRequestHead): AccessError | undefined {
  if (otp === null) return 'tfa_not_enabled'
  const given = headers['x-hex-otp']
  if (given === undefined) return 'totp_required'
  return given === otp ? undefined : 'invalid_totp'
}

/** The repository that the path names; `undefined` when there is none of that name. */
export function repositoryOf({ state, path }: Visit): string | undefined {
  const name = path.repository ?? hexpm
  return isRepository(state, name) ? name : undefined
}

/** `maybe_fetch_package/2`. */
export function packageOf(visit: Visit): Package | undefined {
  const repository = repositoryOf(visit)
  return repository === undefined ? undefined : findPackage(visit.state, repository, visit.path.name ?? '')
}

/** `AuthHelpers.package_owner/4` for a package that may be yet to come. */
export function packageOwner(
  owned: Package | undefined,
  level: 'maintainer' | 'full' = 'maintainer'
): (visit: Visit) => AccessError | undefined {
  return (visit) => {
    const { state, actor } = visit
    const repository = owned?.repository ?? repositoryOf(visit)
    if (repository === undefined) return 'not_found'
    if (owned !== undefined) {
      if (actor.kind !== 'nobody' && ownsPackage(state, actor, owned, level)) return undefined
      return repository === hexpm ? 'auth' : 'not_found'
    }
    if (repository === hexpm) return undefined
    if (hasRole(state, actor, repository, level === 'full' ? 'admin' : 'write')) return undefined
    return actor.kind === 'user' && hasRole(state, actor, repository, 'read') ? 'auth' : 'not_found'
  }
}

/** `AuthHelpers.organization_access/3` for the repository in the path. */
export function repositoryAccess(visit: Visit): AccessError | undefined {
  const repository = repositoryOf(visit)
  return repository === undefined || repository === hexpm ? undefined : organizationAccess(repository, 'read')(visit)
}

export function organizationAccess(organization: string, role: Role): (visit: Visit) => AccessError | undefined {
  return ({ state, actor }) => (hasRole(state, actor, organization, role) ? undefined : 'not_found')
}

/** `AuthHelpers.organization_billing_active/3`. */
export function billingActive(visit: Visit): AccessError | undefined {
  const organization = findOrganization(visit.state, repositoryOf(visit) ?? hexpm)
  return organization === undefined || organization.billing ? undefined : 'no_billing'
}
