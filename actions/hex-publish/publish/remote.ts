import { isObject, text } from '../../shared/hex/hex-answers.ts'
import {
  hexProblem,
  readPackage,
  readRelease,
  type HexAnswer,
  type HexApi,
  type HexPackage,
  type HexPackageInfo,
  type HexRelease
} from '../../shared/hex/hex-api.ts'
import { compareElixirVersions, parseElixirVersion } from '../../shared/hex/elixir-version.ts'
import { ActionError } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { compareTarballs, type TarballDifference } from '../comparison.ts'
import type { Tarball } from '../tarball.ts'
import { downloadTarball, type Published } from './published-file.ts'

/** What Hex has of a package and of one of its releases. */
export interface Remote {
  readonly pkg: HexPackage
  /** Absent: the package is new. */
  readonly package: HexPackageInfo | undefined
  /** Absent: the release is new. */
  readonly release: HexRelease | undefined
  /** The published tarball against ours, where their bytes differ. */
  readonly comparison: Comparison | undefined
  /**
   * Other repositories that have a package of this name: of a private one `hexpm`, of a new public one the
   * organizations that the key sees.
   */
  readonly elsewhere: readonly string[]
  /** Why other repositories were not looked at, where that was needed. */
  readonly elsewhereUnknown?: string
}

export type Comparison =
  /** `size`: bytes of the published one. */
  | { readonly kind: 'compared'; readonly difference: TarballDifference; readonly size: number }
  | { readonly kind: 'not compared'; readonly why: string }

/** What changed since the release before, file by file. */
export interface Changes {
  /** The version before, or `undefined` for the first release. */
  readonly since: string | undefined
  readonly files: TarballDifference['files']
}

/**
 * Reads the release, its tarball where its bytes are not ours, and where else the package is.
 * @param info the package, which the check of the key needs too
 * @throws {ActionError} when Hex's API cannot be read
 */
export async function readRemote(
  api: HexApi,
  pkg: HexPackage,
  info: Promise<HexPackageInfo | undefined>,
  version: string,
  tarball: Tarball | undefined,
  world: World
): Promise<Remote> {
  const [found, release] = await Promise.all([info, readRelease(api, pkg, version)])
  return {
    pkg,
    package: found,
    release,
    comparison:
      release === undefined || tarball === undefined || release.checksum === tarball.outerChecksum
        ? undefined
        : compared(await downloadTarball(world.http, pkg, release, api.key), tarball),
    ...(found === undefined || pkg.organization !== undefined ? await readElsewhere(api, pkg) : { elsewhere: [] })
  }
}

function compared(published: Published<Tarball>, tarball: Tarball): Comparison {
  return 'found' in published
    ? {
        kind: 'compared',
        difference: compareTarballs(published.found, tarball),
        size: published.found.size
      }
    : { kind: 'not compared', why: published.why }
}

/**
 * Where else a package of this name is: a private one must not be shadowed by a public one of its name, nor a private
 * package be made public because `organization` was forgotten.
 */
async function readElsewhere(
  api: HexApi,
  { name, organization }: HexPackage
): Promise<Pick<Remote, 'elsewhere' | 'elsewhereUnknown'>> {
  if (organization !== undefined) {
    return { elsewhere: (await readPackage(api, { name })) === undefined ? [] : ['hexpm'] }
  }
  if (api.key === undefined) return { elsewhere: [], elsewhereUnknown: 'this run has no key' }
  const organizations = await readOrganizations(api)
  if ('why' in organizations) return { elsewhere: [], elsewhereUnknown: organizations.why }
  const found = await Promise.all(
    organizations.names.map(async (each) => {
      const there = await readPackage(api, { name, organization: each })
      return there === undefined ? [] : [each]
    })
  )
  return { elsewhere: found.flat() }
}

/**
 * Organizations whose packages the key's owner may see.
 * @returns why not, where Hex does not tell this key
 * @throws {ActionError} in an outage: a package must not become public because this could not be read
 */
async function readOrganizations(
  api: HexApi
): Promise<{ readonly names: readonly string[] } | { readonly why: string }> {
  const me = await api.get('/users/me')
  if (me.status === 200) {
    const organizations = isObject(me.body) ? me.body['organizations'] : undefined
    return Array.isArray(organizations)
      ? { names: organizations.flatMap((each: unknown) => (isObject(each) ? (text(each, 'name') ?? []) : [])) }
      : { why: 'GET /users/me names no organizations' }
  }
  if (me.status !== 404) return untold(me, 'GET /users/me')
  // The keys of an organization are no user's.
  const what = '/auth?domain=api&resource=read'
  const auth = await api.get(what)
  if (auth.status !== 200 && auth.status !== 204) return untold(auth, `GET ${what}`)
  const key = isObject(auth.body) ? auth.body['key'] : undefined
  const owner = isObject(key) ? key['owner'] : undefined
  const name = isObject(owner) && owner['type'] === 'organization' ? text(owner, 'name') : undefined
  return name === undefined ? { why: 'Hex does not tell whose key it is' } : { names: [name] }
}

/** A refused key is the key check's to tell. */
function untold(answer: HexAnswer, what: string): { readonly why: string } {
  const problem = hexProblem(answer, what)
  if (![400, 401, 403].includes(answer.status)) throw new ActionError([problem])
  return { why: problem.message }
}

/**
 * Compares with the release before this one: the highest version below it.
 * @returns why not, where that tarball cannot be read
 */
export async function readChanges(
  api: HexApi,
  remote: Remote,
  tarball: Tarball,
  world: World
): Promise<Changes | { readonly why: string }> {
  const before = versionBefore(tarball.metadata.version, remote.package?.releases.map(({ version }) => version) ?? [])
  if (before === undefined) return { since: undefined, files: [] }
  const published = await downloadTarball(world.http, remote.pkg, { version: before }, api.key)
  if ('why' in published) return { why: `what changed since ${before}: ${published.why}` }
  return { since: before, files: compareTarballs(published.found, tarball).files }
}

function versionBefore(version: string, versions: readonly string[]): string | undefined {
  const ours = parseElixirVersion(version)
  if (ours === undefined) return undefined
  const below = versions
    .flatMap((text) => {
      const parsed = parseElixirVersion(text)
      return parsed === undefined || compareElixirVersions(parsed, ours) >= 0 ? [] : [{ text, parsed }]
    })
    .sort((a, b) => compareElixirVersions(b.parsed, a.parsed))
  return below[0]?.text
}
