import type { Reviewers } from './configuration.ts'
import { sameLogin, short } from '../shared/answer-fields.ts'
import type { Approval } from './pull-request.ts'
import type { Contributors } from './pushers.ts'
import { standingOpinions, type Review } from './reviews.ts'
import { isEverybody, peopleInWords, type Standing, type StandingOf } from './teams.ts'

/** What an approval is measured against. */
export interface ApprovedPull {
  readonly author: string
  readonly headSha: string
}

/**
 * Whether enough reviewers approve the head. An approval counts for the commit it was given for, from a reviewer who
 * is not the author; a reviewer who asks for changes stands against all of them, whatever commit that was about, as on
 * GitHub. Where the configuration names nobody, whoever may write to the repository is a reviewer, but for who pushed:
 * else two people with write permission would need nobody else. What cannot be found out counts as missing.
 * @param contributors asked only where it matters
 */
export async function judgeApproval(
  pull: ApprovedPull,
  reviews: readonly Review[],
  reviewers: Reviewers,
  standingOf: StandingOf,
  contributors: () => Promise<Contributors>
): Promise<Approval> {
  const judged: Judged[] = []
  for (const review of standingOpinions(reviews)) {
    if (review.state === 'DISMISSED') judged.push({ review, kind: 'dismissed' })
    else if (sameLogin(review.by.login, pull.author)) judged.push({ review, kind: 'author' })
    else if (review.state === 'APPROVED' && review.commit !== pull.headSha) judged.push({ review, kind: 'outdated' })
    else {
      const standing = await standingOf(review.by, reviewers)
      const pushed = standing.state === 'yes' && review.state === 'APPROVED' && isEverybody(reviewers)
      judged.push(pushed ? judgePusher(review, await contributors()) : judge(review, standing))
    }
  }
  return approvalFrom(pull, judged, reviewers)
}

interface Judged {
  readonly review: Review
  readonly kind: 'approves' | 'objects' | 'stranger' | 'dismissed' | 'author' | 'pusher' | 'outdated' | 'unknown'
  readonly standing?: Standing
}

function judge(review: Review, standing: Standing): Judged {
  if (standing.state === 'unknown') return { review, kind: 'unknown', standing }
  if (standing.state === 'no') return { review, kind: 'stranger' }
  return { review, kind: review.state === 'APPROVED' ? 'approves' : 'objects' }
}

function judgePusher(review: Review, contributors: Contributors): Judged {
  if (contributors.state === 'known') {
    const pushed = contributors.pushers.some((login) => sameLogin(login, review.by.login))
    return { review, kind: pushed ? 'pusher' : 'approves' }
  }
  const why = `Whether ${review.by.login}, who approved, pushed to the pull request could not be found out: ${contributors.why}.`
  const next = 'Name the reviewers in the configuration of the base branch, or run the job again.'
  return { review, kind: 'unknown', standing: { state: 'unknown', why, next } }
}

function approvalFrom(pull: ApprovedPull, judged: readonly Judged[], reviewers: Reviewers): Approval {
  const of = (kind: Judged['kind']): readonly Judged[] => judged.filter((each) => each.kind === kind)
  const approvals = of('approves')
  const objections = of('objects')
  const unknown = of('unknown')
  const needed = Math.max(1, reviewers.approvals)

  if (objections.length > 0) {
    const who = logins(objections)
    return {
      state: 'missing',
      why: `${who} asked for changes.`,
      next: `Mend what ${who} asked for and let them approve the head, or let the review be dismissed.`
    }
  }
  // Somebody who asks for changes and may be a reviewer stands against it until that is known.
  const doubt = unknown.find(({ review }) => review.state === 'CHANGES_REQUESTED') ?? unknown[0]
  if (doubt?.standing?.state === 'unknown' && (doubt.review.state !== 'APPROVED' || approvals.length < needed)) {
    return { state: 'unknown', why: doubt.standing.why, next: doubt.standing.next }
  }
  if (approvals.length >= needed) {
    const times = approvals.map(({ review }) => review.at)
    const at = times.reduce((newest, time) => (Date.parse(time) > Date.parse(newest) ? time : newest))
    return { state: 'approved', by: approvals.map(({ review }) => review.by.login), at }
  }
  return missing(pull, judged, approvals, needed, reviewers)
}

function missing(
  pull: ApprovedPull,
  judged: readonly Judged[],
  approvals: readonly Judged[],
  needed: number,
  reviewers: Reviewers
): Approval {
  const head = short(pull.headSha)
  const counted =
    approvals.length === 0
      ? `No reviewer has approved the head ${head}.`
      : `${approvals.length} of ${needed} approvals of the head ${head} are there (${logins(approvals)}).`
  const whys = judged.flatMap((each) => {
    const why = reasons[each.kind]?.(each.review)
    return why === undefined ? [] : [why]
  })
  const outdated = judged.filter(({ kind }) => kind === 'outdated')
  const again = outdated.length === 0 ? '' : ` ${logins(outdated)} must look at the new commits and approve once more.`
  return {
    state: 'missing',
    why: [counted, ...whys].join(' '),
    next: nextOf(pull, head, needed, reviewers) + again
  }
}

/** Whom to ask: never the author, whose own review does not count. */
function nextOf({ author }: ApprovedPull, head: string, needed: number, reviewers: Reviewers): string {
  const users = reviewers.users.filter((login) => !sameLogin(login, author))
  const tooFew = users.length < Math.min(needed, reviewers.users.length)
  if (reviewers.teams.length === 0 && tooFew)
    return `The reviewers of the configuration are not enough for a pull request of ${author}, who cannot approve it: let an administrator add somebody to \`reviewers\` there, or let somebody else open the pull request.`
  const who = isEverybody(reviewers)
    ? `${peopleInWords(reviewers)} other than ${author}`
    : peopleInWords({ ...reviewers, users })
  return `Ask ${who} for an approving review of ${head}.`
}

const reasons: Partial<Record<Judged['kind'], (review: Review) => string | undefined>> = {
  outdated: ({ by, commit }) =>
    `${by.login} approved ${commit === undefined ? 'a commit that is gone' : short(commit)}, and the head has changed since.`,
  stranger: ({ by, state }) =>
    state === 'APPROVED' ? `${by.login}, who approved, is not among the reviewers.` : undefined,
  pusher: ({ by }) => `${by.login}, who approved, pushed commits of the pull request.`,
  dismissed: ({ by }) => `The review of ${by.login} was dismissed.`
}

function logins(judged: readonly Judged[]): string {
  return judged.map(({ review }) => review.by.login).join(', ')
}
