import type { RepositoryCall } from '../operation.ts'
import { lineDiffOf, type TreeChange } from '../tree-changes.ts'
import { repositoryUrls } from './repository-urls.ts'

/** GitHub leaves the patch of a larger file out (seen at 20,000 lines or 1 MB of patch); the sandbox at this size. */
const largestPatch = 1_000_000

/** Schema diff-entry: one changed file; `sha` is the id of its blob, for a removed one that of the old blob. */
export function diffEntryShape(call: RepositoryCall, change: TreeChange, head: string, base: string): object {
  const { api, html } = repositoryUrls(call)
  const diff = lineDiffOf(call.repository, change)
  const [additions, deletions] = [diff?.additions ?? 0, diff?.deletions ?? 0]
  const encoded = change.path.split('/').map(encodeURIComponent).join('/')
  const at = change.status === 'removed' ? base : head
  return {
    sha: (change.after ?? change.before)?.sha ?? null,
    filename: change.path,
    status: change.status,
    additions,
    deletions,
    changes: additions + deletions,
    blob_url: `${html}/blob/${at}/${encoded}`,
    raw_url: `${html}/raw/${at}/${encoded}`,
    contents_url: `${api}/contents/${encoded}?ref=${at}`,
    ...(diff === undefined || diff.patch === '' || diff.patch.length > largestPatch ? {} : { patch: diff.patch }),
    ...(change.previousPath === undefined ? {} : { previous_filename: change.previousPath })
  }
}

/** `stats` of a commit or a pull request. */
export function lineTotals(
  call: RepositoryCall,
  changes: readonly TreeChange[]
): { readonly additions: number; readonly deletions: number } {
  const diffs = changes.map((change) => lineDiffOf(call.repository, change))
  return {
    additions: diffs.reduce((sum, diff) => sum + (diff?.additions ?? 0), 0),
    deletions: diffs.reduce((sum, diff) => sum + (diff?.deletions ?? 0), 0)
  }
}
