import { tipOf } from './branch-moves.ts'
import { compareCommits } from './commit-graph.ts'
import { emptyTree } from './git-tree.ts'
import { notFound } from './errors.ts'
import type { RepositoryCall } from './operation.ts'
import type { Commit, Pull, Repository } from './state.ts'
import { treeChanges, type TreeChange } from './tree-changes.ts'

/** What a pull request brings: the way from the merge base to its head. */
export interface PullContent {
  /** The commit that files are compared with. */
  readonly mergeBase: string
  /** Oldest first. */
  readonly commits: readonly Commit[]
  readonly changes: readonly TreeChange[]
}

/** The pull request of the path's `pull_number` or `issue_number`; throws 404 when there is none. */
export function pullInPath(call: RepositoryCall): Pull {
  const number = call.params['pull_number'] ?? call.params['issue_number']
  const pull = call.repository.pulls.find((candidate) => String(candidate.number) === number)
  if (pull === undefined) throw notFound(call.documentation)
  return pull
}

/** For an open one, compared with its base as it is now; afterwards with the base that it was merged into. */
export function pullContent(repository: Repository, pull: Pull): PullContent {
  const base = (pull.state === 'open' ? tipOf(repository, pull.base.ref) : undefined) ?? pull.base.sha
  const { mergeBase, ahead } = compareCommits(repository, base, pull.head.sha)
  const head = repository.commits.find(({ sha }) => sha === pull.head.sha)
  return {
    mergeBase: mergeBase?.sha ?? base,
    commits: ahead,
    changes: treeChanges(repository, mergeBase?.tree ?? emptyTree, head?.tree ?? emptyTree)
  }
}
