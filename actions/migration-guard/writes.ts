import type { Step } from '../shared/phases.ts'
import type { Problem, Remark } from '../shared/problem.ts'
import { short } from '../shared/answer-fields.ts'
import type { CommentWrite } from '../shared/github-comment.ts'
import { sameStatus, statusContext, type CommitStatus, type StatusWrite } from './commit-status.ts'
import { isProblem, type Existing } from './existing.ts'
import type { PullRequest } from './pull-request.ts'
import { notRerun, type RerunWrite } from './rerun.ts'
import type { Verdict } from './verdict.ts'
import type { CurrentRun, WorkflowRun } from './workflow-run.ts'

/** A step with what it sends; nothing for one that found all as wanted. */
export interface WriteStep extends Step {
  readonly write?: CommentWrite | StatusWrite | RerunWrite
}

/** What a run will write to GitHub, and what it leaves out. */
export interface WritePlan {
  readonly steps: readonly WriteStep[]
  readonly remarks: readonly Remark[]
}

/** What the plan is made from, besides the verdict. */
export interface WriteFacts {
  readonly existing: Existing
  /** The comment's text, with secrets taken out, and the marker that it begins with. */
  readonly body: string
  readonly marker: string
  /** The head of the pull request that was judged: a status and a comment are about this commit. */
  readonly judged: string
  /** The commit that gets the status: the judged head, or that of a merge group. */
  readonly statusSha: string
  readonly run: CurrentRun | undefined
}

/**
 * What is to be written. Pure.
 *
 * The comment: only where there is something to say, or where an earlier one says something else. The status: on every
 * run, where it is what the ruleset requires. The failed run: re-run when a review made the change right after it began.
 */
export function planWrites(verdict: Verdict, facts: WriteFacts): WritePlan {
  const { pull } = verdict
  if (pull !== undefined && pull.headSha !== facts.judged) return { steps: [], remarks: [movedOn(pull, facts)] }
  const parts = [planComment(verdict, facts), planStatus(verdict, facts), planRerun(verdict, facts)]
  return { steps: parts.flatMap(({ steps }) => steps), remarks: parts.flatMap(({ remarks }) => remarks) }
}

const nothing: WritePlan = { steps: [], remarks: [] }

function movedOn(pull: PullRequest, { judged }: WriteFacts): Remark {
  return told('notice', {
    code: 'pull-moved-on',
    message: `This run judged ${short(judged)}, and the head of #${pull.number} is ${short(pull.headSha)} now, so that nothing is written there.`,
    hint: 'The run for the new head says what holds for it.'
  })
}

function planComment(verdict: Verdict, { existing, body, marker }: WriteFacts): WritePlan {
  const { pull, configuration } = verdict
  if (pull === undefined || !configuration.comment) return nothing
  const target = `comment on #${pull.number}`
  if (pull.fromFork) {
    return hasToSay(verdict)
      ? remarking('notice', notCommented('the token of a fork’s pull request may only read'))
      : nothing
  }
  const { comments } = existing
  if (comments === undefined) return nothing
  if (isProblem(comments)) return remarking('notice', notCommented(comments.message, comments.hint))
  const write = { write: 'comment' as const, pull: pull.number, marker, body, ids: comments.map(({ id }) => id) }
  const [oldest, ...others] = comments
  if (oldest === undefined) {
    return hasToSay(verdict)
      ? step({ kind: 'create', target, wanted: 'the findings', why: 'there is none yet', write })
      : nothing
  }
  const there = `comment ${oldest.id}`
  if (others.length > 0) {
    return step({ kind: 'update', target, there, wanted: 'one comment', why: `there are ${comments.length}`, write })
  }
  const wanted = hasToSay(verdict) ? 'the findings' : 'that nothing is left to mend'
  return sameText(oldest.body, body)
    ? step({ kind: 'unchanged', target, there, wanted, why: 'it says so' })
    : step({ kind: 'update', target, there, wanted, why: 'it says something else', write })
}

/** A comment interrupts people: for errors, warnings, and whoever let it through or tried to. */
function hasToSay({ counts, failed, bypass }: Verdict): boolean {
  return failed || counts.error > 0 || counts.warning > 0 || bypass.state !== 'none'
}

/** GitHub may store line ends otherwise, and takes white space off the end. */
export function sameText(a: string, b: string): boolean {
  return a.replaceAll('\r\n', '\n').trimEnd() === b.replaceAll('\r\n', '\n').trimEnd()
}

export function notCommented(why: string, hint?: string): Problem {
  return {
    code: 'comment-not-written',
    message: `The comment on the pull request was not written: ${why.replace(/\.$/, '')}.`,
    hint: hint ?? 'The same is in the summary of this run.'
  }
}

function planStatus(verdict: Verdict, { existing, statusSha, run }: WriteFacts): WritePlan {
  if (
    verdict.configuration.afterReview !== 'status' ||
    !['pull_request', 'merge_group'].includes(verdict.change.kind)
  ) {
    return nothing
  }
  if (verdict.pull?.fromFork === true) return remarking('warning', noStatusForForks)
  const target = `status ${statusContext} of ${short(statusSha)}`
  const status = statusOf(verdict)
  const wanted = `${status.state}: ${status.description}`
  if (sameStatus(existing.status, status)) return step({ kind: 'unchanged', target, wanted, why: 'it is there' })
  const write = { write: 'status' as const, sha: statusSha, target: run?.url, ...status }
  if (existing.status === undefined) return step({ kind: 'create', target, wanted, why: 'there is none yet', write })
  const there = `${existing.status.state}: ${existing.status.description}`
  return step({ kind: 'update', target, there, wanted, why: 'it says something else', write })
}

const noStatusForForks: Problem = {
  code: 'status-not-written',
  message: `The commit status ${statusContext} was not set: the token of a fork’s pull request may only read.`,
  hint: 'Where forks contribute, require the check of this job instead and set `after-review: rerun`; or push the branch to this repository and open the pull request from there.'
}

function statusOf({ failed, counts, bypass }: Verdict): CommitStatus {
  const found = `${amount(counts.error, 'error')}, ${amount(counts.warning, 'warning')}`
  const by = bypass.state === 'granted' ? `; let through by ${bypass.by} until ${bypass.until}` : ''
  return { state: failed ? 'failure' : 'success', description: `${found}${by}`.slice(0, 140) }
}

function amount(number: number, what: string): string {
  return `${number === 0 ? 'no' : number} ${what}${number === 1 ? '' : 's'}`
}

function planRerun(verdict: Verdict, { existing, run }: WriteFacts): WritePlan {
  const { pull, failed, configuration } = verdict
  if (pull === undefined || failed || configuration.afterReview !== 'rerun') return nothing
  const { lastRun } = existing
  if (run?.event !== 'pull_request_review' || lastRun === undefined) return nothing
  const since = newestReview(pull)
  if (since === undefined) return nothing
  if (isProblem(lastRun)) return remarking('warning', lastRun)
  if (lastRun.id === run.id) return nothing
  return planRerunOf(lastRun, since, pull)
}

/** When the review that made the change right was submitted. */
function newestReview({ approval, bypass }: PullRequest): string | undefined {
  const times = [
    ...(approval.state === 'approved' ? [approval.at] : []),
    ...(bypass.state === 'granted' ? [bypass.at] : [])
  ].filter((time) => time !== undefined)
  return times.sort((a, b) => Date.parse(b) - Date.parse(a))[0]
}

function planRerunOf(lastRun: WorkflowRun, since: string, pull: PullRequest): WritePlan {
  const target = `run ${lastRun.id}`
  const there = lastRun.conclusion ?? lastRun.status
  const wanted = 'its failed jobs once more'
  if (lastRun.conclusion === 'success') return step({ kind: 'unchanged', target, there, wanted: 'green', why: 'it is' })
  // A run that began after the review has seen it: what fails there fails for another reason, and would again.
  if (Date.parse(lastRun.startedAt) > Date.parse(since)) {
    if (lastRun.conclusion === undefined) return nothing
    const why = `The run ${lastRun.url} began after the review and ended as ${lastRun.conclusion} all the same.`
    return remarking('notice', notRerun(why, 'Look at what failed there.'))
  }
  if (lastRun.conclusion !== undefined && lastRun.conclusion !== 'failure') {
    const why = `The run ${lastRun.url} ended as ${lastRun.conclusion}, and only failed ones are re-run.`
    return remarking('notice', notRerun(why, 'Look at it, and re-run it by hand.'))
  }
  if (pull.fromFork) {
    const why = `The review makes the change right, and the token of a fork’s pull request may not re-run ${lastRun.url}.`
    return remarking(
      'warning',
      notRerun(why, 'Open that run and choose “Re-run failed jobs”: it reads the reviews anew.')
    )
  }
  const write = { write: 'rerun' as const, run: lastRun }
  return step({ kind: 'update', target, there, wanted, why: 'a review has made the change right since', write })
}

function step(one: WriteStep): WritePlan {
  return { steps: [one], remarks: [] }
}

function remarking(level: Remark['level'], problem: Problem): WritePlan {
  return { steps: [], remarks: [told(level, problem)] }
}

function told(level: Remark['level'], problem: Problem): Remark {
  return { level, problem }
}
