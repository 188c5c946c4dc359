import { resolveCommit } from './commit-graph.ts'
import { notFound, refuse } from './errors.ts'
import { folderMode, nodeAt, readTree, type TreeNode } from './git-tree.ts'
import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { gitObjectId } from './git-object.ts'
import { repositoryUrls } from './shapes/repository-urls.ts'
import { base64Lines } from './trees.ts'

/** Files and folders by their path. */
export const contentOperations: readonly Operation[] = [
  {
    id: 'repos/get-content',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/contents/{path}',
    documentation: 'repos/contents#get-repository-content',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: getContent
  }
]

/** Above 1 MB a file comes without its content, above 100 MB not at all (docs.github.com/rest/repos/contents). */
const largestInline = 1_048_576
const largest = 104_857_600

function getContent(call: RepositoryCall): Answer {
  const { repository, documentation } = call
  const path = (call.params['path'] ?? '').replaceAll(/^\/+|\/+$/g, '')
  const ref = call.request.url.searchParams.get('ref') ?? repository.defaultBranch
  const commit = resolveCommit(repository, ref)
  if (commit === undefined) throw refuse(404, `No commit found for the ref ${ref}`, documentation)
  const node = nodeAt(repository, commit.tree, path)
  // Files that were given without a commit are there at every ref.
  const loose = repository.files.find((file) => file.path === path)
  if (node === undefined && loose !== undefined) {
    return file(call, { mode: '100644', sha: gitObjectId('blob', loose.bytes) }, loose.bytes, path, ref)
  }
  if (node === undefined) throw notFound(documentation)
  if (node.mode === folderMode) {
    const entries = readTree(repository, node.sha) ?? []
    return { status: 200, body: entries.map((entry) => entryShape(call, entry, `${path}/${entry.name}`, ref)) }
  }
  return file(call, node, repository.objects[node.sha]?.bytes ?? Buffer.alloc(0), path, ref)
}

function file(call: RepositoryCall, node: TreeNode, bytes: Buffer, path: string, ref: string): Answer {
  if (bytes.length > largest) {
    throw refuse(403, 'This API returns blobs up to 100 MB in size.', call.documentation)
  }
  if (/application\/vnd\.github\.(v3\.)?raw/.test(call.request.headers.accept ?? '')) {
    const headers = { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' }
    return { status: 200, headers, bytes }
  }
  const inline = bytes.length <= largestInline
  const shape = { ...entryShape(call, node, path, ref), size: bytes.length }
  if (node.mode === '160000') return { status: 200, body: shape }
  if (node.mode === '120000') return { status: 200, body: { ...shape, target: bytes.toString() } }
  const content = { content: inline ? base64Lines(bytes) : '', encoding: inline ? 'base64' : 'none' }
  return { status: 200, body: { ...shape, ...content } }
}

function entryShape(call: RepositoryCall, node: TreeNode, path: string, ref: string): object {
  const { api, html } = repositoryUrls(call)
  const type = typeOf(node.mode)
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  const at = encodeURIComponent(ref)
  const self = `${api}/contents/${encoded}?ref=${at}`
  const git = `${api}/git/${type === 'dir' ? 'trees' : 'blobs'}/${node.sha}`
  const page = `${html}/${type === 'dir' ? 'tree' : 'blob'}/${at}/${encoded}`
  return {
    name: path.split('/').at(-1),
    path,
    sha: node.sha,
    size: type === 'dir' ? 0 : (call.repository.objects[node.sha]?.bytes.length ?? 0),
    url: self,
    html_url: page,
    git_url: git,
    download_url: type === 'dir' ? null : `${html}/raw/${at}/${encoded}`,
    type,
    _links: { self, git, html: page },
    ...(type === 'submodule' ? { submodule_git_url: '' } : {})
  }
}

function typeOf(mode: string): 'dir' | 'file' | 'symlink' | 'submodule' {
  if (mode === folderMode) return 'dir'
  if (mode === '120000') return 'symlink'
  return mode === '160000' ? 'submodule' : 'file'
}
