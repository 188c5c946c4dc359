import type { World } from '../shared/world.ts'
import type { GithubAccess } from '../shared/github-access.ts'
import { short } from '../shared/answer-fields.ts'
import type { Change } from './change.ts'
import type { Configuration } from './configuration.ts'
import { readEvent } from './event.ts'
import { groupApproval, groupBypass, readGroup, type GroupBypass } from './group-reviews.ts'
import type { Inputs } from './inputs.ts'
import { pathMatcher } from './policy/levels.ts'
import type { Approval, PullRequest } from './pull-request.ts'
import { readPull } from './read-pull.ts'
import { readSharedHeads, type SharedHead } from './shared-heads.ts'

/** What GitHub says of the pull requests that are judged. */
export interface ReviewState {
  /** The one; a group of the merge queue, a push and a local run have none. */
  readonly pull: PullRequest | undefined
  /** Undefined where the event knows no reviews. */
  readonly approval: Approval | undefined
  readonly bypass: GroupBypass
  /** The branch that it goes to; undefined where other pull requests do not matter. */
  readonly branch: string | undefined
  /** Other open pull requests of the same commit that go to another branch. */
  readonly sharedHeads?: readonly SharedHead[]
  readonly notChecked: readonly string[]
}

/**
 * Asks GitHub for the pull requests of a change, with their reviews as they are now.
 * @throws {ActionError} where they cannot be read
 */
export async function readReviewState(
  change: Change,
  configuration: Configuration,
  access: GithubAccess | undefined,
  inputs: Inputs,
  world: World
): Promise<ReviewState> {
  const now = world.clock.now()
  if (change.kind === 'push' || change.kind === 'local') return nobody
  if (access === undefined) return unasked(change)
  if (change.kind === 'pull_request') {
    const [number] = change.pulls
    if (number === undefined) throw new TypeError('a pull request has a number')
    const pull = ofHead(await readPull(access, number, configuration, now), change.head.commit)
    const group = { pulls: [{ pull, files: [], whole: false }] }
    return {
      pull,
      approval: pull.approval,
      bypass: groupBypass(group),
      branch: pull.baseRef,
      sharedHeads: await readSharedHeads(access, { ...pull, headSha: change.head.commit }),
      notChecked: []
    }
  }
  const event = await readEvent(inputs.context)
  const group = await readGroup(access, { pulls: change.pulls, known: change.pullsKnown !== false }, configuration, now)
  const guarded = pathMatcher(configuration.frozen.flatMap(({ paths }) => paths))
  return {
    pull: undefined,
    approval: groupApproval(group, guarded),
    bypass: groupBypass(group),
    branch: event.kind === 'merge_group' ? event.branch : undefined,
    notChecked: []
  }
}

/** Reviews are of the head as it is now: they say nothing of an older one that this run was started for. */
function ofHead(pull: PullRequest, judged: string): PullRequest {
  if (pull.headSha === judged) return pull
  return {
    ...pull,
    approval: {
      state: 'missing',
      why: `This run judges ${short(judged)}, and the head of #${pull.number} is ${short(pull.headSha)} now.`,
      next: 'Look at the run for the new head.'
    },
    bypass: { state: 'none' }
  }
}

const nobody: ReviewState = {
  pull: undefined,
  approval: undefined,
  bypass: groupBypass({ pulls: [] }),
  branch: undefined,
  notChecked: []
}

/** Without a token nobody can have approved: whoever took it out of the workflow did not take out the rule. */
function unasked({ pulls }: Change): ReviewState {
  const what = pulls.map((number) => `#${number}`).join(', ')
  return {
    ...nobody,
    approval: {
      state: 'unknown',
      why: `The reviews of ${what === '' ? 'the pull request' : what} could not be asked for: there is no token.`,
      next: 'Leave `github-token` out, so that the job’s own is used, and give the job `pull-requests: read`.'
    },
    notChecked: ['Reviews and labels: there is no token to ask GitHub with.']
  }
}
