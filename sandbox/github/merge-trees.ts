import { compareCommits } from './commit-graph.ts'
import { completeCommit } from './commit-object.ts'
import { addTree, emptyTree, filesOf, type TreeNode } from './git-tree.ts'
import type { Commit, Repository } from './state.ts'

/**
 * The tree of a merge, or undefined where it conflicts. Files are merged whole: one that both sides changed, and not to
 * the same, is a conflict here even where git could merge its lines (see departures.ts).
 */
export function mergedTree(repository: Repository, ours: string, theirs: string): string | undefined {
  const { mergeBase } = compareCommits(repository, ours, theirs)
  const base = filesOf(repository, mergeBase?.tree ?? emptyTree)
  const ourFiles = filesOf(repository, treeOf(repository, ours))
  const theirFiles = filesOf(repository, treeOf(repository, theirs))
  const merged = new Map<string, TreeNode>()
  for (const path of new Set([...ourFiles.keys(), ...theirFiles.keys()])) {
    const [was, our, their] = [base.get(path), ourFiles.get(path), theirFiles.get(path)]
    if (!same(our, was) && !same(their, was) && !same(our, their)) return undefined
    const node = same(our, was) ? their : our
    if (node !== undefined) merged.set(path, node)
  }
  return addTree(repository, merged)
}

/**
 * Adds the commit that merges `theirs` into `ours` and gives its SHA; undefined where they conflict. Its time is the
 * newer one of theirs, so that the same merge is the same commit whenever it is asked for.
 */
export function mergeCommit(repository: Repository, ours: string, theirs: string, message: string): string | undefined {
  const tree = mergedTree(repository, ours, theirs)
  if (tree === undefined) return undefined
  const dates = [ours, theirs].map((sha) => Date.parse(commitAt(repository, sha)?.committer.date ?? '1970-01-01'))
  const commit = completeCommit({ tree, message, parents: [ours, theirs] }, Math.max(...dates))
  if (commitAt(repository, commit.sha) === undefined) repository.commits.push(commit)
  return commit.sha
}

function same(a: TreeNode | undefined, b: TreeNode | undefined): boolean {
  return a?.sha === b?.sha && a?.mode === b?.mode
}

function treeOf(repository: Repository, sha: string): string {
  return commitAt(repository, sha)?.tree ?? emptyTree
}

function commitAt(repository: Repository, sha: string): Commit | undefined {
  return repository.commits.find((commit) => commit.sha === sha)
}
