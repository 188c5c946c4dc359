import type { Problem } from '../problem.ts'

/** Leave, until a day, for a dependency that does not come from Hex. */
export interface Bypass {
  readonly reason: string
  /** The last day, `YYYY-MM-DD`, in UTC. */
  readonly until: string
}

/** A bypass is for the days until a release is out; a longer one is a decision that belongs into code. Days. */
export const longestBypass = 31

const day = 24 * 60 * 60 * 1000

/**
 * Reads a bypass as a user gives it.
 *
 * @param now milliseconds since 1970
 * @returns `{}` where none is given; an expired one is still given, for `bypassExpired` to tell
 */
export function readBypass(
  given: { readonly reason: string | undefined; readonly until: string | undefined },
  now: number
): { readonly bypass?: Bypass } | { readonly problems: readonly Problem[] } {
  const { reason, until } = given
  if (reason === undefined && until === undefined) return {}
  const problem = (message: string, hint: string): { readonly problems: readonly Problem[] } => ({
    problems: [{ code: 'dependency-bypass', message, hint }]
  })
  if (reason === undefined || until === undefined) {
    return problem(
      `Input ${reason === undefined ? 'bypass-reason' : 'bypass-until'} is missing: a bypass has both a reason and a last day.`,
      'Give both bypass-reason and bypass-until, or neither.'
    )
  }
  const lastDay = dayOf(until)
  if (lastDay === undefined) {
    return problem(
      `Input bypass-until is ${JSON.stringify(until)}, which is no date.`,
      'Write the last day of the bypass as YYYY-MM-DD.'
    )
  }
  if (lastDay - now > longestBypass * day) {
    return problem(
      `Input bypass-until is ${until}, more than ${longestBypass} days ahead.`,
      `Write a day up to ${isoDay(now + longestBypass * day)}; a bypass can be renewed.`
    )
  }
  return { bypass: { reason, until } }
}

/** The problem of a bypass whose last day is over, in UTC; undefined while it is good. */
export function bypassExpired({ until, reason }: Bypass, now: number): Problem | undefined {
  const lastDay = dayOf(until)
  if (lastDay !== undefined && now < lastDay + day) return undefined
  return {
    code: 'dependency-bypass-expired',
    message: `The bypass (${reason}) has been over since the end of ${until}, UTC.`,
    hint: 'Take the dependency from Hex again and remove bypass-reason and bypass-until; or decide anew, and give it another day.'
  }
}

/** The first millisecond of the day; undefined for what is none, such as `2026-02-30`. */
function dayOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const time = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(time) || isoDay(time) !== text ? undefined : time
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
