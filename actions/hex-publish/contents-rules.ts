import type { TarMember } from '../shared/tar.ts'
import { canonicalPath } from './contents.ts'
import { circularLink, linkEnd } from './links.ts'

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
    const folded = path.normalize('NFC').toLowerCase()
    const other = spellings.get(folded)
    if (other !== undefined && other !== path)
      odd.push(`${shown} and ${JSON.stringify(other)} are one file where case makes no difference (macOS, Windows)`)
    spellings.set(folded, path)
  }
  for (const path of kinds.keys()) {
    const parent = ancestors(path).find((folder) => (kinds.get(folder) ?? 'folder') !== 'folder')
    if (parent !== undefined)
      refused.push(
        `${JSON.stringify(path)} lies in ${JSON.stringify(parent)}, which is no folder but a ${kinds.get(parent) ?? ''}`
      )
  }
  const folders = new Set([...kinds.keys()].flatMap(ancestors))
  const folderLinks = new Map<string, string>()
  for (const [path, target] of links) {
    const shown = `the link ${JSON.stringify(path)} to ${JSON.stringify(target)}`
    const end = linkEnd(path, target, links)
    if (typeof end !== 'string') refused.push(`${shown} ${end.fault}`)
    else if (end === '' || folders.has(end) || kinds.get(end) === 'folder') folderLinks.set(path, end)
    else if (!kinds.has(end)) odd.push(`${shown} leads to nothing in the package`)
  }
  const circle = circularLink(folderLinks)
  if (circle !== undefined) refused.push(circle)
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

/** The folders that a path lies in, from the outermost. */
function ancestors(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
