import type { ChangedFile } from './change.ts'
import type { Tree, TreeFile } from './tree.ts'

/**
 * What changed from one tree to the other, sorted by path. A file is edited when its contents or its mode are others.
 * Renamed is, one to one, what has the same contents under another path; or, in the same folder, a migration of the
 * same version under another name, or of the same name under another version.
 */
export function differences(base: Pick<Tree, 'files'>, head: Pick<Tree, 'files'>): ChangedFile[] {
  const changes: ChangedFile[] = []
  const gone = new Map<string, TreeFile>()
  const come = new Map<string, TreeFile>()
  for (const [path, before] of base.files) {
    const after = head.files.get(path)
    if (after === undefined) gone.set(path, before)
    else if (after.blob !== before.blob || after.mode !== before.mode)
      changes.push({ kind: 'edited', path, before, after })
  }
  for (const [path, after] of head.files) if (!base.files.has(path)) come.set(path, after)

  for (const likeness of likenesses) {
    for (const [before, after] of pairs(gone.values(), come.values(), likeness)) {
      gone.delete(before.path)
      come.delete(after.path)
      changes.push({ kind: 'renamed', path: after.path, before, after })
    }
  }
  for (const [path, before] of gone) changes.push({ kind: 'deleted', path, before })
  for (const [path, after] of come) changes.push({ kind: 'added', path, after })
  return changes.sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0))
}

/** What two files have in common that makes one the other's new name; the surest first. Undefined: nothing of the kind. */
const likenesses: readonly ((file: TreeFile) => string | undefined)[] = [
  ({ path, blob }) => keyOf(blob, path.slice(path.lastIndexOf('/') + 1)),
  (file) => migrationKey(file, ({ version }) => keyOf(file.blob, version)),
  ({ path, blob }) => keyOf(blob, path.slice(0, path.lastIndexOf('/') + 1)),
  ({ blob }) => blob,
  (file) => migrationKey(file, ({ version }) => keyOf('version', version)),
  (file) => migrationKey(file, ({ name }) => keyOf('name', name))
]

function* pairs(
  gone: Iterable<TreeFile>,
  come: Iterable<TreeFile>,
  likeness: (file: TreeFile) => string | undefined
): Generator<readonly [TreeFile, TreeFile]> {
  const waiting = new Map<string, TreeFile[]>()
  for (const file of gone) {
    const key = likeness(file)
    if (key === undefined) continue
    const same = waiting.get(key)
    if (same === undefined) waiting.set(key, [file])
    else same.push(file)
  }
  if (waiting.size === 0) return
  for (const file of [...come]) {
    const key = likeness(file)
    const before = key === undefined ? undefined : waiting.get(key)?.shift()
    if (before !== undefined) yield [before, file]
  }
}

interface NamedMigration {
  readonly version: string
  readonly name: string
}

/**
 * A part of the path that begins with digits, as migrations of Ecto (a file) and Prisma (a folder) do. What stands
 * before and behind it belongs to the key: `down.sql` of one is never the new name of `migration.sql` of another.
 */
function migrationKey(file: TreeFile, key: (migration: NamedMigration) => string): string | undefined {
  const found = /^(?<folder>(?:.*\/)?)(?<version>\d{3,})[_-](?<name>[^/.]+)(?<rest>[./].*)$/su.exec(file.path)?.groups
  if (found === undefined) return undefined
  const { folder = '', version = '', name = '', rest = '' } = found
  return keyOf(folder, rest, key({ version, name }))
}

/** NUL stands in no path. */
function keyOf(...parts: readonly string[]): string {
  return parts.join('\0')
}
