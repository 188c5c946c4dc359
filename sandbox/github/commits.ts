import { notFound, refuse } from './errors.ts'
import type { Operation, RepositoryCall } from './operation.ts'
import { commitOf } from './refs.ts'
import { commitShape, gitCommitShape } from './shapes/git.ts'
import type { Commit } from './state.ts'

/** Commits, by SHA or by reference. */
export const commitOperations: readonly Operation[] = [
  {
    id: 'repos/get-commit',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/commits/{ref}',
    documentation: 'commits/commits#get-a-commit',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => {
      const asked = call.params['ref'] ?? ''
      const commit = resolve(call, asked)
      if (commit === undefined) throw refuse(422, `No commit found for SHA: ${asked}`, call.documentation)
      if (/application\/vnd\.github\.(v3\.)?sha/.test(call.request.headers.accept ?? '')) {
        return {
          status: 200,
          headers: { 'content-type': 'application/vnd.github.sha; charset=utf-8' },
          bytes: Buffer.from(commit.sha)
        }
      }
      return { status: 200, body: commitShape(call, commit) }
    }
  },
  {
    id: 'git/get-commit',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/git/commits/{commit_sha}',
    documentation: 'git/commits#get-a-commit-object',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => {
      const commit = call.repository.commits.find((candidate) => candidate.sha === call.params['commit_sha'])
      if (commit === undefined) throw notFound(call.documentation)
      return { status: 200, body: gitCommitShape(call, commit) }
    }
  }
]

/** `heads/x`, `tags/x`, a branch, a tag, a whole SHA or the start of one (at least seven digits). */
function resolve(call: RepositoryCall, name: string): Commit | undefined {
  const { refs, commits } = call.repository
  const spellings = [name, `refs/${name}`, `refs/heads/${name}`, `refs/tags/${name}`]
  const ref = spellings.map((spelling) => refs.find((candidate) => candidate.ref === spelling)).find(Boolean)
  const sha = ref === undefined ? name : commitOf(call.repository, ref.sha)
  const exact = commits.find((commit) => commit.sha === sha)
  if (exact !== undefined || !/^[0-9a-f]{7,40}$/.test(name)) return exact
  return commits.find((commit) => commit.sha.startsWith(name))
}
