import { formatPep440 } from '../../actions/shared/pep440.ts'
import type { OidcService } from '../oidc/issuer.ts'
import type { SandboxRequest, SandboxResponse, Service } from '../service.ts'
import { hosts, type IndexName } from './addresses.ts'
import { plainError } from './answers.ts'
import { digestsOf, sha256 } from './digests.ts'
import { readMetadata } from './form-metadata.ts'
import { formOf, wheelMetadata } from './metadata-file.ts'
import {
  addProject,
  copyRegistry,
  emptyRegistry,
  findProject,
  nextSerial,
  normalizeName,
  sortedReleases,
  type FileRecord,
  type ProjectRecord,
  type ProjectStatus,
  type PublisherRecord,
  type Registry,
  type ReleaseRecord
} from './registry.ts'
import { route } from './routes.ts'
import { sameWorkflow } from './trusted-publishing.ts'
import { canonicalVersion } from './versions.ts'

export interface PypiOptions {
  readonly index: IndexName
  /** Whose identity tokens buy upload tokens here. */
  readonly oidc: OidcService
}

/** One release for reports and tests. */
export interface PublishedRelease {
  readonly version: string
  readonly yanked: boolean | string
  /** milliseconds since the epoch */
  readonly created: number
  readonly files: readonly PublishedFile[]
}

export interface PublishedFile {
  readonly filename: string
  readonly size: number
  readonly sha256: string
  /** milliseconds since the epoch */
  readonly uploaded: number
  /** A user's name, or repository and workflow of a trusted publisher. */
  readonly uploadedBy: string
  readonly attested: boolean
}

export interface PypiService extends Service<Registry> {
  /**
   * Makes an API token.
   * @param token.user whose it is, `maintainer` when not said; may create projects, and upload to those it owns
   * @param token.projects the only projects it is for
   * @param token.expires milliseconds since the epoch
   */
  addToken(token: {
    readonly token: string
    readonly user?: string
    readonly projects?: readonly string[]
    readonly expires?: number
  }): void
  /**
   * Registers a trusted publisher. For a project that does not exist it is a pending one; without a project it serves
   * any, existing or not.
   * @param publisher.workflow the file's name, `release.yml`
   * @param publisher.environment the only environment it is for; any when not said
   */
  addPublisher(publisher: {
    readonly project?: string
    readonly owner: string
    readonly ownerId?: string
    readonly repository: string
    readonly workflow: string
    readonly environment?: string
  }): void
  /**
   * Puts a distribution on the index as if it had been uploaded.
   * @param options.uploaded milliseconds since the epoch; it is also the release's age when the file is its first
   * @throws Error when the file is no distribution or its metadata is refused
   */
  addFile(filename: string, content: Buffer, options?: { readonly uploaded?: number; readonly owner?: string }): void
  /** Takes a file away; its name stays used. */
  deleteFile(filename: string): void
  /** Yanks a release, or takes that back with `false` (PEP 592). */
  yank(project: string, version: string, yanked: boolean | string): void
  /** Sets what only the project's settings or PyPI's administrators can; sizes in bytes. */
  setProject(
    project: string,
    settings: { readonly status?: ProjectStatus; readonly fileSizeLimit?: number; readonly totalSizeLimit?: number }
  ): void
  setSwitches(switches: Partial<Registry['switches']>): void
  /** Names as last uploaded, in normal order. */
  projects(): readonly string[]
  /** Releases of a project, oldest version first; none for a project that is not here. */
  releases(project: string): readonly PublishedRelease[]
}

/** An index like pypi.org or test.pypi.org, with its upload and file hosts. */
export function createPypi({ index, oidc }: PypiOptions): PypiService {
  let registry = emptyRegistry()

  function settle(request: SandboxRequest): SandboxResponse | undefined {
    // A refused upload must leave nothing behind, as a rolled back transaction does.
    const next = copyRegistry(registry)
    const answer = route({ index, oidc, registry: next }, request)
    if (answer !== undefined && (answer.status < 400 || answer.status === 422)) registry = next
    return answer
  }

  const existing = (name: string): ProjectRecord => {
    const project = findProject(registry, name)
    if (project === undefined) throw new Error(`${index} has no project ${name}`)
    return project
  }

  return {
    name: index,
    hosts: [...new Set([hosts[index].index, hosts[index].upload, hosts[index].files, ...hosts[index].former])],
    handle: settle,
    notFound,
    addToken({ token, user = 'maintainer', projects, expires }) {
      registry.tokens = registry.tokens.filter((known) => known.token !== token)
      registry.tokens.push({
        token,
        identity: { kind: 'user', user },
        ...(projects !== undefined && { projects: projects.map(normalizeName) }),
        ...(expires !== undefined && { expires })
      })
    },
    addPublisher({ project, environment, workflow, ...repository }) {
      const id = Math.max(0, ...registry.publishers.map((publisher) => publisher.id)) + 1
      const record = { id, ...repository, workflow, environment: environment?.toLowerCase() ?? '' }
      register(registry, record, project)
    },
    addFile(filename, content, { uploaded = Date.now(), owner = 'maintainer' } = {}) {
      const next = copyRegistry(registry)
      place(next, filename, content, uploaded, owner)
      registry = next
    },
    deleteFile(filename) {
      for (const { releases } of registry.projects)
        for (const release of releases) release.files = release.files.filter((file) => file.filename !== filename)
      nextSerial(registry)
    },
    yank(name, version, yanked) {
      const project = existing(name)
      const release = project.releases.find((each) => each.canonicalVersion === canonicalVersion(version))
      if (release === undefined) throw new Error(`${index} has no ${name} ${version}`)
      release.yanked = yanked
      project.serial = nextSerial(registry)
    },
    setProject(name, settings) {
      Object.assign(existing(name), settings)
    },
    setSwitches(switches) {
      registry.switches = { ...registry.switches, ...switches }
    },
    projects: () =>
      registry.projects.toSorted((a, b) => (a.normalizedName < b.normalizedName ? -1 : 1)).map(({ name }) => name),
    releases(name) {
      const project = findProject(registry, name)
      return project === undefined ? [] : sortedReleases(project).map(publishedRelease)
    },
    save: () => copyRegistry(registry),
    load(state) {
      registry = copyRegistry(state)
    }
  }
}

/** PyPI's "not found" depends on who asks: installers get plain text, the JSON API JSON, people a page. */
function notFound(request: SandboxRequest): SandboxResponse {
  if (request.url.pathname.startsWith('/simple/'))
    return { status: 404, headers: { 'content-type': 'text/plain; charset=UTF-8' }, body: '404 Not Found' }
  if (/^\/pypi\/[^/]+\/?[^/]*\/json\/?$/.test(request.url.pathname))
    return { status: 404, headers: { 'content-type': 'application/json' }, body: '{"message": "Not Found"}' }
  return plainError(404)
}

function register(registry: Registry, publisher: PublisherRecord, project: string | undefined): void {
  if (project === undefined) registry.publishers.push(publisher)
  else if (findProject(registry, project) === undefined) registry.publishers.push({ ...publisher, pendingFor: project })
  else {
    const same = registry.publishers.find((each) => each.projects !== undefined && sameWorkflow(each, publisher))
    if (same === undefined) registry.publishers.push({ ...publisher, projects: [normalizeName(project)] })
    else same.projects?.push(normalizeName(project))
  }
}

function place(registry: Registry, filename: string, content: Buffer, uploaded: number, owner: string): void {
  const { metadata, version } = readMetadata(formOf(filename, content))
  const name = metadata.single.name ?? ''
  const project = findProject(registry, name) ?? addProject(registry, name, [owner])
  const text = formatPep440(version)
  let release = project.releases.find((each) => each.canonicalVersion === canonicalVersion(text))
  if (release === undefined) {
    const canonical = canonicalVersion(text)
    release = { version: text, canonicalVersion: canonical, metadata, created: uploaded, yanked: false, files: [] }
    project.releases.push(release)
  }
  release.files.push(placedFile(filename, content, uploaded, owner))
  registry.usedFilenames.push(filename)
  project.serial = nextSerial(registry)
}

function placedFile(filename: string, content: Buffer, uploaded: number, owner: string): FileRecord {
  const isWheel = filename.endsWith('.whl')
  const metadataFile = isWheel ? wheelMetadata(filename, content) : undefined
  return {
    filename,
    filetype: isWheel ? 'bdist_wheel' : 'sdist',
    pyversion: isWheel ? (filename.split('-').at(-3) ?? '') : 'source',
    comment: '',
    content,
    digests: digestsOf(content),
    ...(metadataFile !== undefined && { metadataFile: { content: metadataFile, sha256: sha256(metadataFile) } }),
    uploaded,
    uploadedVia: '',
    uploadedBy: owner
  }
}

function publishedRelease(release: ReleaseRecord): PublishedRelease {
  return {
    version: release.version,
    yanked: release.yanked,
    created: release.created,
    files: release.files.map((file) => ({
      filename: file.filename,
      size: file.content.length,
      sha256: file.digests.sha256,
      uploaded: file.uploaded,
      uploadedBy: file.uploadedBy,
      attested: file.provenance !== undefined
    }))
  }
}
