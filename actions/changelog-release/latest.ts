import { comparePep440, parsePep440 } from '../shared/pep440.ts'
import { parseReleaseTag, type ReleaseTag } from '../shared/release-tag.ts'
import { compareSemver, parseSemver } from '../shared/semver.ts'
import type { RemoteRelease } from './remote-release.ts'

/**
 * Whether a release of this tag should be shown as the repository's latest: it is no prerelease, and no published
 * release of the same tag family (same package, if any) has a higher version. So a fix of an old line never takes the
 * place of the newest one, as it does by GitHub's own default.
 */
export function isHighest(tag: ReleaseTag, releases: readonly RemoteRelease[]): boolean {
  if (tag.prerelease) return false
  return releases.every((release) => {
    if (release.draft || release.prerelease || release.tag === tag.raw) return true
    const other = readTag(release.tag, tag)
    return other === undefined || other.prerelease || compare(tag, other) >= 0
  })
}

/** A tag of the same family. */
function readTag(raw: string, own: ReleaseTag): ReleaseTag | undefined {
  const prefix = own.prefix.replace(/v$/i, '')
  const read = parseReleaseTag(raw, own.package === undefined && prefix !== '' ? { prefix } : {})
  if (!('tag' in read)) return undefined
  return read.tag.package === own.package ? read.tag : undefined
}

/** Versions that no scheme can compare are equal: they do not stand in the way. */
function compare(a: ReleaseTag, b: ReleaseTag): number {
  const [pepA, pepB] = [a, b].map(({ spellings: { pep440 } }) =>
    'version' in pep440 ? parsePep440(pep440.version) : undefined
  )
  if (pepA !== undefined && pepB !== undefined) return comparePep440(pepA, pepB)
  const [semA, semB] = [a, b].map(({ spellings: { semver } }) =>
    'version' in semver ? parseSemver(semver.version) : undefined
  )
  return semA !== undefined && semB !== undefined ? compareSemver(semA, semB) : 0
}
