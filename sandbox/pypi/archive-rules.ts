import { constants, gunzipSync } from 'node:zlib'
import { UploadRefused } from './answers.ts'
import { isTar, readTarGz, type TarMember } from './tar.ts'
import { framingFault } from './zip-framing.ts'
import { endOfDirectory, readZip, unpack, type ZipMember } from './zip.ts'

/** An opened distribution. */
export type Archive =
  | { readonly kind: 'zip'; readonly members: readonly ZipMember[]; read(name: string): Buffer | undefined }
  | { readonly kind: 'tar'; readonly members: readonly TarMember[] }

/**
 * Opens a distribution and looks whether it could be one, in the order of `_is_valid_dist_file`
 * (warehouse/forklift/legacy.py).
 *
 * @throws UploadRefused
 */
export function openDistribution(filename: string, content: Buffer): Archive {
  const looksZip = endOfDirectory(content) !== undefined
  if (looksZip && looksLikeTar(content)) throw invalid('File is both a zip and a tar file')
  return filename.endsWith('.tar.gz') ? openTar(content) : openZip(filename, content, looksZip)
}

/** The words are PyPI's: what Python knows no words for is `None`. */
function invalid(text: string | undefined): UploadRefused {
  return new UploadRefused(400, `Invalid distribution file. ${text ?? 'None'}`)
}

/** `COMPRESSION_RATIO_MIN_SIZE` and `COMPRESSION_RATIO_THRESHOLD` */
const ratioFrom = 64 * 1024 ** 2
const ratioLimit = 50

function openZip(filename: string, content: Buffer, looksZip: boolean): Archive {
  if (!looksZip) throw invalid('File is not a zipfile')
  const members = readZip(content)
  if (members === undefined) throw invalid(undefined)
  const unpacked = members.reduce((sum, { size }) => sum + size, 0)
  if (unpacked > ratioFrom && unpacked / content.length > ratioLimit)
    throw invalid(`File exceeds compression ratio of ${ratioLimit}`)
  // 0 is stored, 8 is deflated.
  if (members.some(({ method }) => method !== 0 && method !== 8))
    throw invalid('File does not use a supported compression type')

  const read = (name: string): Buffer | undefined => {
    // Python keeps the last of members with one name.
    const member = members.findLast((each) => each.name === name)
    if (member === undefined) return undefined
    const unpackedMember = unpack(content, member)
    if (unpackedMember === undefined) throw invalid(undefined)
    return unpackedMember
  }
  if (filename.endsWith('.whl')) {
    const [name, version, rest] = filename.split('-')
    if (name === undefined || version === undefined || rest === undefined)
      throw invalid('Unable to parse name and version from wheel filename')
    const wheel = `${name}-${version}.dist-info/WHEEL`
    if (read(wheel) === undefined) throw invalid(`WHEEL not found at ${wheel}`)
  } else {
    const top = topLevel(members.map((member) => member.name))
    if (read(`${top}/PKG-INFO`) === undefined) throw invalid(`PKG-INFO not found at ${top}/PKG-INFO`)
  }
  const framing = framingFault(content, members)
  if (framing !== undefined)
    throw invalid(`ZIP archive not accepted: ${framing}. See https://docs.pypi.org/archives for more information`)
  return { kind: 'zip', members, read }
}

function openTar(content: Buffer): Archive {
  if (!looksLikeTar(content)) throw invalid('File is not a tarfile')
  const members = readTarGz(content)
  if (members === undefined) throw invalid(undefined)
  if (members.some(({ sparse }) => sparse))
    throw invalid(
      'tar archive not accepted: Sparse members are not allowed. See https://docs.pypi.org/archives for more information'
    )
  const top = topLevel(members.map(({ name }) => name))
  if (!members.some(({ name }) => name === `${top}/PKG-INFO`)) throw invalid(`PKG-INFO not found at ${top}/PKG-INFO`)
  return { kind: 'tar', members }
}

function looksLikeTar(content: Buffer): boolean {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return isTar(content)
  try {
    // The first block tells; a stream that breaks off later is a tar still, one that cannot be read.
    return isTar(gunzipSync(content.subarray(0, 64 * 1024), { finishFlush: constants.Z_SYNC_FLUSH }))
  } catch {
    return false
  }
}

/**
 * The directory that holds everything (`os.path.commonpath`).
 * @throws UploadRefused when there is none
 */
export function topLevel(names: readonly string[]): string {
  const paths = names.map((name) => name.split('/').filter((part) => part !== '' && part !== '.'))
  const [first = []] = paths
  const common = first.findIndex((part, index) => paths.some((path) => path[index] !== part))
  const top = first.slice(0, common < 0 ? first.length : common).join('/')
  if (top === '' || names.some((name) => name.startsWith('/')))
    throw invalid('Incorrect number of top-level directories in sdist')
  return top
}
