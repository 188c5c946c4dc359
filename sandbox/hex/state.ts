import type { Metadata } from './release-metadata.ts'

/** The whole state of the Hex service as plain data. Times are milliseconds since the epoch. */
export interface HexState {
  /** Ids as hex.pm counts them: they stand in the words of a rate limit ("user 12"). */
  nextId: number
  users: User[]
  organizations: Organization[]
  keys: Key[]
  packages: Package[]
  /** What resolvers see: written some time after the release itself, by a job (`RegistryWorker`). */
  registry: RegistryEntry[]
  jobs: RegistryJob[]
  settings: Settings
  usage: Usage[]
}

export interface User {
  readonly id: number
  readonly username: string
  readonly email: string
  readonly createdAt: number
  verified: boolean
  deactivated: boolean
  /** What `x-hex-otp` must be for a write with an OAuth token; `null`: two-factor authentication is off. */
  otp: string | null
}

export type Role = 'read' | 'write' | 'admin'

export interface Organization {
  readonly id: number
  readonly name: string
  readonly createdAt: number
  billing: boolean
  members: { readonly username: string; readonly role: Role }[]
}

export interface Permission {
  readonly domain: string
  readonly resource: string | null
}

export interface Key {
  readonly id: number
  readonly secret: string
  readonly name: string
  /** API keys stand alone in the header, OAuth tokens behind `Bearer`. */
  readonly kind: 'key' | 'oauth'
  readonly owner: KeyOwner
  readonly permissions: readonly Permission[]
  readonly createdAt: number
  /** From when on it counts as revoked. */
  revokeAt: number | null
  lastUse: { readonly at: number; readonly userAgent: string } | null
}

export type KeyOwner = { readonly user: string } | { readonly organization: string }

export interface Package {
  readonly name: string
  /** `hexpm` or the name of an organization. */
  readonly repository: string
  readonly insertedAt: number
  updatedAt: number
  owners: { readonly username: string; readonly level: 'maintainer' | 'full' }[]
  description: string | null
  licenses: readonly string[]
  links: Readonly<Record<string, string>>
  maintainers: readonly string[]
  releases: Release[]
}

export interface Release {
  readonly version: string
  readonly insertedAt: number
  updatedAt: number
  publisher: string
  tarball: Buffer
  /** What lies in the store that downloads come from: a publish that failed half-way left it as it was. */
  stored: Buffer | null
  /** Lower-case hex. */
  innerChecksum: string
  /** Lower-case hex, SHA-256 of the whole tarball. */
  outerChecksum: string
  metadata: Metadata
  retirement: Retirement | null
  /** What the API says; the tarball of the docs lies in the store before that is so. */
  hasDocs: boolean
  docs: Buffer | null
}

export interface Retirement {
  readonly reason: RetirementReason
  readonly message: string | null
}

/** In the order of the registry's numbers (`hex_pb_package.proto`). */
export const retirementReasons = ['other', 'invalid', 'security', 'deprecated', 'renamed'] as const
export type RetirementReason = (typeof retirementReasons)[number]

/** One `packages/NAME` object as it was last built. Never changed in place: a new build is a new entry. */
export interface RegistryEntry {
  readonly repository: string
  readonly name: string
  readonly updatedAt: number
  /** Oldest version first. */
  readonly releases: readonly RegistryRelease[]
}

export interface RegistryRelease {
  readonly version: string
  readonly innerChecksum: string
  readonly outerChecksum: string
  readonly publishedAt: number
  readonly retirement: Retirement | null
  readonly dependencies: readonly {
    readonly repository: string
    readonly package: string
    readonly requirement: string
    readonly optional: boolean
    readonly app: string
  }[]
}

export interface RegistryJob {
  readonly at: number
  readonly repository: string
  readonly name: string
}

export interface Settings {
  /** Milliseconds from the answer to a write until resolvers see it. */
  registryDelay: number
  /** Whether requests are counted and refused with 429. */
  rateLimits: boolean
  /** Sent with every answer as `x-hex-message`. */
  hexMessage: string | null
  /** Whether a requirement may name a public package that is not here, because reads of it pass to the real one. */
  othersExist: boolean
}

/** Requests of one client in the current minute. */
export interface Usage {
  readonly client: string
  readonly windowEnd: number
  count: number
}

export const hexpm = 'hexpm'

export function emptyState(): HexState {
  return {
    nextId: 1,
    users: [],
    organizations: [],
    keys: [],
    packages: [],
    registry: [],
    jobs: [],
    settings: { registryDelay: 0, rateLimits: true, hexMessage: null, othersExist: false },
    usage: []
  }
}

/** A copy that shares nothing with `value` except Buffers, which nobody changes. */
export function copy<T>(value: T): T
export function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  if (Array.isArray(value)) return value.map((item: unknown) => copy(item))
  return Object.fromEntries(Object.entries(value).map(([key, item]: [string, unknown]) => [key, copy(item)]))
}

export function takeId(state: HexState): number {
  return state.nextId++
}

export function findUser(state: HexState, username: string): User | undefined {
  return state.users.find((user) => user.username === username)
}

export function findOrganization(state: HexState, name: string): Organization | undefined {
  return state.organizations.find((organization) => organization.name === name)
}

/** Whether there is such a repository: the public one, or an organization's. */
export function isRepository(state: HexState, name: string): boolean {
  return name === hexpm || findOrganization(state, name) !== undefined
}

export function findPackage(state: HexState, repository: string, name: string): Package | undefined {
  return state.packages.find((each) => each.repository === repository && each.name === name)
}
