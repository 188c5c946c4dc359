import { formatPep440, comparePep440, type Pep440Version } from '../../actions/shared/pep440.ts'
import { UploadRefused } from './answers.ts'
import type { Archive } from './archive-rules.ts'
import { parseWheelName } from './distribution-name.ts'
import { isAllowedPlatform } from './platform-tags.ts'
import { pythonRepr } from './python-repr.ts'
import { normalizeName, type ProjectRecord } from './registry.ts'

export interface WheelUpload {
  readonly filename: string
  readonly archive: Archive & { readonly kind: 'zip' }
  readonly project: ProjectRecord
  readonly metadataName: string
  readonly version: Pep440Version
  readonly licenseFiles: readonly string[]
}

/**
 * The rules for a wheel's name and content, in PyPI's order.
 *
 * @returns its METADATA file
 * @throws UploadRefused
 */
export function checkWheel(wheel: WheelUpload): Buffer {
  const { filename, archive, project, version } = wheel
  const refuse = (text: string): UploadRefused => new UploadRefused(400, text)
  const parsed = parseWheelName(filename)
  for (const platform of parsed.platforms)
    if (!isAllowedPlatform(platform))
      throw refuse(`Binary wheel '${filename}' has an unsupported platform tag '${platform}'.`)

  const wanted = normalizeName(wheel.metadataName)
  if (parsed.name !== wanted)
    throw refuse(`Start filename for ${pythonRepr(project.name)} with ${pythonRepr(wanted.replaceAll('-', '_'))}.`)
  const [writtenName = '', writtenVersion = ''] = filename.split('-')
  const normalized = project.normalizedName.replaceAll('-', '_')
  if (writtenName !== normalized)
    throw refuse(
      `Filename ${pythonRepr(filename)} should contain the normalized project name ${pythonRepr(normalized)}, not ${pythonRepr(writtenName)}.`
    )
  if (comparePep440(parsed.version, version) !== 0)
    throw refuse(
      `Version in filename should be ${pythonRepr(formatPep440(version))} not ${pythonRepr(formatPep440(parsed.version))}.`
    )

  const folder = `${writtenName}-${writtenVersion}.dist-info`
  for (const file of wheel.licenseFiles) {
    const path = `${folder}/licenses/${file}`
    if (archive.read(path) === undefined)
      throw refuse(`License-File ${file} does not exist in distribution file ${filename} at ${path}`)
  }
  // A RECORD that does not list the content only sends a mail to the owners; one that is no text counts as missing.
  const record = archive.read(`${folder}/RECORD`)
  if (record === undefined || !isUtf8(record))
    throw refuse(`Wheel '${filename}' does not contain the required RECORD file: ${folder}/RECORD`)
  const entryPoints = archive.read(`${folder}/entry_points.txt`)
  if (entryPoints !== undefined && !isEntryPoints(entryPoints))
    throw refuse(`Wheel '${filename}' has invalid entry points defined in the entry_points.txt file`)
  const metadata = archive.read(`${folder}/METADATA`)
  if (metadata === undefined)
    throw refuse(`Wheel '${filename}' does not contain the required METADATA file: ${folder}/METADATA`)
  return metadata
}

/**
 * Whether the file is an INI file with `=` alone as delimiter, and the scripts in it have names that are no paths.
 * @see https://packaging.python.org/en/latest/specifications/entry-points/#file-format
 */
function isEntryPoints(content: Buffer): boolean {
  if (!isUtf8(content)) return false
  const keys = new Map<string, Set<string>>()
  let section: string | undefined
  let inValue = false
  for (const line of content.toString('utf8').split(/\r\n|\r|\n/)) {
    if (line.trim() === '' || /^\s*[#;]/.test(line)) continue
    // configparser takes an indented line as the value's next one.
    if (/^\s/.test(line) && inValue) continue
    const header = /^\[([^\]]+)\]/.exec(line.trim())?.[1]
    if (header !== undefined) {
      if (keys.has(header)) return false
      section = header
      keys.set(header, new Set())
      inValue = false
      continue
    }
    const key = /^([^=]+?)\s*=/.exec(line.trim())?.[1]
    const known = section === undefined ? undefined : keys.get(section)
    if (key === undefined || known === undefined || known.has(key)) return false
    if (['console_scripts', 'gui_scripts'].includes(section ?? '') && !/^[\p{L}\p{N}_.-]+$/u.test(key)) return false
    known.add(key)
    inValue = true
  }
  return true
}

function isUtf8(content: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content)
    return true
  } catch {
    return false
  }
}
