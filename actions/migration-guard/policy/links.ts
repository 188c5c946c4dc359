import picomatch from 'picomatch'
import type { Change } from '../change.ts'
import { submoduleMode, symlinkMode, type Tree, type TreeFile } from '../tree.ts'

export type LinkKind = 'symlink' | 'submodule'

/** How each is called. */
export const linkWords: Readonly<Record<LinkKind, string>> = { symlink: 'a symbolic link', submodule: 'a submodule' }

/**
 * A symbolic link or a submodule that came, changed or went. What it leads to is there for Ecto and Prisma, whose
 * wildcards follow both (a submodule once it is checked out), and stands in no listing of files.
 */
export interface LinkChange {
  readonly path: string
  readonly op: 'add' | 'edit' | 'delete'
  /** What it is now; undefined where it is none any more. */
  readonly kind: LinkKind | undefined
  readonly blob: string | undefined
  readonly gone: string | undefined
}

/** Links and submodules that differ between the change's base and its head, by path. */
export function linkChanges({ base, head }: Pick<Change, 'base' | 'head'>): readonly LinkChange[] {
  const [before, after] = [linksOf(base), linksOf(head)]
  const came = [...after.values()].flatMap((link): readonly LinkChange[] => {
    const { path, blob, mode } = link
    const was = before.get(path) ?? base.files.get(path)
    if (was?.mode === mode && was.blob === blob) return []
    return [{ path, op: was === undefined ? 'add' : 'edit', kind: kindOf(link), blob, gone: was?.blob }]
  })
  const went = [...before.values()].flatMap(({ path, blob }): readonly LinkChange[] => {
    if (after.has(path)) return []
    return [{ path, op: 'delete', kind: undefined, blob: undefined, gone: blob }]
  })
  return [...came, ...went].sort((one, other) => (one.path < other.path ? -1 : 1))
}

function linksOf({ files, submodules = new Map() }: Pick<Tree, 'files' | 'submodules'>): Map<string, TreeFile> {
  const links = new Map<string, TreeFile>(submodules)
  for (const [path, file] of files) if (file.mode === symlinkMode) links.set(path, file)
  return links
}

function kindOf({ mode }: TreeFile): LinkKind {
  return mode === submoduleMode ? 'submodule' : 'symlink'
}

/** Whether something below a path could be one that a glob names: each of its parts fits the glob's part at its place. */
export function mayHold(path: string, glob: string): boolean {
  const wanted = glob.split('/')
  const parts = path.split('/')
  for (const [index, part] of parts.entries()) {
    const pattern = wanted[index]
    if (pattern === undefined) return false
    // From here on anything may come; and braces may hold a slash, so that what follows is no part any more.
    if (pattern.includes('**') || /[{(]/.test(pattern.replaceAll(/\\./g, ''))) return true
    if (!picomatch.isMatch(part, pattern, { dot: true, nonegate: true })) return false
  }
  return wanted.length > parts.length
}
