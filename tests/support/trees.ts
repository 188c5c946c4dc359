import { createHash } from 'node:crypto'

/** A tree in memory, as git would list it. */
export interface MemoryTree {
  readonly commit: string
  readonly files: ReadonlyMap<string, { readonly path: string; readonly blob: string; readonly mode: string }>
  read(path: string): Promise<Buffer>
}

/** What a tree is made of: each path with its text, or its bytes. */
export type Files = Readonly<Record<string, string | Buffer>>

/** A tree with these files, git's own blob ids, and a commit id that depends on them. */
export function treeOf(files: Files): MemoryTree {
  const entries = Object.entries(files).map(([path, contents]) => [path, Buffer.from(contents)] as const)
  const contents = new Map(entries)
  return {
    commit: createHash('sha1').update(JSON.stringify(files)).digest('hex'),
    files: new Map(entries.map(([path, bytes]) => [path, { path, blob: blobOf(bytes), mode: '100644' }])),
    read: (path) => {
      const bytes = contents.get(path)
      return bytes === undefined ? Promise.reject(new TypeError(`no ${path}`)) : Promise.resolve(bytes)
    }
  }
}

/** Git's id of a blob. */
export function blobOf(contents: string | Buffer): string {
  const bytes = Buffer.from(contents)
  return createHash('sha1')
    .update(`blob ${String(bytes.length)}\0`)
    .update(bytes)
    .digest('hex')
}
