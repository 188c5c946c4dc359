import type { TarMember } from '../shared/tar.ts'
import { canonicalPath } from './contents.ts'
import { circularLink, linkEnd } from './links.ts'
import { pathTree, type PathTree } from './path-tree.ts'

/** Something about a package's contents, in words; all of them are put into problems of one kind. */
export interface ContentsFaults {
  /** What no tool may unpack: paths and links that leave the folder, devices, two files of one name. */
  readonly refused: readonly string[]
  /** What Hex takes, and somebody who installs may stumble over. */
  readonly odd: readonly string[]
}

/**
 * Holds the members of contents.tar.gz to what can be unpacked everywhere, into the same files, without leaving the
 * folder. Stricter than hex_core when it unpacks: it takes a `/` from the beginning of a path, passes over hard links,
 * and of two files with one name leaves the later.
 */
export function checkContents(members: readonly TarMember[]): ContentsFaults {
  const refused: string[] = []
  const odd: string[] = []
  const kinds = new Map<string, TarMember['kind']>()
  const links = new Map<string, string>()
  const spellings = new Map<string, string>()
  for (const { name, kind, target } of members) {
    const shown = JSON.stringify(name)
    const path = canonicalPath(name)
    const unsafe = pathFault(name)
    if (unsafe !== undefined) refused.push(`the path ${shown} ${unsafe}`)
    if (kind in unsupported) refused.push(`${shown} is ${unsupported[kind as keyof typeof unsupported]}`)
    if (path === '') continue
    const before = kinds.get(path)
    if (before !== undefined && !(before === 'folder' && kind === 'folder')) refused.push(`${shown} is in it twice`)
    kinds.set(path, kind)
    if (kind === 'symlink') links.set(path, target)
    const folded = foldCase(path)
    const other = spellings.get(folded)
    if (other !== undefined && other !== path)
      odd.push(`${shown} and ${JSON.stringify(other)} are one file where case makes no difference (macOS, Windows)`)
    spellings.set(folded, path)
  }
  const noFolders = pathTree([...kinds].flatMap(([path, kind]) => (kind === 'folder' ? [] : [path])))
  for (const path of kinds.keys()) {
    const parent = noFolders.outermost(path)
    if (parent !== undefined && parent !== path)
      refused.push(
        `${JSON.stringify(path)} lies in ${JSON.stringify(parent)}, which is no folder but a ${kinds.get(parent) ?? ''}`
      )
  }
  const tree = pathTree(kinds.keys())
  const foldedTree = pathTree([...kinds.keys()].map(foldCase))
  for (const [path, kind] of kinds) {
    if (kind === 'folder' || tree.isFolder(path) || !foldedTree.isFolder(foldCase(path))) continue
    odd.push(`${JSON.stringify(path)} is a ${kind}, and where case makes no difference (macOS, Windows) a folder too`)
  }
  const linkFaults = checkLinks(links, kinds, tree)
  refused.push(...linkFaults.refused)
  odd.push(...linkFaults.odd)
  const unreadable = [...kinds.keys()].find((path) => /[^\x20-\x7e]/.test(path) && /[ =]/.test(path))
  if (unreadable !== undefined) {
    // Measured with hex_core 0.7.1, whose tar reader splits the PAX header of such a name at every space and "=".
    const shown = JSON.stringify(unreadable)
    odd.push(
      `${shown} has letters beyond ASCII and a space or "=", which older clients (rebar3 3.19 is one) cannot unpack`
    )
  }
  return { refused, odd }
}

/** As file systems that keep and ignore case compare names. */
function foldCase(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

/** Each is followed through all the others; no package comes near so many. */
const mostLinks = 1000

function checkLinks(
  links: ReadonlyMap<string, string>,
  kinds: ReadonlyMap<string, TarMember['kind']>,
  tree: PathTree
): ContentsFaults {
  if (links.size > mostLinks) return { refused: [`it has ${links.size} links, more than ${mostLinks}`], odd: [] }
  const refused: string[] = []
  const odd: string[] = []
  const folderLinks = new Map<string, string>()
  for (const [path, target] of links) {
    const shown = `the link ${JSON.stringify(path)} to ${JSON.stringify(target)}`
    const end = linkEnd(path, target, links)
    if (typeof end !== 'string') refused.push(`${shown} ${end.fault}`)
    else if (end === '' || tree.isFolder(end) || kinds.get(end) === 'folder') folderLinks.set(path, end)
    else if (!kinds.has(end)) odd.push(`${shown} leads to nothing in the package`)
  }
  const circle = circularLink(folderLinks)
  return { refused: circle === undefined ? refused : [...refused, circle], odd }
}

const unsupported = {
  hardlink: 'a hard link',
  sparse: 'a sparse file',
  other: 'neither a file, a folder nor a link'
} as const

function pathFault(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (name.startsWith('/')) return 'is absolute'
  if (/^[A-Za-z]:/.test(name)) return 'begins with a drive'
  if (name.includes('\\')) return 'has a backslash, which is a folder on Windows'
  if (name.split('/').includes('..')) return 'has ".." in it'
  if (/\p{Cc}/u.test(name)) return 'has a control character'
  return name.includes('\ufffd') ? 'is not UTF-8' : undefined
}
