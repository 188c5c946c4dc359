import type { Http } from '../../http.ts'
import { ActionError } from '../../problem.ts'
import { createHexApi, readRelease } from '../hex-api.ts'
import type { HexLock } from '../mix-lock.ts'
import { disproved, elsewhere, notAvailable, proved, type Proof } from './proof.ts'

/**
 * Proof 6: hex.pm has the release that is locked, with the same checksum, and not retired. What stands between here
 * and hex.pm is no fault of the dependency: it is then not available.
 *
 * @param http undefined where nobody is to be asked
 */
export async function proveRelease(locked: HexLock | undefined, http: Http | undefined): Promise<Proof> {
  const hint = 'Let the job reach hex.pm, and run it again.'
  if (http === undefined) return notAvailable(6, 'hex.pm was not asked.', hint)
  if (locked === undefined) return notAvailable(6, 'There is no locked release to ask hex.pm for.', hint)
  const { repository, version, package: name, outerChecksum } = locked
  if (repository !== 'hexpm') {
    return notAvailable(6, `What is in the repository ${repository}, hex.pm does not show to everybody.`, hint)
  }
  try {
    const release = await readRelease(createHexApi(http), { name }, version)
    if (release === undefined) {
      return disproved(6, `hex.pm has no ${name} ${version}.`, {
        code: 'dependency-release',
        hint: `It may have been reverted: run \`mix deps.update ${name}\` and commit the lock file.`
      })
    }
    if (release.checksum !== outerChecksum) {
      return disproved(
        6,
        `hex.pm has ${name} ${version} with checksum ${release.checksum}, and ${outerChecksum ?? 'none'} is locked.`,
        {
          code: 'dependency-release',
          hint: `Find out which is right before anything else: a release can be replaced for an hour after it came out. Then run \`mix deps.update ${name}\` and commit the lock file.`
        }
      )
    }
    if (release.retirement !== undefined) {
      const { reason, message } = release.retirement
      // The bad release is retired, and its line stays in the lock, while the project goes back to a path.
      return elsewhere(
        disproved(
          6,
          `${name} ${version} is retired on hex.pm: ${reason}${message === undefined ? '' : `, ${message}`}.`,
          { code: 'dependency-retired', hint: `Run \`mix deps.update ${name}\` and commit the lock file.` }
        )
      )
    }
    return proved(6, `${name} ${version} with the locked checksum, not retired.`)
  } catch (error) {
    if (error instanceof ActionError) return notAvailable(6, `hex.pm could not be asked: ${error.message}`, hint)
    throw error
  }
}
