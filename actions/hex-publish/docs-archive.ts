import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readableSize } from '../shared/files.ts'
import { parseElixirVersion } from '../shared/hex/elixir-version.ts'
import { errorCode } from '../shared/http-failure.ts'
import type { Problem } from '../shared/problem.ts'
import { findSecretsInDocs, type SecretRules } from './secret-scan.ts'
import { writeUstar, type ArchivedFile } from './ustar.ts'

/** Documentation as it is sent to Hex. */
export interface DocsArchive {
  /** A gzipped tar; the same bytes for the same files, whenever and wherever it is packed. */
  readonly bytes: Buffer
  readonly files: number
  /** Bytes of the tar. */
  readonly unpacked: number
}

/** Limits of hex.pm (hexpm, lib/hexpm_web/controllers/api/docs_controller.ex), and of every client. Bytes. */
const longestPacked = 16 * 1024 * 1024
const longestUnpacked = 128 * 1024 * 1024

/**
 * Packs a folder with documentation as `mix hex.publish` does: without hidden files (ExDoc leaves `.build`), and what
 * a link inside of the folder leads to as a file of its own. Credentials in them are problems, as in the package.
 *
 * @param folder absolute
 * @param shown as the user knows it
 * @param rules the key of this run, and what the package exempts from the scan
 */
export async function packDocs(
  folder: string,
  shown: string,
  rules: SecretRules = {}
): Promise<DocsArchive | { readonly problems: readonly Problem[] }> {
  const found = await findFiles(folder, await realpath(folder))
  const problems = problemsWith(found, shown)
  if (problems.length > 0) return { problems }
  const files: ArchivedFile[] = []
  const unreadable: Refused[] = []
  for (const { name, path } of found.files) {
    const bytes = await orFault(readFile(path))
    if (typeof bytes === 'string') unreadable.push({ name, why: bytes })
    else files.push({ name, bytes })
  }
  const inFiles = [...refusals(unreadable, shown), ...findSecretsInDocs(files, shown, rules)]
  if (inFiles.length > 0) return { problems: inFiles }
  const tar = writeUstar(files)
  const bytes = gzipSync(tar, { level: 9 })
  // Byte 9 names the system that packed it (RFC 1952); hex_core writes 0 everywhere.
  bytes[9] = 0
  const tooLong = tooLongProblem(shown, tar.length, bytes.length)
  return tooLong === undefined ? { bytes, files: files.length, unpacked: tar.length } : { problems: [tooLong] }
}

interface Found {
  /** Sorted by name. */
  readonly files: readonly DocsFile[]
  readonly refused: readonly Refused[]
  readonly total: number
}

/** A name that cannot be packed, with the reason. */
interface Refused {
  readonly name: string
  readonly why: string
}

interface DocsFile {
  readonly name: string
  readonly path: string
}

async function findFiles(folder: string, root: string): Promise<Found> {
  const files: DocsFile[] = []
  const refused: Refused[] = []
  let total = 0
  const look = async (parent: string): Promise<void> => {
    const entries = await orFault(readdir(join(folder, parent), { withFileTypes: true }))
    if (typeof entries === 'string') {
      refused.push({ name: parent, why: entries })
      return
    }
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      const name = parent === '' ? entry.name : `${parent}/${entry.name}`
      const path = join(folder, name)
      if (name.includes('\uFFFD')) {
        refused.push({ name, why: 'its name is not UTF-8' })
      } else if (entry.isDirectory()) {
        await look(name)
      } else if (entry.isFile()) {
        total += (await stat(path)).size
        files.push({ name, path })
      } else if (entry.isSymbolicLink()) {
        const target = await realpath(path).catch(() => undefined)
        const isFile = target !== undefined && (await stat(target)).isFile()
        if (target === undefined) refused.push({ name, why: 'it is a link to nothing' })
        else if (!(target + sep).startsWith(root + sep))
          refused.push({ name, why: 'it is a link that leaves the folder' })
        else if (!isFile) refused.push({ name, why: 'it is a link to a folder' })
        else {
          total += (await stat(target)).size
          files.push({ name, path: target })
        }
      } else {
        refused.push({ name, why: 'it is no file' })
      }
    }
  }
  await look('')
  // By code unit: the same everywhere, whatever the locale.
  files.sort((a, b) => (a.name < b.name ? -1 : 1))
  return { files, refused, total }
}

/** What the file system gives, or why it does not. */
async function orFault<T>(reading: Promise<T>): Promise<T | string> {
  try {
    return await reading
  } catch (error) {
    const code = errorCode(error)
    if (!/^E[A-Z0-9]+$/.test(code)) throw error
    return `it cannot be read (${code})`
  }
}

function refusals(refused: readonly Refused[], shown: string): readonly Problem[] {
  return refused.map(({ name, why }) => ({
    code: 'docs-refused',
    message: `${shown}/${name} cannot be published: ${why}.`,
    hint: 'Put a copy of the file in its place, or leave it out of the documentation.',
    file: `${shown}/${name}`
  }))
}

function problemsWith({ files, refused, total }: Found, shown: string): readonly Problem[] {
  const problems: Problem[] = [...refusals(refused, shown)]
  if (!files.some(({ name }) => name === 'index.html')) {
    problems.push({
      code: 'docs-index-missing',
      message: `${shown} has no index.html.`,
      hint: 'Hex shows this page first. Name the folder that ExDoc wrote, usually doc/, or have the documentation built with HTML among its formatters.',
      file: shown
    })
  }
  // hexdocs keeps every version beside the newest under such a name, and refuses the archive after it was taken.
  for (const name of new Set(files.map((file) => file.name.split('/', 1)[0] ?? ''))) {
    if (parseElixirVersion(name) === undefined) continue
    problems.push({
      code: 'docs-refused',
      message: `${shown}/${name} cannot be published: it is called like a version.`,
      hint: 'hexdocs.pm keeps the versions of a package under such names. Rename it, or put it into a folder of another name.',
      file: `${shown}/${name}`
    })
  }
  const tooLong = total > longestUnpacked ? tooLongProblem(shown, total, 0) : undefined
  return tooLong === undefined ? problems : [...problems, tooLong]
}

function tooLongProblem(shown: string, unpacked: number, packed: number): Problem | undefined {
  const [size, limit, how] =
    unpacked > longestUnpacked ? [unpacked, longestUnpacked, 'unpacked'] : [packed, longestPacked, 'packed']
  if (size <= limit) return undefined
  return {
    code: 'docs-too-large',
    message: `The documentation in ${shown} has ${size} bytes ${how}, and Hex takes ${limit} (${readableSize(limit)}).`,
    hint: 'Leave large assets out: link to images and downloads that are hosted elsewhere, and build one format (mix docs --formatter html).',
    file: shown
  }
}
