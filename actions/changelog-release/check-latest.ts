import { ActionError, type Problem } from '../shared/problem.ts'
import { isHighest, type LatestMark, type LatestRule } from './latest.ts'
import type { Releases } from './releases.ts'
import type { RemoteRelease } from './remote-release.ts'

/** At most one of the two; neither where the mark is as it was sent, or is nobody's wish. */
export interface LatestCheck {
  readonly problem?: Problem
  /** Why it could not be told. */
  readonly notChecked?: string
}

/**
 * Compares the repository's latest release with the mark that was sent for the release `id`. That another one is the
 * latest is right where it was published since and is higher.
 */
export async function checkLatest(
  releases: Releases,
  rule: LatestRule,
  id: number,
  sent: LatestMark
): Promise<LatestCheck> {
  if (sent !== 'true' && sent !== 'false') return {}
  const unknown = (reason: string): LatestCheck => ({
    notChecked: `whether ${rule.tag.raw} is ${sent === 'true' ? '' : 'not '}shown as the latest release: ${reason}`
  })
  try {
    const latest = await releases.latest()
    if (latest === undefined) return sent === 'true' ? unknown('GitHub names none') : {}
    if ((latest.id === id) === (sent === 'true')) return {}
    const all = await releases.list()
    return (sent === 'true' ? isOvertaken(rule, all) : isOnlyOne(id, all)) ? {} : { problem: misplaced(rule, latest) }
  } catch (error) {
    if (error instanceof ActionError) return unknown(error.message)
    throw error
  }
}

function isOvertaken({ tag, makeLatest }: LatestRule, releases: readonly RemoteRelease[]): boolean {
  return makeLatest === 'auto' && !isHighest(tag, releases)
}

/** GitHub may show a release as the latest for want of another. */
function isOnlyOne(id: number, releases: readonly RemoteRelease[]): boolean {
  return releases.every((release) => release.id === id || release.draft || release.prerelease)
}

function misplaced({ tag }: LatestRule, latest: RemoteRelease): Problem {
  return {
    code: 'release-not-latest',
    message:
      latest.tag === tag.raw
        ? `${tag.raw} is published, and GitHub shows it as the latest release, which it should not be.`
        : `${tag.raw} is published, and GitHub shows ${latest.tag} as the latest release instead.`,
    hint: 'Another job or person changed it at the same time. Set the latest release on its page (Edit → Set as the latest release), or run the job of the tag that should have it with `make-latest: true`.'
  }
}
