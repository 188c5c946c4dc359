import type { OidcService } from '../oidc/issuer.ts'
import type { SandboxRequest, SandboxResponse } from '../service.ts'
import { addressesFor, entranceOf, hosts, type Addresses, type Entrance, type IndexName } from './addresses.ts'
import { json, plainError, refusal, UploadRefused } from './answers.ts'
import { latestRelease, projectJson } from './json-api.ts'
import { projectPage } from './project-page.ts'
import { provenance } from './provenance.ts'
import { filePath, findProject, type ProjectRecord, type Registry } from './registry.ts'
import { projectFiles, projectList } from './simple-index.ts'
import { audience, burnToken, mintToken, type TrustedPublishing } from './trusted-publishing.ts'
import { upload } from './upload.ts'
import { canonicalVersion } from './versions.ts'

export interface IndexContext {
  readonly index: IndexName
  readonly oidc: OidcService
  /** Changed in place by writes. */
  readonly registry: Registry
}

interface Visit {
  readonly context: IndexContext
  readonly request: SandboxRequest
  readonly addresses: Addresses
  /** What the path's groups held, decoded. */
  readonly path: readonly string[]
}

interface Route {
  readonly at: readonly Entrance[]
  readonly method: 'GET' | 'POST'
  readonly path: RegExp
  /** `undefined` when the thing is not here: the read may pass to another index. */
  readonly answer: (visit: Visit) => SandboxResponse | undefined
}

/** Answers a request, or gives `undefined` for a read of something that is not here. */
export function route(context: IndexContext, request: SandboxRequest): SandboxResponse | undefined {
  const entrances = entranceOf(context.index, request.url)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (entrances.includes('former'))
    return moved(`https://${hosts[context.index].index}${request.url.pathname}${request.url.search}`)
  const here = routes.filter(
    ({ at, path }) => at.some((entrance) => entrances.includes(entrance)) && path.test(request.url.pathname)
  )
  const chosen = here.find(({ method }) => method === (isRead ? 'GET' : request.method))
  if (chosen === undefined) {
    if (here.length > 0) return plainError(405)
    return isRead ? undefined : plainError(404)
  }
  const path = chosen.path.exec(request.url.pathname)?.slice(1).map(decode) ?? []
  return chosen.answer({ context, request, addresses: addressesFor(context.index, request.url), path })
}

const trustedPublishing = (visit: Visit): TrustedPublishing => ({
  registry: visit.context.registry,
  audience: visit.context.index,
  domain: hosts[visit.context.index].index,
  oidc: visit.context.oidc,
  pages: visit.addresses
})

const routes: readonly Route[] = [
  { at: ['upload'], method: 'POST', path: /^\/legacy\/$/, answer: legacy },
  { at: ['upload'], method: 'POST', path: /^\/legacy$/, answer: missingSlash },
  {
    at: ['index', 'upload'],
    method: 'GET',
    path: /^\/_\/oidc\/audience$/,
    answer: (v) => audience(trustedPublishing(v))
  },
  {
    at: ['index', 'upload'],
    method: 'POST',
    path: /^\/_\/oidc\/(?:github\/)?mint-token$/,
    answer: (v) => mintToken(trustedPublishing(v), v.request)
  },
  {
    at: ['index', 'upload'],
    method: 'POST',
    path: /^\/_\/oidc\/burn-token$/,
    answer: (v) => burnToken(trustedPublishing(v), v.request)
  },
  { at: ['index'], method: 'GET', path: /^\/simple\/$/, answer: (v) => projectList(v.context.registry, v.request) },
  { at: ['index'], method: 'GET', path: /^\/simple\/([^/]+)$/, answer: simpleWithoutSlash },
  { at: ['index'], method: 'GET', path: /^\/simple\/([^/]+)\/$/, answer: simple },
  { at: ['index'], method: 'GET', path: /^\/pypi\/([^/]+)\/json\/?$/, answer: jsonApi },
  { at: ['index'], method: 'GET', path: /^\/pypi\/([^/]+)\/([^/]+)\/json\/?$/, answer: jsonApi },
  { at: ['index'], method: 'GET', path: /^\/project\/([^/]+)\/(?:([^/]+)\/)?$/, answer: page },
  { at: ['index'], method: 'GET', path: /^\/integrity\/([^/]+)\/([^/]+)\/([^/]+)\/provenance$/, answer: provenanceOf },
  { at: ['files'], method: 'GET', path: /^\/packages\/[^/]+\/[^/]+\/[^/]+\/[^/]+$/, answer: file }
]

function legacy({ context, request, addresses }: Visit): SandboxResponse | undefined {
  try {
    return upload(context.registry, request, addresses)
  } catch (error) {
    if (error instanceof UploadRefused) return refusal(request, error)
    throw error
  }
}

function missingSlash({ request }: Visit): SandboxResponse {
  const text = 'An upload was attempted to /legacy but the expected upload URL is /legacy/ (with a trailing slash)'
  const answer = refusal(request, new UploadRefused(308, text))
  return { ...answer, headers: { ...answer.headers, location: `${request.url.origin}/legacy/` } }
}

function simpleWithoutSlash({ context, request, path: [name = ''] }: Visit): SandboxResponse | undefined {
  return findProject(context.registry, name) && moved(`${request.url.origin}${request.url.pathname}/`)
}

function simple({ context, request, addresses, path: [name = ''] }: Visit): SandboxResponse | undefined {
  const project = findProject(context.registry, name)
  if (project === undefined) return undefined
  return name === project.normalizedName
    ? projectFiles(project, request, addresses)
    : moved(`${request.url.origin}/simple/${project.normalizedName}/`)
}

function jsonApi({ context, request, addresses, path: [name = '', version] }: Visit): SandboxResponse | undefined {
  const project = findProject(context.registry, name)
  if (project === undefined) return undefined
  if (name !== project.normalizedName)
    return moved(`${request.url.origin}/pypi/${[project.normalizedName, version, 'json'].filter(Boolean).join('/')}`)
  // A version that is not here is no reason to ask another index: this one knows the project.
  return projectJson(project, version, addresses) ?? json(404, { message: 'Not Found' })
}

function page({ context, addresses, path: [name = '', version] }: Visit): SandboxResponse | undefined {
  const project = findProject(context.registry, name)
  if (project === undefined) return undefined
  const release = version === undefined ? latestRelease(project) : releaseOf(project, version)
  return release === undefined ? plainError(404) : projectPage(project, release, addresses)
}

function provenanceOf({ context, path: [name = '', version = '', filename = ''] }: Visit): SandboxResponse | undefined {
  const project = findProject(context.registry, name)
  if (project === undefined) return undefined
  const published = releaseOf(project, version)?.files.find((each) => each.filename === filename)
  return provenance(context.registry, published, filename)
}

function file({ context, request }: Visit): SandboxResponse | undefined {
  const wanted = request.url.pathname.replace(/\.metadata$/, '')
  const found = context.registry.projects
    .flatMap(({ releases }) => releases.flatMap(({ files }) => files))
    .find((each) => filePath(each) === wanted || decode(filePath(each)) === decode(wanted))
  if (found === undefined) return undefined
  const content = wanted === request.url.pathname ? found.content : found.metadataFile?.content
  if (content === undefined) return plainError(404)
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'cache-control': 'max-age=365000000, immutable, public',
      etag: `"${found.digests.md5}"`
    },
    body: content
  }
}

function releaseOf(project: ProjectRecord, version: string): ProjectRecord['releases'][number] | undefined {
  return project.releases.find((release) => release.canonicalVersion === canonicalVersion(version))
}

function moved(location: string): SandboxResponse {
  return { status: 301, headers: { location, 'access-control-allow-origin': '*' } }
}

function decode(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? '')
  } catch {
    return part ?? ''
  }
}
