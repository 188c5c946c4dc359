import { fail } from '../shared/problem.ts'
import type { Change } from './change.ts'
import { createContents } from './contents.ts'
import { resolveCommit, treeOf } from './git-tree.ts'
import type { Git } from './git.ts'
import { createHistory } from './history.ts'
import { readIndexTree, readWorkingTree } from './local-tree.ts'
import { differences } from './tree-difference.ts'

/** What is judged on a developer's machine; a commit by the revision that names it. */
export type LocalState = 'working tree' | 'index' | { readonly commit: string }

/**
 * What a developer has changed, from where the branch began.
 * @param base a revision; undefined: the branch that a pull request would go to
 */
export async function readLocalChange(git: Git, base: string | undefined, state: LocalState): Promise<Change> {
  const read = createContents(git, undefined)
  const head = typeof state === 'object' ? await findCommit(git, state.commit) : await resolveCommit(git, 'HEAD')
  const readHead = state === 'index' ? readIndexTree : readWorkingTree
  if (head === undefined) {
    // Before the first commit there is nothing that the change could begin from.
    const empty = treeOf(emptyTree[git.objectFormat], new Map(), read)
    const tree = await readHead(git, empty.commit, read)
    return { ...local, base: empty, target: empty, head: tree, files: differences(empty, tree), notes: [] }
  }
  const candidates = base === undefined ? await usualTargets(git, state) : [`refs/remotes/origin/${base}`, base]
  const { revision, target } = (await firstOf(git, candidates)) ?? noTarget(base, head)
  const history = createHistory(git, undefined)
  const [baseTree, targetTree, tree] = await Promise.all([
    history.tree(await history.mergeBase(target, head)),
    history.tree(target),
    typeof state === 'object' ? history.tree(head) : readHead(git, head, read)
  ])
  return {
    ...local,
    base: baseTree,
    target: targetTree,
    head: tree,
    files: differences(baseTree, tree),
    notes: [`Compared with ${revision}, as this clone has it.`]
  }
}

const local = { kind: 'local', source: 'git', pulls: [] } as const

/** Git knows the empty tree without storing it. */
const emptyTree = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'
} as const

async function findCommit(git: Git, revision: string): Promise<string> {
  return (
    (await resolveCommit(git, revision)) ??
    fail({
      code: 'change-incomplete',
      message: `${JSON.stringify(revision)} names no commit of this clone.`,
      hint: 'Give --commit a branch, a tag or a commit that is here.'
    })
  )
}

interface Target {
  /** As people write it. */
  readonly revision: string
  readonly target: string
}

async function firstOf(git: Git, candidates: readonly string[]): Promise<Target | undefined> {
  for (const candidate of candidates) {
    const target = await resolveCommit(git, candidate)
    if (target !== undefined) return { revision: candidate.replace(/^refs\/(remotes|heads)\//, ''), target }
  }
  return undefined
}

function noTarget(base: string | undefined, head: string): Target {
  if (base === undefined) return { revision: 'HEAD', target: head }
  return fail({
    code: 'change-without-base',
    message: `${JSON.stringify(base)} names no commit of this clone.`,
    hint: `Fetch it (\`git fetch origin ${base}\`), or give another --base.`
  })
}

/**
 * Where a pull request would go: to the branch that the checked out one was made from, where git knows that, else to the
 * remote's default branch. A commit that is named may be of any branch.
 */
async function usualTargets(git: Git, state: LocalState): Promise<readonly string[]> {
  const upstream = typeof state === 'object' ? undefined : await upstreamOf(git)
  const remote = await said(git, 'symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD')
  return [upstream, remote, ...usualBranches].filter((ref) => ref !== undefined)
}

/** The upstream; undefined where it is the branch itself as it was pushed, which no pull request goes to. */
async function upstreamOf(git: Git): Promise<string | undefined> {
  const branch = await said(git, 'symbolic-ref', '--quiet', 'HEAD')
  if (branch === undefined) return undefined
  const merged = await said(git, 'config', '--get', `branch.${branch.replace('refs/heads/', '')}.merge`)
  if (merged === undefined || merged === branch) return undefined
  return said(git, 'rev-parse', '--symbolic-full-name', '@{upstream}')
}

/** What git answers; undefined where it fails. */
async function said(git: Git, ...args: readonly string[]): Promise<string | undefined> {
  const { exitCode, output } = await git.run(args)
  const text = output.toString('utf8').trim()
  return exitCode === 0 && text !== '' ? text : undefined
}

const usualBranches = ['refs/remotes/origin/main', 'refs/remotes/origin/master', 'refs/heads/main', 'refs/heads/master']
