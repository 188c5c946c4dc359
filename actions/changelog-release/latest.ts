import { comparePep440, parsePep440 } from '../shared/pep440.ts'
import { parseReleaseTag, type ReleaseTag } from '../shared/release-tag.ts'
import { compareSemver, parseSemver } from '../shared/semver.ts'
import type { Inputs } from './inputs.ts'
import type { RemoteRelease } from './remote-release.ts'

/** What decides whether a release is to have GitHub's "Latest" mark. */
export interface LatestRule {
  readonly tag: ReleaseTag
  readonly makeLatest: Inputs['makeLatest']
  readonly prerelease: boolean
  /** Marked as yanked in the changelog. */
  readonly yanked: boolean
}

/** GitHub's `make_latest`. Left out it means `true`; prereleases cannot have it. */
export type LatestMark = 'true' | 'false' | 'legacy' | undefined

/**
 * For a release that becomes public, or stable, now.
 * @param releases the repository's, as they are now: another run may have published meanwhile
 */
export function markOfNew(rule: LatestRule, releases: readonly RemoteRelease[]): LatestMark {
  if (rule.prerelease) return undefined
  if (rule.makeLatest !== 'auto') return rule.makeLatest
  return !rule.yanked && isHighest(rule.tag, releases) ? 'true' : 'false'
}

/** For the correction of a release that was stable and public before: it keeps what it has, unless told otherwise. */
export function markOfCorrected({ prerelease, makeLatest }: LatestRule, isLatest: boolean): LatestMark {
  if (prerelease) return undefined
  if (makeLatest === 'true' || makeLatest === 'false') return makeLatest
  return isLatest ? 'true' : 'false'
}

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
