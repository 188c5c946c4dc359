import { resolveCommit } from './commit-graph.ts'
import { notFound } from './errors.ts'
import { folderMode, nodeAt, readTree, type TreeEntry } from './git-tree.ts'
import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { nodeId } from './shapes/node-id.ts'
import { repositoryUrls } from './shapes/repository-urls.ts'

/** Trees and blobs: git's objects as they are. */
export const treeOperations: readonly Operation[] = [
  {
    id: 'git/get-tree',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/git/trees/{tree_sha}',
    documentation: 'git/trees#get-a-tree',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: getTree
  },
  {
    id: 'git/get-blob',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/git/blobs/{file_sha}',
    documentation: 'git/blobs#get-a-blob',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => {
      const sha = call.params['file_sha'] ?? ''
      const object = call.repository.objects[sha]
      if (object?.type !== 'blob') throw notFound(call.documentation)
      if (/application\/vnd\.github\.(v3\.)?raw/.test(call.request.headers.accept ?? '')) {
        const headers = { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' }
        return { status: 200, headers, bytes: object.bytes }
      }
      return {
        status: 200,
        body: {
          sha,
          node_id: nodeId('B', call.repository.id, sha),
          size: object.bytes.length,
          url: `${repositoryUrls(call).api}/git/blobs/${sha}`,
          content: base64Lines(object.bytes),
          encoding: 'base64'
        }
      }
    }
  }
]

/** GitHub breaks the text into lines of 60 characters, each ended by a newline. */
export function base64Lines(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll(/.{1,60}/g, '$&\n')
}

/** `recursive` counts with any value, `false` too. Beyond the limit the list ends, and `truncated` says so. */
function getTree(call: RepositoryCall): Answer {
  const { repository, state } = call
  const sha = treeNamed(call, call.params['tree_sha'] ?? '')
  if (sha === undefined) throw notFound(call.documentation)
  const { api } = repositoryUrls(call)
  const tree: object[] = []
  let truncated = false
  const walk = (id: string, folder: string): void => {
    for (const entry of readTree(repository, id) ?? []) {
      if (tree.length >= state.limits.treeEntries) {
        truncated = true
        return
      }
      tree.push(entryShape(call, entry, folder + entry.name))
      if (entry.mode === folderMode && recursive) walk(entry.sha, `${folder}${entry.name}/`)
    }
  }
  const recursive = call.request.url.searchParams.has('recursive')
  walk(sha, '')
  return { status: 200, body: { sha, url: `${api}/git/trees/${sha}`, tree, truncated } }
}

/** A tree, a commit, a branch or a tag; `branch:folder` names a folder of it, as git itself reads it. */
function treeNamed({ repository }: RepositoryCall, name: string): string | undefined {
  if (readTree(repository, name) !== undefined) return name
  const [revision = '', folder] = name.split(':', 2)
  const tree = readTree(repository, revision) === undefined ? resolveCommit(repository, revision)?.tree : revision
  if (tree === undefined || folder === undefined) return tree
  const node = nodeAt(repository, tree, folder)
  return node?.mode === folderMode ? node.sha : undefined
}

function entryShape(call: RepositoryCall, entry: TreeEntry, path: string): object {
  const { api } = repositoryUrls(call)
  const mode = entry.mode.padStart(6, '0')
  if (entry.mode === '160000') return { path, mode, type: 'commit', sha: entry.sha }
  if (entry.mode === folderMode) {
    return { path, mode, type: 'tree', sha: entry.sha, url: `${api}/git/trees/${entry.sha}` }
  }
  const size = call.repository.objects[entry.sha]?.bytes.length ?? 0
  return { path, mode, type: 'blob', sha: entry.sha, size, url: `${api}/git/blobs/${entry.sha}` }
}
