import { createHash, type Hash } from 'node:crypto'
import { unzipMember } from '../shared/gzip-member.ts'
import { readTar, TarFault, type TarMember } from '../shared/tar.ts'

/** What contents.tar.gz may unpack to, headers and all: the limit of Hex since 2.2 and of hex.pm. Bytes. */
export const longestContents = 128 * 1024 * 1024

/** A member of a package's contents. */
export interface ContentEntry {
  /** With `/`, without `.` and without a slash at the end. */
  readonly path: string
  readonly kind: 'file' | 'symlink' | 'folder'
  /** Bytes of a file; 0 for the others. */
  readonly size: number
  /** Of a file's bytes, lower-case hex. */
  readonly sha256?: string
  /** Where a link points, as it stands. */
  readonly target?: string
  /** Whether anyone may execute the file. */
  readonly executable: boolean
}

/** The contents unpack to more than Hex takes: a bomb, or a package with much in it. */
export class ContentsTooBig extends TarFault {
  constructor() {
    super(`contents.tar.gz unpacks to more than ${longestContents} bytes`)
  }
}

export interface Contents {
  readonly entries: readonly ContentEntry[]
  /** Bytes of the unpacked archive. */
  readonly size: number
  /** The members as they stand, for who looks at what is wrong with them. */
  readonly members: readonly TarMember[]
}

/**
 * Reads contents.tar.gz, which is never unpacked to disk.
 * @throws {TarFault}; a bomb is one, at 128 MiB
 */
export async function readContents(bytes: Buffer): Promise<Contents> {
  let size = 0
  const hashes = new Map<TarMember, Hash>()
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of unzipMember(bytes)) {
      size += piece.length
      if (size > longestContents) throw new ContentsTooBig()
      yield piece
    }
  }
  const { members, end } = await readTar(counted(), {
    ...nothingKept,
    receive(member) {
      const hash = createHash('sha256')
      hashes.set(member, hash)
      return (piece) => hash.update(piece)
    }
  })
  if (end === 'missing') throw new TarFault('contents.tar.gz ends too early')
  if (end === 'followed') throw new TarFault('contents.tar.gz has bytes behind the end of its archive')
  const entries = members.flatMap((member): ContentEntry[] => {
    const { kind, target, mode } = member
    const path = canonicalPath(member.name)
    // Kinds that no package may have are problems (contents-rules.ts), and no entries.
    if (path === '' || (kind !== 'file' && kind !== 'symlink' && kind !== 'folder')) return []
    if (kind === 'symlink') return [{ path, kind, size: 0, target, executable: false }]
    if (kind === 'folder') return [{ path, kind, size: 0, executable: false }]
    const sha256 = hashes.get(member)?.digest('hex') ?? ''
    return [{ path, kind, size: member.size, sha256, executable: (mode & 0o111) !== 0 }]
  })
  return { entries, size, members }
}

/**
 * Reads contents.tar.gz once more and gives every file with its bytes, one after the other.
 * @param wanted which files, by path
 */
export async function visitFiles(
  bytes: Buffer,
  wanted: (path: string, size: number) => boolean,
  visit: (path: string, content: Buffer) => void
): Promise<void> {
  await readTar(unzipMember(bytes), {
    ...nothingKept,
    receive(member) {
      const path = canonicalPath(member.name)
      if (member.size === 0 || !wanted(path, member.size)) return undefined
      const pieces: Buffer[] = []
      let missing = member.size
      return (piece) => {
        pieces.push(piece)
        missing -= piece.length
        if (missing === 0) visit(path, Buffer.concat(pieces))
      }
    }
  })
}

/** The size is counted where the pieces come from. */
const nothingKept = { keep: () => false, longestKept: 0, longest: Infinity, unambiguous: true } as const

/** `./lib//a.ex` → `lib/a.ex`; empty for the root itself. */
export function canonicalPath(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}
