import type { Release, Repository } from './state.ts'

/**
 * The release that GitHub shows as latest: the one that was made so, else the newest published one that is no
 * prerelease and was not published with make_latest "false".
 */
export function latestRelease(repository: Repository): Release | undefined {
  const candidates = repository.releases.filter((release) => !release.draft && !release.prerelease)
  return (
    candidates.find((release) => release.id === repository.latestReleaseId) ??
    byLegacyRule(candidates.filter((release) => release.makeLatest !== 'false'))
  )
}

/** Applies a release's make_latest at the moment it is published or changed. */
export function chooseLatest(repository: Repository, release: Release): void {
  if (release.draft || release.prerelease) return
  if (release.makeLatest === 'true') repository.latestReleaseId = release.id
  if (release.makeLatest === 'legacy') {
    const stable = repository.releases.filter((candidate) => !candidate.draft && !candidate.prerelease)
    repository.latestReleaseId = byLegacyRule(stable)?.id ?? null
  }
  if (release.makeLatest === 'false' && repository.latestReleaseId === release.id) repository.latestReleaseId = null
}

/** "determined based on the release creation date and higher semantic version" (OpenAPI, make_latest: legacy). */
function byLegacyRule(releases: readonly Release[]): Release | undefined {
  return [...releases].sort(
    (a, b) => b.createdAt.localeCompare(a.createdAt) || compareNumbers(b.tag, a.tag) || b.id - a.id
  )[0]
}

function compareNumbers(a: string, b: string): number {
  const [left, right] = [numbersIn(a), numbersIn(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function numbersIn(tag: string): readonly number[] {
  return (tag.match(/\d+/g) ?? []).map(Number)
}
