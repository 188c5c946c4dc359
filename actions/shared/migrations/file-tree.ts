/** Files of one state of a repository, as far as a reader of migrations needs to know them. */
export interface FileTree {
  readonly files: ReadonlyMap<string, ListedFile>
  /** Throws TypeError for a path that the tree does not have. */
  read(path: string): Promise<Buffer>
}

export interface ListedFile {
  /** Relative to the repository's root, with `/`. */
  readonly path: string
  /** Git's object id of its contents. */
  readonly blob: string
}

/** The files below a folder, `.` being the root, with their paths below it. */
export function filesBelow<File extends ListedFile>(
  files: ReadonlyMap<string, File>,
  folder: string
): readonly { readonly below: string; readonly file: File }[] {
  const prefix = folder === '.' || folder === '' ? '' : `${folder}/`
  const found: { readonly below: string; readonly file: File }[] = []
  // Listings are long, and folders may be many: nothing is made for what lies elsewhere.
  for (const file of files.values()) {
    if (file.path.startsWith(prefix)) found.push({ below: file.path.slice(prefix.length), file })
  }
  return found
}

/** `a/b` and `c` → `a/b/c`; `.` stands for the root. */
export function joinPath(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '' && part !== '.').join('/')
}

/** `a/b/c` → `a/b`; a name alone → `.`. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '.' : path.slice(0, slash)
}

/** The last part of a path. */
export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
