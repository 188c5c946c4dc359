import type { GithubAccess } from './access.ts'
import { short } from './answer-fields.ts'
import type { Configuration } from './configuration.ts'
import { groupNumbers, parseGroupRef, readQueue } from './merge-queue.ts'
import { readPullFiles } from './pull-files.ts'
import type { Approval, PullRequest, ReviewBypass } from './pull-request.ts'
import { readPull } from './read-pull.ts'

/** The pull requests that a run of the merge queue judges together. */
export interface MergeGroup {
  readonly pulls: readonly GroupPull[]
  /** Which ones they are could not be found out, as sentences for a user. */
  readonly unknown?: { readonly why: string; readonly next: string }
}

export interface GroupPull {
  readonly pull: PullRequest
  /** Paths that it changes, old names of renamed files among them. */
  readonly files: readonly string[]
  /** Whether `files` are all. */
  readonly whole: boolean
}

/**
 * Reads the pull requests of a merge group, each with its own reviews: an approval counts for the head of the pull
 * request, never for the commit that the queue makes of it.
 * @param event the event's `head_ref`, and the commit that the change is read from
 * @param now milliseconds
 * @throws {ActionError} where a pull request, its reviews or its files cannot be read
 */
export async function readGroup(
  access: GithubAccess,
  event: { readonly headRef: string; readonly base: string },
  configuration: Pick<Configuration, 'reviewers' | 'bypass'>,
  now: number
): Promise<MergeGroup> {
  const ref = parseGroupRef(event.headRef)
  if (ref === undefined) {
    return {
      pulls: [],
      unknown: {
        why: `The branch ${JSON.stringify(event.headRef)} is not named as those of a merge queue are (gh-readonly-queue/BRANCH/pr-NUMBER-SHA), so that its pull requests are not known.`,
        next: 'Let the guard run for the event merge_group, and give its ref as it is.'
      }
    }
  }
  // Most groups are one pull request: then the branch's own name says all.
  const queue = ref.parent === event.base ? undefined : await readQueue(access, ref.branch)
  const numbers = groupNumbers(ref, event.base, typeof queue === 'object' ? queue.entries : [])
  const pulls: GroupPull[] = []
  for (const number of numbers ?? [ref.number]) {
    const pull = await readPull(access, number, configuration, now)
    const { files, whole } = await readPullFiles(access, number)
    const paths = files.flatMap(({ path, before }) => (before === undefined ? [path] : [path, before]))
    pulls.push({ pull, files: paths, whole })
  }
  if (numbers !== undefined) return { pulls }
  return {
    pulls,
    unknown: {
      why: `Which pull requests lie between ${short(event.base)} and this merge group could not be found out: the queue of ${ref.branch} does not show them (any more).`,
      next: 'Put the pull request into the queue once more. If it stays, give the job `permissions: pull-requests: read`, and check that GraphQL can be reached.'
    }
  }
}

/**
 * Whether every pull request of a group that changes guarded files is approved.
 * @param guarded whether a path must be reviewed
 */
export function groupApproval(group: MergeGroup, guarded: (path: string) => boolean): Approval {
  if (group.unknown !== undefined) return { state: 'unknown', ...group.unknown }
  const concerned = group.pulls.filter(({ files, whole }) => !whole || files.some(guarded))
  for (const { pull } of concerned) {
    if (pull.approval.state === 'approved') continue
    return { ...pull.approval, why: `#${pull.number}: ${pull.approval.why}` }
  }
  const approvals = concerned.flatMap(({ pull }) => (pull.approval.state === 'approved' ? [pull.approval] : []))
  return { state: 'approved', by: [...new Set(approvals.flatMap(({ by }) => by))] }
}

export type GrantedBypass = Extract<ReviewBypass, { state: 'granted' }>

/** What of a group its bypasses let through. */
export interface GroupBypass {
  /** Granted where every pull request of the group has one. */
  readonly overall: ReviewBypass
  /** The bypass that covers a finding in this file, or one about the group as a whole. */
  of(file: string | undefined): GrantedBypass | undefined
}

/** A review lets its own pull request through: nothing that another one of the group changes, too. */
export function groupBypass(group: MergeGroup): GroupBypass {
  const bypasses = group.pulls.map(({ pull }) => pull.bypass)
  const granted = bypasses.filter((bypass) => bypass.state === 'granted')
  const all = group.unknown === undefined && bypasses.length > 0 && granted.length === bypasses.length
  const attempts = bypasses.flatMap((bypass) => (bypass.state === 'refused' ? bypass.attempts : []))
  const overall = all ? granted[0] : undefined
  return {
    overall: overall ?? (attempts.length > 0 ? { state: 'refused', attempts } : { state: 'none' }),
    of(file) {
      if (group.unknown !== undefined) return undefined
      if (file === undefined) return overall
      const touching = group.pulls.filter(({ files, whole }) => !whole || files.includes(file))
      const [first, ...rest] = touching.map(({ pull }) => pull.bypass)
      return first?.state === 'granted' && rest.every(({ state }) => state === 'granted') ? first : undefined
    }
  }
}
