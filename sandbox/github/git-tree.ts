import { gitObjectId } from './git-object.ts'
import type { Repository } from './state.ts'

/** One entry of one tree object. */
export interface TreeEntry {
  /** `100644`, `100755`, `120000` for a symbolic link, `160000` for a submodule, `40000` for a tree. */
  readonly mode: string
  readonly name: string
  readonly sha: string
}

/** Whatever lies at a path below a tree. */
export interface TreeNode {
  readonly mode: string
  readonly sha: string
}

/** Files of a whole tree by path, in git's order: submodules and links too, folders not. */
export type TreeFiles = ReadonlyMap<string, TreeNode>

export const folderMode = '40000'

/** Git's own id of the tree without entries. */
export const emptyTree = gitObjectId('tree', Buffer.alloc(0))

/** The entries of a tree, in git's order; undefined when the repository does not have it. The empty tree always exists. */
export function readTree(repository: Repository, sha: string): readonly TreeEntry[] | undefined {
  const object = repository.objects[sha]
  if (object?.type === 'tree') return parseTree(object.bytes)
  return sha === emptyTree ? [] : undefined
}

/** git-cat-file(1): `mode SP name NUL` and twenty bytes of SHA-1 for each entry. */
function parseTree(bytes: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = []
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(0x20, start)
    const end = bytes.indexOf(0, space)
    entries.push({
      mode: bytes.toString('latin1', start, space),
      name: bytes.toString('utf8', space + 1, end),
      sha: bytes.toString('hex', end + 1, end + 21)
    })
    start = end + 21
  }
  return entries
}

/** Every file below a tree. What the repository lacks of it counts as empty. */
export function filesOf(repository: Repository, tree: string): TreeFiles {
  const files = new Map<string, TreeNode>()
  const walk = (sha: string, folder: string): void => {
    for (const entry of readTree(repository, sha) ?? []) {
      if (entry.mode === folderMode) walk(entry.sha, `${folder}${entry.name}/`)
      else files.set(folder + entry.name, { mode: entry.mode, sha: entry.sha })
    }
  }
  walk(tree, '')
  return files
}

/** What lies at `path` below a tree: a file, a link, a submodule or a folder. The empty path is the tree itself. */
export function nodeAt(repository: Repository, tree: string, path: string): TreeNode | undefined {
  let node: TreeNode = { mode: folderMode, sha: tree }
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (node.mode !== folderMode) return undefined
    const entry = readTree(repository, node.sha)?.find((candidate) => candidate.name === name)
    if (entry === undefined) return undefined
    node = entry
  }
  return node
}

/** Stores a blob and gives its id. */
export function addBlob(repository: Repository, bytes: Buffer): string {
  const sha = gitObjectId('blob', bytes)
  repository.objects[sha] ??= { type: 'blob', bytes }
  return sha
}

/** Stores the trees that hold these files, and gives the id of the whole. */
export function addTree(repository: Repository, files: TreeFiles): string {
  const here: TreeEntry[] = []
  const below = new Map<string, Map<string, TreeNode>>()
  for (const [path, node] of files) {
    const slash = path.indexOf('/')
    if (slash < 0) {
      here.push({ ...node, name: path })
      continue
    }
    const folder = path.slice(0, slash)
    const inside = below.get(folder) ?? new Map<string, TreeNode>()
    below.set(folder, inside.set(path.slice(slash + 1), node))
  }
  for (const [name, inside] of below) here.push({ mode: folderMode, name, sha: addTree(repository, inside) })
  const bytes = Buffer.concat(here.sort(byName).map(encoded))
  const sha = gitObjectId('tree', bytes)
  repository.objects[sha] ??= { type: 'tree', bytes }
  return sha
}

/** Git sorts by bytes, a folder as if its name ended in a slash (base_name_compare in git's tree.c). */
function byName(a: TreeEntry, b: TreeEntry): number {
  const key = (entry: TreeEntry): Buffer => Buffer.from(entry.name + (entry.mode === folderMode ? '/' : ''))
  return Buffer.compare(key(a), key(b))
}

function encoded({ mode, name, sha }: TreeEntry): Buffer {
  return Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(sha, 'hex')])
}
