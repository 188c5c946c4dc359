import type { Limits } from './state.ts'

/** The caps of github.com, from the documentation of the operations that have them. */
export const githubLimits: Limits = {
  treeEntries: 100_000,
  pullFiles: 3000,
  comparedFiles: 300,
  pullCommits: 250,
  statuses: 1000
}
