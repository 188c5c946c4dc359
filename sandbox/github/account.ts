import { refuse } from './errors.ts'
import type { Operation } from './operation.ts'
import { quota } from './rate-limit.ts'
import { publicUserShape } from './shapes/user.ts'

/** What concerns the caller rather than a repository: who it is, what it may still ask, and what this server is. */
export const accountOperations: readonly Operation[] = [
  {
    id: 'meta/root',
    method: 'GET',
    site: 'api',
    path: '/',
    documentation: 'meta/meta#github-api-root',
    scope: 'global',
    run: ({ links }) => ({ status: 200, body: rootShape(links.api) })
  },
  {
    id: 'meta/get',
    method: 'GET',
    site: 'api',
    path: '/meta',
    documentation: 'meta/meta#get-apiname-meta-information',
    scope: 'global',
    run: ({ links }) => {
      const enterprise = links.api !== 'https://api.github.com'
      const version = enterprise ? { installed_version: '3.19.0' } : {}
      return { status: 200, body: { verifiable_password_authentication: false, ...version } }
    }
  },
  {
    id: 'rate-limit/get',
    method: 'GET',
    site: 'api',
    path: '/rate_limit',
    documentation: 'rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user',
    scope: 'global',
    run: ({ state, actor, request }) => {
      const core = quota(state, actor, 'core', request.now)
      const search = { limit: 30, remaining: 30, used: 0, reset: Math.floor(request.now / 1000) + 60 }
      const resources = { core, search, graphql: quota(state, actor, 'graphql', request.now) }
      return { status: 200, body: { resources, rate: core } }
    }
  },
  {
    id: 'users/get-authenticated',
    method: 'GET',
    site: 'api',
    path: '/user',
    documentation: 'users/users#get-the-authenticated-user',
    scope: 'global',
    run: ({ state, actor, links, documentation }) => {
      if (actor.kind === 'anonymous') throw refuse(401, 'Requires authentication', documentation)
      // An installation token acts for no user.
      if (actor.kind === 'integration') throw refuse(403, 'Resource not accessible by integration', documentation)
      const repositories = state.repositories.filter((repository) => repository.ownerId === actor.user.id)
      return { status: 200, body: publicUserShape(actor.user, links, repositories.length) }
    }
  }
]

/** Schema root. */
function rootShape(api: string): Readonly<Record<string, string>> {
  return {
    current_user_url: `${api}/user`,
    current_user_authorizations_html_url: 'https://github.com/settings/connections/applications{/client_id}',
    authorizations_url: `${api}/authorizations`,
    code_search_url: `${api}/search/code?q={query}{&page,per_page,sort,order}`,
    commit_search_url: `${api}/search/commits?q={query}{&page,per_page,sort,order}`,
    emails_url: `${api}/user/emails`,
    emojis_url: `${api}/emojis`,
    events_url: `${api}/events`,
    feeds_url: `${api}/feeds`,
    followers_url: `${api}/user/followers`,
    following_url: `${api}/user/following{/target}`,
    gists_url: `${api}/gists{/gist_id}`,
    hub_url: `${api}/hub`,
    issue_search_url: `${api}/search/issues?q={query}{&page,per_page,sort,order}`,
    issues_url: `${api}/issues`,
    keys_url: `${api}/user/keys`,
    label_search_url: `${api}/search/labels?q={query}&repository_id={repository_id}{&page,per_page}`,
    notifications_url: `${api}/notifications`,
    organization_url: `${api}/orgs/{org}`,
    organization_repositories_url: `${api}/orgs/{org}/repos{?type,page,per_page,sort}`,
    organization_teams_url: `${api}/orgs/{org}/teams`,
    public_gists_url: `${api}/gists/public`,
    rate_limit_url: `${api}/rate_limit`,
    repository_url: `${api}/repos/{owner}/{repo}`,
    repository_search_url: `${api}/search/repositories?q={query}{&page,per_page,sort,order}`,
    current_user_repositories_url: `${api}/user/repos{?type,page,per_page,sort}`,
    starred_url: `${api}/user/starred{/owner}{/repo}`,
    starred_gists_url: `${api}/gists/starred`,
    topic_search_url: `${api}/search/topics?q={query}{&page,per_page}`,
    user_url: `${api}/users/{user}`,
    user_organizations_url: `${api}/user/orgs`,
    user_repositories_url: `${api}/users/{user}/repos{?type,page,per_page,sort}`,
    user_search_url: `${api}/search/users?q={query}{&page,per_page,sort,order}`
  }
}
