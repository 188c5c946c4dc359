import type { ListedFiles, NotAvailable } from '../listing.ts'
import type { PolicyFacts } from './facts.ts'

/** The path below a folder; undefined for one that is elsewhere. `.` is the root. */
export function pathBelow(folder: string, path: string): string | undefined {
  if (folder === '.' || folder === '') return path
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined
}

/** A listing that was read. */
export function isListing(listing: ListedFiles | NotAvailable | undefined): listing is ListedFiles {
  return listing !== undefined && 'files' in listing
}

/** The source's label where it has the same bytes at the corresponding path. */
export function isAsInSource(
  { configuration, source }: PolicyFacts,
  { path, blob }: { readonly path: string; readonly blob: string }
): string | undefined {
  if (configuration.source === undefined || !isListing(source)) return undefined
  const below = pathBelow(configuration.source.into, path)
  return below !== undefined && source.files.get(below) === blob ? source.label : undefined
}

/** Why the package proves nothing yet; undefined where it may be believed, also because somebody has approved it. */
export function packageDoubtOf({ package: listing, approval, change }: PolicyFacts): string | undefined {
  if (!isListing(listing) || approval?.state === 'approved') return undefined
  // A push and a local run know no reviews: there it is told, and nothing fails.
  return approval === undefined && (change.kind === 'push' || change.kind === 'local') ? undefined : listing.doubt
}

/** The package's label where it holds the same bytes under the same name. */
export function handedOver(
  facts: PolicyFacts,
  { path, blob }: { readonly path: string; readonly blob: string }
): string | undefined {
  const { configuration, package: listing } = facts
  if (configuration.package === undefined || !isListing(listing) || packageDoubtOf(facts) !== undefined)
    return undefined
  const below = pathBelow(configuration.package.from, path)
  return below !== undefined && listing.files.get(below) === blob ? listing.label : undefined
}
