import type { GithubAnswer } from '../shared/github.ts'
import { ActionError } from '../shared/problem.ts'
import type { GithubAccess } from '../shared/github-access.ts'
import { fields, sameLogin, text } from '../shared/answer-fields.ts'

/** Who is meant: logins, and `organization/team-slug`s. Where both are empty, everybody who may write to the repository. */
export interface People {
  readonly users: readonly string[]
  readonly teams: readonly string[]
}

/** Whether somebody is among them. `unknown` counts as no, and says what would have to be known. */
export type Standing =
  { readonly state: 'yes' | 'no' } | { readonly state: 'unknown'; readonly why: string; readonly next: string }

/** Somebody as GitHub names them. Apps are no members of teams. */
export interface Account {
  readonly login: string
  readonly bot: boolean
}

export type StandingOf = (account: Account, people: People) => Promise<Standing>

/** The people that a configuration names, as a sentence has them: `ann, bob or a member of acme/dba`. */
export function peopleInWords(people: People): string {
  if (isEverybody(people)) return 'somebody with write permission'
  const named = [...people.users, ...people.teams.map((team) => `a member of ${team}`)]
  const last = named.at(-1) ?? ''
  return named.length < 2 ? last : `${named.slice(0, -1).join(', ')} or ${last}`
}

/**
 * Looks people up, each membership once. Named users need no request; a bot counts only where it is named.
 *
 * `GET /orgs/{org}/teams/{slug}/memberships/{user}` answers 404 both for one who is no member and to a token that
 * cannot see the team. Only a token that can read the team itself makes the difference: GITHUB_TOKEN has no permission
 * on organizations and gets 404 for both. Needs `members: read` of the organization (`read:org` of a classic token).
 */
export function standings(access: GithubAccess): StandingOf {
  const asked = new Map<string, Promise<Standing>>()
  const once = (question: string, ask: () => Promise<Standing>): Promise<Standing> => {
    const key = question.toLowerCase()
    const answer = asked.get(key) ?? ask()
    asked.set(key, answer)
    return answer
  }
  return async ({ login, bot }, people) => {
    if (people.users.some((user) => sameLogin(user, login))) return { state: 'yes' }
    if (bot) return { state: 'no' }
    if (isEverybody(people)) return once(`write\n${login}`, () => mayWrite(access, login))
    let found: Standing = { state: 'no' }
    for (const team of people.teams) {
      const standing = await once(`${team}\n${login}`, () => memberOf(access, team, login))
      if (standing.state === 'yes') return standing
      if (standing.state === 'unknown') found = standing
    }
    return found
  }
}

export function isEverybody({ users, teams }: People): boolean {
  return users.length === 0 && teams.length === 0
}

/** `permission` is `admin`, `write`, `read` or `none`; finer roles are told as one of them. Needs `metadata: read`. */
async function mayWrite({ github, repository }: GithubAccess, login: string): Promise<Standing> {
  const what = `Whether ${login} may write to ${repository} could not be found out`
  const next = 'Name the people under `users` in the configuration, which needs no look-up, or run the job again.'
  try {
    const answer = await github.get(`/repos/${repository}/collaborators/${encodeURIComponent(login)}/permission`)
    if (answer.status !== 200) return { state: 'unknown', why: `${what}: GitHub answers ${answer.status}.`, next }
    const permission = text(fields(answer.body)['permission'])
    return { state: permission === 'admin' || permission === 'write' ? 'yes' : 'no' }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return { state: 'unknown', why: `${what}: ${error.message}.`, next }
  }
}

async function memberOf(access: GithubAccess, team: string, login: string): Promise<Standing> {
  const github = access.teams ?? access.github
  const [organization = '', slug = ''] = team.split('/')
  const path = `/orgs/${encodeURIComponent(organization)}/teams/${encodeURIComponent(slug)}`
  try {
    const membership = await github.get(`${path}/memberships/${encodeURIComponent(login)}`)
    if (membership.status === 200) {
      // `pending`: invited, and has not accepted.
      return { state: text(fields(membership.body)['state']) === 'active' ? 'yes' : 'no' }
    }
    if (membership.status !== 404) return unknown(access, team, login, said(membership))
    const seen = await github.get(path)
    return seen.status === 200 ? { state: 'no' } : unknown(access, team, login, said(seen))
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return unknown(access, team, login, error.message)
  }
}

function said({ status }: GithubAnswer): string {
  return status === 404
    ? 'GitHub answers 404, which it also does where the token may not see the team'
    : `GitHub answers ${status}`
}

function unknown(access: GithubAccess, team: string, login: string, what: string): Standing {
  const remedy =
    access.teams === undefined
      ? 'Give the input team-token a token that can read members (a GitHub App’s or a fine-grained one with the organization permission Members: read, or a classic one with read:org)'
      : 'Check that the team’s name is right, and that the token in team-token may read members of that organization (Members: read, or read:org)'
  return {
    state: 'unknown',
    why: `Whether ${login} is a member of ${team} could not be found out: ${what}.`,
    next: `${remedy}; the job’s own token cannot read teams. Or name the people under \`users\` in the configuration, which needs no token.`
  }
}
