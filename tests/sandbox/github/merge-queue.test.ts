import { describe, expect, test } from '@jest/globals'
import { mergeGroupEvent, pullRequestEvent, reviewEvent } from '../../../sandbox/github/events.ts'
import { setStage, type Stage } from './stage.ts'
import { repository } from './talk.ts'

const queueQuery = `query ($branch: String!) {
  repository(owner: "acme", name: "lib") {
    mergeQueue(branch: $branch) {
      entries(first: 100) {
        totalCount
        nodes { position state enqueuer { login } pullRequest { number isInMergeQueue } headCommit { oid } baseCommit { oid } }
      }
    }
  }
}`

function stageWithPulls(): Stage {
  const stage = setStage()
  stage.github.addUser('bob')
  stage.github.commitFiles(repository, 'main', { 'one.sql': 'select 1;\n' })
  const from = stage.github.refs(repository)['refs/heads/main'] ?? ''
  for (const branch of ['first', 'second', 'clash']) {
    const files = branch === 'clash' ? { 'first.sql': 'select 9;\n' } : { [`${branch}.sql`]: `-- ${branch}\n` }
    stage.github.commitFiles(repository, branch, files, { by: 'ada', from })
    stage.github.addPullRequest(repository, {
      title: branch,
      author: 'ada',
      head: { ref: branch },
      base: { ref: 'main' }
    })
  }
  return stage
}

describe('a merge queue', () => {
  test('stacks its entries: each begins where the one before it ends', () => {
    const { ci, github } = stageWithPulls()
    const main = github.refs(repository)['refs/heads/main'] ?? ''
    expect(ci.graphql(queueQuery, { branch: 'main' }).at('data.repository.mergeQueue')).toBeNull()
    const first = github.queuePull(repository, 1, 'bob')
    const second = github.queuePull(repository, 2, 'bob')
    expect(first.ref).toBe(`refs/heads/gh-readonly-queue/main/pr-1-${main}`)
    expect(second.ref).toBe(`refs/heads/gh-readonly-queue/main/pr-2-${first.headSha}`)
    expect(ci.graphql(queueQuery, { branch: 'main' }).at('data.repository.mergeQueue.entries')).toEqual({
      totalCount: 2,
      nodes: [
        {
          position: 1,
          state: 'AWAITING_CHECKS',
          enqueuer: { login: 'bob' },
          pullRequest: { number: 1, isInMergeQueue: true },
          headCommit: { oid: first.headSha },
          baseCommit: { oid: main }
        },
        {
          position: 2,
          state: 'AWAITING_CHECKS',
          enqueuer: { login: 'bob' },
          pullRequest: { number: 2, isInMergeQueue: true },
          headCommit: { oid: second.headSha },
          baseCommit: { oid: first.headSha }
        }
      ]
    })
    const tree = ci.get(`/git/trees/${second.headSha}`).at('tree') as readonly { path: string }[]
    expect(tree.map(({ path }) => path)).toEqual(['first.sql', 'one.sql', 'second.sql'])
    expect(ci.get(`/git/ref/heads/gh-readonly-queue/main/pr-1-${main}`).at('object.sha')).toBe(first.headSha)
  })

  test('says what cannot be merged behind the others, and forgets what leaves it', () => {
    const { ci, github } = stageWithPulls()
    github.queuePull(repository, 1)
    expect(github.queuePull(repository, 3).state).toBe('UNMERGEABLE')
    github.unqueuePull(repository, 3)
    const { ref } = github.queuePull(repository, 2)
    github.unqueuePull(repository, 2)
    expect(github.refs(repository)).not.toHaveProperty([ref])
    const entries = ci.graphql(queueQuery, { branch: 'main' }).at('data.repository.mergeQueue.entries.totalCount')
    expect(entries).toBe(1)
    const queued = github.pull(repository, 2).events.map(({ event }) => event)
    expect(queued).toEqual(['added_to_merge_queue', 'removed_from_merge_queue'])
  })
})

describe('GraphQL of pull requests', () => {
  test('needs pull-requests: read in a private repository', () => {
    const { github, speak } = setStage({ private: true })
    const asked = (permissions: Readonly<Record<string, 'read'>>): unknown => {
      github.addToken({ token: 'ghs_pulls', login: 'github-actions[bot]', permissions })
      return speak({ token: 'ghs_pulls' }).graphql(queueQuery, { branch: 'main' }).at('errors.0.type')
    }
    expect([asked({ contents: 'read' }), asked({ 'pull-requests': 'read' })]).toEqual(['FORBIDDEN', undefined])
  })

  test('tells who has edited a review, which REST does not', () => {
    const { ci, github } = stageWithPulls()
    const id = github.addReview(repository, 1, { user: 'bob', state: 'APPROVED', body: 'Yes.' })
    const node = String(ci.get(`/pulls/1/reviews/${id}`).at('node_id'))
    const edits = (): unknown =>
      ci
        .graphql(
          `query ($id: ID!) { node(id: $id) { ... on PullRequestReview {
            body lastEditedAt userContentEdits(first: 100) { totalCount nodes { editor { login } } } } } }`,
          { id: node }
        )
        .at('data.node')
    expect(edits()).toEqual({ body: 'Yes.', lastEditedAt: null, userContentEdits: { totalCount: 0, nodes: [] } })
    github.editReview(repository, 1, id, 'ALLOW: everything', 'ada')
    expect(edits()).toMatchObject({
      body: 'ALLOW: everything',
      userContentEdits: { totalCount: 2, nodes: [{ editor: { login: 'ada' } }, { editor: { login: 'bob' } }] }
    })
    expect(ci.graphql('{ node(id: "PRR_nothing") { id } }').at('errors.0.type')).toBe('NOT_FOUND')
  })

  test('names an app without [bot], but not the one whose token it is', () => {
    const { github, speak } = stageWithPulls()
    github.addToken({ token: 'ghs_pulls', login: 'github-actions[bot]', permissions: { 'pull-requests': 'write' } })
    const job = speak({ token: 'ghs_pulls' })
    job.post('/issues/1/comments', { body: 'Found.' })
    const answer = job.graphql(`{ viewer { login } repository(owner: "acme", name: "lib") {
      pullRequest(number: 1) { comments(first: 1) { totalCount nodes { author { login } viewerDidAuthor } } } } }`)
    expect(answer.at('data.viewer.login')).toBe('github-actions[bot]')
    expect(answer.at('data.repository.pullRequest.comments.nodes.0')).toEqual({
      author: { login: 'github-actions' },
      viewerDidAuthor: true
    })
  })

  test('counts without a page, and asks for one to list', () => {
    const { ci } = stageWithPulls()
    const asked = (selection: string): ReturnType<typeof ci.graphql> =>
      ci.graphql(`{ repository(owner: "acme", name: "lib") { pullRequests(states: OPEN) { ${selection} } } }`)
    expect(asked('totalCount').at('data.repository.pullRequests.totalCount')).toBe(3)
    expect(asked('nodes { number }').at('errors.0.type')).toBe('MISSING_PAGINATION_BOUNDARIES')
  })
})

describe('the payload of an event', () => {
  test('of a pull request has its label and its sender', () => {
    const { github } = stageWithPulls()
    github.addLabel(repository, 1, 'approved', 'bob')
    const payload = pullRequestEvent(github, repository, 1, 'labeled', { label: 'approved', sender: 'bob' })
    expect(payload).toMatchObject({
      action: 'labeled',
      number: 1,
      label: { name: 'approved' },
      sender: { login: 'bob' },
      pull_request: { head: { ref: 'first' }, base: { ref: 'main' }, mergeable: true },
      repository: { full_name: repository }
    })
    expect(pullRequestEvent(github, repository, 1, 'opened')).toMatchObject({
      sender: { login: 'ada' },
      pull_request: { mergeable: null, merge_commit_sha: null }
    })
  })

  test('of a review has the newest one, in small letters', () => {
    const { github } = stageWithPulls()
    github.addReview(repository, 1, { user: 'bob', state: 'COMMENTED', body: 'Hm.' })
    github.addReview(repository, 1, { user: 'bob', state: 'APPROVED' })
    expect(reviewEvent(github, repository, 1)).toMatchObject({
      action: 'submitted',
      review: { state: 'approved', body: null, user: { login: 'bob' } },
      pull_request: { number: 1 },
      sender: { login: 'bob' }
    })
    expect(() => reviewEvent(github, repository, 2)).toThrow('has no such review')
  })

  test('of a merge group names the group and its base', () => {
    const { github } = stageWithPulls()
    const { ref, headSha, baseSha } = github.queuePull(repository, 1, 'bob')
    expect(mergeGroupEvent(github, repository, 1)).toMatchObject({
      action: 'checks_requested',
      merge_group: { head_ref: ref, head_sha: headSha, base_ref: 'refs/heads/main', base_sha: baseSha },
      sender: { login: 'bob' }
    })
    expect(() => mergeGroupEvent(github, repository, 2)).toThrow('is not in the merge queue')
  })
})
