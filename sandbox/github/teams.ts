import { notFound, refuse } from './errors.ts'
import type { Call, Operation } from './operation.ts'
import { paginate } from './pagination.ts'
import { teamMemberShape, teamShape } from './shapes/team.ts'
import { userById, type Team, type User } from './state.ts'

/** Teams of an organisation. All of them ask for the organisation's permission `members: read`. */
export const teamOperations: readonly Operation[] = [
  {
    id: 'teams/get-by-name',
    method: 'GET',
    site: 'api',
    path: '/orgs/{org}/teams/{team_slug}',
    documentation: 'teams/teams#get-a-team-by-name',
    scope: 'global',
    run: (call) => {
      const { organization, team } = teamInPath(call)
      return { status: 200, body: teamShape(call, organization, team) }
    }
  },
  {
    id: 'teams/list-members-in-org',
    method: 'GET',
    site: 'api',
    path: '/orgs/{org}/teams/{team_slug}/members',
    documentation: 'teams/members#list-team-members',
    scope: 'global',
    run: (call) => {
      const { team } = teamInPath(call)
      const role = call.request.url.searchParams.get('role')
      const members = team.members
        .filter(({ state }) => state === 'active')
        .filter((member) => role === null || role === 'all' || member.role === role)
      return paginate(call, members, ({ userId, role: own }) =>
        teamMemberShape(call, userById(call.state, userId), own)
      )
    }
  },
  {
    id: 'teams/get-membership-for-user-in-org',
    method: 'GET',
    site: 'api',
    path: '/orgs/{org}/teams/{team_slug}/memberships/{username}',
    documentation: 'teams/members#get-team-membership-for-a-user',
    scope: 'global',
    run: (call) => {
      const { organization, team } = teamInPath(call)
      const wanted = call.params['username']?.toLowerCase()
      const member = team.members.find(({ userId }) => userById(call.state, userId).login.toLowerCase() === wanted)
      if (member === undefined) throw notFound(call.documentation)
      const { login } = userById(call.state, member.userId)
      const url = `${call.links.api}/organizations/${organization.id}/team/${team.id}/memberships/${login}`
      return { status: 200, body: { state: member.state, role: member.role, url } }
    }
  }
]

/**
 * The team, for those who may see it. GITHUB_TOKEN never may: it gets the 404 of a team that does not exist
 * (pozil/auto-assign-issue#91, actions/github-script#518). A fine-grained token is told what it lacks
 * (PyGithub/PyGithub#2951).
 */
function teamInPath(call: Call): { readonly organization: User; readonly team: Team } {
  const { actor, state, documentation, params } = call
  const organization = state.users.find(
    ({ login, type }) => type === 'Organization' && login.toLowerCase() === params['org']?.toLowerCase()
  )
  if (actor.kind === 'anonymous') throw refuse(401, 'Requires authentication', documentation)
  if (organization === undefined) throw notFound(documentation)
  const allowed = (actor.permissions['members'] ?? 'none') !== 'none'
  if (!allowed && actor.kind === 'fine-grained') {
    throw refuse(403, 'Resource not accessible by personal access token', documentation, {
      'x-accepted-github-permissions': 'members=read'
    })
  }
  const team = state.teams.find(
    ({ organizationId, slug }) => organizationId === organization.id && slug === params['team_slug']
  )
  if (!allowed || team === undefined) throw notFound(documentation)
  return { organization, team }
}
