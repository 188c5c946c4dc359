/** The files of one folder as git would store them, wherever they are; or why they could not be read. */
export type Listing = ListedFiles | NotAvailable

export interface ListedFiles {
  /** As a report names it: `diwa-cloud@main (1a2b3c4)`. */
  readonly label: string
  /** Git's blob id of each file, by its path below the folder, with `/`. */
  readonly files: ReadonlyMap<string, string>
  /** Why it proves nothing until somebody has reviewed where it comes from, as a sentence. */
  readonly doubt?: string
}

/** It counts as not fulfilled: what could not be read proves nothing. */
export interface NotAvailable {
  /** Why, as a sentence for a user. */
  readonly notAvailable: string
  /** What to do, as a sentence. */
  readonly next: string
  /** A package that neither mix.exs nor the lock names: there is nothing yet that could be read. */
  readonly unused?: true
}

/** What the source of truth has at its ref. */
export type SourceListing =
  (ListedFiles & { readonly commit: string; readonly way: 'api' | 'checkout' | 'manifest' }) | NotAvailable

/** What the package has at the version that is locked. */
export type PackageListing =
  (ListedFiles & { readonly way: 'hex' | 'deps' | 'git' | 'path'; readonly version: string }) | NotAvailable
