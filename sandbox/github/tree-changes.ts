import { filesOf, type TreeNode } from './git-tree.ts'
import { diffLines, type LineDiff } from './line-diff.ts'
import type { Repository } from './state.ts'

/** One path that differs between two trees. `status` is a word of schema diff-entry. */
export interface TreeChange {
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed'
  /** The new path; for `removed` the old one. */
  readonly path: string
  readonly previousPath?: string
  readonly before?: TreeNode
  readonly after?: TreeNode
}

interface Side {
  readonly path: string
  readonly node: TreeNode
}

/** What differs between two trees, by path, with renames found as `git diff --find-renames` does at its 50 %. */
export function treeChanges(repository: Repository, from: string, to: string): readonly TreeChange[] {
  const before = filesOf(repository, from)
  const after = filesOf(repository, to)
  const removed: Side[] = []
  const changes: TreeChange[] = []
  for (const [path, node] of before) {
    const now = after.get(path)
    if (now === undefined) removed.push({ path, node })
    else if (now.sha !== node.sha || now.mode !== node.mode) {
      const status = kindOf(now.mode) === kindOf(node.mode) ? 'modified' : 'changed'
      changes.push({ status, path, before: node, after: now })
    }
  }
  const added = [...after].filter(([path]) => !before.has(path)).map(([path, node]) => ({ path, node }))
  const renames = findRenames(repository, removed, added)
  const renamedFrom = new Set(renames.map(({ previousPath }) => previousPath))
  const renamedTo = new Set(renames.map(({ path }) => path))
  for (const { path, node } of removed) {
    if (!renamedFrom.has(path)) changes.push({ status: 'removed', path, before: node })
  }
  for (const { path, node } of added) {
    if (!renamedTo.has(path)) changes.push({ status: 'added', path, after: node })
  }
  return [...changes, ...renames].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
}

/** Lines added and taken away; a binary file or a submodule has none. */
export function lineDiffOf(repository: Repository, change: TreeChange): LineDiff | undefined {
  const before = textOf(repository, change.before)
  const after = textOf(repository, change.after)
  return before === undefined || after === undefined ? undefined : diffLines(before, after)
}

/** Git takes a file for binary that has a NUL in its first 8,000 bytes (buffer_is_binary in xdiff-interface.c). */
function textOf(repository: Repository, node: TreeNode | undefined): string | undefined {
  if (node === undefined) return ''
  const object = repository.objects[node.sha]
  if (object?.type !== 'blob') return undefined
  return object.bytes.subarray(0, 8000).includes(0) ? undefined : object.bytes.toString()
}

function kindOf(mode: string): 'file' | 'link' | 'submodule' {
  if (mode === '160000') return 'submodule'
  return mode === '120000' ? 'link' : 'file'
}

/** Git compares no more pairs than this for inexact renames (diff.renameLimit, 1,000 by 1,000). */
const mostPairs = 1_000_000

function findRenames(
  repository: Repository,
  removed: readonly Side[],
  added: readonly Side[]
): readonly (TreeChange & { readonly previousPath: string })[] {
  const sources = new Set(removed)
  const targets = new Set(added)
  const renames: (TreeChange & { readonly previousPath: string })[] = []
  const pair = (source: Side, target: Side): void => {
    sources.delete(source)
    targets.delete(target)
    const { path } = target
    renames.push({ status: 'renamed', path, previousPath: source.path, before: source.node, after: target.node })
  }
  for (const target of added) {
    const same = [...sources].filter(({ node }) => node.sha === target.node.sha && isFile(node) && isFile(target.node))
    const source = same.find(({ path }) => basename(path) === basename(target.path)) ?? same[0]
    if (source !== undefined) pair(source, target)
  }
  if (sources.size * targets.size > mostPairs) return renames
  const candidates = [...targets].flatMap((target) =>
    [...sources]
      .map((source) => ({ source, target, score: similarity(repository, source.node, target.node) }))
      .filter(({ score }) => score >= 0.5)
  )
  const sameName = ({ source, target }: { source: Side; target: Side }): number =>
    basename(source.path) === basename(target.path) ? 1 : 0
  candidates.sort((a, b) => sameName(b) - sameName(a) || b.score - a.score)
  for (const { source, target } of candidates) {
    if (sources.has(source) && targets.has(target)) pair(source, target)
  }
  return renames
}

function isFile(node: TreeNode): boolean {
  return kindOf(node.mode) !== 'submodule'
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Bytes that two files share, by lines or 64 bytes of a long one, of those of the larger (git's diffcore-delta.c). */
function similarity(repository: Repository, before: TreeNode, after: TreeNode): number {
  const [a, b] = [repository.objects[before.sha], repository.objects[after.sha]]
  if (a?.type !== 'blob' || b?.type !== 'blob' || kindOf(before.mode) !== kindOf(after.mode)) return 0
  const largest = Math.max(a.bytes.length, b.bytes.length)
  if (Math.min(a.bytes.length, b.bytes.length) * 2 < largest || a.bytes.length === 0 || b.bytes.length === 0) return 0
  const [inA, inB] = [chunks(a.bytes), chunks(b.bytes)]
  let shared = 0
  for (const [chunk, count] of inA) shared += Math.min(count, inB.get(chunk) ?? 0) * chunk.length
  return shared / largest
}

function chunks(bytes: Buffer): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const [chunk] of bytes.toString('latin1').matchAll(/[^\n]{0,63}\n|[^\n]{1,64}/g)) {
    counts.set(chunk, (counts.get(chunk) ?? 0) + 1)
  }
  return counts
}
