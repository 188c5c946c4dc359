import { comparePep440, parsePep440 } from '../../actions/shared/pep440.ts'
import type { CoreMetadata } from './metadata-fields.ts'
import type { Digests } from './digests.ts'

/** Everything an index knows, as plain data: it can be saved as it stands. */
export interface Registry {
  /** PyPI's journal number: grows with every change. */
  serial: number
  projects: ProjectRecord[]
  /** Every file name ever used; a deleted file's name stays taken. */
  usedFilenames: string[]
  tokens: TokenRecord[]
  publishers: PublisherRecord[]
  /** `jti` of identity tokens that have bought a token. */
  usedIdentities: string[]
  /** Switches that PyPI's administrators have. */
  switches: { readOnly: boolean; uploadsDisabled: boolean; trustedPublishingDisabled: boolean }
}

export interface ProjectRecord {
  /** As its last upload spelled it. */
  name: string
  readonly normalizedName: string
  readonly owners: readonly string[]
  status: ProjectStatus
  /** bytes; PyPI's default without one */
  fileSizeLimit?: number
  totalSizeLimit?: number
  serial: number
  releases: ReleaseRecord[]
}

/** PEP 792 */
export type ProjectStatus = 'active' | 'archived' | 'quarantined' | 'deprecated'

export interface ReleaseRecord {
  /** `str(Version)` */
  readonly version: string
  /** Without trailing zeros: 1.0 and 1.0.0 are one release. */
  readonly canonicalVersion: string
  /** From the first file; later files change nothing. */
  readonly metadata: CoreMetadata
  /** milliseconds since the epoch */
  readonly created: number
  /** `true`, or the reason. */
  yanked: boolean | string
  files: FileRecord[]
}

export interface FileRecord {
  readonly filename: string
  readonly filetype: 'sdist' | 'bdist_wheel'
  readonly pyversion: string
  readonly comment: string
  readonly content: Buffer
  readonly digests: Digests
  /** The METADATA file, served beside a wheel (PEP 658); PyPI has none for sdists. */
  readonly metadataFile?: { readonly content: Buffer; readonly sha256: string }
  /** The JSON array of attestations as uploaded, and the publisher they are held against (PEP 740). */
  readonly provenance?: { readonly attestations: string; readonly publisher: number }
  /** milliseconds since the epoch */
  readonly uploaded: number
  /** The User-Agent of the client. */
  readonly uploadedVia: string
  /** The user, or the publisher's workflow. */
  readonly uploadedBy: string
}

export interface TokenRecord {
  readonly token: string
  readonly identity:
    { readonly kind: 'user'; readonly user: string } | { readonly kind: 'publisher'; readonly publisher: number }
  /** Normalised names; `undefined` for every project of the user, or of the publisher that serves any. */
  readonly projects?: readonly string[]
  /** milliseconds since the epoch */
  readonly expires?: number
  readonly notBefore?: number
}

export interface PublisherRecord {
  readonly id: number
  /** A pending publisher waits for its project to be created by it. */
  readonly pendingFor?: string
  /** Normalised names; `undefined` serves any project, existing or not (the sandbox's own convenience). */
  projects?: string[]
  readonly owner: string
  readonly ownerId?: string
  readonly repository: string
  /** The file's name: `release.yml`. */
  readonly workflow: string
  /** Lower case; empty for any. */
  readonly environment: string
}

export function emptyRegistry(): Registry {
  return {
    serial: 0,
    projects: [],
    usedFilenames: [],
    tokens: [],
    publishers: [],
    usedIdentities: [],
    switches: { readOnly: false, uploadsDisabled: false, trustedPublishingDisabled: false }
  }
}

/** A copy that shares only the Buffers, which nobody changes. */
export function copyRegistry(registry: Registry): Registry {
  return {
    ...registry,
    projects: registry.projects.map((project) => ({
      ...project,
      releases: project.releases.map((release) => ({ ...release, files: [...release.files] }))
    })),
    usedFilenames: [...registry.usedFilenames],
    tokens: [...registry.tokens],
    publishers: registry.publishers.map((publisher) =>
      publisher.projects === undefined ? { ...publisher } : { ...publisher, projects: [...publisher.projects] }
    ),
    usedIdentities: [...registry.usedIdentities],
    switches: { ...registry.switches }
  }
}

/** PEP 503 */
export function normalizeName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}

export function findProject(registry: Registry, name: string): ProjectRecord | undefined {
  const normalizedName = normalizeName(name)
  return registry.projects.find((project) => project.normalizedName === normalizedName)
}

export function addProject(registry: Registry, name: string, owners: readonly string[]): ProjectRecord {
  const project: ProjectRecord = {
    name,
    normalizedName: normalizeName(name),
    owners,
    status: 'active',
    serial: nextSerial(registry),
    releases: []
  }
  registry.projects.push(project)
  return project
}

export function nextSerial(registry: Registry): number {
  registry.serial += 1
  return registry.serial
}

/** Oldest version first. */
export function sortedReleases(project: ProjectRecord): readonly ReleaseRecord[] {
  return project.releases.toSorted((a, b) => compareVersions(a.version, b.version))
}

function compareVersions(a: string, b: string): number {
  const left = parsePep440(a)
  const right = parsePep440(b)
  return left === undefined || right === undefined ? 0 : comparePep440(left, right)
}

/** Where the file lies on the file host: two, two and the rest of its BLAKE2b digest, then the name. */
export function filePath(file: FileRecord): string {
  const digest = file.digests.blake2_256
  return `/packages/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest.slice(4)}/${encodeURIComponent(file.filename)}`
}
