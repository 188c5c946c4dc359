import { createHash } from 'node:crypto'
import type { SandboxRequest, SandboxResponse } from '../service.ts'
import { acceptable } from './accept.ts'
import { escapeHtml } from './answers.ts'
import type { Addresses } from './addresses.ts'
import {
  filePath,
  sortedReleases,
  type FileRecord,
  type ProjectRecord,
  type Registry,
  type ReleaseRecord
} from './registry.ts'

/** Version of the simple API that PyPI speaks (`API_VERSION` in warehouse/packaging/utils.py). */
const apiVersion = '1.4'

const types = ['text/html', 'application/vnd.pypi.simple.v1+html', 'application/vnd.pypi.simple.v1+json'] as const

/** GET /simple/: every project (PEP 503, PEP 691). */
export function projectList(registry: Registry, request: SandboxRequest): SandboxResponse {
  const projects = registry.projects
    .filter(({ status }) => status !== 'quarantined')
    .toSorted((a, b) => (a.normalizedName < b.normalizedName ? -1 : 1))
  return answer(request, registry.serial, {
    json: () => ({
      meta: { 'api-version': apiVersion, '_last-serial': registry.serial },
      projects: projects.map(({ name, serial }) => ({ name, '_last-serial': serial }))
    }),
    html: () =>
      page(
        '',
        'Simple index',
        projects
          .map(({ name, normalizedName }) => `    <a href="/simple/${normalizedName}/">${escapeHtml(name)}</a>\n`)
          .join('')
      )
  })
}

/** GET /simple/NAME/: every file of a project, by version and name. */
export function projectFiles(project: ProjectRecord, request: SandboxRequest, addresses: Addresses): SandboxResponse {
  const releases = project.status === 'quarantined' ? [] : sortedReleases(project)
  const files = releases.flatMap((release) =>
    release.files
      .toSorted((a, b) => (a.filename < b.filename ? -1 : 1))
      .map((file) => describe(file, release, project, addresses))
  )
  return answer(request, project.serial, {
    json: () => ({
      meta: { 'api-version': apiVersion, '_last-serial': project.serial },
      name: project.normalizedName,
      'project-status': { status: project.status },
      versions: releases.filter((release) => release.files.length > 0).map(({ version }) => version),
      files
    }),
    html: () => {
      const title = `Links for ${project.normalizedName}`
      const status = `    <meta name="pypi:project-status" content="${project.status}">\n`
      return `${page(status, title, `    <h1>${title}</h1>\n${files.map(anchor).join('')}`)}<!--SERIAL ${project.serial}-->`
    }
  })
}

interface FileEntry {
  readonly filename: string
  readonly url: string
  readonly hashes: { readonly sha256: string }
  readonly 'requires-python': string | null
  readonly size: number
  readonly 'upload-time': string
  readonly yanked: boolean | string
  readonly 'data-dist-info-metadata': false | { readonly sha256: string }
  readonly 'core-metadata': false | { readonly sha256: string }
  readonly provenance: string | null
}

/** One file as PEP 691, 700, 714 and 740 describe it. */
function describe(file: FileRecord, release: ReleaseRecord, project: ProjectRecord, addresses: Addresses): FileEntry {
  const coreMetadata: false | { readonly sha256: string } =
    file.metadataFile === undefined ? false : { sha256: file.metadataFile.sha256 }
  return {
    filename: file.filename,
    url: addresses.files + filePath(file),
    hashes: { sha256: file.digests.sha256 },
    'requires-python': release.metadata.single.requires_python ?? null,
    size: file.content.length,
    'upload-time': `${new Date(file.uploaded).toISOString().slice(0, -1)}000Z`,
    yanked: release.yanked,
    'data-dist-info-metadata': coreMetadata,
    'core-metadata': coreMetadata,
    provenance:
      file.provenance === undefined
        ? null
        : `${addresses.index}/integrity/${project.normalizedName}/${release.version}/${file.filename}/provenance`
  }
}

function anchor(file: FileEntry): string {
  const attributes = [
    `href="${escapeHtml(file.url)}#sha256=${file.hashes.sha256}"`,
    ...(file['requires-python'] === null ? [] : [`data-requires-python="${escapeHtml(file['requires-python'])}"`]),
    ...(file.yanked === false
      ? []
      : [`data-yanked="${typeof file.yanked === 'string' ? escapeHtml(file.yanked) : ''}"`]),
    ...metadataAttributes(file['core-metadata']),
    ...(file.provenance === null ? [] : [`data-provenance="${escapeHtml(file.provenance)}"`])
  ]
  return `    <a ${attributes.join(' ')}>${escapeHtml(file.filename)}</a><br />\n`
}

/** PEP 714: under both names, since pip before 23.2 could not read the first one right. */
function metadataAttributes(metadata: false | { readonly sha256: string }): readonly string[] {
  if (metadata === false) return []
  return ['data-dist-info-metadata', 'data-core-metadata'].map((name) => `${name}="sha256=${metadata.sha256}"`)
}

function page(head: string, title: string, body: string): string {
  return (
    `<!DOCTYPE html>\n<html lang="en">\n  <head>\n    <meta name="pypi:repository-version" content="${apiVersion}">\n` +
    `${head}    <title>${title}</title>\n  </head>\n  <body>\n${body}  </body>\n</html>\n`
  )
}

/** In the form the client prefers; HTML to one that takes none of ours. */
function answer(
  request: SandboxRequest,
  serial: number,
  forms: { readonly json: () => unknown; readonly html: () => string }
): SandboxResponse {
  const type = acceptable(request.headers.accept, types)[0] ?? 'text/html'
  const isJson = type === 'application/vnd.pypi.simple.v1+json'
  const body = isJson ? `${JSON.stringify(forms.json())}\n` : forms.html()
  const etag = `"${createHash('md5').update(body).digest('base64url')}"`
  const headers = {
    vary: 'Accept',
    'cache-control': 'max-age=600, public',
    'x-pypi-last-serial': String(serial),
    'access-control-allow-origin': '*',
    etag
  }
  if (request.headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) === true)
    return { status: 304, headers }
  return { status: 200, headers: { ...headers, 'content-type': isJson ? type : `${type}; charset=UTF-8` }, body }
}
