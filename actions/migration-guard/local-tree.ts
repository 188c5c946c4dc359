import { lstat, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../shared/http-failure.ts'
import { fail } from '../shared/problem.ts'
import { blobId, type ReadBlob } from './contents.ts'
import type { Git } from './git.ts'
import { listTree, nulSeparated, treeOf } from './git-tree.ts'
import { pathBytes } from './path-bytes.ts'
import { submoduleMode, symlinkMode, type Tree, type TreeFile } from './tree.ts'

/**
 * What the next commit would hold: the index.
 * @param head id of the commit or the (empty) tree that it comes upon
 */
export async function readIndexTree(git: Git, head: string, read: ReadBlob): Promise<Tree> {
  const files = await filesOf(git, head)
  for (const { path, mode, blob, status } of await rawDifferences(git, ['--cached', head])) {
    if (status === 'U') {
      fail({
        code: 'git-unmerged',
        message: `${JSON.stringify(path)} has a merge conflict, so the index holds no state that could be judged.`,
        hint: 'Resolve the conflict, `git add` the file, and run this again.'
      })
    }
    place(files, path, mode, blob)
  }
  return treeOf('index', files, read)
}

/**
 * What lies in the working tree, with files that git does not track and does not ignore. Blob ids are those that
 * `git add` would give: line endings and filters are taken into account.
 */
export async function readWorkingTree(git: Git, head: string, read: ReadBlob): Promise<Tree> {
  const files = await filesOf(git, head)
  // Of a submodule counts which commit it is at, not what lies about in it.
  const changed = await rawDifferences(git, ['--ignore-submodules=dirty', head])
  const touched = new Set(changed.map(({ path }) => path))
  const untracked = await git.run(['ls-files', '--others', '--exclude-standard', '-z', '--full-name'])
  const repositories = new Map<string, TreeFile>()
  for (const { path, mode, blob } of changed) {
    if (mode === submoduleMode) repositories.set(path, { path, mode, blob })
  }
  for (const path of nulSeparated(untracked.output)) {
    // `git add` would make a submodule of a repository within this one.
    const nested = path.endsWith('/') ? path.slice(0, -1) : undefined
    if (nested === undefined) touched.add(path)
    else repositories.set(nested, { path: nested, mode: submoduleMode, blob: noObject })
  }

  const contents = new Map<string, Buffer>()
  const regular: { readonly path: string; readonly bytes: Buffer; readonly mode: string }[] = []
  for (const path of touched) {
    const found = await onDisk(git, path)
    files.delete(path)
    if (found === undefined) continue
    if (found.mode === symlinkMode) {
      const blob = blobId(found.bytes, git.objectFormat)
      contents.set(blob, found.bytes)
      files.set(path, { path, mode: found.mode, blob })
    } else {
      regular.push({ path, ...found })
    }
  }
  const blobs = await hashFiles(git, regular)
  for (const [index, { path, bytes, mode }] of regular.entries()) {
    const blob = blobs[index] ?? blobId(bytes, git.objectFormat)
    contents.set(blob, asStored(bytes, blob, git.objectFormat))
    files.set(path, { path, mode, blob })
  }
  for (const [path, submodule] of repositories) files.set(path, submodule)
  return treeOf('working tree', files, async (id) => contents.get(id) ?? read(id))
}

const absentMode = '000000'
/** As git writes the id of what is only in the working tree. */
const noObject = '0'.repeat(40)

async function filesOf(git: Git, head: string): Promise<Map<string, TreeFile>> {
  const files = await listTree(git, head)
  if (files !== undefined) return files
  return fail({
    code: 'contents-unreadable',
    message: `The files of ${head} are not all in this clone.`,
    hint: 'Fetch the whole repository: `git fetch --unshallow`, or clone it without `--filter`.'
  })
}

interface RawDifference {
  readonly path: string
  readonly mode: string
  readonly blob: string
  readonly status: string
}

/** `:OLDMODE NEWMODE OLDID NEWID STATUS` NUL path NUL (git-diff-index(1), "Raw output format"). */
async function rawDifferences(git: Git, args: readonly string[]): Promise<RawDifference[]> {
  const { exitCode, output, said } = await git.run([
    'diff-index',
    '--raw',
    '-z',
    '--no-renames',
    '--no-abbrev',
    '--ita-invisible-in-index',
    ...args
  ])
  if (exitCode !== 0) {
    fail({
      code: 'contents-unreadable',
      message: `git cannot compare the working tree with the last commit: ${said.trim()}`,
      hint: 'Run `git status` in this folder and mend what it complains about.'
    })
  }
  const parts = nulSeparated(output)
  const found: RawDifference[] = []
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode = absentMode, , blob = '', status = ''] = (parts[at] ?? '').split(' ')
    found.push({ path: parts[at + 1] ?? '', mode, blob, status: status.slice(0, 1) })
  }
  return found
}

function place(files: Map<string, TreeFile>, path: string, mode: string, blob: string): void {
  if (mode === absentMode) files.delete(path)
  else files.set(path, { path, mode, blob })
}

/** Undefined for what is gone, and for folders: those are submodules, or repositories of their own. */
async function onDisk(git: Git, path: string): Promise<{ readonly bytes: Buffer; readonly mode: string } | undefined> {
  const place = join(git.root, path)
  // A Buffer, as the name may be no UTF-8; where it is, Node's own text also suits Windows.
  const name = pathBytes(path).equals(Buffer.from(path))
    ? place
    : Buffer.concat([Buffer.from(`${git.root}/`), pathBytes(path)])
  try {
    const status = await lstat(name)
    if (status.isSymbolicLink()) return { bytes: await readlink(name, 'buffer'), mode: symlinkMode }
    if (!status.isFile()) return undefined
    return { bytes: await readFile(name), mode: (status.mode & 0o100) === 0 ? '100644' : '100755' }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return undefined
    throw error
  }
}

/** Ids as `git add` gives them. One that git cannot filter is undefined. */
async function hashFiles(git: Git, files: readonly { readonly path: string }[]): Promise<(string | undefined)[]> {
  const ids = new Map<string, string>()
  // Git takes one path a line, unquotes what begins with a quote, and drops a carriage return at the end.
  const plain = files.map(({ path }) => path).filter((path) => !/^"|[\n\r\udc80-\udcff]/u.test(path))
  if (plain.length > 0) {
    const { output } = await git.run(['hash-object', '--stdin-paths'], plain.map((path) => `${path}\n`).join(''))
    for (const [index, id] of output.toString('latin1').split('\n').entries()) {
      const path = plain[index]
      if (path !== undefined && id !== '') ids.set(path, id)
    }
  }
  const others = files.map(({ path }) => path).filter((path) => !ids.has(path) && !/[\udc80-\udcff]/u.test(path))
  for (const path of others) {
    const { exitCode, output } = await git.run(['hash-object', '--', path])
    if (exitCode === 0) ids.set(path, output.toString('latin1').trim())
  }
  return files.map(({ path }) => ids.get(path))
}

/** The bytes that git would store, as far as they can be told without storing them: line endings are changed at most. */
function asStored(bytes: Buffer, blob: string, format: 'sha1' | 'sha256'): Buffer {
  if (blobId(bytes, format) === blob) return bytes
  const unix = Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
  return blobId(unix, format) === blob ? unix : bytes
}
