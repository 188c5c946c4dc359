import type { SandboxResponse } from '../service.ts'
import { cached, errorAnswer, render } from './answers.ts'
import { readDemand } from './release-requests.ts'
import { findUser, hexpm, type Package } from './state.ts'
import { meView, ownerView, packageView } from './views.ts'
import { authorize, billingActive, packageOf, packageOwner, type Visit } from './visit.ts'

/** `GET /packages/NAME`. */
export function showPackage(visit: Visit): SandboxResponse {
  const refused = authorize(visit, readDemand)
  if (refused !== undefined) return refused
  const owned = packageOf(visit)
  if (owned === undefined) return errorAnswer(visit.format, 404)
  return render(visit.format, 200, packageView(visit.state, visit.addresses, owned), cached('public'))
}

/** `GET /users/me`; an organization's key is nobody's. */
export function me(visit: Visit): SandboxResponse {
  const { actor, format, state, addresses } = visit
  const refused = authorize(visit, {
    required: true,
    domains: [{ domain: 'api', resource: 'read' }],
    checks: []
  })
  if (refused !== undefined) return refused
  if (actor.kind !== 'user') return errorAnswer(format, 404)
  return render(format, 200, meView(state, addresses, actor.user), cached('private'))
}

/** `GET /packages/NAME/owners`. */
export function listOwners(visit: Visit): SandboxResponse {
  const refused = authorize(visit, readDemand)
  if (refused !== undefined) return refused
  const owned = packageOf(visit)
  if (owned === undefined) return errorAnswer(visit.format, 404)
  const owners = owned.owners.map((owner) => ownerView(visit.state, visit.addresses, owner))
  return render(visit.format, 200, owners, cached('private'))
}

/** `GET /packages/NAME/owners/USER`. */
export function showOwner(visit: Visit): SandboxResponse {
  const refused = authorize(visit, readDemand)
  if (refused !== undefined) return refused
  const owner = packageOf(visit)?.owners.find(({ username }) => username === visit.path.username)
  if (owner === undefined) return errorAnswer(visit.format, 404)
  return render(visit.format, 200, ownerView(visit.state, visit.addresses, owner), cached('private'))
}

/** `PUT /packages/NAME/owners/USER`. */
export function addOwner(visit: Visit): SandboxResponse {
  const owned = packageOf(visit)
  const refused = refuseOwners(visit, owned)
  if (refused !== undefined) return refused
  const username = visit.path.username ?? ''
  if (owned === undefined || findUser(visit.state, username) === undefined) return errorAnswer(visit.format, 404)
  const level = visit.parameters.level === 'maintainer' ? 'maintainer' : 'full'
  owned.owners = [...owned.owners.filter((owner) => owner.username !== username), { username, level }]
  return { status: 204, headers: cached('private') }
}

/** `DELETE /packages/NAME/owners/USER`. */
export function removeOwner(visit: Visit): SandboxResponse {
  const owned = packageOf(visit)
  const refused = refuseOwners(visit, owned)
  if (refused !== undefined) return refused
  const username = visit.path.username ?? ''
  if (owned === undefined || findUser(visit.state, username) === undefined) return errorAnswer(visit.format, 404)
  const owner = owned.owners.find((each) => each.username === username)
  const invalid = (text: string): SandboxResponse => errorAnswer(visit.format, 422, { errors: { username: text } })
  if (owner === undefined) return invalid('user is not an owner of package')
  const left = owned.owners.filter((each) => each !== owner)
  if (left.length === 0 && owned.repository === hexpm) return invalid('cannot remove last owner of package')
  if (owner.level === 'full' && !left.some(({ level }) => level === 'full'))
    return invalid('cannot remove the last full owner of package')
  owned.owners = left
  return { status: 204, headers: cached('private') }
}

function refuseOwners(visit: Visit, owned: Package | undefined): SandboxResponse | undefined {
  return authorize(visit, {
    domains: [
      { domain: 'api', resource: 'write' },
      { domain: 'package', package: owned }
    ],
    checks: [packageOwner(owned, 'full'), billingActive]
  })
}
