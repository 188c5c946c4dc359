import type { RepositoryCall } from '../operation.ts'
import { may, mayPush } from '../permissions.ts'
import { ownerOf } from '../state.ts'
import { nodeId } from './node-id.ts'
import { repositoryUrls } from './repository-urls.ts'
import { userShape } from './user.ts'

/** Address templates below the repository's own, as schema full-repository lists them. */
const templates: Readonly<Record<string, string>> = {
  archive_url: '{/archive_format}{/ref}',
  assignees_url: 'assignees{/user}',
  blobs_url: 'git/blobs{/sha}',
  branches_url: 'branches{/branch}',
  collaborators_url: 'collaborators{/collaborator}',
  comments_url: 'comments{/number}',
  commits_url: 'commits{/sha}',
  compare_url: 'compare/{base}...{head}',
  contents_url: 'contents/{+path}',
  contributors_url: 'contributors',
  deployments_url: 'deployments',
  downloads_url: 'downloads',
  events_url: 'events',
  forks_url: 'forks',
  git_commits_url: 'git/commits{/sha}',
  git_refs_url: 'git/refs{/sha}',
  git_tags_url: 'git/tags{/sha}',
  hooks_url: 'hooks',
  issue_comment_url: 'issues/comments{/number}',
  issue_events_url: 'issues/events{/number}',
  issues_url: 'issues{/number}',
  keys_url: 'keys{/key_id}',
  labels_url: 'labels{/name}',
  languages_url: 'languages',
  merges_url: 'merges',
  milestones_url: 'milestones{/number}',
  notifications_url: 'notifications{?since,all,participating}',
  pulls_url: 'pulls{/number}',
  releases_url: 'releases{/id}',
  stargazers_url: 'stargazers',
  statuses_url: 'statuses/{sha}',
  subscribers_url: 'subscribers',
  subscription_url: 'subscription',
  tags_url: 'tags',
  teams_url: 'teams',
  trees_url: 'git/trees{/sha}'
}

/** Schema simple-repository: what other things show of the repository that they belong to. */
export function simpleRepositoryShape(call: RepositoryCall): object {
  const { state, repository, links } = call
  const { fullName, api, html } = repositoryUrls(call)
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: fullName,
    private: repository.private,
    owner: userShape(ownerOf(state, repository), links),
    html_url: html,
    description: null,
    fork: repository.forkOf !== null,
    url: api,
    ...Object.fromEntries(Object.entries(templates).map(([name, path]) => [name, `${api}/${path}`]))
  }
}

/** Schema repository: the one that a branch of a pull request is in. */
export function headRepositoryShape(call: RepositoryCall): object {
  const { repository, links } = call
  const { fullName, html } = repositoryUrls(call)
  const host = new URL(links.html).host
  return {
    ...simpleRepositoryShape(call),
    git_url: `git://${host}/${fullName}.git`,
    ssh_url: `git@${host}:${fullName}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    size: 0,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    open_issues: 0,
    open_issues_count: 0,
    default_branch: repository.defaultBranch,
    is_template: false,
    web_commit_signoff_required: false,
    has_issues: true,
    has_projects: true,
    has_wiki: true,
    has_pages: false,
    has_downloads: true,
    has_discussions: repository.discussionCategories.length > 0,
    archived: false,
    disabled: false,
    visibility: repository.private ? 'private' : 'public',
    topics: [],
    pushed_at: repository.createdAt,
    created_at: repository.createdAt,
    updated_at: repository.createdAt
  }
}

/** Schema full-repository. */
export function repositoryShape(call: RepositoryCall): object {
  const { state, actor, repository } = call
  const push = mayPush(state, actor, repository)
  const admin = may(state, actor, repository, 'administration', 'write')
  return {
    ...headRepositoryShape(call),
    network_count: 0,
    subscribers_count: 0,
    ...(actor.kind === 'anonymous' ? {} : { permissions: { admin, maintain: admin, push, triage: push, pull: true } })
  }
}
