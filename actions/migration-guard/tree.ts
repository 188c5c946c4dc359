/** One file of a tree, as git stores it. */
export interface TreeFile {
  /** Relative to the repository's root, with `/`. */
  readonly path: string
  /** Git's object id of its contents, hexadecimal. */
  readonly blob: string
  /** `100644`, `100755`, `120000` for a symbolic link; `160000` for a submodule, whose id is a commit. */
  readonly mode: string
}

/** All files of one state of a repository. The listing is whole; contents are fetched when they are asked for. */
export interface Tree {
  /** Commit id; `index` or `working tree` for what is not committed yet. */
  readonly commit: string
  readonly files: ReadonlyMap<string, TreeFile>
  /** Submodules by path: they stand in no `files`, for they have no contents here. Undefined where there are none. */
  readonly submodules?: ReadonlyMap<string, TreeFile>
  /** Throws `ActionError` where the contents cannot be had, TypeError for a path that the tree does not have. */
  read(path: string): Promise<Buffer>
}

export const symlinkMode = '120000'
export const submoduleMode = '160000'
