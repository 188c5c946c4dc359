import type { Call } from '../operation.ts'
import type { Team, User } from '../state.ts'
import { nodeId } from './node-id.ts'
import { userShape } from './user.ts'

/** Schema team-full. */
export function teamShape(call: Call, organization: User, team: Team): object {
  const { api, html } = call.links
  const url = `${api}/organizations/${organization.id}/team/${team.id}`
  const owner = `${api}/orgs/${organization.login}`
  return {
    id: team.id,
    node_id: nodeId('T', team.id),
    url,
    html_url: `${html}/orgs/${organization.login}/teams/${team.slug}`,
    name: team.name,
    slug: team.slug,
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission: 'pull',
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    parent: null,
    members_count: team.members.filter(({ state }) => state === 'active').length,
    repos_count: 0,
    created_at: team.createdAt,
    updated_at: team.createdAt,
    type: 'organization',
    organization: {
      login: organization.login,
      id: organization.id,
      node_id: nodeId('O', organization.id),
      url: owner,
      repos_url: `${owner}/repos`,
      events_url: `${owner}/events`,
      hooks_url: `${owner}/hooks`,
      issues_url: `${owner}/issues`,
      members_url: `${owner}/members{/member}`,
      public_members_url: `${owner}/public_members{/member}`,
      avatar_url: `${html}/avatars/u/${organization.id}?v=4`,
      description: null,
      is_verified: false,
      has_organization_projects: true,
      has_repository_projects: true,
      public_repos: 0,
      public_gists: 0,
      followers: 0,
      following: 0,
      html_url: `${html}/${organization.login}`,
      created_at: organization.createdAt,
      updated_at: organization.createdAt,
      archived_at: null,
      type: 'Organization'
    }
  }
}

/** Schema team-member. */
export function teamMemberShape(call: Call, user: User, role: string): object {
  return { ...userShape(user, call.links), role, inherited: false }
}
