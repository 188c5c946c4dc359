import { isObject, text, time } from '../shared/hex/hex-answers.ts'
import type { HexPackage } from '../shared/hex/hex-api.ts'

/** A key as `GET /keys` lists it (hexpm, views/api/key_view.ex). */
export interface HexKey {
  readonly name: string
  readonly permissions: readonly KeyPermission[]
  /** Milliseconds since the epoch; absent: it does not expire. */
  readonly revokeAt?: number
}

export interface KeyPermission {
  readonly domain: string
  readonly resource?: string
}

/** The key that the request was made with, in the answer to `GET /keys`; `undefined` where the list does not show it. */
export function readOwnKey(body: unknown): HexKey | undefined {
  if (!Array.isArray(body)) return undefined
  const own: unknown = body.find((each: unknown) => isObject(each) && each['authing_key'] === true)
  if (!isObject(own) || !Array.isArray(own['permissions'])) return undefined
  const revokeAt = time(own, 'revoke_at')
  return {
    name: text(own, 'name') ?? 'unnamed',
    permissions: own['permissions'].flatMap(readPermission),
    ...(revokeAt === undefined ? {} : { revokeAt })
  }
}

function readPermission(value: unknown): readonly KeyPermission[] {
  const domain = isObject(value) ? text(value, 'domain') : undefined
  if (!isObject(value) || domain === undefined) return []
  const resource = text(value, 'resource')
  return [{ domain, ...(resource === undefined ? {} : { resource }) }]
}

/** `api:write, package:hexpm/demo`, or `nothing`. */
export function permissionsText(permissions: readonly KeyPermission[]): string {
  if (permissions.length === 0) return 'nothing'
  return permissions
    .map(({ domain, resource }) => (resource === undefined ? domain : `${domain}:${resource}`))
    .join(', ')
}

/**
 * What a key may do to a package's releases (hexpm, permissions.ex `check_access?`): `write` with `api`, `api:write` or
 * `package`; `this package` where it is named and must exist already, as Hex checks the name against a package that it has.
 */
export function writeAccess(permissions: readonly KeyPermission[], pkg: HexPackage): 'write' | 'this package' | 'none' {
  const all = permissions.some(
    ({ domain, resource }) =>
      (domain === 'api' && (resource === undefined || resource === 'write')) ||
      (domain === 'package' && resource === undefined)
  )
  if (all) return 'write'
  const named = `${pkg.organization ?? 'hexpm'}/${pkg.name}`
  return permissions.some(({ domain, resource }) => domain === 'package' && resource === named)
    ? 'this package'
    : 'none'
}

/** Whether a key may read what an organization's resolvers get; a permission for the API is none for that. */
export function readsRepository(permissions: readonly KeyPermission[], organization: string): boolean {
  return permissions.some(
    ({ domain, resource }) => domain === 'repositories' || (domain === 'repository' && resource === organization)
  )
}
