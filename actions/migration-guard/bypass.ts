import { ActionError } from '../shared/problem.ts'
import type { GithubAccess } from '../shared/github-access.ts'
import { sameLogin, short } from '../shared/answer-fields.ts'
import { bypassForm, readBypassLine, type BypassLine } from './bypass-line.ts'
import type { Configuration } from './configuration.ts'
import type { ReviewBypass } from './pull-request.ts'
import type { Contributors } from './pushers.ts'
import { otherEditors } from './review-edits.ts'
import { takenBack, type Review } from './reviews.ts'
import { isEverybody, peopleInWords, type People, type StandingOf } from './teams.ts'

/** The pull request that somebody may let through. */
export interface BypassedPull {
  readonly author: string
  readonly headSha: string
}

type Attempt = Extract<ReviewBypass, { state: 'refused' }>['attempts'][number]

/** Milliseconds. */
const day = 86_400_000

/**
 * Whether a review lets the change through: approving or commenting, with the line `ALLOW_CORE_MIGRATION: reason, until
 * DATE`, given for the head by an allowed person who is neither the author nor the last pusher. Everything a label or
 * an environment variable could not prove is looked up; what cannot be found out refuses. Each attempt that does not
 * count is told with the reason.
 * @param now milliseconds
 */
export async function judgeBypass(
  access: GithubAccess,
  pull: BypassedPull,
  reviews: readonly Review[],
  configuration: Pick<Configuration, 'bypass' | 'reviewers'>,
  standingOf: StandingOf,
  now: number,
  contributors: () => Promise<Contributors>
): Promise<ReviewBypass> {
  const attempts: Attempt[] = []
  const allowed = allowedPeople(configuration)
  for (const review of [...reviews].reverse()) {
    const line = readBypassLine(review.body)
    if (line.kind === 'none') continue
    const refuse = (...whys: readonly string[]): void => {
      attempts.push({ by: review.by.login, why: whys.join(' '), url: review.url })
    }
    const visible = whysOfReview(pull, review, reviews, line, configuration, now)
    if (visible.length > 0 || line.kind === 'unreadable') {
      refuse(...visible)
      continue
    }
    const why =
      (await whyNotAllowed(review, allowed, standingOf)) ??
      whyContributed(review, await contributors()) ??
      (await whyEdited(access, review))
    if (why !== undefined) {
      refuse(why)
      continue
    }
    const { reason, until } = line
    return { state: 'granted', by: review.by.login, reason, until, url: review.url, at: review.at }
  }
  return attempts.length === 0 ? { state: 'none' } : { state: 'refused', attempts }
}

function allowedPeople({ bypass, reviewers }: Pick<Configuration, 'bypass' | 'reviewers'>): People {
  return isEverybody(bypass) ? reviewers : bypass
}

/** What the review itself shows, all of it at once. */
function whysOfReview(
  pull: BypassedPull,
  review: Review,
  reviews: readonly Review[],
  line: BypassLine,
  { bypass }: Pick<Configuration, 'bypass'>,
  now: number
): readonly string[] {
  const { login } = review.by
  return [
    ...(bypass.allowed ? [] : ['The configuration allows no bypass.']),
    ...(review.state === 'DISMISSED' ? ['The review was dismissed.'] : []),
    ...(review.state === 'CHANGES_REQUESTED' ? ['The review asks for changes.'] : []),
    ...(takenBack(review, reviews) ? [`${login} asked for changes after it.`] : []),
    ...(sameLogin(login, pull.author) ? [`${login} is the author of the pull request.`] : []),
    ...(review.commit === pull.headSha ? [] : [ofOtherCommit(pull, review)]),
    ...(line.kind === 'unreadable' ? [line.why] : []),
    ...(line.kind === 'written' ? whysOfDate(line.until, review, bypass.days, now) : [])
  ]
}

function ofOtherCommit(pull: BypassedPull, review: Review): string {
  const given = review.commit === undefined ? 'a commit that is gone' : short(review.commit)
  return `It was given for ${given}, and the head is ${short(pull.headSha)} now: look at the new commits and submit a new review.`
}

/** `until` is a day in UTC, and still counts on that day. How far it may be is measured from the review. */
function whysOfDate(until: string, review: Review, days: number, now: number): readonly string[] {
  const last = Date.parse(`${until}T00:00:00Z`) + day
  if (now >= last) return [`It was good until ${until}, which is past.`]
  const farthest = Date.parse(review.at) + days * day
  if (last - day <= farthest) return []
  return [
    `It says until ${until}; the configuration allows ${days} ${days === 1 ? 'day' : 'days'} at most, until ${new Date(farthest).toISOString().slice(0, 10)}.`
  ]
}

async function whyNotAllowed(review: Review, allowed: People, standingOf: StandingOf): Promise<string | undefined> {
  const { login } = review.by
  const standing = await standingOf(review.by, allowed)
  if (standing.state === 'yes') return undefined
  if (standing.state === 'unknown') return `${standing.why} ${standing.next}`
  return `${login} may not: the configuration allows it to ${peopleInWords(allowed)}.`
}

function whyContributed(review: Review, contributors: Contributors): string | undefined {
  const { login } = review.by
  const isThis = (other: string): boolean => sameLogin(other, login)
  if (contributors.state === 'unknown') {
    return `Whether ${login} pushed to the pull request could not be found out: ${contributors.why}.`
  }
  if (contributors.pushers.some(isThis)) return `${login} pushed commits of the pull request.`
  return contributors.committers.some(isThis) ? `${login} wrote or committed commits of the pull request.` : undefined
}

async function whyEdited(access: GithubAccess, review: Review): Promise<string | undefined> {
  const editors = await otherEditors(access, review).catch((error: unknown) => {
    if (error instanceof ActionError) return 'unknown' as const
    throw error
  })
  if (editors === 'unknown') {
    return 'Whether somebody else edited the review could not be found out: GitHub’s GraphQL API does not tell. Submit a new review.'
  }
  const [editor] = editors
  return editor === undefined
    ? undefined
    : `${editor} edited the review, which must be in the reviewer’s own words: submit a new one with \`${bypassForm}\`.`
}
