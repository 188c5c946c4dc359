import type { GithubAccess } from '../shared/github-access.ts'
import type { Configuration } from './configuration.ts'
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
 * @param group its pull requests, and whether these are known to be all
 * @param now milliseconds
 * @throws {ActionError} where a pull request, its reviews or its files cannot be read
 */
export async function readGroup(
  access: GithubAccess,
  group: { readonly pulls: readonly number[]; readonly known: boolean },
  configuration: Pick<Configuration, 'reviewers' | 'bypass'>,
  now: number
): Promise<MergeGroup> {
  const pulls: GroupPull[] = []
  for (const number of group.pulls) {
    const pull = await readPull(access, number, configuration, now)
    const { files, whole } = await readPullFiles(access, number)
    const paths = files.flatMap(({ path, before }) => (before === undefined ? [path] : [path, before]))
    pulls.push({ pull, files: paths, whole })
  }
  if (group.known && pulls.length > 0) return { pulls }
  return {
    pulls,
    unknown: {
      why: 'Which pull requests this merge group is made of could not be found out, so that nobody can have approved all of it.',
      next: 'Put the pull request into the queue once more. If it stays, check that GitHub’s GraphQL API answers to the token.'
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
