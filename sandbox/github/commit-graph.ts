import { commitOf } from './refs.ts'
import type { Commit, Repository } from './state.ts'

type Graph = ReadonlyMap<string, Commit>

/** `heads/x`, `tags/x`, a branch, a tag, a whole SHA or the start of one (at least seven digits). */
export function resolveCommit(repository: Repository, name: string): Commit | undefined {
  const { refs, commits } = repository
  const spellings = [name, `refs/${name}`, `refs/heads/${name}`, `refs/tags/${name}`]
  const ref = spellings.map((spelling) => refs.find((candidate) => candidate.ref === spelling)).find(Boolean)
  const sha = ref === undefined ? name : commitOf(repository, ref.sha)
  const exact = commits.find((commit) => commit.sha === sha)
  if (exact !== undefined || !/^[0-9a-f]{7,40}$/.test(name)) return exact
  return commits.find((commit) => commit.sha.startsWith(name))
}

/** How two commits stand to each other. */
export interface Comparison {
  /** Undefined: their histories have nothing in common. */
  readonly mergeBase: Commit | undefined
  /** Commits of the head that the base lacks, oldest first. */
  readonly ahead: readonly Commit[]
  readonly behind: readonly Commit[]
}

/** Compares `base` and `head`, as `git log base..head` and `git merge-base` do. */
export function compareCommits(repository: Repository, base: string, head: string): Comparison {
  const graph = new Map(repository.commits.map((commit) => [commit.sha, commit]))
  const ofBase = ancestors(graph, base)
  const ofHead = ancestors(graph, head)
  const common = [...ofHead].filter((sha) => ofBase.has(sha)).flatMap((sha) => graph.get(sha) ?? [])
  // The best common ancestor is one that no other common one descends from; of several, git takes the newest.
  const older = new Set(common.flatMap((commit) => commit.parents))
  const [mergeBase] = common.filter((commit) => !older.has(commit.sha)).sort(newestFirst)
  return {
    mergeBase,
    ahead: inOrder(
      graph,
      [...ofHead].filter((sha) => !ofBase.has(sha))
    ),
    behind: inOrder(
      graph,
      [...ofBase].filter((sha) => !ofHead.has(sha))
    )
  }
}

/** A commit and all that it descends from, newest first. */
export function history(repository: Repository, sha: string): readonly Commit[] {
  const graph = new Map(repository.commits.map((commit) => [commit.sha, commit]))
  return inOrder(graph, [...ancestors(graph, sha)]).toReversed()
}

export function isAncestor(repository: Repository, ancestor: string, of: string): boolean {
  const graph = new Map(repository.commits.map((commit) => [commit.sha, commit]))
  return ancestors(graph, of).has(ancestor)
}

function ancestors(graph: Graph, sha: string): ReadonlySet<string> {
  const found = new Set<string>()
  const waiting = [sha]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue
    found.add(next)
    waiting.push(...(graph.get(next)?.parents ?? []))
  }
  return found
}

/** Parents before their children; beyond that, oldest first. */
function inOrder(graph: Graph, shas: readonly string[]): readonly Commit[] {
  const wanted = new Map(shas.flatMap((sha) => graph.get(sha) ?? []).map((commit) => [commit.sha, commit]))
  const ordered: Commit[] = []
  const seen = new Set<string>()
  for (const start of [...wanted.values()].sort(newestFirst).toReversed()) {
    const stack = [start]
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const parent = top.parents
        .map((sha) => wanted.get(sha))
        .find((commit) => commit !== undefined && !seen.has(commit.sha))
      if (parent !== undefined && !seen.has(top.sha)) {
        stack.push(parent)
        continue
      }
      stack.pop()
      if (!seen.has(top.sha)) {
        seen.add(top.sha)
        ordered.push(top)
      }
    }
  }
  return ordered
}

function newestFirst(a: Commit, b: Commit): number {
  return Date.parse(b.committer.date) - Date.parse(a.committer.date)
}
