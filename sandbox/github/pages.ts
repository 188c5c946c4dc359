import type { SandboxRequest, SandboxResponse } from '../service.ts'
import { latestRelease } from './latest-release.ts'
import type { Links } from './origins.ts'
import { matchPath } from './operation.ts'
import { may, type Actor } from './permissions.ts'
import { publishedRelease } from './releases.ts'
import { releasePage } from './shapes/release.ts'
import type { GithubState, Release, Repository } from './state.ts'
import { findRepository } from './state.ts'
import { storageAddress } from './storage.ts'

/**
 * The few pages of github.com that programs ask for: a release's page, `releases/latest`, and the download addresses,
 * which redirect to the storage host. A private repository's pages need a browser session, so they are 404 for an
 * anonymous program, as is everything else.
 */
export function servePage(
  state: GithubState,
  request: SandboxRequest,
  place: { readonly path: string; readonly links: Links },
  actor: Actor
): SandboxResponse {
  for (const [template, answer] of pages) {
    const params = matchPath(template, place.path)
    if (params === undefined) continue
    const repository = findRepository(state, params['owner'] ?? '', params['repo'] ?? '')
    if (repository === undefined || !may(state, actor, repository, 'contents', 'read')) continue
    const response = answer({ state, request, repository, links: place.links }, params)
    if (response !== undefined) return response
  }
  return { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Not Found' }
}

interface PageCall {
  readonly state: GithubState
  readonly request: SandboxRequest
  readonly repository: Repository
  readonly links: Links
}

type Page = (call: PageCall, params: Readonly<Record<string, string>>) => SandboxResponse | undefined

const pages: readonly (readonly [string, Page])[] = [
  [
    '/{owner}/{repo}/releases/latest',
    (call) => {
      const release = latestRelease(call.repository)
      return release === undefined ? undefined : { status: 302, headers: { location: releasePage(call, release) } }
    }
  ],
  [
    '/{owner}/{repo}/releases/latest/download/{name}',
    (call, params) => download(call, latestRelease(call.repository), params['name'] ?? '')
  ],
  [
    '/{owner}/{repo}/releases/download/{tag}/{name}',
    (call, params) => download(call, publishedRelease(call.repository, params['tag'] ?? ''), params['name'] ?? '')
  ],
  [
    '/{owner}/{repo}/releases/tag/{tag}',
    (call, params) => {
      const release = publishedRelease(call.repository, params['tag'] ?? '')
      return release === undefined ? undefined : html(release.name ?? release.tag, release.body ?? '')
    }
  ],
  ['/{owner}/{repo}', (call) => html(call.repository.name, '')]
]

function download(call: PageCall, release: Release | undefined, name: string): SandboxResponse | undefined {
  const asset = release?.assets.find((candidate) => candidate.name === name && candidate.state === 'uploaded')
  if (asset === undefined) return undefined
  asset.downloads += 1
  return { status: 302, headers: { location: storageAddress(call, asset) } }
}

function html(title: string, text: string): SandboxResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html><title>${escape(title)}</title><h1>${escape(title)}</h1><pre>${escape(text)}</pre>\n`
  }
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => `&#${character.codePointAt(0) ?? 0};`)
}
