import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { comparePep440, formatPep440 } from '../shared/pep440.ts'
import type { Problem } from '../shared/problem.ts'
import { isTarHeader } from '../shared/tar.ts'
import { archiveProblem, missingLicense, unread, type ArchiveReading } from './archive.ts'
import { wrongEntryPoints } from './entry-points.ts'
import { readMetadata, type Metadata } from './metadata.ts'
import { isPlatformTag } from './platform-tag.ts'
import { fileNameOf } from './project-name.ts'
import { parseRecord } from './record.ts'
import { parseWheelFilename, type WheelFilename } from './wheel-filename.ts'
import { openZip, readMember, ZipFault, type ZipArchive, type ZipMember } from './zip.ts'

/** Longest METADATA, WHEEL, RECORD or entry_points.txt read. Bytes. */
const longestText = 32 * 1024 * 1024

/**
 * Reads a wheel and holds it to PyPI's rules: its name, the archive, the files of its `.dist-info`, every checksum, and
 * RECORD (faults of which PyPI only mails, so they are warnings).
 * @param file how problems name it
 * @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/
 */
export async function readWheel(path: string, filename: string, size: number, file: string): Promise<ArchiveReading> {
  const parsed = parseWheelFilename(filename)
  if ('wrong' in parsed) {
    return unread({
      code: 'wheel-filename',
      message: `${filename} is no name of a wheel: ${parsed.wrong}.`,
      hint: 'Keep the name that the build gave the file.',
      file
    })
  }
  const handle = await open(path)
  try {
    const start = Buffer.alloc(512)
    await handle.read(start, 0, 512, 0)
    if (isTarHeader(start)) return unread(archiveProblem(file, 'it is both a zip and a tar file'))
    const archive = await openZip(handle, size)
    return await readContents(archive, parsed, file)
  } catch (error) {
    if (error instanceof ZipFault) return unread(archiveProblem(file, error.message))
    throw error
  } finally {
    await handle.close()
  }
}

async function readContents(archive: ZipArchive, parsed: WheelFilename, file: string): Promise<ArchiveReading> {
  const problems: Problem[] = []
  const folder = `${parsed.name}-${parsed.writtenVersion}.dist-info`
  const find = (name: string): ZipMember | undefined => archive.members.find((member) => member.name === name)
  const text = async (name: string): Promise<Buffer | undefined> => {
    const member = find(`${folder}/${name}`)
    return member && (await readMember(archive, member, longestText))
  }
  for (const name of ['WHEEL', 'METADATA', 'RECORD']) {
    if (find(`${folder}/${name}`) !== undefined) continue
    problems.push({
      code: 'wheel-incomplete',
      message: `The wheel has no ${folder}/${name}.`,
      hint: 'Keep the name that the build gave the file, which names this folder, or build the wheel again.',
      file
    })
  }
  problems.push(...checkPaths(archive, folder, file))
  const entryPoints = await text('entry_points.txt')
  const wrong = entryPoints && wrongEntryPoints(entryPoints.toString('utf8'))
  if (wrong !== undefined) {
    problems.push({
      code: 'wheel-entry-points',
      message: `${folder}/entry_points.txt is invalid: ${wrong}.`,
      hint: 'Correct the scripts and entry points in pyproject.toml and build again.',
      file
    })
  }
  const bytes = await text('METADATA')
  const reading = bytes && readMetadata(bytes, file)
  problems.push(...checkPlatforms(parsed, file), ...(reading?.problems ?? []))
  if (reading?.metadata !== undefined) {
    problems.push(...checkName(parsed, reading.metadata, file))
    for (const path of reading.metadata.fields.get('license-file') ?? []) {
      if (find(`${folder}/licenses/${path}`) === undefined) {
        problems.push(missingLicense(path, `${folder}/licenses/${path}`, file))
      }
    }
  }
  const record = await text('RECORD')
  return {
    metadata: reading?.metadata,
    pyversion: parsed.python,
    problems,
    warnings: await checkRecord(archive, folder, record?.toString('utf8') ?? '', file),
    notChecked: reading?.notChecked ?? []
  }
}

/** Members that no installer may write, and metadata that another tool could take for the wheel's own. */
function checkPaths(archive: ZipArchive, folder: string, file: string): Problem[] {
  const problems: Problem[] = []
  for (const { name } of archive.members) {
    if (/^[/\\]|^[a-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)/i.test(name)) {
      problems.push(
        archiveProblem(
          file,
          `its member ${JSON.stringify(name)} would be written outside of the folder it is unpacked into`
        )
      )
    } else if (name.includes('\\')) {
      problems.push(
        archiveProblem(file, `its member ${JSON.stringify(name)} has a back slash, which is a folder on Windows only`)
      )
    }
  }
  const tops = new Set(archive.members.map(({ name }) => name.split('/')[0] ?? ''))
  const others = [...tops].filter((top) => top.endsWith('.dist-info') && top !== folder)
  if (others.length > 0) {
    problems.push(
      archiveProblem(file, `beside ${folder} it has ${others.map((top) => JSON.stringify(top)).join(', ')}`)
    )
  }
  return problems
}

function checkPlatforms(parsed: WheelFilename, file: string): Problem[] {
  return parsed.platforms
    .filter((tag) => !isPlatformTag(tag))
    .map((tag) => ({
      code: 'wheel-platform',
      message: `PyPI does not take wheels for the platform "${tag}".`,
      hint: /^linux_/.test(tag)
        ? 'Build in a manylinux or musllinux image, for example with cibuildwheel, or repair the wheel with auditwheel.'
        : 'Build for one of the platforms of the binary distribution format; macOS 11 and later end in _0.',
      file
    }))
}

function checkName(parsed: WheelFilename, metadata: Metadata, file: string): Problem[] {
  const problems: Problem[] = []
  const wanted = fileNameOf(metadata.name)
  if (parsed.name !== wanted) {
    problems.push({
      code: 'wheel-filename',
      message: `The file name begins with "${parsed.name}", and for the project "${metadata.name}" it must begin with "${wanted}".`,
      hint: 'Build with a current version of the build backend (setuptools 69.3 or newer), and do not rename the file.',
      file
    })
  }
  if (comparePep440(parsed.version, metadata.version) !== 0) {
    problems.push({
      code: 'wheel-filename',
      message: `The file name says version ${parsed.writtenVersion}, and the metadata ${formatPep440(metadata.version)}.`,
      hint: 'Keep the name that the build gave the file, and build it again.',
      file
    })
  }
  return problems
}

/** Reads every member to its end, which proves sizes and checksums, and compares with RECORD. */
async function checkRecord(archive: ZipArchive, folder: string, record: string, file: string): Promise<Problem[]> {
  const hashes = new Map(parseRecord(record).map(({ path, hash }) => [path, hash]))
  const missing = new Set(hashes.keys())
  const wrong: string[] = []
  for (const member of archive.members) {
    missing.delete(member.name)
    const [algorithm = '', expected = ''] = (hashes.get(member.name) ?? '').split('=')
    const hash = createHash(['sha256', 'sha384', 'sha512'].includes(algorithm) ? algorithm : 'sha256')
    for await (const chunk of archive.read(member)) hash.update(chunk)
    if (member.name.endsWith('/') || exempt.some((name) => member.name === `${folder}/${name}`)) continue
    if (!hashes.has(member.name)) wrong.push(`"${member.name}" is not listed`)
    else if (expected === '') {
      if (member.name !== `${folder}/RECORD`) wrong.push(`"${member.name}" has no hash`)
    } else if (hash.digest('base64url') !== expected) wrong.push(`"${member.name}" has another hash`)
  }
  for (const path of missing) wrong.push(`"${path}" is listed and not there`)
  if (wrong.length === 0) return []
  const shown = wrong.slice(0, 5).join(', ')
  return [
    {
      code: 'wheel-record',
      message: `${folder}/RECORD does not describe the wheel: ${shown}${wrong.length > 5 ? ` and ${wrong.length - 5} more` : ''}.`,
      hint: 'Something changed the wheel after it was built. Repack it with `wheel pack`, or build it again.',
      file
    }
  ]
}

/** Signatures of RECORD cannot stand in it. */
const exempt = ['RECORD.jws', 'RECORD.p7s']
