import { createHash } from 'node:crypto'
import { registryUrl, type HexPackage, type HexRelease } from '../../shared/hex/hex-api.ts'
import { HttpFailure, type Http } from '../../shared/http.ts'
import { readTarball, type Tarball } from '../tarball.ts'

/** What Hex serves to everybody who installs, or why it could not be had, in words. */
export type Published<T> = { readonly found: T } | { readonly why: string }

/**
 * Downloads the tarball of a release that is out and reads it.
 * @param key for a private package; public ones are read without
 */
export async function downloadTarball(
  http: Http,
  pkg: HexPackage,
  release: Pick<HexRelease, 'version'> & Partial<Pick<HexRelease, 'checksum'>>,
  key: string | undefined
): Promise<Published<Tarball>> {
  const shown = `${pkg.name}-${release.version}.tar`
  const read = await download(http, pkg, `tarballs/${shown}`, key)
  if ('why' in read) return read
  const checksum = createHash('sha256').update(read.found).digest('hex')
  if (release.checksum !== undefined && checksum !== release.checksum) {
    return { why: `the tarball that is served has sha256 ${checksum}, and Hex’s API says ${release.checksum}` }
  }
  const { tarball, problems } = await readTarball(read.found, shown)
  if (tarball !== undefined) return { found: tarball }
  return { why: problems.map(({ message }) => message).join(' ') }
}

/** Downloads the documentation of a release that is out, as it was sent (tar.gz). */
export function downloadDocs(
  http: Http,
  pkg: HexPackage,
  version: string,
  key: string | undefined
): Promise<Published<Buffer>> {
  return download(http, pkg, `docs/${pkg.name}-${version}.tar.gz`, key)
}

async function download(
  http: Http,
  { organization }: HexPackage,
  path: string,
  key: string | undefined
): Promise<Published<Buffer>> {
  const url = `${registryUrl}/${organization === undefined ? '' : `repos/${organization}/`}${path}`
  try {
    const { status, body } = await http({
      method: 'GET',
      url,
      headers: organization === undefined || key === undefined ? {} : { authorization: key }
    })
    return status === 200 ? { found: body } : { why: `GET ${url} was answered ${status}` }
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error
    return { why: error.message }
  }
}
