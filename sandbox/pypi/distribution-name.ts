import { parsePep440, type Pep440Version } from '../../actions/shared/pep440.ts'
import { UploadRefused } from './answers.ts'
import { pythonRepr } from './python-repr.ts'
import { normalizeName } from './registry.ts'

const extensions = { sdist: ['.zip', '.tar.gz'], bdist_wheel: ['.whl'] } as const

/**
 * The rules for the file's name that need nothing else: characters and extension.
 * @throws UploadRefused
 */
export function checkFilename(filename: string, filetype: 'sdist' | 'bdist_wheel'): void {
  if (Array.from(filename).some((character) => character < ' ' || character === '\u007f'))
    throw new UploadRefused(
      400,
      'Cannot upload a file with non-printable characters (ordinals 0-31) or the DEL character (ordinal 127) in the name.'
    )
  if (/[/\\]/.test(filename)) throw new UploadRefused(400, "Cannot upload a file with '/' or '\\' in the name.")
  const extension = /.+?(\.(?:tar\.gz|zip|whl))$/i.exec(filename)?.[1]
  if (extension === undefined)
    throw new UploadRefused(
      400,
      'Invalid file extension: Use .tar.gz, .whl or .zip extension. See https://www.python.org/dev/peps/pep-0527 and https://peps.python.org/pep-0715/ for more information'
    )
  const allowed: readonly string[] = extensions[filetype]
  if (!allowed.includes(extension))
    throw new UploadRefused(
      400,
      `Invalid file extension: Extension ${extension} is invalid for filetype ${filetype}. See https://www.python.org/dev/peps/pep-0527 for more information.`
    )
}

export interface WheelName {
  /** Normalised. */
  readonly name: string
  readonly version: Pep440Version
  readonly platforms: readonly string[]
}

/**
 * Takes a wheel's file name apart as `packaging.utils.parse_wheel_filename` does.
 * @throws UploadRefused in the words of that library
 */
export function parseWheelName(filename: string): WheelName {
  const stem = filename.slice(0, -'.whl'.length)
  const parts = stem.split('-')
  const refuse = (text: string): UploadRefused => new UploadRefused(400, text)
  if (parts.length !== 5 && parts.length !== 6)
    throw refuse(`Invalid wheel filename (wrong number of parts): ${pythonRepr(stem)}`)
  const [name = '', version = '', build = ''] = parts
  if (name.includes('__') || !/^[\p{L}\p{N}_.]+$/u.test(name)) throw refuse(`Invalid project name: ${pythonRepr(stem)}`)
  const parsed = parsePep440(version)
  if (parsed === undefined) throw refuse(`Invalid wheel filename (invalid version): ${pythonRepr(stem)}`)
  if (parts.length === 6 && !/^\d/.test(build)) throw refuse(`Invalid build number: ${build} in ${pythonRepr(stem)}`)
  const tags = parts.slice(-3).map((tag) => tag.split('.'))
  const [interpreters = [], , platforms = []] = tags
  if (tags.flat().includes('') || interpreters.some((tag) => !/^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(tag)))
    throw refuse(`Invalid wheel filename (invalid tag component): ${pythonRepr(stem)}`)
  // packaging.tags.Tag lowers the case.
  return { name: normalizeName(name), version: parsed, platforms: platforms.map((tag) => tag.toLowerCase()) }
}

/**
 * The project's name as an sdist's file name spells it, split off at the last hyphen
 * (`packaging.utils.parse_sdist_filename`); `undefined` when the rest is no version.
 */
export function sdistProject(filename: string): string | undefined {
  const stem = filename.replace(/\.(?:tar\.gz|zip)$/, '')
  const hyphen = stem.lastIndexOf('-')
  if (stem === filename || hyphen < 1 || parsePep440(stem.slice(hyphen + 1)) === undefined) return undefined
  return stem.slice(0, hyphen)
}
