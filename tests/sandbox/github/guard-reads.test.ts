import { describe, expect, test } from '@jest/globals'
import type { GithubOptions } from '../../../sandbox/github/service.ts'
import { setStage, type Stage } from './stage.ts'
import { repository, type Speaker } from './talk.ts'

const head = (stage: Stage): string => stage.github.pull(repository, 1).head.sha

/** A pull request of ada's, and GITHUB_TOKEN with the permissions that are named. */
function stageFor(
  permissions: Readonly<Record<string, 'read' | 'write'>>,
  options: GithubOptions & { readonly private?: boolean } = {}
): Stage {
  const stage = setStage(options)
  stage.github.commitFiles(repository, 'main', { 'one.sql': 'select 1;\n' })
  stage.github.commitFiles(repository, 'topic', { 'two.sql': 'select 2;\n' }, { by: 'ada' })
  stage.github.addPullRequest(repository, { author: 'ada', head: { ref: 'topic' }, base: { ref: 'main' } })
  stage.github.addToken({ token: 'ghs_job', login: 'github-actions[bot]', permissions })
  return { ...stage, ci: stage.speak({ token: 'ghs_job' }) }
}

const names = (value: unknown, key: string): readonly unknown[] =>
  (value as readonly Record<string, unknown>[]).map((entry) => entry[key])

describe('labels of a pull request', () => {
  test('leave events that say who set them and when', () => {
    const { ci, github, wait } = stageFor({ 'pull-requests': 'write' })
    github.addLabel(repository, 1, 'migration-approved', 'bob')
    wait(60_000)
    github.removeLabel(repository, 1, 'migration-approved', 'ada')
    const events = ci.get('/issues/1/events').json as readonly Record<string, unknown>[]
    expect(events).toMatchObject([
      {
        event: 'labeled',
        actor: { login: 'bob' },
        label: { name: 'migration-approved' },
        created_at: '2026-01-02T03:04:05Z'
      },
      { event: 'unlabeled', actor: { login: 'ada' }, created_at: '2026-01-02T03:05:05Z' }
    ])
    expect(ci.get('/pulls/1').at('labels')).toEqual([])
  })

  test('are added and taken away through the API, once each', () => {
    const { ci, github } = stageFor({ 'pull-requests': 'write' })
    expect(names(ci.post('/issues/1/labels', { labels: ['a', 'b'] }).json, 'name')).toEqual(['a', 'b'])
    expect(names(ci.post('/issues/1/labels', ['b']).json, 'name')).toEqual(['a', 'b'])
    expect(names(ci.delete('/issues/1/labels/a').json, 'name')).toEqual(['b'])
    expect(ci.delete('/issues/1/labels/a').status).toBe(404)
    expect(ci.post('/issues/1/labels', { labels: [3] }).status).toBe(422)
    expect(github.pull(repository, 1).events.map(({ event }) => event)).toEqual(['labeled', 'labeled', 'unlabeled'])
    expect(names(ci.get('/issues/1/labels').json, 'name')).toEqual(['b'])
  })

  test('stand in the timeline among commits, comments and reviews', () => {
    const { ci, github, wait } = stageFor({ 'pull-requests': 'write' })
    const step = (happening: () => void): void => {
      wait(1000)
      happening()
    }
    step(() => {
      github.addLabel(repository, 1, 'database', 'bob')
    })
    step(() => github.addComment(repository, 1, { user: 'eve', body: 'Hm.' }))
    step(() => github.addReview(repository, 1, { user: 'bob', state: 'APPROVED' }))
    const timeline = ci.get('/issues/1/timeline').json
    expect(names(timeline, 'event')).toEqual(['committed', 'labeled', 'commented', 'reviewed'])
  })
})

describe('the statuses of a commit', () => {
  test('come together: the newest of each context decides', () => {
    const stage = stageFor({ statuses: 'write' })
    const sha = head(stage)
    const set = (state: string, context: string): number =>
      stage.ci.post(`/statuses/${sha}`, { state, context, description: 'why', target_url: 'https://example.com' })
        .status
    const combined = (): unknown => stage.ci.get(`/commits/${sha}/status`).at('state')
    expect(combined()).toBe('pending')
    expect([set('failure', 'guard'), set('success', 'lint')]).toEqual([201, 201])
    expect(combined()).toBe('failure')
    set('success', 'guard')
    expect(combined()).toBe('success')
    expect(stage.ci.get('/commits/topic/status').at('total_count')).toBe(2)
    expect(names(stage.ci.get(`/commits/${sha}/statuses`).json, 'state')).toEqual(['success', 'success', 'failure'])
  })

  test.each([
    ['a state that does not exist', { state: 'green' }, 'state is not included in the list'],
    [
      'a description of 141 characters',
      { state: 'success', description: 'x'.repeat(141) },
      'description is too long (maximum is 140 characters)'
    ],
    [
      'an address that is no web address',
      { state: 'success', target_url: 'ftp://x' },
      'target_url must use http(s) scheme'
    ]
  ])('are refused with %s', (_, body, message) => {
    const stage = stageFor({ statuses: 'write' })
    const refused = stage.ci.post(`/statuses/${head(stage)}`, body)
    expect([refused.status, refused.at('errors.0.message')]).toEqual([422, message])
  })

  test('are at most a thousand for one context, and need a commit', () => {
    const stage = stageFor({ statuses: 'write' }, { limits: { statuses: 2 } })
    const set = (sha: string, context: string): readonly unknown[] => {
      const exchange = stage.ci.post(`/statuses/${sha}`, { state: 'success', context })
      return [exchange.status, exchange.at('errors.0.message')]
    }
    const sha = head(stage)
    set(sha, 'guard')
    set(sha, 'guard')
    expect(set(sha, 'guard')).toEqual([422, 'This SHA and context has reached the maximum number of statuses.'])
    expect(set(sha, 'other')).toEqual([201, undefined])
    expect(stage.ci.post(`/statuses/${'f'.repeat(40)}`, { state: 'success' }).at('message')).toBe(
      `No commit found for SHA: ${'f'.repeat(40)}`
    )
  })
})

describe('a workflow run', () => {
  const started = (permission: 'read' | 'write' = 'write'): Stage & { readonly run: number } => {
    const stage = stageFor({ actions: permission, checks: 'read' })
    const run = stage.github.addWorkflowRun(repository, {
      workflow: '.github/workflows/guard.yml',
      name: 'Guard',
      event: 'pull_request',
      headSha: head(stage),
      headBranch: 'topic',
      pulls: [1],
      jobs: ['guard', 'lint'],
      actor: 'ada'
    })
    return { ...stage, run }
  }

  test('is found by its workflow’s file, its event and its commit', () => {
    const stage = started()
    const found = (path: string): unknown => stage.ci.get(path).at('total_count')
    const runs = '/actions/workflows/guard.yml/runs'
    expect(stage.ci.get(`${runs}?event=pull_request&head_sha=${head(stage)}`).json).toMatchObject({
      total_count: 1,
      workflow_runs: [
        {
          id: stage.run,
          conclusion: 'failure',
          run_attempt: 1,
          pull_requests: [{ number: 1 }],
          actor: { login: 'ada' }
        }
      ]
    })
    expect(found(`${runs}?event=push`)).toBe(0)
    expect(found(`${runs}?head_sha=${'0'.repeat(40)}`)).toBe(0)
    expect(found(`${runs}?status=failure`)).toBe(1)
    expect(found('/actions/runs?branch=topic')).toBe(1)
    expect(stage.ci.get('/actions/workflows/other.yml/runs').status).toBe(404)
  })

  test('is run again once it has ended, and then is not until it has ended anew', () => {
    const { ci, github, run } = started()
    expect([
      ci.post(`/actions/runs/${run}/rerun-failed-jobs`, {}).status,
      ci.get(`/actions/runs/${run}`).at('run_attempt')
    ]).toEqual([201, 2])
    expect(ci.get(`/actions/runs/${run}`).json).toMatchObject({
      status: 'queued',
      conclusion: null,
      actor: { login: 'ada' },
      triggering_actor: { login: 'github-actions[bot]' }
    })
    const again = ci.post(`/actions/runs/${run}/rerun`, {})
    expect([again.status, again.at('message')]).toEqual([403, 'This workflow is already running'])
    github.setWorkflowRun(repository, run, { status: 'completed', conclusion: 'success' })
    expect(ci.get(`/commits/${github.pull(repository, 1).head.sha}/check-runs`).json).toMatchObject({
      total_count: 2,
      check_runs: [{ conclusion: 'success' }, { conclusion: 'success' }]
    })
    const nothing = ci.post(`/actions/runs/${run}/rerun-failed-jobs`, {})
    expect([nothing.status, nothing.at('message')]).toEqual([403, 'This workflow run cannot be retried'])
    expect(ci.post(`/actions/runs/${run}/rerun`, {}).status).toBe(201)
    expect(ci.get(`/actions/runs/${run}/jobs`).at('total_count')).toBe(2)
    expect(ci.get(`/actions/runs/${run}/jobs?filter=all`).at('total_count')).toBe(6)
  })

  test('cannot be run again after a month', () => {
    const { ci, run, wait } = started()
    wait(31 * 86_400_000)
    const late = ci.post(`/actions/runs/${run}/rerun`, {})
    expect([late.status, late.at('message')]).toEqual([
      403,
      'Unable to retry this workflow run because it was created over a month ago'
    ])
  })
})

describe('a team', () => {
  const asked = (token: Parameters<Stage['github']['addToken']>[0]): Speaker => {
    const { github, speak } = setStage()
    github.addTeam('acme', 'dba', ['ada', { login: 'bob', role: 'maintainer' }, { login: 'eve', state: 'pending' }])
    github.addToken(token)
    return speak({ token: token.token, root: 'https://api.github.com/orgs/acme/teams' })
  }

  test('tells its members to those who may read them', () => {
    const reader = asked({ token: 'ghp_reader', login: 'ada', permissions: { members: 'read' } })
    expect(reader.get('/dba').at('members_count')).toBe(2)
    expect(names(reader.get('/dba/members').json, 'login')).toEqual(['ada', 'bob'])
    expect(reader.get('/dba/memberships/BOB').json).toMatchObject({ state: 'active', role: 'maintainer' })
    expect(reader.get('/dba/memberships/eve').at('state')).toBe('pending')
    expect(reader.get('/dba/memberships/mallory').status).toBe(404)
    expect(reader.get('/nothing').status).toBe(404)
  })

  test.each([
    ['ghs_job', 'github-actions[bot]', 404, 'Not Found'],
    ['ghp_plain', 'ada', 404, 'Not Found'],
    ['github_pat_plain', 'ada', 403, 'Resource not accessible by personal access token']
  ])('is hidden from %s', (token, login, status, message) => {
    const reader = asked({ token, login, permissions: { contents: 'write', 'pull-requests': 'write' } })
    for (const path of ['/dba', '/dba/members', '/dba/memberships/ada']) {
      expect([reader.get(path).status, reader.get(path).at('message')]).toEqual([status, message])
    }
  })
})

describe('what somebody may do', () => {
  test.each([
    ['admin', 'admin'],
    ['maintain', 'write'],
    ['write', 'write'],
    ['triage', 'read'],
    ['read', 'read']
  ] as const)('as %s counts as %s', (role, permission) => {
    const { ci, github } = stageFor({})
    github.setCollaborator(repository, 'bob', role)
    expect(ci.get('/collaborators/bob/permission').json).toMatchObject({ permission, role_name: role })
  })

  test('is read by those who may push, and by apps', () => {
    const { github, speak, stranger } = stageFor({})
    github.addToken({ token: 'ghp_eve', login: 'eve', permissions: { contents: 'read' } })
    github.addUser('bob')
    expect(speak({ token: 'ghp_owner' }).get('/collaborators/bob/permission').at('permission')).toBe('read')
    expect(speak({ token: 'ghp_owner' }).get('/collaborators/nobody/permission').status).toBe(404)
    expect(speak({ token: 'ghp_eve' }).get('/collaborators/bob/permission').at('message')).toBe(
      'Must have push access to view collaborator permission.'
    )
    expect(stranger.get('/collaborators/bob/permission').status).toBe(401)
    expect(stranger.get('https://api.github.com/users/bob').at('login')).toBe('bob')
  })
})

describe('the activity of a branch', () => {
  test('tells who pushed last, and whether by force', () => {
    const { ci, github, wait } = stageFor({ contents: 'read' })
    const main = github.refs(repository)['refs/heads/main'] ?? ''
    wait(1000)
    const second = github.commitFiles(repository, 'topic', { 'b.sql': 'b' }, { by: 'bob' })
    wait(1000)
    github.setRef(repository, 'refs/heads/topic', main, 'eve')
    const activity = ci.get('/activity?ref=topic').json as readonly Record<string, unknown>[]
    expect(activity).toMatchObject([
      { activity_type: 'force_push', actor: { login: 'eve' }, before: second, after: main, ref: 'refs/heads/topic' },
      { activity_type: 'push', actor: { login: 'bob' }, after: second },
      { activity_type: 'branch_creation', actor: { login: 'ada' }, before: '0'.repeat(40) }
    ])
    expect(names(ci.get('/activity?ref=refs/heads/topic&activity_type=push').json, 'after')).toEqual([second])
    expect(names(ci.get('/activity?ref=topic&direction=asc&per_page=1').json, 'activity_type')).toEqual([
      'branch_creation'
    ])
  })

  test('is paged by cursors', () => {
    const { ci } = stageFor({ contents: 'read' })
    const first = ci.get('/activity?per_page=2')
    const next = /<([^>]+)>; rel="next"/.exec(first.headers['link'] ?? '')?.[1] ?? ''
    const rest = ci.get(next)
    expect([names(first.json, 'id').length, rest.status]).toEqual([2, 200])
    expect(names(rest.json, 'id')).not.toContain((first.json as readonly { id: number }[])[0]?.id)
    expect(rest.headers['link']).toContain('rel="prev"')
  })
})

describe('a job of a private repository', () => {
  const needed: readonly (readonly [string, string, (stage: Stage) => string])[] = [
    ['pull-requests', 'GET', () => '/pulls'],
    ['pull-requests', 'GET', () => '/pulls/1'],
    ['pull-requests', 'GET', () => '/pulls/1/files'],
    ['pull-requests', 'GET', () => '/pulls/1/commits'],
    ['pull-requests', 'GET', () => '/pulls/1/reviews'],
    ['pull-requests', 'GET', (stage) => `/commits/${head(stage)}/pulls`],
    ['pull-requests', 'GET', () => '/issues/1/comments'],
    ['pull-requests', 'GET', () => '/issues/1/labels'],
    ['pull-requests', 'GET', () => '/issues/1/events'],
    ['pull-requests', 'GET', () => '/issues/1/timeline'],
    ['contents', 'GET', () => '/git/trees/main'],
    ['contents', 'GET', () => '/compare/main...topic'],
    ['contents', 'GET', () => '/commits'],
    ['contents', 'GET', () => '/contents/one.sql'],
    ['contents', 'GET', () => '/activity'],
    ['statuses', 'GET', () => '/commits/topic/status'],
    ['statuses', 'GET', () => '/commits/topic/statuses'],
    ['checks', 'GET', () => '/commits/topic/check-runs'],
    ['actions', 'GET', () => '/actions/runs']
  ]

  test.each(needed)('needs %s: read for %s of this', (permission, method, path) => {
    const all = ['pull-requests', 'contents', 'statuses', 'checks', 'actions', 'issues']
    const others = Object.fromEntries(all.filter((name) => name !== permission).map((name) => [name, 'read' as const]))
    const refusing = stageFor(others, { private: true })
    const refused = refusing.ci.send(method, path(refusing))
    expect([refused.status, refused.at('message')]).toEqual([403, 'Resource not accessible by integration'])
    expect(refused.headers['x-accepted-github-permissions']).toContain(`${permission.replace('-', '_')}=read`)
    const allowing = stageFor({ [permission]: 'read' }, { private: true })
    expect(allowing.ci.send(method, path(allowing)).status).toBe(200)
  })

  const written: readonly (readonly [string, string, (stage: Stage) => string, object])[] = [
    ['pull-requests', 'POST', () => '/pulls/1/reviews', { event: 'COMMENT', body: 'x' }],
    ['pull-requests', 'POST', () => '/issues/1/comments', { body: 'x' }],
    ['pull-requests', 'POST', () => '/issues/1/labels', { labels: ['x'] }],
    ['statuses', 'POST', (stage) => `/statuses/${head(stage)}`, { state: 'success' }]
  ]

  test.each(written)('needs %s: write for %s of that', (permission, method, path, body) => {
    const send = (access: 'read' | 'write'): number => {
      const stage = stageFor({ [permission]: access }, { private: true })
      return stage.ci.send(method, path(stage), { body: JSON.stringify(body) }).status
    }
    expect(send('read')).toBe(403)
    expect(send('write')).toBeLessThan(300)
  })

  test('needs actions: write to run a workflow again', () => {
    const status = (access: 'read' | 'write'): number => {
      const stage = stageFor({ actions: access }, { private: true })
      const run = stage.github.addWorkflowRun(repository, {
        workflow: 'guard.yml',
        event: 'push',
        headSha: head(stage)
      })
      return stage.ci.post(`/actions/runs/${run}/rerun`, {}).status
    }
    expect([status('read'), status('write')]).toEqual([403, 201])
  })
})
