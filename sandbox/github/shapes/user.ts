import type { Links } from '../origins.ts'
import type { User } from '../state.ts'
import { nodeId } from './node-id.ts'

/** Schema simple-user. */
export function userShape(user: User, links: Links): object {
  const api = `${links.api}/users/${encodeURIComponent(user.login)}`
  // A bot's page is that of its app: github.com/apps/github-actions for github-actions[bot].
  const page = user.type === 'Bot' ? `apps/${user.login.replace(/\[bot\]$/, '')}` : user.login
  return {
    login: user.login,
    id: user.id,
    node_id: nodeId('U', user.id),
    avatar_url: `${links.html}/avatars/u/${user.id}?v=4`,
    gravatar_id: '',
    url: api,
    html_url: `${links.html}/${page}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: user.type,
    user_view_type: 'public',
    site_admin: false
  }
}

/** Schema public-user: what GET /user tells of the token's owner. */
export function publicUserShape(user: User, links: Links, repositories: number): object {
  return {
    ...userShape(user, links),
    name: null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: repositories,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: user.createdAt,
    updated_at: user.createdAt
  }
}
