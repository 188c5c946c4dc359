import type { SandboxResponse } from '../service.ts'
import { accessAnswer, cached, errorAnswer, render } from './answers.ts'
import { parseVersion } from './elixir-version.ts'
import { publish as publishRelease, revert } from './publish.ts'
import { findPackage, type Package, type Release } from './state.ts'
import { largestTarball, readTarball, TarballRefused, type Tarball } from './tarball.ts'
import { packageUrl, releaseView } from './views.ts'
import {
  authorize,
  billingActive,
  packageOf,
  packageOwner,
  repositoryAccess,
  repositoryOf,
  type Demand,
  type Visit
} from './visit.ts'

/** What publishing, deleting and the like demand of a key and its owner. */
export function writeDemand(owned: Package | undefined, options: { readonly required?: boolean } = {}): Demand {
  return {
    ...options,
    domains: [
      { domain: 'api', resource: 'write' },
      { domain: 'package', package: owned }
    ],
    checks: [packageOwner(owned), billingActive]
  }
}

/** `POST /packages/NAME/releases`, as Mix and rebar3 publish. */
export function create(visit: Visit): SandboxResponse {
  const refused = refuseCreate(visit)
  if (refused !== undefined) return refused
  const tarball = unpack(visit, { contents: true })
  if (!('metadata' in tarball)) return tarball
  if (tarball.metadata.get('name') !== visit.path.name)
    return errorAnswer(visit.format, 422, { errors: { name: 'metadata does not match package name' } })
  return settle(visit, tarball)
}

/** What is refused from the head alone, when the client waits for `100 Continue`. */
export function refuseCreate(visit: Visit): SandboxResponse | undefined {
  return authorize(visit, writeDemand(packageOf(visit), { required: true }))
}

/** `POST /publish`, as Gleam and old clients do: the name stands in the tarball, so access is decided after reading it. */
export function publish(visit: Visit): SandboxResponse {
  const glance = unpack(visit, { contents: false })
  if (!('metadata' in glance)) return glance
  const name = glance.metadata.get('name')
  const named = { ...visit, path: { ...visit.path, name: typeof name === 'string' ? name : '' } }
  const refused = refuseCreate(named)
  if (refused !== undefined) return refused
  const tarball = unpack(visit, { contents: true })
  return 'metadata' in tarball ? settle(named, tarball) : tarball
}

function unpack({ request, format }: Visit, options: { readonly contents: boolean }): Tarball | SandboxResponse {
  try {
    return readTarball(request.body, options)
  } catch (error) {
    if (error instanceof TarballRefused) return errorAnswer(format, 422, { errors: { tar: error.message } })
    throw error
  }
}

function settle(visit: Visit, tarball: Tarball): SandboxResponse {
  const { state, request, format, actor, parameters, addresses } = visit
  const repository = repositoryOf(visit)
  if (repository === undefined || actor.kind === 'nobody') return accessAnswer(format, 'not_found')
  const published = publishRelease(state, {
    repository,
    publisher: actor.kind === 'user' ? actor.user.username : actor.organization.name,
    bytes: request.body,
    tarball,
    // Missing means true (`Map.get(params, "replace", true)`); anything but "true" means no.
    replace: 'replace' in parameters ? parameters.replace === true || parameters.replace === 'true' : true,
    now: request.now
  })
  if (published.action === 'crashed') return errorAnswer(format, 500)
  if (published.action === 'refused') return errorAnswer(format, 422, { errors: published.errors })
  const { package: owned, release } = published
  const body = releaseView(state, addresses, owned, release)
  if (published.action === 'update') return render(format, 200, body, cached('public'))
  const location = new URL(`${packageUrl({ ...addresses, site: '' }, owned)}/releases/${release.version}`, 'http://-')
  return render(format, 201, body, { ...cached('public'), location: location.pathname })
}

/** `GET /packages/NAME/releases/VERSION`. */
export function show(visit: Visit): SandboxResponse {
  const { format, state, addresses } = visit
  const invalid = invalidVersion(visit)
  if (invalid !== undefined) return invalid
  const refused = authorize(visit, readDemand)
  if (refused !== undefined) return refused
  const found = releaseOf(visit)
  if (found === undefined) return errorAnswer(format, 404)
  return render(format, 200, releaseView(state, addresses, found.package, found.release), cached('public'))
}

export const readDemand: Demand = { domains: [{ domain: 'api', resource: 'read' }], checks: [repositoryAccess] }

/** `DELETE /packages/NAME/releases/VERSION`. */
export function remove(visit: Visit): SandboxResponse {
  const { format, state, request } = visit
  const invalid = invalidVersion(visit)
  if (invalid !== undefined) return invalid
  // Looked up before access is decided: what is not there is 404 for everybody.
  const found = releaseOf(visit)
  if (found === undefined) return errorAnswer(format, 404)
  const refused = authorize(visit, writeDemand(found.package, { required: true }))
  if (refused !== undefined) return refused
  const errors = revert(state, found.package, found.release, request.now)
  return errors === undefined ? { status: 204, headers: cached('private') } : errorAnswer(format, 422, { errors })
}

export function invalidVersion({ path, format }: Visit): SandboxResponse | undefined {
  const version = path.version ?? ''
  return parseVersion(version) === undefined
    ? errorAnswer(format, 400, { message: `invalid version: ${version}` })
    : undefined
}

/** The release that the path names. */
export function releaseOf(visit: Visit): { readonly package: Package; readonly release: Release } | undefined {
  const { state, path } = visit
  const repository = repositoryOf(visit)
  const owned = repository === undefined ? undefined : findPackage(state, repository, path.name ?? '')
  const release = owned?.releases.find(({ version }) => version === path.version)
  return owned === undefined || release === undefined ? undefined : { package: owned, release }
}

/** `handle_100_continue/2`: a length is needed, and one that is too long is refused before the body comes. */
export function refuseLength({ request, format }: Visit): SandboxResponse | undefined {
  const length = request.headers['content-length']
  if (length === undefined) return errorAnswer(format, 411)
  return Number(length) > largestTarball ? errorAnswer(format, 422, { errors: { tar: 'too big' } }) : undefined
}
