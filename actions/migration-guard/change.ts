import type { Tree, TreeFile } from './tree.ts'

/** What a run judges: the way from `base` to `head`. */
export interface Change {
  readonly kind: 'pull_request' | 'merge_group' | 'push' | 'local'
  /** Where it was read. Both are whole, or the run has ended with a problem. */
  readonly source: 'git' | 'api'
  /** The state that the change began from: the merge base. */
  readonly base: Tree
  /** The newest state of the branch that the change goes to; for a push, the state before it. */
  readonly target: Tree
  readonly head: Tree
  /** From `base` to `head`, sorted by path. */
  readonly files: readonly ChangedFile[]
  /** Number of the pull request, where it is one. Several for a group of the merge queue. */
  readonly pulls: readonly number[]
  /** False where a group may be made of others, too: then nobody can have approved all of it. */
  readonly pullsKnown?: boolean
  /** Sentences for a user: what is not as one would think, such as a head that is newer than the event. */
  readonly notes?: readonly string[]
}

export type ChangedFile =
  | { readonly kind: 'added'; readonly path: string; readonly after: TreeFile }
  | { readonly kind: 'deleted'; readonly path: string; readonly before: TreeFile }
  | { readonly kind: 'edited'; readonly path: string; readonly before: TreeFile; readonly after: TreeFile }
  /** `path` is the new one; the contents may have changed with it. */
  | { readonly kind: 'renamed'; readonly path: string; readonly before: TreeFile; readonly after: TreeFile }
