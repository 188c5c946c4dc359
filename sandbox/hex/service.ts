import type { SandboxRequest, SandboxResponse, Service } from '../service.ts'
import { apiHost, entranceOf, repositoryHost } from './addresses.ts'
import { errorAnswer, formatOf } from './answers.ts'
import { answerApi, refuseUpload } from './api.ts'
import { normalPermission } from './key-requests.ts'
import { publish } from './publish.ts'
import { build, runJobs } from './registry.ts'
import { registryKey } from './registry-objects.ts'
import { answerRepository, missing, type SignedEntries } from './repository.ts'
import {
  copy,
  emptyState,
  findPackage,
  findUser,
  hexpm,
  takeId,
  type HexState,
  type Package,
  type Release,
  type Retirement,
  type Role,
  type Settings
} from './state.ts'
import { readTarball } from './tarball.ts'

export interface HexOptions {
  /** Milliseconds since the epoch, for what the methods below add; the machine's clock unless given. */
  readonly clock?: () => number
}

/** A public package by its name, or an organization's. */
export type PackageReference = string | { readonly name: string; readonly organization?: string }

/** One release for reports and tests. */
export interface PublishedRelease {
  readonly version: string
  /** Outer checksum, lower-case hex. */
  readonly checksum: string
  /** Milliseconds since the epoch. */
  readonly insertedAt: number
  readonly updatedAt: number
  readonly publisher: string
  readonly hasDocs: boolean
  readonly retirement?: Retirement
  readonly tarball: Buffer
}

export interface HexService extends Service<HexState> {
  /**
   * Makes an account; without `verified: false` its mail address is verified.
   * @param user.keys secrets of API keys of it that may do anything
   * @param user.otp the one-time password that its writes with OAuth tokens need; none: two-factor is off
   */
  addUser(user: {
    readonly username: string
    readonly email?: string
    readonly verified?: boolean
    readonly deactivated?: boolean
    readonly otp?: string
    readonly keys?: readonly string[]
  }): void
  /** Makes an organization and its repository; `billing: false` is one that has not paid. */
  addOrganization(organization: {
    readonly name: string
    readonly billing?: boolean
    readonly members?: readonly { readonly username: string; readonly role: Role }[]
  }): void
  /**
   * Makes an API key, or with `kind: 'oauth'` an OAuth token, of a user or an organization.
   * @param key.permissions full access to the API when not said
   * @param key.expires milliseconds since the epoch; what is past counts as revoked
   */
  addKey(
    key: {
      readonly secret: string
      readonly name?: string
      readonly kind?: 'key' | 'oauth'
      readonly permissions?: readonly { readonly domain: string; readonly resource?: string }[]
      readonly expires?: number
    } & ({ readonly user: string } | { readonly organization: string })
  ): void
  /** Makes a package without releases; what has none is not in the registry. */
  addPackage(created: {
    readonly name: string
    readonly organization?: string
    readonly owners?: readonly string[]
    readonly insertedAt?: number
  }): void
  /**
   * Puts a release there, and into the registry, as if it had been published.
   * @param options.publisher the account, made when it is not there; `maintainer` when not said
   * @throws Error with the server's errors when it would be refused
   */
  addRelease(
    tarball: Buffer,
    options?: { readonly insertedAt?: number; readonly organization?: string; readonly publisher?: string }
  ): void
  /** Releases of a package, newest version first; none for a package that is not here. */
  releases(reference: PackageReference): readonly PublishedRelease[]
  /** The documentation of a release as it was sent. */
  docs(reference: PackageReference, version: string): Buffer | undefined
  /** PEM of the key that signs the registry. */
  readonly publicKey: string
  /** Changes settings: `registryDelay` (ms), `rateLimits`, `hexMessage`, `othersExist`. */
  setSettings(settings: Partial<Settings>): void
  readonly state: HexState
  /** Signs a registry object of another repository with this one's key; gives `undefined` when the bytes are none. */
  readonly reseal: (object: Buffer) => Buffer | undefined
}

/** hex.pm and repo.hex.pm. At the loopback address the API is in `/api` and the repository in `/repo`. */
export function createHex({ clock = Date.now }: HexOptions = {}): HexService {
  let state = emptyState()
  const key = registryKey()
  const signed: SignedEntries = new WeakMap()

  const ensureUser = (username: string): void => {
    if (findUser(state, username) !== undefined) return
    const user = { username, email: `${username}@example.com`, verified: true, deactivated: false, otp: null }
    state.users.push({ id: takeId(state), createdAt: clock(), ...user })
  }
  const existing = (reference: PackageReference): Package | undefined => {
    const { name, organization = hexpm } = typeof reference === 'string' ? { name: reference } : reference
    return findPackage(state, organization, name)
  }
  const withMessage = (answer: SandboxResponse): SandboxResponse =>
    state.settings.hexMessage === null
      ? answer
      : { ...answer, headers: { ...answer.headers, 'x-hex-message': state.settings.hexMessage } }

  return {
    name: 'hex',
    hosts: [apiHost, repositoryHost],
    handle(request) {
      runJobs(state, request.now)
      const entrance = entranceOf(request.url)
      if (entrance.part === 'repository') return answerRepository(state, key, signed, request, entrance.path)
      return withMessage(entrance.part === 'api' ? answerApi(state, request, entrance) : noPage)
    },
    refuse(head) {
      const entrance = entranceOf(head.url)
      if (entrance.part !== 'api') return undefined
      runJobs(state, head.now)
      const refused = refuseUpload(state, head, entrance)
      return refused && withMessage(refused)
    },
    notFound: () => missing,
    partial(request) {
      runJobs(state, request.now)
      return partial(state, request)
    },
    addUser({ username, email = `${username}@example.com`, verified = true, deactivated = false, otp, keys = [] }) {
      state.users = state.users.filter((user) => user.username !== username)
      const user = { username, email, verified, deactivated, otp: otp ?? null }
      state.users.push({ id: takeId(state), createdAt: clock(), ...user })
      for (const secret of keys) this.addKey({ secret, user: username })
    },
    addOrganization({ name, billing = true, members = [] }) {
      state.organizations = state.organizations.filter((each) => each.name !== name)
      for (const { username } of members) ensureUser(username)
      state.organizations.push({ id: takeId(state), name, createdAt: clock(), billing, members: [...members] })
    },
    addKey({ secret, name, kind = 'key', permissions = [{ domain: 'api' }], expires, ...owner }) {
      if ('user' in owner) ensureUser(owner.user)
      else if (!state.organizations.some((each) => each.name === owner.organization))
        this.addOrganization({ name: owner.organization })
      const id = takeId(state)
      state.keys = state.keys.filter((each) => each.secret !== secret)
      state.keys.push({
        id,
        secret,
        name: name ?? `key-${String(id)}`,
        kind,
        owner: 'user' in owner ? { user: owner.user } : { organization: owner.organization },
        permissions: permissions.map(({ domain, resource = null }) => normalPermission({ domain, resource })),
        createdAt: clock(),
        revokeAt: expires ?? null,
        lastUse: null
      })
    },
    addPackage({ name, organization = hexpm, owners = [], insertedAt = clock() }) {
      for (const username of owners) ensureUser(username)
      state.packages.push({
        name,
        repository: organization,
        insertedAt,
        updatedAt: insertedAt,
        owners: owners.map((username) => ({ username, level: 'full' })),
        description: null,
        licenses: [],
        links: {},
        maintainers: [],
        releases: []
      })
    },
    addRelease(bytes, { insertedAt = clock(), organization = hexpm, publisher = 'maintainer' } = {}) {
      ensureUser(publisher)
      const tarball = readTarball(bytes, { contents: true })
      const placed = publish(state, {
        repository: organization,
        publisher,
        bytes,
        tarball,
        replace: true,
        now: insertedAt
      })
      if (placed.action === 'refused') throw new Error(`hex refuses the release: ${JSON.stringify(placed.errors)}`)
      if (placed.action === 'crashed') throw new Error('hex fails on the release: it has no version')
      state.jobs = state.jobs.filter((job) => job.name !== placed.package.name || job.repository !== organization)
      build(state, organization, placed.package.name)
    },
    releases: (reference) => existing(reference)?.releases.map(published) ?? [],
    docs: (reference, version) =>
      existing(reference)?.releases.find((each) => each.version === version)?.docs ?? undefined,
    get publicKey() {
      return key.publicKey
    },
    setSettings(settings) {
      Object.assign(state.settings, settings)
    },
    get state() {
      return state
    },
    reseal: (object) => key.reseal(object),
    save: () => copy(state),
    load(saved) {
      state = copy(saved)
    }
  }
}

const noPage: SandboxResponse = {
  status: 404,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<html><head><title>404 Page not found</title></head><body><h1>404</h1><p>Page not found</p></body></html>\n'
}

function published(release: Release): PublishedRelease {
  return {
    version: release.version,
    checksum: release.outerChecksum,
    insertedAt: release.insertedAt,
    updatedAt: release.updatedAt,
    publisher: release.publisher,
    hasDocs: release.hasDocs,
    ...(release.retirement !== null && { retirement: release.retirement }),
    tarball: release.tarball
  }
}

/**
 * What a failure half-way leaves. A publish commits the release, then stores its tarball, then asks for the registry
 * (`publish_result/3` in releases.ex): the release is there and cannot be downloaded or resolved. Docs are stored first
 * and marked in the database after that (`publish_docs/4`).
 */
function partial(state: HexState, request: SandboxRequest): SandboxResponse | undefined {
  const entrance = entranceOf(request.url)
  if (entrance.part !== 'api' || request.method !== 'POST') return undefined
  const isDocs = entrance.path.endsWith('/docs')
  if (!isDocs && !/\/(?:publish|releases)$/.test(entrance.path)) return undefined
  const before = new Map(allReleases(state).map(([name, release]) => [name, { ...release }] as const))
  const jobs = [...state.jobs]
  const answer = answerApi(state, request, entrance)
  if (answer.status >= 300) return answer
  state.jobs = jobs
  for (const [name, release] of allReleases(state)) {
    const earlier = before.get(name)
    if (isDocs) release.hasDocs = earlier?.hasDocs ?? false
    else release.stored = earlier?.stored ?? null
  }
  return errorAnswer(formatOf(request.headers.accept) ?? 'json', 500)
}

/** Every release by its repository, package and version. */
function allReleases(state: HexState): readonly (readonly [string, Release])[] {
  return state.packages.flatMap(({ repository, name, releases }) =>
    releases.map((release) => [`${repository}/${name}/${release.version}`, release] as const)
  )
}
