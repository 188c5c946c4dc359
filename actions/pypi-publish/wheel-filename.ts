import { parsePep440, type Pep440Version } from '../shared/pep440.ts'

/** The parts of `demo_pkg-1.0-1-cp312-cp312-win_amd64.whl`. */
export interface WheelFilename {
  /** As written. */
  readonly name: string
  /** As written, the one that names the `.dist-info` folder. */
  readonly writtenVersion: string
  readonly version: Pep440Version
  readonly build: string | undefined
  /** As written, compressed sets with dots: `py2.py3`. */
  readonly python: string
  readonly abi: string
  readonly platforms: readonly string[]
}

/**
 * Reads the name of a wheel.
 * @returns the parts, or what is wrong in words
 * @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention
 */
export function parseWheelFilename(filename: string): WheelFilename | { readonly wrong: string } {
  const parts = filename.replace(/\.whl$/, '').split('-')
  if (parts.length !== 5 && parts.length !== 6) {
    return { wrong: 'it must be NAME-VERSION-PYTHON-ABI-PLATFORM.whl, with a build number after the version at most' }
  }
  const [name = '', writtenVersion = ''] = parts
  const build = parts.length === 6 ? parts[2] : undefined
  const [python = '', abi = '', platform = ''] = parts.slice(-3)
  if (name.includes('__') || !/^[\p{L}\p{N}._]+$/u.test(name)) return { wrong: `"${name}" is no project name` }
  const version = parsePep440(writtenVersion)
  if (version === undefined || /\s/.test(writtenVersion)) return { wrong: `"${writtenVersion}" is no PEP 440 version` }
  if (build !== undefined && !/^\d/.test(build))
    return { wrong: `the build number "${build}" does not begin with a digit` }
  const platforms = platform.split('.')
  if ([...python.split('.'), ...abi.split('.'), ...platforms].includes('')) return { wrong: 'one of its tags is empty' }
  const interpreter = python.split('.').find((tag) => !/^[A-Za-z_]\w*$/.test(tag))
  if (interpreter !== undefined) return { wrong: `"${interpreter}" is no Python tag` }
  return { name, writtenVersion, version, build, python, abi, platforms }
}
