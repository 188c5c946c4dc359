import { ActionError } from '../shared/problem.ts'
import { readList, type GithubAccess } from '../shared/github-access.ts'
import { fields, sameLogin, short, text } from '../shared/answer-fields.ts'

/** The pull request whose commits and pushes are looked at. */
export interface PushedPull {
  readonly number: number
  readonly headSha: string
  readonly headRef: string
  /** `owner/name`; undefined where a fork was deleted. */
  readonly headRepository: string | undefined
  /** How many commits it has. */
  readonly commits: number
}

/** A push that an event told of: the head after it, and who pushed. */
export interface ToldPush {
  readonly head: string
  readonly by: string
}

/** Who brought the commits of a pull request there. `unknown`: not everybody could be found out. */
export type Contributors =
  | {
      readonly state: 'known'
      /** Logins of who pushed the head. */ readonly pushers: readonly string[]
      readonly committers: readonly string[]
    }
  | { readonly state: 'unknown'; readonly why: string }

/** GitHub lists no more commits of a pull request (docs.github.com, "List commits on a pull request"). */
const mostCommits = 250

/**
 * Finds who pushed the head, and who wrote or committed any commit of the pull request. The author and committer of a
 * commit are what its writer says they are, so the push is what proves: the activity of the head's repository names its
 * actor (`contents: read`; public forks are readable to every token), and so does the event of the push itself, where
 * this run has it. Without either the answer is `unknown`.
 */
export async function readContributors(
  access: GithubAccess,
  pull: PushedPull,
  told: ToldPush | undefined
): Promise<Contributors> {
  if (pull.commits > mostCommits) {
    return { state: 'unknown', why: `it has ${pull.commits} commits, and GitHub lists ${mostCommits} of them` }
  }
  try {
    const path = `/repos/${access.repository}/pulls/${pull.number}/commits`
    const commits = (await readList(access.github, path, 'pull-requests: read')).map(fields)
    if (commits.length < pull.commits) {
      return { state: 'unknown', why: `only ${commits.length} of its ${pull.commits} commits could be read` }
    }
    const people = commits.flatMap(({ author, committer }) => [fields(author)['login'], fields(committer)['login']])
    const shas = new Set([pull.headSha, ...commits.flatMap(({ sha }) => text(sha) ?? [])])
    const pushes = await readPushes(access, pull)
    const ofHead = [
      ...pushes.filter(({ after }) => after === pull.headSha).map(({ actor }) => actor),
      ...(told?.head === pull.headSha ? [told.by] : [])
    ]
    if (ofHead.length === 0) {
      return {
        state: 'unknown',
        why: `the activity of ${pull.headRepository ?? 'the deleted fork'} does not show who pushed ${short(pull.headSha)}`
      }
    }
    const earlier = pushes.filter(({ after }) => shas.has(after)).map(({ actor }) => actor)
    return {
      state: 'known',
      pushers: distinct([...ofHead, ...earlier]),
      // `web-flow` is GitHub itself: it commits what people do on its pages.
      committers: distinct(
        people.flatMap((login) => (typeof login === 'string' && login !== 'web-flow' ? [login] : []))
      )
    }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return { state: 'unknown', why: error.message }
  }
}

/** The newest pushes to the head's branch. One page: what matters is who pushed the head. */
async function readPushes(
  access: GithubAccess,
  { headRepository, headRef }: PushedPull
): Promise<readonly { readonly after: string; readonly actor: string }[]> {
  if (headRepository === undefined) return []
  const path = `/repos/${headRepository}/activity?ref=${encodeURIComponent(`refs/heads/${headRef}`)}`
  const activities = await readList(access.github, path, 'contents: read', 100)
  return activities.flatMap((value) => {
    const { after, actor } = fields(value)
    const login = text(fields(actor)['login'])
    return typeof after === 'string' && login !== undefined ? [{ after, actor: login }] : []
  })
}

function distinct(logins: readonly string[]): readonly string[] {
  return logins.filter((login, n) => logins.findIndex((other) => sameLogin(other, login)) === n)
}
