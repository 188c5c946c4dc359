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

/** The package's label where it holds the same bytes under the same name. */
export function handedOver(
  { configuration, package: listing }: PolicyFacts,
  { path, blob }: { readonly path: string; readonly blob: string }
): string | undefined {
  if (configuration.package === undefined || !isListing(listing)) return undefined
  const below = pathBelow(configuration.package.from, path)
  return below !== undefined && listing.files.get(below) === blob ? listing.label : undefined
}
