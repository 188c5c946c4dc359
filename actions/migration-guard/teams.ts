import type { GithubAnswer } from '../shared/github.ts'
import { ActionError } from '../shared/problem.ts'
import type { GithubAccess } from './access.ts'
import { fields, sameLogin, text } from './answer-fields.ts'

/** Who is meant: logins, and `organization/team-slug`s. */
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

/**
 * Looks people up, each membership once. Named users need no request; a bot counts only where it is named.
 *
 * `GET /orgs/{org}/teams/{slug}/memberships/{user}` answers 404 both for one who is no member and to a token that
 * cannot see the team. Only a token that can read the team itself makes the difference: GITHUB_TOKEN has no permission
 * on organizations and gets 404 for both. Needs `members: read` of the organization (`read:org` of a classic token).
 */
export function standings(access: GithubAccess): StandingOf {
  const asked = new Map<string, Promise<Standing>>()
  const inTeam = (login: string, team: string): Promise<Standing> => {
    const key = `${team}\n${login}`.toLowerCase()
    const answer = asked.get(key) ?? memberOf(access, team, login)
    asked.set(key, answer)
    return answer
  }
  return async ({ login, bot }, people) => {
    if (people.users.some((user) => sameLogin(user, login))) return { state: 'yes' }
    if (bot) return { state: 'no' }
    let found: Standing = { state: 'no' }
    for (const team of people.teams) {
      const standing = await inTeam(login, team)
      if (standing.state === 'yes') return standing
      if (standing.state === 'unknown') found = standing
    }
    return found
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
