import { createHash } from 'node:crypto'
import type { EventName } from './options.ts'

/** What the run is about; the same facts go into the event, the OIDC claims and the environment. */
export interface RunFacts {
  readonly event: EventName
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
}

/**
 * The payload that GitHub sends for the event, with the fields that workflows and actions read.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
export function eventPayload(facts: RunFacts): Readonly<Record<string, unknown>> {
  return { ...payloads[facts.event](facts), repository: repository(facts), sender: user(facts.actor) }
}

/** Stable number for a name, where GitHub has an id. */
export function idOf(name: string): number {
  return createHash('sha256').update(name).digest().readUIntBE(0, 4)
}

const payloads: Readonly<Record<EventName, (facts: RunFacts) => Readonly<Record<string, unknown>>>> = {
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
  pull_request: (facts) => ({
    action: 'opened',
    number: 1,
    pull_request: {
      id: idOf(`${facts.owner}/${facts.name}#1`),
      number: 1,
      state: 'open',
      draft: false,
      merged: false,
      title: facts.message.split('\n')[0] ?? '',
      body: null,
      user: user(facts.actor),
      labels: [],
      html_url: `https://github.com/${facts.owner}/${facts.name}/pull/1`,
      merge_commit_sha: facts.sha,
      author_association: 'MEMBER',
      head: {
        ref: 'rehearsal',
        sha: facts.sha,
        label: `${facts.owner}:rehearsal`,
        repo: repository(facts),
        user: user(facts.owner)
      },
      base: {
        ref: facts.defaultBranch,
        sha: facts.sha,
        label: `${facts.owner}:${facts.defaultBranch}`,
        repo: repository(facts),
        user: user(facts.owner)
      }
    }
  }),
  workflow_dispatch: (facts) => ({ ref: facts.ref, workflow: facts.workflowPath, inputs: facts.inputs })
}

function repository(facts: RunFacts): Readonly<Record<string, unknown>> {
  const full = `${facts.owner}/${facts.name}`
  return {
    id: idOf(full),
    node_id: nodeId('Repository', full),
    name: facts.name,
    full_name: full,
    private: false,
    visibility: 'public',
    fork: false,
    archived: false,
    owner: user(facts.owner),
    html_url: `https://github.com/${full}`,
    url: `https://api.github.com/repos/${full}`,
    clone_url: `https://github.com/${full}.git`,
    git_url: `git://github.com/${full}.git`,
    ssh_url: `git@github.com:${full}.git`,
    releases_url: `https://api.github.com/repos/${full}/releases{/id}`,
    tags_url: `https://api.github.com/repos/${full}/tags`,
    created_at: new Date(facts.time).toISOString(),
    updated_at: new Date(facts.time).toISOString(),
    pushed_at: new Date(facts.time).toISOString(),
    homepage: null,
    language: null,
    license: null,
    topics: [],
    disabled: false,
    is_template: false,
    stargazers_count: 0,
    forks_count: 0,
    open_issues_count: 0,
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
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    type: 'User',
    user_view_type: 'public',
    site_admin: false
  }
}

function nodeId(kind: string, name: string): string {
  return Buffer.from(`04:${kind}${idOf(name)}`).toString('base64')
}

function email(login: string): string {
  return `${idOf(login)}+${login}@users.noreply.github.com`
}
