import { formatPep440, isPostrelease, parsePep440, type Pep440Version } from '../../actions/shared/pep440.ts'
import { UploadRefused } from './answers.ts'
import { topLevel, type Archive } from './archive-rules.ts'
import { sdistProject } from './distribution-name.ts'
import { pythonRepr } from './python-repr.ts'
import { normalizeName, type ProjectRecord } from './registry.ts'

export interface SdistUpload {
  readonly filename: string
  readonly archive: Archive
  readonly project: ProjectRecord
  readonly metadataName: string
  readonly version: Pep440Version
  readonly licenseFiles: readonly string[]
}

/**
 * The rules for an sdist's name, and that its license files are in it.
 * @throws UploadRefused
 */
export function checkSdist(sdist: SdistUpload): void {
  const { filename, archive, project, version } = sdist
  const refuse = (text: string): UploadRefused => new UploadRefused(400, text)
  const named = sdistProject(filename)
  if (named === undefined) throw refuse(`Invalid source distribution filename: ${filename}`)
  const underscored = project.normalizedName.replaceAll('-', '_')
  if (normalizeName(projectOfPostrelease(named, sdist) ?? named) !== project.normalizedName)
    throw refuse(`Start filename for ${pythonRepr(project.name)} with ${pythonRepr(underscored)}.`)
  // PEP 625: the one name that is right.
  const wanted = `${underscored}-${formatPep440(version)}.tar.gz`
  if (filename !== wanted) throw refuse(`Filename ${pythonRepr(filename)} is invalid, should be ${pythonRepr(wanted)}.`)

  if (archive.kind !== 'tar' || sdist.licenseFiles.length === 0) return
  const names = archive.members.map(({ name }) => name)
  const top = topLevel(names)
  for (const file of sdist.licenseFiles)
    if (!names.includes(`${top}/${file}`))
      throw refuse(`License-File ${file} does not exist in distribution file ${filename} at ${top}/${file}`)
}

/** `name-1.0-1.tar.gz`: a post-release may have a hyphen of its own. */
function projectOfPostrelease(named: string, { filename, metadataName, version }: SdistUpload): string | undefined {
  const parts = filename.split('-')
  if (!isPostrelease(version) || normalizeName(named) === normalizeName(metadataName) || parts.length < 3)
    return undefined
  const tail = parts
    .slice(-2)
    .join('-')
    .replace(/\.tar\.gz$/, '')
  return parsePep440(tail) === undefined ? undefined : parts.slice(0, -2).join('-')
}
