import type { TarballDifference } from '../comparison.ts'
import type { Problem } from '../../shared/problem.ts'
import type { Tarball } from '../tarball.ts'
import { releaseWindow } from '../release-window.ts'
import type { Remote } from './remote.ts'

/** What is to become of the release, or why nothing can. */
export type ReleaseDecision =
  | { readonly kind: 'create'; readonly why: string }
  | { readonly kind: 'replace'; readonly why: string; readonly there: string }
  | { readonly kind: 'unchanged'; readonly why: string; readonly there: string }
  | { readonly kind: 'stopped'; readonly problem: Problem }

/**
 * Decides by what Hex has: nothing, the same bytes, the same contents in other bytes (a tarball of the same source is
 * not the same everywhere: the order of files and their modes are the disk's), or other contents. Pure.
 *
 * @param release as a user names it: `demo 1.0.0`
 * @param options.unstored Hex broke off while it stored the release: sending the same bytes once more mends that
 */
export function decideRelease(
  release: string,
  tarball: Tarball,
  remote: Remote,
  options: { readonly replace: boolean; readonly now: number; readonly unstored: boolean }
): ReleaseDecision {
  const { replace, now, unstored } = options
  const there = remote.release
  if (there === undefined)
    return { kind: 'create', why: remote.package === undefined ? 'the package is new on Hex' : 'not on Hex' }
  const mends = replace && unstored
  if (there.checksum === tarball.outerChecksum && !mends)
    return { kind: 'unchanged', there: there.checksum, why: 'the same bytes are on Hex' }
  const { comparison } = remote
  if (comparison?.kind === 'compared' && comparison.difference.same) {
    return {
      kind: 'unchanged',
      there: there.checksum,
      why: `the same metadata and files are on Hex, packed into other bytes (sha256 ${tarball.outerChecksum} here)`
    }
  }
  const checksums = `sha256 ${there.checksum} there, ${tarball.outerChecksum} here`
  const differences =
    mends && comparison === undefined
      ? 'Hex broke off while it stored these bytes'
      : comparison?.kind === 'compared'
        ? toldDifference(comparison.difference)
        : `not compared: ${comparison?.why ?? ''}`
  if (!replace && unstored) {
    return {
      kind: 'stopped',
      problem: {
        code: 'release-half-stored',
        message: `Hex broke off while it stored ${release} (${checksums}): nobody can install it, and ours cannot be compared with it.`,
        hint: 'Publish it once more with `replace: true`, as docs/hex-rollback.md says for a tag that is out: that mends it, and running the same job again sends nothing. Where the window is closed, release a new version and retire this one.',
        file: tarball.shown
      }
    }
  }
  if (!replace) {
    return comparison?.kind === 'compared'
      ? {
          kind: 'stopped',
          problem: {
            code: 'hex-different-release',
            message: `${release} is on Hex already with other contents (${checksums}): ${differences}.`,
            hint: 'Release a new version. Within an hour of the release, or a day of a new package, `replace: true` replaces it; what others have locked then no longer fits.',
            file: tarball.shown
          }
        }
      : {
          kind: 'stopped',
          problem: {
            code: 'release-not-compared',
            message: `${release} is on Hex already with other bytes (${checksums}), and whether it has the same contents is not known: ${comparison?.why ?? 'it was not read'}.`,
            hint: 'Run the job again later. If the contents are others, release a new version.',
            file: tarball.shown
          }
        }
  }
  const window = releaseWindow({
    release: there,
    package: remote.package ?? there,
    organization: remote.pkg.organization,
    now
  })
  if (window.open)
    return { kind: 'replace', there: there.checksum, why: `replace is true, and ${window.why}; ${differences}` }
  return {
    kind: 'stopped',
    problem: {
      code: 'hex-window-closed',
      message: `${release} is on Hex (${checksums}) and can no longer be replaced: ${window.why}. ${differences}.`,
      hint: 'Release a new version, and retire this one if it should not be used (`mode: retire`).',
      file: tarball.shown
    }
  }
}

/** More files than these are counted. */
const mostTold = 12

/** `metadata: description, links; files: lib/a.ex differs, lib/b.ex only here`. */
export function toldDifference({ metadata, files }: TarballDifference): string {
  const keys = metadata.map(({ key }) => key)
  const told = files.slice(0, mostTold).map(({ path, change }) => `${path} ${changeWords[change]}`)
  const rest = files.length - told.length
  return [
    ...(keys.length === 0 ? [] : [`metadata ${keys.join(', ')}`]),
    ...told,
    ...(rest === 0 ? [] : [`and ${rest} more files`])
  ].join('; ')
}

const changeWords: Readonly<Record<TarballDifference['files'][number]['change'], string>> = {
  'only published': 'only on Hex',
  'only local': 'only here',
  differs: 'differs'
}
