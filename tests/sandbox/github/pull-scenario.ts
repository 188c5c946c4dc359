import type { Open } from './scenario.ts'
import type { Stage } from './stage.ts'
import { repository, type Speaker } from './talk.ts'

/** Everything about pull requests, each operation with what it answers and with what it refuses. */
export function playPulls(open: Open): void {
  playReads(stageWithPulls(open))
  playWrites(stageWithPulls(open))
  playRuns(stageWithPulls(open))
  playTeams(stageWithPulls(open))
  playRefused(open)
}

const nothing = 'f'.repeat(40)

interface Pulls extends Stage {
  readonly job: Speaker
  readonly head: string
  readonly fork: string
}

/** A pull request of the repository itself (1), one of a fork (2), and one whose fork is gone (3). */
function stageWithPulls(open: Open): Pulls {
  const stage = open()
  const { github } = stage
  github.commitFiles(repository, 'main', {
    'one.sql': 'select 1;\n',
    'folder/two.sql': 'select 2;\nselect 22;\n',
    'data.bin': Buffer.from([0, 1, 2])
  })
  const head = github.commitFiles(
    repository,
    'topic/x',
    {
      'one.sql': 'select 11;\n',
      'folder/two.sql': null,
      'moved.sql': 'select 2;\nselect 22;\n',
      'data.bin': Buffer.from([0])
    },
    { by: 'ada' }
  )
  github.addTeam('acme', 'dba', ['bob', { login: 'eve', state: 'pending' }])
  github.setCollaborator(repository, 'carol', 'maintain')
  github.addPullRequest(repository, {
    title: 'One',
    author: 'ada',
    head: { ref: 'topic/x' },
    base: { ref: 'main' },
    labels: ['database'],
    body: 'Why.'
  })
  for (const owner of ['eve', 'mallory']) {
    const fork = github.addFork(repository, owner)
    github.commitFiles(fork, 'patch', { [`${owner}.sql`]: 'select 3;\n' }, { by: owner })
    github.addPullRequest(repository, {
      author: owner,
      head: { ref: 'patch', repository: fork },
      base: { ref: 'main' },
      draft: true
    })
  }
  github.deleteRepository('mallory/lib')
  github.addToken({
    token: 'ghs_job',
    login: 'github-actions[bot]',
    permissions: {
      contents: 'read',
      'pull-requests': 'write',
      statuses: 'write',
      checks: 'read',
      actions: 'write',
      deployments: 'write'
    }
  })
  for (const login of ['bob', 'ada']) {
    const permissions = { contents: 'write', 'pull-requests': 'write', members: 'read' } as const
    github.addToken({ token: `ghp_${login}`, login, permissions })
  }
  return { ...stage, job: stage.speak({ token: 'ghs_job' }), head, fork: 'eve/lib' }
}

function playReads({ job, github, head, fork, wait, speak }: Pulls): void {
  github.addReview(repository, 1, { user: 'bob', state: 'APPROVED' })
  const dismissed = github.addReview(repository, 1, { user: 'carol', state: 'CHANGES_REQUESTED', body: 'No.' })
  github.dismissReview(repository, 1, dismissed, 'bob')
  github.removeLabel(repository, 1, 'database', 'carol')
  github.addComment(repository, 1, { user: 'ada', body: 'Please.' })
  const blob = github.pull(repository, 1).head.sha
  for (const path of ['/git/trees/main', `/git/trees/${head}?recursive=1`, '/git/trees/nothing']) job.get(path)
  const tree = job.get('/git/trees/main').at('tree') as readonly { type: string; sha: string }[]
  job.get(`/git/blobs/${tree.find(({ type }) => type === 'blob')?.sha ?? ''}`)
  job.get(`/git/blobs/${blob}`)
  for (const path of [
    '/contents/one.sql?ref=topic/x',
    '/contents/folder',
    '/contents/nothing',
    '/contents/folder?ref=nowhere'
  ])
    job.get(path)
  for (const range of ['main...topic/x', 'topic/x...main', 'main...main', 'main...eve:patch', `main...${nothing}`]) {
    job.get(`/compare/${range}`)
  }
  job.get('/compare/main...topic/x?per_page=1&page=2')
  for (const path of ['/commits', '/commits?sha=topic/x&path=one.sql&per_page=1', '/commits?sha=nowhere']) job.get(path)
  job.get('/commits/topic/x')
  for (const query of [
    '',
    '?state=all&sort=updated&direction=desc',
    '?head=acme:topic/x&base=main',
    '?per_page=1&page=2'
  ]) {
    job.get(`/pulls${query}`)
  }
  job.get('/pulls?per_page=100&page=101')
  for (const number of [1, 2, 3, 99]) {
    for (const below of ['', '/files', '/commits', '/reviews']) job.get(`/pulls/${number}${below}`)
  }
  job.get('/pulls/1', { accept: 'application/vnd.github.v3.diff' })
  job.get(`/pulls/1/reviews/${dismissed}`)
  job.get('/pulls/1/reviews/1')
  for (const sha of [head, nothing]) job.get(`/commits/${sha}/pulls`)
  for (const number of [1, 99]) {
    for (const below of ['comments', 'labels', 'events', 'timeline']) job.get(`/issues/${number}/${below}`)
  }
  const main = github.refs(repository)['refs/heads/main'] ?? ''
  wait(1000)
  github.commitFiles(repository, 'topic/x', { 'more.sql': 'select 4;\n' }, { by: 'bob' })
  github.queuePull(repository, 1, 'bob')
  github.unqueuePull(repository, 1, 'bob')
  github.mergePull(repository, 1, 'bob')
  github.commitFiles(fork, 'patch', { 'more.sql': 'select 5;\n' })
  github.setRef(repository, 'refs/heads/topic/x', main, 'ada')
  github.deleteBranch(repository, 'topic/x', 'ada')
  job.get('/pulls/1')
  job.get('/issues/1/events')
  job.get('/issues/1/timeline')
  job.get('/activity')
  job.get('/activity?ref=topic/x&per_page=1')
  speak({ token: 'ghs_ci' }).get('https://api.github.com/repos/acme/nothing/activity')
}

function playWrites({ job, head, speak, github }: Pulls): void {
  const [bob, ada] = [speak({ token: 'ghp_bob' }), speak({ token: 'ghp_ada' })]
  const review = bob.post('/pulls/1/reviews', { event: 'APPROVE', body: 'Yes.' }).id()
  ada.post('/pulls/1/reviews', { event: 'APPROVE' })
  bob.send('PUT', `/pulls/1/reviews/${review}`, { body: '{"body":"Indeed."}' })
  bob.send('PUT', '/pulls/1/reviews/1', { body: '{"body":"Indeed."}' })
  job.post('/pulls/1/reviews', { event: 'APPROVE' })
  bob.post('/pulls/1/reviews', { event: 'COMMENT' })
  bob.post('/pulls/1/reviews', { event: 'SOMETHING', body: 'x' })
  bob.post('/pulls/1/reviews', { event: 'COMMENT', body: 'x', commit_id: nothing })
  const pending = bob.post('/pulls/1/reviews', { body: 'Later.' }).id()
  bob.post('/pulls/1/reviews', {})
  bob.get('/pulls/1/reviews')
  bob.post(`/pulls/1/reviews/${pending}/events`, { event: 'COMMENT' })
  bob.post(`/pulls/1/reviews/${pending}/events`, { event: 'COMMENT' })
  bob.post('/pulls/1/reviews/1/events', { event: 'COMMENT' })
  bob.send('PUT', `/pulls/1/reviews/${review}/dismissals`, { body: '{"message":"Stale"}' })
  bob.send('PUT', `/pulls/1/reviews/${review}/dismissals`, { body: '{"message":"Stale"}' })
  bob.send('PUT', '/pulls/1/reviews/1/dismissals', { body: '{}' })
  const comment = job.post('/issues/1/comments', { body: 'Found.' }).id()
  job.post('/issues/1/comments', { body: '' })
  job.post('/issues/99/comments', { body: 'x' })
  job.get(`/issues/comments/${comment}`)
  job.patch(`/issues/comments/${comment}`, { body: 'Found more.' })
  job.patch('/issues/comments/1', { body: 'x' })
  job.delete(`/issues/comments/${comment}`)
  job.delete(`/issues/comments/${comment}`)
  job.get(`/issues/comments/${comment}`)
  job.post('/issues/1/labels', { labels: ['approved'] })
  job.post('/issues/1/labels', { labels: [1] })
  job.get('/issues/1/labels')
  job.delete('/issues/1/labels/approved')
  job.delete('/issues/1/labels/approved')
  job.get(`/commits/${head}/status`)
  job.post(`/statuses/${head}`, { state: 'pending', context: 'guard', target_url: 'https://example.com/1' })
  job.post(`/statuses/${head}`, { state: 'success', context: 'guard', description: 'All is well' })
  job.post(`/statuses/${head}`, { state: 'fine', description: 'x'.repeat(141), target_url: 'x' })
  job.post(`/statuses/${nothing}`, { state: 'success' })
  for (const ref of [head, 'topic/x', 'nowhere']) {
    job.get(`/commits/${ref}/status`)
    job.get(`/commits/${ref}/statuses?per_page=1`)
  }
  const deployed = job.post('/deployments', { ref: 'topic/x', environment: 'staging', required_contexts: [] }).id()
  job.post('/deployments', { ref: head })
  job.post('/deployments', { ref: 'nowhere' })
  job.get('/deployments?environment=staging&per_page=1')
  job.get('/deployments?per_page=100&page=101')
  for (const state of ['in_progress', 'success', 'fine']) {
    job.post(`/deployments/${deployed}/statuses`, { state, log_url: 'https://example.com/1' })
  }
  job.get(`/deployments/${deployed}/statuses`)
  job.get('/deployments/1/statuses')
  github.addUser('dora')
}

function playRuns({ job, github, head, fork }: Pulls): void {
  const run = github.addWorkflowRun(repository, {
    workflow: '.github/workflows/guard.yml',
    name: 'Guard',
    event: 'pull_request',
    headSha: head,
    headBranch: 'topic/x',
    pulls: [1]
  })
  const other = { workflow: '.github/workflows/guard.yml', event: 'merge_group', headSha: head, headRepository: fork }
  github.addWorkflowRun(repository, { ...other, status: 'in_progress', pulls: [2] })
  for (const path of ['', `?head_sha=${head}&event=pull_request&per_page=1`, '?status=failure&actor=acme']) {
    job.get(`/actions/runs${path}`)
    job.get(`/actions/workflows/guard.yml/runs${path}`)
  }
  job.get('/actions/runs?per_page=100&page=101')
  job.get('/actions/workflows/other.yml/runs')
  for (const file of ['guard.yml', 'other.yml']) job.get(`/actions/workflows/${file}`)
  job.get(`/actions/runs/${run}`)
  job.get('/actions/runs/1')
  job.get(`/actions/runs/${run}/jobs`)
  job.get('/actions/runs/1/jobs')
  job.get(`/commits/${head}/check-runs`)
  job.get('/commits/nowhere/check-runs')
  job.post(`/actions/runs/${run}/rerun-failed-jobs`, {})
  job.post(`/actions/runs/${run}/rerun-failed-jobs`, {})
  job.post(`/actions/runs/${run}/rerun`, {})
  github.setWorkflowRun(repository, run, { status: 'completed', conclusion: 'success' })
  job.post(`/actions/runs/${run}/rerun-failed-jobs`, {})
  job.post(`/actions/runs/${run}/rerun`, {})
  job.post('/actions/runs/1/rerun', {})
  job.get(`/actions/runs/${run}/jobs?filter=all`)
  job.get(`/actions/runs/${run}`)
  job.get(`/commits/${head}/check-runs?filter=all&check_name=guard&status=queued`)
}

function playTeams({ speak, stranger }: Pulls): void {
  for (const token of ['ghp_bob', 'ghs_job', 'ghp_owner']) {
    const asking = speak({ token })
    const team = 'https://api.github.com/orgs/acme/teams/dba'
    for (const path of [team, `${team}/members?per_page=1`, `${team}/memberships/bob`, `${team}/memberships/nobody`]) {
      asking.get(path)
    }
    for (const login of ['bob', 'carol', 'acme', 'nobody']) asking.get(`/collaborators/${login}/permission`)
    for (const login of ['bob', 'nobody']) asking.get(`https://api.github.com/users/${login}`)
  }
  stranger.get('https://api.github.com/orgs/acme/teams/dba')
  stranger.get('/collaborators/bob/permission')
}

/** What a job without any permission gets, of a private repository. */
function playRefused(open: Open): void {
  const { github, speak } = open({ private: true })
  github.commitFiles(repository, 'topic', { 'one.sql': 'select 1;\n' })
  github.addPullRequest(repository, { author: 'ada', head: { ref: 'topic' }, base: { ref: 'main' } })
  for (const [token, login] of [
    ['ghs_nothing', 'github-actions[bot]'],
    ['github_pat_nothing', 'bob'],
    ['ghp_nothing', 'carol']
  ] as const) {
    github.addToken({ token, login, permissions: {} })
    const asking = speak({ token })
    for (const path of [
      '/pulls',
      '/pulls/1',
      '/commits',
      '/compare/main...topic',
      '/activity',
      '/commits/topic/check-runs'
    ]) {
      asking.get(path)
    }
    asking.get('/actions/runs')
    asking.post('/issues/1/comments', { body: 'x' })
    asking.post('/pulls/1/reviews', { event: 'COMMENT', body: 'x' })
    asking.get(`https://api.github.com/orgs/acme/teams/dba`)
  }
}
