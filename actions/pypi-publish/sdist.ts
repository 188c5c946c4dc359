import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { errorCode } from '../shared/http-failure.ts'
import { formatPep440 } from '../shared/pep440.ts'
import type { Problem } from '../shared/problem.ts'
import { readTar, TarFault, type TarContents } from '../shared/tar.ts'
import { archiveProblem, missingLicense, unread, type ArchiveReading } from './archive.ts'
import { readMetadata } from './metadata.ts'
import { fileNameOf } from './project-name.ts'

/** Longest PKG-INFO read. Bytes. */
const longestText = 32 * 1024 * 1024
/** What an sdist may unpack to: a bomb ends here, and no source is that big. Bytes. */
const longestUnpacked = 16 * 1024 * 1024 * 1024

/**
 * Reads a source distribution and holds it to PyPI's rules: one folder at the top with PKG-INFO in it, no sparse
 * members, licence files present, and exactly the name that PEP 625 gives it.
 * @param file how problems name it
 * @see https://packaging.python.org/en/latest/specifications/source-distribution-format/
 */
export async function readSdist(path: string, filename: string, size: number, file: string): Promise<ArchiveReading> {
  let contents: TarContents
  try {
    if (await endsAsZip(path, size)) throw new TarFault('it is both a zip and a tar file')
    contents = await readTar(unpacked(path), {
      keep: ({ name }) => /^[^/]+\/PKG-INFO$/.test(name),
      longestKept: longestText,
      longest: Math.max(64 * 1024 * 1024, Math.min(longestUnpacked, size * 1000))
    })
  } catch (error) {
    if (!(error instanceof TarFault)) throw error
    return unread(archiveProblem(file, error.message))
  }
  const problems = checkMembers(contents, file)
  const top = contents.members[0]?.name.split('/')[0] ?? ''
  const bytes = contents.kept.get(`${top}/PKG-INFO`)
  if (bytes === undefined) {
    problems.push({
      code: 'sdist-incomplete',
      message: `The source distribution has no ${top}/PKG-INFO.`,
      hint: 'Build it with `python -m build --sdist`; an archive of the repository is no source distribution.',
      file
    })
  }
  const reading = bytes && readMetadata(bytes, file)
  problems.push(...(reading?.problems ?? []))
  if (reading?.metadata !== undefined) {
    const { name, version, fields } = reading.metadata
    const wanted = `${fileNameOf(name)}-${formatPep440(version)}.tar.gz`
    if (filename !== wanted) {
      problems.push({
        code: 'sdist-filename',
        message: `The file name is ${filename}, and by its metadata it must be ${wanted} (PEP 625).`,
        hint: 'Build with a current version of the build backend (setuptools 69.3 or newer), and do not rename the file.',
        file
      })
    }
    const names = new Set(contents.members.map((member) => member.name))
    for (const path of fields.get('license-file') ?? []) {
      if (!names.has(`${top}/${path}`)) problems.push(missingLicense(path, `${top}/${path}`, file))
    }
  }
  return {
    metadata: reading?.metadata,
    pyversion: 'source',
    problems,
    warnings: [],
    notChecked: reading?.notChecked ?? []
  }
}

async function* unpacked(path: string): AsyncGenerator<Buffer> {
  const source = createReadStream(path)
  const gunzip = createGunzip()
  source.on('error', (error) => gunzip.destroy(error))
  source.pipe(gunzip)
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) yield chunk
  } catch (error) {
    // zlib's errors carry codes such as Z_DATA_ERROR; a file that cannot be read is no fault of the archive.
    if (/^Z_/.test(errorCode(error))) throw new TarFault(`it is no gzip file, or damaged (${errorCode(error)})`)
    throw error
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

/** Whether the file ends in a zip end record, so that a zip reader would take it too. */
async function endsAsZip(path: string, size: number): Promise<boolean> {
  const length = Math.min(size, 22 + 0xffff)
  const handle = await open(path)
  try {
    const tail = Buffer.alloc(length)
    await handle.read(tail, 0, length, size - length)
    const at = tail.lastIndexOf(Buffer.from('504b0506', 'hex'))
    return at >= 0 && at + 22 <= length && at + 22 + tail.readUInt16LE(at + 20) === length
  } finally {
    await handle.close()
  }
}

function checkMembers({ members }: TarContents, file: string): Problem[] {
  const faults: string[] = []
  const tops = new Set(members.map(({ name }) => name.split('/')[0]))
  if (members.length === 0) faults.push('it is empty')
  if (tops.size > 1) faults.push(`it has ${tops.size} folders and files at the top, and must have one folder`)
  for (const { name, kind, target } of members) {
    const shown = JSON.stringify(name)
    if (name === '' || name.startsWith('/') || name.split('/').includes('..'))
      faults.push(`${shown} would be unpacked outside the folder`)
    if (name.split('/').includes('.')) faults.push(`${shown} has "." in its path`)
    if (kind === 'sparse') faults.push(`${shown} is a sparse file`)
    if (kind === 'other') faults.push(`${shown} is neither a file, a folder nor a link`)
    if (kind === 'symlink' && leavesTop(name, target)) faults.push(`the link ${shown} points outside the folder`)
    if (kind === 'hardlink' && (target.startsWith('/') || target.split('/').includes('..')))
      faults.push(`the link ${shown} points outside the folder`)
  }
  const metadata = members.filter(({ name }) => /^[^/]+\/PKG-INFO$/.test(name))
  if (metadata.length > 1) faults.push('PKG-INFO is in it twice')
  return faults.slice(0, 5).map((fault) => archiveProblem(file, fault))
}

function leavesTop(name: string, target: string): boolean {
  if (target.startsWith('/')) return true
  let depth = name.split('/').length - 1
  for (const part of target.split('/')) {
    if (part === '..') depth--
    else if (part !== '' && part !== '.') depth++
    // The folder itself is depth 1; leaving it is leaving the sdist.
    if (depth < 1) return true
  }
  return false
}
