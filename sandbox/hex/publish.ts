import { compareVersions, parseVersion } from './elixir-version.ts'
import { castPackage, castRelease, type Errors } from './release-metadata.ts'
import { scheduleBuild } from './registry.ts'
import { findPackage, hexpm, type HexState, type Package, type Release } from './state.ts'
import type { Tarball } from './tarball.ts'

export interface Publication {
  readonly repository: string
  /** Name of the account, or of the organization whose key it is. */
  readonly publisher: string
  readonly bytes: Buffer
  readonly tarball: Tarball
  readonly replace: boolean
  readonly now: number
}

export type Published =
  | { readonly action: 'insert' | 'update'; readonly package: Package; readonly release: Release }
  | { readonly action: 'refused'; readonly errors: Errors }
  /** Something the server has no answer for, and fails with 500. */
  | { readonly action: 'crashed' }

/**
 * `Releases.publish/7`: everything is validated, then package and release are written, as in its transaction; the
 * registry is built by a job after that.
 */
export function publish(state: HexState, publication: Publication): Published {
  const { repository, publisher, bytes, tarball, now } = publication
  const { metadata: params } = tarball
  const version = params.get('version')
  // `Version.parse(nil)` has no clause.
  if (typeof version !== 'string') return { action: 'crashed' }
  if (parseVersion(version) === undefined) return { action: 'refused', errors: { version: 'is invalid SemVer' } }
  const named = params.get('name')
  const name = typeof named === 'string' ? named : ''
  const known = findPackage(state, repository, name)
  const forPackage = castPackage(params, { repository, isNew: known === undefined })
  if (Object.keys(forPackage.errors).length > 0) return { action: 'refused', errors: forPackage.errors }

  const earlier = known?.releases.find((release) => release.version === version)
  const forRelease = castRelease(state, params, repository)
  const errors: Errors = {
    ...forRelease.errors,
    ...(earlier === undefined ? versionErrors(version) : editErrors(known, earlier, publication))
  }
  if (Object.keys(errors).length > 0) return { action: 'refused', errors }

  const owned = known ?? newPackage(state, publication, name)
  Object.assign(owned, forPackage.metadata, { updatedAt: now })
  const release: Release = {
    version,
    insertedAt: earlier?.insertedAt ?? now,
    updatedAt: now,
    publisher,
    tarball: bytes,
    stored: bytes,
    innerChecksum: tarball.innerChecksum,
    outerChecksum: tarball.outerChecksum,
    metadata: forRelease.metadata,
    retirement: earlier?.retirement ?? null,
    hasDocs: earlier?.hasDocs ?? false,
    docs: earlier?.docs ?? null
  }
  owned.releases = [...owned.releases.filter((each) => each !== earlier), release].toSorted((a, b) =>
    compareVersions(b.version, a.version)
  )
  scheduleBuild(state, owned, now)
  return { action: earlier === undefined ? 'insert' : 'update', package: owned, release }
}

function newPackage(state: HexState, { repository, publisher, now }: Publication, name: string): Package {
  const created: Package = {
    name,
    repository,
    insertedAt: now,
    updatedAt: now,
    // In an organization's repository access is decided by membership (`put_first_owner`).
    owners: repository === hexpm ? [{ username: publisher, level: 'full' }] : [],
    description: null,
    licenses: [],
    links: {},
    maintainers: [],
    releases: []
  }
  state.packages.push(created)
  return created
}

const largestNumber = 99_999_999_999_999
const largestPre = 64

/** `Hexpm.Version.validate/1`. */
function versionErrors(text: string): Errors {
  const version = parseVersion(text)
  if (version === undefined) return {}
  if (version.build !== undefined) return { version: 'build number not allowed' }
  const numbers = [...version.numbers, ...version.pre.filter((each) => typeof each === 'number')]
  if (numbers.some((each) => each > largestNumber))
    return { version: `numeric components must be at most ${String(largestNumber)}` }
  return version.pre.join('.').length > largestPre
    ? { version: `prerelease must be at most ${String(largestPre)} characters` }
    : {}
}

function editErrors(owned: Package | undefined, release: Release, { replace, now }: Publication): Errors {
  if (owned === undefined || !isEditable(owned, release, now))
    return { inserted_at: 'can only modify a release up to one hour after publication' }
  return replace ? {} : { inserted_at: 'must include the --replace flag to update an existing release' }
}

/**
 * `editable?/1`: a public release for an hour, or while its package is younger than a day, in whole seconds; a private
 * one for ever.
 */
export function isEditable(owned: Package, release: Release, now: number): boolean {
  const seconds = (time: number): number => Math.floor(now / 1000) - Math.floor(time / 1000)
  return owned.repository !== hexpm || seconds(release.insertedAt) <= 3600 || seconds(owned.insertedAt) <= 24 * 3600
}

/** `Releases.revert/3`: the package goes with its last release, unless another package needs it. */
export function revert(state: HexState, owned: Package, release: Release, now: number): Errors | undefined {
  if (!isEditable(owned, release, now))
    return { inserted_at: 'can only delete a release up to one hour after publication' }
  const isLast = owned.releases.length === 1
  if (isLast && isNeeded(state, owned))
    return { name: 'you cannot delete this package because other packages depend on it' }
  owned.releases = owned.releases.filter((each) => each !== release)
  owned.updatedAt = now
  if (isLast) state.packages = state.packages.filter((each) => each !== owned)
  scheduleBuild(state, owned, now)
  return undefined
}

function isNeeded(state: HexState, { repository, name }: Package): boolean {
  return state.packages.some((other) =>
    other.releases.some((release) =>
      release.metadata.requirements.some((each) => each.name === name && each.repository === repository)
    )
  )
}
