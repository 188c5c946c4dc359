import { describe, expect, test } from '@jest/globals'
import type { CurrentRun } from '../../actions/migration-guard/workflow-run.ts'
import { commentsOf, marker, openStage, repository, tokens, workflow, type Stage, type Wrote } from './pull-stage.ts'

const api = `github/api/v3/repos/${repository}`
const run: CurrentRun = {
  id: 1,
  event: 'pull_request_review',
  workflowRef: `${repository}/${workflow}@refs/pull/1/merge`,
  url: 'https://github.com/acme/core/actions/runs/1'
}
const rateLimit = '403 retry-after=30 body="{\\"message\\":\\"You have exceeded a secondary rate limit.\\"}"'

/** A failed run, an approval after it, and an earlier comment where one is wanted. */
async function stageWith(faults: readonly string[], commented = false): Promise<Stage & { readonly id: number }> {
  const stage = await openStage()
  const { github } = stage.sandbox
  const id = github.addWorkflowRun(repository, {
    workflow,
    event: 'pull_request',
    headSha: stage.head(),
    pulls: [stage.number]
  })
  stage.pass(1)
  github.addReview(repository, stage.number, { user: 'ann', state: 'APPROVED' })
  if (commented) {
    github.addComment(repository, stage.number, { user: 'github-actions[bot]', body: `${marker}\nearlier` })
  }
  for (const fault of faults) stage.sandbox.fault(fault)
  return { ...stage, id }
}

/** What a run leaves behind: the comments, the newest status, and the attempt of the failed run. */
function left(stage: Stage & { readonly id: number }): unknown {
  const [state] = stage.sandbox.github.state.repositories
  return {
    comments: commentsOf(stage),
    status: state?.statuses.at(-1)?.state,
    attempt: stage.sandbox.github.workflowRuns(repository).find(({ id }) => id === stage.id)?.attempt
  }
}

/** No secret in what was told, logged, or sent anywhere but in the header that it belongs into. */
function expectNoSecret(stage: Stage, wrote?: Wrote): void {
  const said = [...stage.log, wrote?.words ?? '', JSON.stringify(stage.sandbox.github.state.repositories)].join('\n')
  for (const token of tokens) expect(said).not.toContain(token)
}

/** A fault that no request met proves nothing. */
function expectStruck({ sandbox }: Stage): void {
  expect(sandbox.faults.filter(({ struck }) => struck === 0)).toEqual([])
}

describe('a run with a comment and a rerun comes to the same end after', () => {
  test.each([
    [`GET ${api}/pulls/1 503`],
    [`GET ${api}/pulls/1 reset-before`],
    [`GET ${api}/pulls/1/reviews 502 html`],
    [`GET ${api}/pulls/1/reviews truncate`],
    [`GET ${api}/issues/1/comments 503`],
    [`GET ${api}/issues/1/comments ${rateLimit}`],
    [`GET ${api}/actions/workflows/*/runs 429 retry-after=30`],
    [`POST ${api}/issues/1/comments reset-before`],
    [`POST ${api}/issues/1/comments reset-after`],
    [`POST ${api}/issues/1/comments 502`],
    [`POST ${api}/issues/1/comments 502 after`],
    [`POST ${api}/issues/1/comments #1-2 502 after`],
    [`POST ${api}/issues/1/comments 429 retry-after=30`],
    [`POST ${api}/issues/1/comments ${rateLimit}`],
    [`POST ${api}/issues/1/comments stall 200ms`],
    [`GET ${api}/issues/1/comments #2 503`],
    [`GET ${api}/issues/1/comments #2 stale`],
    [`GET ${api}/issues/1/comments #1-2 stale`],
    [`POST ${api}/actions/runs/*/rerun-failed-jobs reset-before`],
    [`POST ${api}/actions/runs/*/rerun-failed-jobs reset-after`],
    [`POST ${api}/actions/runs/*/rerun-failed-jobs 502`],
    [`POST ${api}/actions/runs/*/rerun-failed-jobs 502 after`],
    [`POST ${api}/actions/runs/*/rerun-failed-jobs 429 retry-after=30`],
    [`GET ${api}/actions/runs/* #2 stale`],
    [`GET ${api}/actions/runs/* #2 503`]
  ])('%s', async (fault) => {
    const stage = await stageWith([fault])
    const body = `${marker}\nlet through`
    // A warning gives the comment something to say, and leaves the run green.
    const wrote = await stage.write({ configuration: { afterReview: 'rerun' }, run, body, warnings: 1 })
    expect(wrote.told).toEqual([])
    expect(left(stage)).toEqual({ comments: [`github-actions[bot]: ${body}`], status: undefined, attempt: 2 })
    expectStruck(stage)
    expectNoSecret(stage, wrote)
  })
})

describe('a run with a comment to update and a status comes to the same end after', () => {
  test.each([
    [`PATCH ${api}/issues/comments/* reset-before`],
    [`PATCH ${api}/issues/comments/* reset-after`],
    [`PATCH ${api}/issues/comments/* 502 after`],
    [`PATCH ${api}/issues/comments/* 429 retry-after=30`],
    [`GET ${api}/commits/*/statuses 503`],
    [`GET ${api}/commits/*/statuses stale`],
    [`POST ${api}/statuses/* reset-before`],
    [`POST ${api}/statuses/* reset-after`],
    [`POST ${api}/statuses/* 502 after`],
    [`POST ${api}/statuses/* ${rateLimit}`]
  ])('%s', async (fault) => {
    const stage = await stageWith([fault], true)
    const wrote = await stage.write({ configuration: { afterReview: 'status' }, run, errors: 1 })
    expect(wrote.told).toEqual([])
    expect(left(stage)).toEqual({
      comments: [`github-actions[bot]: ${marker}\n1 errors`],
      status: 'failure',
      attempt: 1
    })
    expectStruck(stage)
    expectNoSecret(stage, wrote)
  })
})

describe('a fault that lasts is told, and the verdict stands', () => {
  test.each([
    [
      `POST ${api}/issues/1/comments`,
      'notice: comment-not-written',
      'The comment on the pull request was not written: GitHub answered 502'
    ],
    [`GET ${api}/issues/1/comments`, 'notice: comment-not-written', 'GitHub answered 502'],
    [
      `POST ${api}/statuses/*`,
      'warning: status-not-written',
      'The commit status migration-guard was not set: GitHub answered 502'
    ]
  ])('%s', async (request, told, words) => {
    const stage = await stageWith([`${request} #1-99 502`])
    const wrote = await stage.write({ configuration: { afterReview: 'status' }, run, errors: 1 })
    expect(wrote.told).toEqual([told])
    expect(wrote.words).toContain(words)
    expect(wrote.words).toContain('githubstatus.com')
    expectNoSecret(stage, wrote)
  })

  test.each([
    ['POST', 'rerun-failed-jobs', 'The failed run was not re-run: GitHub answered 502'],
    ['GET', '*', 'The failed run was not re-run: GitHub answered 502']
  ])('%s actions/runs/*/%s', async (method, path, words) => {
    const target = path === '*' ? `${api}/actions/runs/*` : `${api}/actions/runs/*/${path}`
    const stage = await stageWith([`${method} ${target} #1-99 502`])
    const wrote = await stage.write({ configuration: { afterReview: 'rerun', comment: false }, run })
    expect(wrote.told).toEqual(['warning: run-not-rerun'])
    expect(wrote.words).toContain(words)
  })

  test('a comment whose end state cannot be read back is told as such', async () => {
    const stage = await stageWith([`GET ${api}/issues/1/comments #2-99 502`])
    const wrote = await stage.write({ configuration: {}, errors: 1 })
    expect(wrote).toMatchObject({ done: ['comment on #1'], told: ['warning: not-as-written'] })
    expect(commentsOf(stage)).toHaveLength(1)
  })
})

describe('a fault that lasts while the pull request is read', () => {
  test.each([
    [`GET ${api}/pulls/1 #1-99 503`, 'github-outage'],
    [`GET ${api}/pulls/1/reviews #1-99 502 html`, 'github-outage'],
    [`GET ${api}/pulls/1 #1-99 reset-before`, 'http-reset'],
    [`GET ${api}/pulls/1/reviews 429 retry-after=4000`, 'github-rate-limit'],
    [`GET ${api}/pulls/1/reviews #1-99 corrupt-json`, 'github-unexpected']
  ])('ends the run, for nothing can be judged: %s', async (fault, code) => {
    const stage = await stageWith([fault])
    await expect(stage.pull()).rejects.toMatchObject({ problems: [{ code }] })
    expectNoSecret(stage)
  })

  test('of the team leaves the approval unknown', async () => {
    const stage = await stageWith([`GET github/api/v3/orgs/acme/teams/dba/memberships/ann #1-99 502`])
    stage.sandbox.github.addTeam('acme', 'dba', ['ann'])
    const pull = await stage.pull({ reviewers: { users: [], teams: ['acme/dba'], approvals: 1 } })
    expect(pull.approval).toMatchObject({ state: 'unknown', why: expect.stringContaining('GitHub answers 502') })
  })

  test('of the activity refuses a bypass', async () => {
    const stage = await stageWith([`GET ${api}/activity #1-99 502`])
    const body = 'ALLOW_CORE_MIGRATION: production is down for want of it, until 2026-10-20'
    stage.sandbox.github.addReview(repository, stage.number, { user: 'ann', state: 'COMMENTED', body })
    expect((await stage.pull()).bypass).toMatchObject({
      state: 'refused',
      attempts: [{ why: expect.stringContaining('could not be found out: GitHub answered 502') }]
    })
  })

  test('of GraphQL refuses a bypass', async () => {
    const stage = await stageWith([`POST github/api/graphql #1-99 502`])
    const body = 'ALLOW_CORE_MIGRATION: production is down for want of it, until 2026-10-20'
    stage.sandbox.github.addReview(repository, stage.number, { user: 'ann', state: 'COMMENTED', body })
    expect((await stage.pull()).bypass).toMatchObject({
      state: 'refused',
      attempts: [{ why: expect.stringContaining('GitHub’s GraphQL API does not tell') }]
    })
  })
})
