import { compareCommits, history, resolveCommit } from './commit-graph.ts'
import { notFound, refuse } from './errors.ts'
import { emptyTree, nodeAt } from './git-tree.ts'
import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { paginate } from './pagination.ts'
import { diffEntryShape, lineTotals } from './shapes/diff-entry.ts'
import { commitShape, gitCommitShape } from './shapes/git.ts'
import { repositoryUrls } from './shapes/repository-urls.ts'
import { findRepository, ownerOf, type Commit, type Repository } from './state.ts'
import { treeChanges, type TreeChange } from './tree-changes.ts'

/** Commits, by SHA or by reference, and the way from one to another. */
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
      const commit = resolveCommit(call.repository, asked)
      if (commit === undefined) throw refuse(422, `No commit found for SHA: ${asked}`, call.documentation)
      if (/application\/vnd\.github\.(v3\.)?sha/.test(call.request.headers.accept ?? '')) {
        return {
          status: 200,
          headers: { 'content-type': 'application/vnd.github.sha; charset=utf-8' },
          bytes: Buffer.from(commit.sha)
        }
      }
      const parent = call.repository.commits.find(({ sha }) => sha === commit.parents[0])
      const changes = treeChanges(call.repository, parent?.tree ?? emptyTree, commit.tree)
      const { additions, deletions } = lineTotals(call, changes)
      return {
        status: 200,
        body: {
          ...commitShape(call, commit),
          stats: { total: additions + deletions, additions, deletions },
          files: entries(call, changes, commit.sha, parent?.sha ?? commit.sha)
        }
      }
    }
  },
  {
    id: 'repos/list-commits',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/commits',
    documentation: 'commits/commits#list-commits',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: (call) => {
      const query = call.request.url.searchParams
      const asked = query.get('sha') ?? call.repository.defaultBranch
      const start = resolveCommit(call.repository, asked)
      if (start === undefined) throw refuse(404, 'Not Found', call.documentation)
      const path = query.get('path')
      const commits = history(call.repository, start.sha)
      const listed = path === null ? commits : commits.filter((commit) => touches(call.repository, commit, path))
      return paginate(call, listed, (commit) => commitShape(call, commit))
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
  },
  {
    id: 'repos/compare-commits-with-basehead',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/compare/{basehead}',
    documentation: 'commits/commits#compare-two-commits',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: compare
  }
]

/** Whether what lies at the path is another after the commit than in its first parent. */
function touches(repository: Repository, commit: Commit, path: string): boolean {
  const parent = repository.commits.find(({ sha }) => sha === commit.parents[0])
  const before = parent === undefined ? undefined : nodeAt(repository, parent.tree, path)
  return before?.sha !== nodeAt(repository, commit.tree, path)?.sha
}

function entries(call: RepositoryCall, changes: readonly TreeChange[], head: string, base: string): readonly object[] {
  return changes.slice(0, call.state.limits.comparedFiles).map((change) => diffEntryShape(call, change, head, base))
}

/** At most 250 commits where no page is asked for; the files stand on the first page only. */
const mostCommits = 250

function compare(call: RepositoryCall): Answer {
  const [baseName = '', headName = ''] = (call.params['basehead'] ?? '').split('...')
  const repository = withForks(call, [baseName, headName])
  const base = resolveIn(call, repository, baseName)
  const head = resolveIn(call, repository, headName)
  if (base === undefined || head === undefined) throw notFound(call.documentation)
  const { mergeBase, ahead, behind } = compareCommits(repository, base.sha, head.sha)
  if (mergeBase === undefined) {
    throw refuse(404, `No common ancestor between ${baseName} and ${headName}.`, call.documentation)
  }
  const there = { ...call, repository }
  const { api, html } = repositoryUrls(call)
  const range = `${baseName}...${headName}`
  const owner = ownerOf(call.state, call.repository).login
  const permanent = `${owner}:${base.sha.slice(0, 7)}...${owner}:${head.sha.slice(0, 7)}`
  const query = call.request.url.searchParams
  const paged = query.has('page') || query.has('per_page')
  const commits = paginate(call, ahead, (commit) => commitShape(there, commit))
  const first = (query.get('page') ?? '1') === '1'
  const changes = first ? treeChanges(repository, mergeBase.tree, head.tree) : []
  return {
    ...commits,
    ...(paged ? {} : { headers: {} }),
    body: {
      url: `${api}/compare/${encodeURI(range)}`,
      html_url: `${html}/compare/${encodeURI(range)}`,
      permalink_url: `${html}/compare/${permanent}`,
      diff_url: `${html}/compare/${encodeURI(range)}.diff`,
      patch_url: `${html}/compare/${encodeURI(range)}.patch`,
      base_commit: commitShape(there, base),
      merge_base_commit: commitShape(there, mergeBase),
      status: statusOf(ahead.length, behind.length),
      ahead_by: ahead.length,
      behind_by: behind.length,
      total_commits: ahead.length,
      commits: paged ? commits.body : ahead.slice(0, mostCommits).map((commit) => commitShape(there, commit)),
      files: entries(there, changes, head.sha, mergeBase.sha)
    }
  }
}

function statusOf(ahead: number, behind: number): 'identical' | 'ahead' | 'behind' | 'diverged' {
  if (ahead === 0) return behind === 0 ? 'identical' : 'behind'
  return behind === 0 ? 'ahead' : 'diverged'
}

/** `owner:branch` names a branch of the network's repository that the owner has. */
function repositoryNamedIn(call: RepositoryCall, name: string): Repository | undefined {
  const owner = /^([^:]+):/.exec(name)?.[1]
  if (owner === undefined) return call.repository
  const network = call.repository.forkOf ?? call.repository.id
  return (
    call.state.repositories.find(
      (candidate) =>
        (candidate.id === network || candidate.forkOf === network) &&
        ownerOf(call.state, candidate).login.toLowerCase() === owner.toLowerCase()
    ) ?? findRepository(call.state, owner, call.repository.name)
  )
}

/** The repository with the objects of the forks that are named beside it, for a network shares its objects. */
function withForks(call: RepositoryCall, names: readonly string[]): Repository {
  const others = names.map((name) => repositoryNamedIn(call, name)).filter((other) => other !== undefined)
  const all = [...new Set([call.repository, ...others])]
  if (all.length === 1) return call.repository
  const commits = new Map(all.flatMap((repository) => repository.commits).map((commit) => [commit.sha, commit]))
  const objects = Object.assign({}, ...all.map((repository) => repository.objects)) as Repository['objects']
  return { ...call.repository, commits: [...commits.values()], objects }
}

function resolveIn(call: RepositoryCall, repository: Repository, name: string): Commit | undefined {
  const owner = repositoryNamedIn(call, name)
  if (owner === undefined) return undefined
  return owner === call.repository
    ? resolveCommit({ ...repository, refs: owner.refs }, name.replace(/^[^:]+:/, ''))
    : resolveCommit(owner, name.replace(/^[^:]+:/, ''))
}
