import type { FileHandle } from 'node:fs/promises'
import { createInflateRaw } from 'node:zlib'
import { crc32 } from 'node:zlib'
import { readDirectory, type DirectoryEntry } from './zip-directory.ts'
import { readAt, ZipFault } from './zip-bytes.ts'

export { ZipFault } from './zip-bytes.ts'

/** A file or folder in the archive. */
export interface ZipMember {
  /** As written, with `/` between the parts; folders end in `/`. */
  readonly name: string
  /** Inflated bytes. */
  readonly size: number
  readonly compressedSize: number
}

export interface ZipArchive {
  /** In the order of the central directory. Names are unique. */
  readonly members: readonly ZipMember[]
  /**
   * The inflated bytes of a member in pieces, never more than its declared size; size and CRC are checked at the end.
   * @throws {ZipFault}
   */
  read(member: ZipMember): AsyncIterable<Buffer>
}

/** PyPI's limit for archives that inflate to more than 64 MiB (pypi/warehouse `COMPRESSION_RATIO_THRESHOLD`). */
const largestRatio = 50
const ratioMatters = 64 * 1024 * 1024

/**
 * Opens a zip archive by its central directory and holds it to PyPI's rules, which leave one way to read it: local
 * headers that agree with the directory and follow one another without a gap, unique UTF-8 names, no data
 * descriptors, no comments in the directory, nothing after the end.
 * @param file stays open as long as members are read
 * @param size bytes of the file
 * @throws {ZipFault} what is wrong, in words
 * @see https://docs.pypi.org/archives
 */
export async function openZip(file: FileHandle, size: number): Promise<ZipArchive> {
  const entries = await readDirectory(file, size)
  const inflated = entries.reduce((sum, entry) => sum + entry.size, 0)
  if (inflated > ratioMatters && inflated / size > largestRatio) {
    throw new ZipFault(
      `it inflates to ${Math.round(inflated / size)} times its size, and at most ${largestRatio} are allowed`
    )
  }
  const byMember = new Map<ZipMember, DirectoryEntry>(
    entries.map((entry) => [{ name: entry.name, size: entry.size, compressedSize: entry.compressedSize }, entry])
  )
  return {
    members: [...byMember.keys()],
    read(member) {
      const entry = byMember.get(member)
      if (entry === undefined) throw new Error(`"${member.name}" is of another archive`)
      return inflate(file, entry)
    }
  }
}

/**
 * The whole of a member that should be small.
 * @param limit bytes
 * @throws {ZipFault} when it is longer
 */
export async function readMember(archive: ZipArchive, member: ZipMember, limit: number): Promise<Buffer> {
  if (member.size > limit) throw new ZipFault(`"${member.name}" has ${member.size} bytes, more than ${limit}`)
  const chunks: Buffer[] = []
  for await (const chunk of archive.read(member)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* inflate(file: FileHandle, entry: DirectoryEntry): AsyncGenerator<Buffer> {
  let length = 0
  let checksum = 0
  const source = entry.deflated ? inflated(file, entry) : stored(file, entry)
  for await (const chunk of source) {
    length += chunk.length
    if (length > entry.size)
      throw new ZipFault(`"${entry.name}" inflates to more than the ${entry.size} bytes it declares`)
    checksum = crc32(chunk, checksum)
    yield chunk
  }
  if (length !== entry.size) throw new ZipFault(`"${entry.name}" has ${length} bytes and declares ${entry.size}`)
  if (checksum !== entry.crc) throw new ZipFault(`"${entry.name}" is damaged: its checksum does not match`)
}

const pieceSize = 256 * 1024

async function* stored(file: FileHandle, entry: DirectoryEntry): AsyncGenerator<Buffer> {
  for (let done = 0; done < entry.compressedSize; done += pieceSize) {
    yield await readAt(file, entry.start + done, Math.min(pieceSize, entry.compressedSize - done))
  }
}

async function* inflated(file: FileHandle, entry: DirectoryEntry): AsyncGenerator<Buffer> {
  const inflater = createInflateRaw()
  const feed = async (): Promise<void> => {
    for await (const piece of stored(file, entry)) {
      if (!inflater.write(piece)) await new Promise((resolve) => inflater.once('drain', resolve))
      if (inflater.destroyed) return
    }
    inflater.end()
  }
  const fed = feed().catch((error: unknown) =>
    inflater.destroy(error instanceof Error ? error : new Error(String(error)))
  )
  try {
    for await (const chunk of inflater as AsyncIterable<Buffer>) yield chunk
  } catch (error) {
    if (error instanceof ZipFault) throw error
    throw new ZipFault(`"${entry.name}" cannot be inflated`, { cause: error })
  } finally {
    inflater.destroy()
    // A writer that waits for a drain which never comes must not keep the generator from ending.
    inflater.emit('drain')
    await fed
  }
}
