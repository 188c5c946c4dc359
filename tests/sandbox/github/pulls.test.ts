import { describe, expect, test } from '@jest/globals'
import { setStage, type Stage } from './stage.ts'
import { repository, type Exchange } from './talk.ts'

function stageWithPull(options: Parameters<typeof setStage>[0] = {}): Stage & { readonly number: number } {
  const stage = setStage(options)
  stage.github.commitFiles(repository, 'main', { 'one.sql': 'select 1;\n', 'two.sql': 'select 2;\n' })
  stage.github.commitFiles(
    repository,
    'topic',
    { 'one.sql': 'select 11;\n', 'three.sql': 'select 3;\n' },
    { by: 'ada' }
  )
  const number = stage.github.addPullRequest(repository, {
    title: 'Three',
    author: 'ada',
    head: { ref: 'topic' },
    base: { ref: 'main' },
    labels: ['database']
  })
  stage.github.addToken({
    token: 'ghs_pulls',
    login: 'github-actions[bot]',
    permissions: { contents: 'read', 'pull-requests': 'write' }
  })
  return { ...stage, ci: stage.speak({ token: 'ghs_pulls' }), number }
}

const filesOf = (exchange: Exchange): readonly string[] =>
  (exchange.json as readonly { status: string; filename: string }[]).map(
    ({ status, filename }) => `${status} ${filename}`
  )

describe('a pull request', () => {
  test('shows its ends, its author and what it changes', () => {
    const { ci, github, number } = stageWithPull()
    const { json } = ci.get(`/pulls/${number}`)
    expect(json).toMatchObject({
      number: 1,
      state: 'open',
      user: { login: 'ada' },
      head: {
        label: 'acme:topic',
        ref: 'topic',
        sha: github.refs(repository)['refs/heads/topic'],
        repo: { full_name: repository }
      },
      base: { ref: 'main', sha: github.refs(repository)['refs/heads/main'] },
      labels: [{ name: 'database' }],
      mergeable: true,
      merged: false,
      commits: 1,
      changed_files: 2,
      additions: 2,
      deletions: 1
    })
    expect(filesOf(ci.get(`/pulls/${number}/files`))).toEqual(['modified one.sql', 'added three.sql'])
    expect(ci.get(`/pulls/${number}/commits`).at('0.sha')).toBe(github.refs(repository)['refs/heads/topic'])
    expect(ci.get('/pulls/2').status).toBe(404)
  })

  test('takes its head along when the branch moves, while reviews keep their commit', () => {
    const { ci, github, number } = stageWithPull()
    const reviewed = github.pull(repository, number).head.sha
    github.addReview(repository, number, { user: 'bob', state: 'APPROVED' })
    const pushed = github.commitFiles(repository, 'topic', { 'four.sql': 'select 4;\n' }, { by: 'ada' })
    expect(ci.get(`/pulls/${number}`).at('head.sha')).toBe(pushed)
    expect(ci.get(`/pulls/${number}/reviews`).at('0.commit_id')).toBe(reviewed)
    expect(filesOf(ci.get(`/pulls/${number}/files`))).toContain('added four.sql')
  })

  test('is compared with its base as it is now, but tells the base that it was pushed against', () => {
    const { ci, github, number } = stageWithPull()
    const first = github.refs(repository)['refs/heads/main']
    github.commitFiles(repository, 'main', { 'other.sql': 'select 5;\n' })
    expect(ci.get(`/pulls/${number}`).at('base.sha')).toBe(first)
    expect(filesOf(ci.get(`/pulls/${number}/files`))).toEqual(['modified one.sql', 'added three.sql'])
    github.commitFiles(repository, 'topic', { 'four.sql': 'select 4;\n' })
    expect(ci.get(`/pulls/${number}`).at('base.sha')).toBe(github.refs(repository)['refs/heads/main'])
  })

  test('has a merge commit at refs/pull/N/merge, and none where it conflicts', () => {
    const { ci, github, number } = stageWithPull()
    const merge = String(ci.get(`/pulls/${number}`).at('merge_commit_sha'))
    expect(ci.get(`/git/ref/pull/${number}/merge`).at('object.sha')).toBe(merge)
    expect(ci.get(`/contents/three.sql?ref=${merge}`).status).toBe(200)
    github.commitFiles(repository, 'main', { 'one.sql': 'select 111;\n' })
    expect(ci.get(`/pulls/${number}`).json).toMatchObject({ mergeable: false, mergeable_state: 'dirty' })
  })

  test('of a fork has the fork’s repository as its head, until that is deleted', () => {
    const { ci, github } = stageWithPull()
    const fork = github.addFork(repository, 'eve')
    github.commitFiles(
      fork,
      'topic',
      { 'evil.sql': 'drop table users;\n' },
      { by: 'eve', from: github.refs(repository)['refs/heads/main'] ?? '' }
    )
    const number = github.addPullRequest(repository, {
      author: 'eve',
      head: { ref: 'topic', repository: fork },
      base: { ref: 'main' }
    })
    expect(ci.get(`/pulls/${number}`).json).toMatchObject({
      head: { label: 'eve:topic', repo: { full_name: 'eve/lib', fork: true } },
      base: { repo: { full_name: repository, fork: false } }
    })
    expect(filesOf(ci.get(`/pulls/${number}/files`))).toContain('added evil.sql')
    github.deleteRepository(fork)
    expect(ci.get(`/pulls/${number}`).at('head.repo')).toBeNull()
  })

  test('is closed with its branch, merged into its base, and listed by state, base, head and order', () => {
    const { ci, github, number, wait } = stageWithPull()
    const add = (ref: string): number => {
      wait(1000)
      github.commitFiles(repository, ref, { [`${ref}.sql`]: 'select 0;\n' })
      return github.addPullRequest(repository, { author: 'bob', head: { ref }, base: { ref: 'main' } })
    }
    const [second, third] = [add('second'), add('third')]
    const numbers = (query: string): readonly number[] =>
      (ci.get(`/pulls${query}`).json as readonly { number: number }[]).map((pull) => pull.number)
    expect(numbers('')).toEqual([third, second, number])
    expect(numbers('?sort=updated')).toEqual([number, second, third])
    expect(numbers('?direction=asc&per_page=1&page=2')).toEqual([second])
    expect(numbers('?head=acme:second')).toEqual([second])
    expect(numbers('?base=other')).toEqual([])
    const sha = github.mergePull(repository, number, 'bob')
    github.deleteBranch(repository, 'second')
    expect(numbers('')).toEqual([third])
    expect(numbers('?state=closed')).toEqual([second, number])
    expect(ci.get(`/pulls/${number}`).json).toMatchObject({
      merged: true,
      merged_by: { login: 'bob' },
      merge_commit_sha: sha
    })
    expect(filesOf(ci.get(`/pulls/${number}/files`))).toEqual(['modified one.sql', 'added three.sql'])
    expect(ci.get(`/commits/${sha}/pulls`).at('0.number')).toBe(number)
  })

  test('lists no more files than GitHub does', () => {
    const { ci, number } = stageWithPull({ limits: { pullFiles: 1 } })
    expect(filesOf(ci.get(`/pulls/${number}/files`))).toHaveLength(1)
    expect(ci.get(`/pulls/${number}`).at('changed_files')).toBe(2)
  })

  test('comes back whole from what was saved', () => {
    const { ci, github, number } = stageWithPull()
    const saved = github.save()
    const before = ci.get(`/pulls/${number}`).json
    github.commitFiles(repository, 'topic', { 'four.sql': 'select 4;\n' })
    github.load(saved)
    expect(ci.get(`/pulls/${number}`).json).toEqual(before)
  })
})

describe('a review', () => {
  const reviewer = (stage: Stage, login: string): ReturnType<Stage['speak']> => {
    stage.github.addToken({
      token: `ghp_${login}`,
      login,
      permissions: { contents: 'write', 'pull-requests': 'write' }
    })
    return stage.speak({ token: `ghp_${login}` })
  }

  test('approves the head by somebody else than the author', () => {
    const stage = stageWithPull()
    const head = stage.github.pull(repository, 1).head.sha
    const approved = reviewer(stage, 'bob').post('/pulls/1/reviews', { event: 'APPROVE', body: 'Fine.' })
    expect(approved.json).toMatchObject({ state: 'APPROVED', commit_id: head, user: { login: 'bob' }, body: 'Fine.' })
    expect(stage.ci.get(`/pulls/1/reviews/${approved.id()}`).at('state')).toBe('APPROVED')
  })

  test.each([
    ['APPROVE', 'Can not approve your own pull request'],
    ['REQUEST_CHANGES', 'Can not request changes on your own pull request']
  ])('of the author cannot %s', (event, reason) => {
    const refused = reviewer(stageWithPull(), 'ada').post('/pulls/1/reviews', { event, body: 'Mine.' })
    expect([refused.status, refused.at('message'), refused.at('errors.0')]).toEqual([
      422,
      'Unprocessable Entity',
      reason
    ])
  })

  test('of GITHUB_TOKEN approves only where the repository lets Actions do so', () => {
    const { ci, github } = stageWithPull()
    const refused = ci.post('/pulls/1/reviews', { event: 'APPROVE' })
    expect([refused.status, refused.at('errors.0')]).toEqual([
      422,
      'GitHub Actions is not permitted to approve pull requests.'
    ])
    const [stored] = github.state.repositories
    if (stored !== undefined) stored.actionsMayApprove = true
    expect(ci.post('/pulls/1/reviews', { event: 'APPROVE' }).status).toBe(200)
  })

  test('that is pending is its writer’s alone until it is submitted', () => {
    const stage = stageWithPull()
    const bob = reviewer(stage, 'bob')
    const pending = bob.post('/pulls/1/reviews', { body: 'Wait.' })
    expect(pending.json).toMatchObject({ state: 'PENDING' })
    expect(pending.at('submitted_at')).toBeUndefined()
    expect(stage.ci.get('/pulls/1/reviews').json).toEqual([])
    expect(stage.ci.get(`/pulls/1/reviews/${pending.id()}`).status).toBe(404)
    expect(bob.post('/pulls/1/reviews', {}).at('errors.0')).toBe(
      'User can only have one pending review per pull request'
    )
    expect(bob.post(`/pulls/1/reviews/${pending.id()}/events`, { event: 'COMMENT' }).at('state')).toBe('COMMENTED')
    expect(stage.ci.get('/pulls/1/reviews').at('0.state')).toBe('COMMENTED')
  })

  test('that was dismissed says so, and a comment cannot be', () => {
    const { ci, github } = stageWithPull()
    const approval = github.addReview(repository, 1, { user: 'bob', state: 'APPROVED' })
    const comment = github.addReview(repository, 1, { user: 'bob', state: 'COMMENTED', body: 'Hm.' })
    const dismiss = (id: number): Exchange =>
      ci.send('PUT', `/pulls/1/reviews/${id}/dismissals`, { body: '{"message":"Stale"}' })
    expect(dismiss(approval).at('state')).toBe('DISMISSED')
    expect([dismiss(comment).status, dismiss(comment).at('errors.0')]).toEqual([
      422,
      'Can not dismiss a commented pull request review'
    ])
  })
})

describe('a comment on a pull request', () => {
  test('is made, listed by pages, changed and deleted', () => {
    const { ci, github } = stageWithPull()
    const id = ci.post('/issues/1/comments', { body: 'First' }).id()
    ci.post('/issues/1/comments', { body: 'Second' })
    expect(ci.get('/issues/1/comments?per_page=1&page=2').at('0.body')).toBe('Second')
    expect(ci.patch(`/issues/comments/${id}`, { body: 'Changed' }).at('body')).toBe('Changed')
    expect(ci.delete(`/issues/comments/${id}`).status).toBe(204)
    expect(ci.get(`/issues/comments/${id}`).status).toBe(404)
    expect(github.comments(repository, 1).map(({ body }) => body)).toEqual(['Second'])
  })

  test.each([
    ['', 'missing_field'],
    ['x'.repeat(65_537), 'custom']
  ])('of a length that GitHub refuses is not made', (body, code) => {
    const { ci } = stageWithPull()
    const refused = ci.post('/issues/1/comments', { body })
    expect([refused.status, refused.at('errors.0.code')]).toEqual([422, code])
  })

  test.each([
    ['issues: write alone', { issues: 'write' }],
    ['a fork’s read-only token', { contents: 'read', 'pull-requests': 'read' }]
  ] as const)('is refused with %s', (_, permissions) => {
    const { github, speak } = stageWithPull()
    github.addToken({ token: 'ghs_less', login: 'github-actions[bot]', permissions })
    const refused = speak({ token: 'ghs_less' }).post('/issues/1/comments', { body: 'x' })
    expect([refused.status, refused.at('message')]).toEqual([403, 'Resource not accessible by integration'])
    expect(refused.headers['x-accepted-github-permissions']).toBe('pull_requests=write; issues=write')
  })

  test('of somebody else is not a personal token’s to change', () => {
    const { ci, github, speak } = stageWithPull()
    const id = ci.post('/issues/1/comments', { body: 'First' }).id()
    github.addToken({ token: 'ghp_eve', login: 'eve', permissions: { 'pull-requests': 'write' } })
    expect(speak({ token: 'ghp_eve' }).patch(`/issues/comments/${id}`, { body: 'Mine' }).status).toBe(403)
  })
})
