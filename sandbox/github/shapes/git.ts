import type { RepositoryCall } from '../operation.ts'
import type { Commit, Ref, TagObject } from '../state.ts'
import { nodeId } from './node-id.ts'
import { repositoryUrls } from './repository-urls.ts'
import type { Resource } from './resource.ts'

const unsigned = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }

/** Schema git-ref. */
export function refShape(call: RepositoryCall, ref: Ref): Resource {
  const { api } = repositoryUrls(call)
  const annotated = call.repository.tagObjects.some((tag) => tag.sha === ref.sha)
  const type = annotated ? 'tag' : 'commit'
  return {
    ref: ref.ref,
    node_id: nodeId('REF', call.repository.id, ref.ref),
    url: `${api}/git/${ref.ref.split('/').map(encodeURIComponent).join('/')}`,
    object: { sha: ref.sha, type, url: `${api}/git/${type}s/${ref.sha}` }
  }
}

/** Schema git-tag: an annotated tag. */
export function tagObjectShape(call: RepositoryCall, tag: TagObject): Resource {
  const { api } = repositoryUrls(call)
  return {
    node_id: nodeId('TA', call.repository.id, tag.sha),
    sha: tag.sha,
    url: `${api}/git/tags/${tag.sha}`,
    tagger: tag.tagger,
    object: { ...tag.target, url: `${api}/git/${tag.target.type}s/${tag.target.sha}` },
    tag: tag.tag,
    message: tag.message,
    verification: unsigned
  }
}

/** Schema tag: an entry of the list of tags. */
export function tagShape(call: RepositoryCall, name: string, commit: string): object {
  const { api } = repositoryUrls(call)
  return {
    name,
    zipball_url: `${api}/zipball/refs/tags/${encodeURI(name)}`,
    tarball_url: `${api}/tarball/refs/tags/${encodeURI(name)}`,
    commit: { sha: commit, url: `${api}/commits/${commit}` },
    node_id: nodeId('REF', call.repository.id, `refs/tags/${name}`)
  }
}

/** Schema commit. Lists leave out `stats` and `files`; reading one commit shows them. */
export function commitShape(call: RepositoryCall, commit: Commit): object {
  const { api, html } = repositoryUrls(call)
  return {
    sha: commit.sha,
    node_id: nodeId('C', call.repository.id, commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: unsigned
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    // The commit's author is no account that GitHub knows.
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${html}/commit/${sha}` }))
  }
}

/** Schema git-commit. */
export function gitCommitShape(call: RepositoryCall, commit: Commit): object {
  const { api, html } = repositoryUrls(call)
  return {
    sha: commit.sha,
    node_id: nodeId('C', call.repository.id, commit.sha),
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/git/commits/${sha}`,
      html_url: `${html}/commit/${sha}`
    })),
    verification: unsigned
  }
}
