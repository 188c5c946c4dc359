import { fail } from '../shared/problem.ts'
import type { Change } from './change.ts'
import { createContents } from './contents.ts'
import { resolveCommit, treeOf } from './git-tree.ts'
import type { Git } from './git.ts'
import { createHistory } from './history.ts'
import { readIndexTree, readWorkingTree } from './local-tree.ts'
import { differences } from './tree-difference.ts'

/**
 * What a developer has changed: from where the branch began to the index, or to the working tree.
 * @param base a revision; undefined: the branch that the remote has as its own, else main or master
 */
export async function readLocalChange(git: Git, base: string | undefined, staged: boolean): Promise<Change> {
  const read = createContents(git, undefined)
  const head = await resolveCommit(git, 'HEAD')
  const readHead = staged ? readIndexTree : readWorkingTree
  if (head === undefined) {
    // Before the first commit there is nothing that the change could begin from.
    const empty = treeOf(emptyTree[git.objectFormat], new Map(), read)
    const tree = await readHead(git, empty.commit, read)
    return { ...local, base: empty, target: empty, head: tree, files: differences(empty, tree), notes: [] }
  }
  const { revision, target } = await findTarget(git, base, head)
  const history = createHistory(git, undefined)
  const [baseTree, targetTree, tree] = await Promise.all([
    history.tree(await history.mergeBase(target, head)),
    history.tree(target),
    readHead(git, head, read)
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

async function findTarget(
  git: Git,
  base: string | undefined,
  head: string
): Promise<{ readonly revision: string; readonly target: string }> {
  const candidates = base === undefined ? usualBranches : [`refs/remotes/origin/${base}`, base]
  for (const revision of candidates) {
    const target = await resolveCommit(git, revision)
    if (target !== undefined) return { revision: revision.replace(/^refs\/(remotes|heads)\//, ''), target }
  }
  if (base === undefined) return { revision: 'HEAD', target: head }
  return fail({
    code: 'change-without-base',
    message: `${JSON.stringify(base)} names no commit of this clone.`,
    hint: `Fetch it (\`git fetch origin ${base}\`), or give another --base.`
  })
}

const usualBranches = [
  'refs/remotes/origin/HEAD',
  'refs/remotes/origin/main',
  'refs/remotes/origin/master',
  'refs/heads/main',
  'refs/heads/master'
]
