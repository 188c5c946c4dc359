import { readableTime } from './readable-time.ts'

export interface ReleaseWindow {
  readonly open: boolean
  /** Until when the release can be replaced and taken back; absent where it always can. Milliseconds since the epoch. */
  readonly until?: number
  /** The rule that decides, with its times. */
  readonly why: string
}

/** One hour, and a day. Milliseconds. */
const afterRelease = 3_600_000
const afterPackage = 24 * 3_600_000

/**
 * Whether a release can still be replaced or reverted: a public one for an hour after it was published, or for 24 hours
 * after its package was; a private one always (hexpm, release.ex `editable?`). Replacing does not open the window anew.
 * @param facts times in milliseconds since the epoch
 */
export function releaseWindow(facts: {
  readonly release: { readonly insertedAt: number }
  readonly package: { readonly insertedAt: number }
  readonly organization?: string | undefined
  readonly now: number
}): ReleaseWindow {
  const { release, organization, now } = facts
  if (organization !== undefined) {
    return { open: true, why: `releases of the organization ${organization} can be changed at any time` }
  }
  const byRelease = release.insertedAt + afterRelease
  const byPackage = facts.package.insertedAt + afterPackage
  const until = Math.max(byRelease, byPackage)
  const open = now <= until
  const [rule, since] =
    byPackage > byRelease
      ? ['24 hours after its package was first published', facts.package.insertedAt]
      : ['one hour after it was published', release.insertedAt]
  return {
    open,
    until,
    why: `a release can be changed until ${rule} (${readableTime(since)}): ${open ? 'until' : 'it was until'} ${readableTime(until)}`
  }
}
