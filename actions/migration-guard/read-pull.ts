import { read, type GithubAccess } from '../shared/github-access.ts'
import { fields, list, text, unexpected } from '../shared/answer-fields.ts'
import { judgeApproval } from './approval.ts'
import { judgeBypass } from './bypass.ts'
import type { Configuration } from './configuration.ts'
import type { PullRequest } from './pull-request.ts'
import { readContributors, type Contributors, type ToldPush } from './pushers.ts'
import { readReviews } from './reviews.ts'
import { standings } from './teams.ts'

/**
 * Reads a pull request as it is now, with what its reviews amount to: a rerun of a workflow brings the event of the
 * first run along, with the labels and the head of that time. Needs `pull-requests: read`, and for a review that
 * bypasses `contents: read`; for teams a token that can read them.
 * @param now milliseconds
 * @param told the push that the event of this run is about, where it is one
 * @throws {ActionError} where the pull request or its reviews cannot be read
 */
export async function readPull(
  access: GithubAccess,
  number: number,
  configuration: Pick<Configuration, 'reviewers' | 'bypass'>,
  now: number,
  told?: ToldPush
): Promise<PullRequest> {
  const { pull, commits } = parsePull(
    await read(access.github, `/repos/${access.repository}/pulls/${number}`, 'pull-requests: read'),
    access.repository
  )
  const reviews = await readReviews(access, number)
  const standingOf = standings(access)
  let asked: Promise<Contributors> | undefined
  const contributors = (): Promise<Contributors> => (asked ??= readContributors(access, { ...pull, commits }, told))
  const approval = await judgeApproval(pull, reviews, configuration.reviewers, standingOf, contributors)
  const bypass = await judgeBypass(access, pull, reviews, configuration, standingOf, now, contributors)
  return { ...pull, approval, bypass }
}

function parsePull(
  value: unknown,
  repository: string
): { readonly pull: Omit<PullRequest, 'approval' | 'bypass'>; readonly commits: number } {
  const { number, html_url: url, user, head, base, labels, commits } = fields(value)
  const { sha: headSha, ref: headRef, repo } = fields(head)
  const baseRef = fields(base)['ref']
  if (
    typeof number !== 'number' ||
    typeof url !== 'string' ||
    typeof headSha !== 'string' ||
    typeof headRef !== 'string' ||
    typeof baseRef !== 'string' ||
    typeof commits !== 'number'
  ) {
    return unexpected('pull request')
  }
  const headRepository = text(fields(repo)['full_name'])
  const pull = {
    number,
    url,
    // A deleted account is shown as `ghost`.
    author: text(fields(user)['login']) ?? 'ghost',
    headSha,
    headRef,
    headRepository,
    // A deleted head repository can only have been a fork: with its own repository the pull request would be gone.
    fromFork: headRepository?.toLowerCase() !== repository.toLowerCase(),
    baseRef,
    labels: list(labels).flatMap((label) => text(fields(label)['name']) ?? [])
  }
  return { pull, commits }
}
