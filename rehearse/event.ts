import { createHash } from 'node:crypto'
import type { EventName } from './options.ts'
import type { ReviewState } from './pulls.ts'

/** What starts a run: what the command line names, and what follows from the pull request that it names. */
export type RunEvent = EventName | 'pull_request_review'

/** What the run is about; the same facts go into the event, the OIDC claims and the environment. */
export interface RunFacts {
  readonly event: RunEvent
  readonly owner: string
  readonly name: string
  readonly actor: string
  readonly ref: string
  readonly sha: string
  readonly defaultBranch: string
  readonly runId: string
  readonly workflowPath: string
  readonly workflowName: string
  readonly message: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly inputs: Readonly<Record<string, string>>
  /** The schedule that started the run. */
  readonly cron?: string
  /** 1, or more for a run that was started again. */
  readonly attempt: number
  /** Of a pull request that the repository describes; the working tree is taken for one otherwise. */
  readonly pull?: PullFacts
  /** The review that started the run. */
  readonly review?: ReviewFacts
}

export interface PullFacts {
  readonly number: number
  readonly title: string
  readonly author: string
  readonly branch: string
  readonly head: string
  readonly base: string
  /** It comes from the author's fork. */
  readonly fork: boolean
  /** Those that come, for what they may do. */
  readonly reviews: readonly { readonly user: string }[]
}

export interface ReviewFacts {
  readonly id: number
  readonly user: string
  readonly state: ReviewState
  readonly body: string
  /** The commit that was reviewed. */
  readonly commit: string
}

/**
 * The payload that GitHub sends for the event, with the fields that workflows and actions read.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
export function eventPayload(facts: RunFacts): Readonly<Record<string, unknown>> {
  // Nobody sends what a schedule starts.
  const sender = facts.event === 'schedule' ? {} : { sender: user(facts.actor) }
  return { ...payloads[facts.event](facts), repository: repository(facts), ...sender }
}

/** Stable number for a name, where GitHub has an id. */
export function idOf(name: string): number {
  return createHash('sha256').update(name).digest().readUIntBE(0, 4)
}

const payloads: Readonly<Record<RunEvent, (facts: RunFacts) => Readonly<Record<string, unknown>>>> = {
  push: (facts) => ({
    ref: facts.ref,
    // A new tag comes from nowhere.
    before: '0000000000000000000000000000000000000000',
    after: facts.sha,
    created: true,
    deleted: false,
    forced: false,
    base_ref: `refs/heads/${facts.defaultBranch}`,
    compare: `https://github.com/${facts.owner}/${facts.name}/compare/${facts.ref.replace('refs/tags/', '')}`,
    commits: [],
    head_commit: commit(facts),
    pusher: { name: facts.actor, email: email(facts.actor) }
  }),
  pull_request: (facts) => ({ action: 'opened', number: pullOf(facts).number, pull_request: pullRequest(facts) }),
  pull_request_review: (facts) => ({ action: 'submitted', review: review(facts), pull_request: pullRequest(facts) }),
  workflow_dispatch: (facts) => ({ ref: facts.ref, workflow: facts.workflowPath, inputs: facts.inputs }),
  schedule: (facts) => ({ schedule: facts.cron ?? '', workflow: facts.workflowPath })
}

/** Without a description, the working tree is a pull request against itself. */
function pullOf(facts: RunFacts): PullFacts {
  return (
    facts.pull ?? {
      number: 1,
      title: facts.message.split('\n')[0] ?? '',
      author: facts.actor,
      branch: 'rehearsal',
      head: facts.sha,
      base: facts.sha,
      fork: false,
      reviews: []
    }
  )
}

function pullRequest(facts: RunFacts): Readonly<Record<string, unknown>> {
  const pull = pullOf(facts)
  const headOwner = pull.fork ? pull.author : facts.owner
  const name = `${facts.owner}/${facts.name}#${pull.number}`
  return {
    id: idOf(name),
    number: pull.number,
    state: 'open',
    draft: false,
    merged: false,
    title: pull.title,
    body: null,
    user: user(pull.author),
    labels: [],
    ...pullRequestLinks(facts, pull),
    node_id: nodeId('PullRequest', name),
    locked: false,
    active_lock_reason: null,
    created_at: new Date(facts.time).toISOString(),
    updated_at: new Date(facts.time).toISOString(),
    closed_at: null,
    merged_at: null,
    merged_by: null,
    mergeable: null,
    rebaseable: null,
    mergeable_state: 'unknown',
    merge_commit_sha: facts.sha,
    auto_merge: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    milestone: null,
    maintainer_can_modify: false,
    comments: 0,
    review_comments: 0,
    commits: 1,
    additions: 0,
    deletions: 0,
    changed_files: 0,
    author_association: pull.fork ? 'CONTRIBUTOR' : 'MEMBER',
    head: {
      ref: pull.branch,
      sha: pull.head,
      label: `${headOwner}:${pull.branch}`,
      repo: repository({ ...facts, owner: headOwner }, pull.fork),
      user: user(headOwner)
    },
    base: {
      ref: facts.defaultBranch,
      sha: pull.base,
      label: `${facts.owner}:${facts.defaultBranch}`,
      repo: repository(facts),
      user: user(facts.owner)
    }
  }
}

function review(facts: RunFacts): Readonly<Record<string, unknown>> {
  const { number } = pullOf(facts)
  const given = facts.review ?? { id: 1, user: facts.actor, state: 'commented', body: '', commit: facts.sha }
  const html = `https://github.com/${facts.owner}/${facts.name}/pull/${number}#pullrequestreview-${given.id}`
  const pull = `https://api.github.com/repos/${facts.owner}/${facts.name}/pulls/${number}`
  return {
    id: given.id,
    node_id: nodeId('PullRequestReview', String(given.id)),
    user: user(given.user),
    body: given.body === '' ? null : given.body,
    commit_id: given.commit,
    submitted_at: new Date(facts.time).toISOString(),
    updated_at: new Date(facts.time).toISOString(),
    // Webhooks say it in small letters, the REST API in capitals.
    state: given.state,
    html_url: html,
    pull_request_url: pull,
    author_association: 'MEMBER',
    _links: { html: { href: html }, pull_request: { href: pull } }
  }
}

function pullRequestLinks({ owner, name }: RunFacts, pull: PullFacts): Readonly<Record<string, unknown>> {
  const html = `https://github.com/${owner}/${name}/pull/${pull.number}`
  const api = `https://api.github.com/repos/${owner}/${name}`
  const links = {
    self: `${api}/pulls/${pull.number}`,
    html,
    issue: `${api}/issues/${pull.number}`,
    comments: `${api}/issues/${pull.number}/comments`,
    review_comments: `${api}/pulls/${pull.number}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${api}/pulls/${pull.number}/commits`,
    statuses: `${api}/statuses/${pull.head}`
  }
  return {
    url: links.self,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: links.issue,
    comments_url: links.comments,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    commits_url: links.commits,
    statuses_url: links.statuses,
    _links: Object.fromEntries(Object.entries(links).map(([kind, href]) => [kind, { href }]))
  }
}

function repository(
  facts: Pick<RunFacts, 'owner' | 'name' | 'time' | 'defaultBranch'>,
  fork = false
): Readonly<Record<string, unknown>> {
  const full = `${facts.owner}/${facts.name}`
  return {
    id: idOf(full),
    node_id: nodeId('Repository', full),
    name: facts.name,
    full_name: full,
    private: false,
    visibility: 'public',
    fork,
    archived: false,
    owner: user(facts.owner),
    html_url: `https://github.com/${full}`,
    url: `https://api.github.com/repos/${full}`,
    svn_url: `https://github.com/${full}`,
    mirror_url: null,
    ...templates(`https://api.github.com/repos/${full}`, repositoryUrls),
    clone_url: `https://github.com/${full}.git`,
    git_url: `git://github.com/${full}.git`,
    ssh_url: `git@github.com:${full}.git`,
    created_at: new Date(facts.time).toISOString(),
    updated_at: new Date(facts.time).toISOString(),
    pushed_at: new Date(facts.time).toISOString(),
    homepage: null,
    language: null,
    license: null,
    topics: [],
    disabled: false,
    is_template: false,
    allow_forking: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    allow_squash_merge: true,
    delete_branch_on_merge: false,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    size: 0,
    stargazers_count: 0,
    stargazers: 0,
    watchers_count: 0,
    watchers: 0,
    forks_count: 0,
    forks: 0,
    open_issues_count: 0,
    open_issues: 0,
    master_branch: facts.defaultBranch,
    default_branch: facts.defaultBranch,
    description: null
  }
}

function commit(facts: RunFacts): Readonly<Record<string, unknown>> {
  return {
    id: facts.sha,
    distinct: true,
    message: facts.message,
    timestamp: new Date(facts.time).toISOString(),
    url: `https://github.com/${facts.owner}/${facts.name}/commit/${facts.sha}`,
    author: { name: facts.actor, email: email(facts.actor), username: facts.actor },
    committer: { name: facts.actor, email: email(facts.actor), username: facts.actor },
    added: [],
    removed: [],
    modified: []
  }
}

function user(login: string): Readonly<Record<string, unknown>> {
  const url = `https://api.github.com/users/${login}`
  return {
    login,
    id: idOf(login),
    node_id: nodeId('User', login),
    avatar_url: `https://avatars.githubusercontent.com/u/${idOf(login)}?v=4`,
    gravatar_id: '',
    url,
    html_url: `https://github.com/${login}`,
    ...templates(url, userUrls),
    type: 'User',
    user_view_type: 'public',
    site_admin: false
  }
}

/** `name_url` of each path below an address, as GitHub's payloads have them (RFC 6570 templates included). */
function templates(base: string, paths: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [`${name}_url`, `${base}/${path}`]))
}

const userUrls = {
  followers: 'followers',
  following: 'following{/other_user}',
  gists: 'gists{/gist_id}',
  starred: 'starred{/owner}{/repo}',
  subscriptions: 'subscriptions',
  organizations: 'orgs',
  repos: 'repos',
  events: 'events{/privacy}',
  received_events: 'received_events'
} as const

const repositoryUrls = {
  archive: '{archive_format}{/ref}',
  assignees: 'assignees{/user}',
  blobs: 'git/blobs{/sha}',
  branches: 'branches{/branch}',
  collaborators: 'collaborators{/collaborator}',
  comments: 'comments{/number}',
  commits: 'commits{/sha}',
  compare: 'compare/{base}...{head}',
  contents: 'contents/{+path}',
  contributors: 'contributors',
  deployments: 'deployments',
  downloads: 'downloads',
  events: 'events',
  forks: 'forks',
  git_commits: 'git/commits{/sha}',
  git_refs: 'git/refs{/sha}',
  git_tags: 'git/tags{/sha}',
  hooks: 'hooks',
  issue_comment: 'issues/comments{/number}',
  issue_events: 'issues/events{/number}',
  issues: 'issues{/number}',
  keys: 'keys{/key_id}',
  labels: 'labels{/name}',
  languages: 'languages',
  merges: 'merges',
  milestones: 'milestones{/number}',
  notifications: 'notifications{?since,all,participating}',
  pulls: 'pulls{/number}',
  releases: 'releases{/id}',
  stargazers: 'stargazers',
  statuses: 'statuses/{sha}',
  subscribers: 'subscribers',
  subscription: 'subscription',
  tags: 'tags',
  teams: 'teams',
  trees: 'git/trees{/sha}'
} as const

function nodeId(kind: string, name: string): string {
  return Buffer.from(`04:${kind}${idOf(name)}`).toString('base64')
}

function email(login: string): string {
  return `${idOf(login)}+${login}@users.noreply.github.com`
}
