import { isObject, text } from '../shared/hex/hex-answers.ts'
import { hexProblem, type HexApi, type HexPackage, type HexPackageInfo } from '../shared/hex/hex-api.ts'
import type { Problem } from '../shared/problem.ts'

/** Whose key it is. */
export interface KeyOwner {
  readonly type: 'user' | 'organization'
  readonly name: string
}

export interface OwnerFacts {
  readonly problems: readonly Problem[]
  readonly notes: readonly string[]
  readonly notChecked: readonly string[]
}

/**
 * Whether a key's owner may publish a package (hexpm, auth_helpers.ex `package_owner`, packages.ex `owner_with_access?`):
 * an owner of it, a member with the role write of an organization that owns it or that it is private to, or anybody where
 * a public package does not exist yet.
 * @param published the package as it is; `undefined`: it does not exist
 */
export async function checkOwner(
  api: HexApi,
  pkg: HexPackage,
  published: HexPackageInfo | undefined,
  owner: KeyOwner | undefined
): Promise<OwnerFacts> {
  if (pkg.organization === undefined && published === undefined) {
    return { problems: [], notes: [`${pkg.name} is new: whoever publishes it first owns it`], notChecked: [] }
  }
  if (owner === undefined) return open(pkg, 'Hex does not tell whose key it is')
  const owners = published?.owners
  if (pkg.organization === undefined && owners === undefined) return open(pkg, 'Hex does not list its owners')

  // Names on Hex are in small letters.
  const names = new Set((owners ?? []).map((name) => name.toLowerCase()))
  const self = owner.name.toLowerCase()
  const home = pkg.organization?.toLowerCase()
  if (owner.type === 'organization') {
    if (self === home || (home === undefined && names.has(self))) return fine(owner, pkg)
    return { problems: [notOwner(pkg, owner, owners)], notes: [], notChecked: [] }
  }
  if (home === undefined && names.has(self)) return fine(owner, pkg)

  const answer = await api.get('/users/me')
  const memberships = answer.status === 200 ? readMemberships(answer.body) : undefined
  if (memberships === undefined) {
    const why =
      answer.status === 200 ? 'GET /users/me names no organizations' : hexProblem(answer, 'GET /users/me').message
    return open(pkg, why)
  }
  const writes = (organization: string): boolean => ['write', 'admin'].includes(memberships.get(organization) ?? '')
  if (home !== undefined) {
    // An owner of a private package must be a member too, in whatever role.
    if (writes(home) || (memberships.has(home) && names.has(self))) return fine(owner, pkg)
    return { problems: [notMember(owner, home, memberships.get(home))], notes: [], notChecked: [] }
  }
  if ([...names].some(writes)) return fine(owner, pkg)
  return { problems: [notOwner(pkg, owner, owners)], notes: [], notChecked: [] }
}

/** Organization → role (`read`, `write`, `admin`). */
function readMemberships(body: unknown): ReadonlyMap<string, string> | undefined {
  if (!isObject(body) || !Array.isArray(body['organizations'])) return undefined
  return new Map(
    body['organizations'].flatMap((each: unknown): [string, string][] => {
      const name = isObject(each) ? text(each, 'name') : undefined
      const role = isObject(each) ? text(each, 'role') : undefined
      return name === undefined || role === undefined ? [] : [[name.toLowerCase(), role]]
    })
  )
}

function fine(owner: KeyOwner, pkg: HexPackage): OwnerFacts {
  return { problems: [], notes: [`the ${owner.type} ${owner.name} may publish ${pkg.name}`], notChecked: [] }
}

function open(pkg: HexPackage, why: string): OwnerFacts {
  return { problems: [], notes: [], notChecked: [`whether the key’s owner may publish ${pkg.name}: ${why}`] }
}

function notOwner(pkg: HexPackage, owner: KeyOwner, owners: readonly string[] | undefined): Problem {
  const listed = owners === undefined || owners.length === 0 ? '' : `: ${owners.join(', ')}`
  const where = pkg.organization === undefined ? pkg.name : `the organization ${pkg.organization}`
  return {
    code: 'hex-not-owner',
    message:
      pkg.organization === undefined
        ? `The ${owner.type} ${owner.name} is not among the owners of ${pkg.name} on Hex${listed}.`
        : `The key is of the organization ${owner.name}, and ${pkg.name} belongs to ${pkg.organization}.`,
    hint: `Use a key of an owner of ${where}, or let one add the key’s owner (\`mix hex.owner add ${pkg.name} ${owner.name}\`). If the package is not yours, choose another name.`
  }
}

function notMember(owner: KeyOwner, organization: string, role: string | undefined): Problem {
  return {
    code: 'hex-not-owner',
    message: `The user ${owner.name} ${role === undefined ? 'is no member' : `has the role ${role}`} in the organization ${organization}, and publishing needs the role write.`,
    hint: `Use a key of the organization, or let an administrator give the user the role “write” at hex.pm/dashboard/orgs/${organization}/members.`
  }
}
