import { notFound } from './errors.ts'
import type { Operation } from './operation.ts'
import { gitObjectId } from './refs.ts'
import { repositoryShape } from './shapes/repository.ts'
import { repositoryUrls } from './shapes/repository-urls.ts'

/** The repository itself, its files, and its setting for immutable releases. */
export const repositoryOperations: readonly Operation[] = [
  {
    id: 'repos/get',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}',
    documentation: 'repos/repos#get-a-repository',
    scope: 'repository',
    needs: { permission: 'metadata', access: 'read' },
    run: (call) => ({ status: 200, body: repositoryShape(call) })
  },
  {
    id: 'repos/get-content',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/contents/{path}',
    documentation: 'repos/contents#get-repository-content',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => {
      const path = call.params['path'] ?? ''
      const file = call.repository.files.find((candidate) => candidate.path === path)
      if (file === undefined) throw notFound(call.documentation)
      if (/application\/vnd\.github\.(v3\.)?raw/.test(call.request.headers.accept ?? '')) {
        const headers = { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' }
        return { status: 200, headers, bytes: file.bytes }
      }
      const { api, html } = repositoryUrls(call)
      const ref = call.request.url.searchParams.get('ref') ?? call.repository.defaultBranch
      const sha = gitObjectId('blob', file.bytes)
      const encoded = path.split('/').map(encodeURIComponent).join('/')
      const self = `${api}/contents/${encoded}?ref=${encodeURIComponent(ref)}`
      const git = `${api}/git/blobs/${sha}`
      const page = `${html}/blob/${encodeURIComponent(ref)}/${encoded}`
      return {
        status: 200,
        body: {
          name: path.split('/').at(-1),
          path,
          sha,
          size: file.bytes.length,
          url: self,
          html_url: page,
          git_url: git,
          download_url: `${html}/raw/${encodeURIComponent(ref)}/${encoded}`,
          type: 'file',
          // GitHub breaks the text into lines of 60 characters, each ended by a newline.
          content: file.bytes.toString('base64').replaceAll(/.{1,60}/g, '$&\n'),
          encoding: 'base64',
          _links: { self, git, html: page }
        }
      }
    }
  },
  {
    id: 'repos/check-immutable-releases',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/immutable-releases',
    documentation: 'repos/repos#check-if-immutable-releases-are-enabled-for-a-repository',
    scope: 'repository',
    needs: { permission: 'administration', access: 'read' },
    run: (call) => {
      if (!call.repository.immutableReleases) throw notFound(call.documentation)
      return { status: 200, body: { enabled: true, enforced_by_owner: false } }
    }
  },
  {
    id: 'repos/enable-immutable-releases',
    method: 'PUT',
    site: 'api',
    path: '/repos/{owner}/{repo}/immutable-releases',
    documentation: 'repos/repos#enable-immutable-releases',
    scope: 'repository',
    needs: { permission: 'administration', access: 'write' },
    run: (call) => {
      call.repository.immutableReleases = true
      return { status: 204 }
    }
  },
  {
    id: 'repos/disable-immutable-releases',
    method: 'DELETE',
    site: 'api',
    path: '/repos/{owner}/{repo}/immutable-releases',
    documentation: 'repos/repos#disable-immutable-releases',
    scope: 'repository',
    needs: { permission: 'administration', access: 'write' },
    run: (call) => {
      // What was published as immutable stays so; only later releases are free again.
      call.repository.immutableReleases = false
      return { status: 204 }
    }
  }
]
