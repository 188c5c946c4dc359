// Every way in by which a pull request comes to the guard, as a runner starts what is shipped.
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '../support/run-action.ts'
import {
  bypassLine,
  enough,
  guardStage,
  harmless,
  outcomeOf,
  repository,
  second,
  toldBy,
  workflow,
  type GuardStage
} from './guard-stage.ts'

const missing = { exitCode: 1, status: 'failed', told: ['error review-missing'] }
const passed = { exitCode: 0, status: 'passed', told: [] }

/** What actions/checkout leaves for a pull request: the merge of its head into the base, without history. */
function mergeCommitAlone({ history }: GuardStage): string {
  history.branch('merged', 'main')
  history.merge('topic')
  const { folder } = history.clone('--depth', '1', '--branch', 'merged')
  return folder
}

describe('a pull request that adds a migration without a review fails', () => {
  test.each<[string, (stage: GuardStage) => string, string]>([
    ['with all of its history', ({ history }) => history.clone().folder, 'read from git'],
    ['with the merge commit alone', mergeCommitAlone, "read from GitHub's API"],
    ['with nothing checked out', () => temporaryFolder('workspace'), "read from GitHub's API"]
  ])('%s, and its comment says so', async (_, checkout, source) => {
    const stage = await guardStage()
    const run = await stage.run({ workspace: checkout(stage) })
    expect(outcomeOf(run)).toEqual(missing)
    expect(run.annotations[0]?.properties).toMatchObject({ file: second })
    expect(run.summary).toContain(source)
    expect(stage.comments()).toEqual([expect.stringContaining('`review-missing`')])
  })

  test('with the event of its label, too', async () => {
    const stage = await guardStage()
    expect(outcomeOf(await stage.run({ env: stage.event('pull_request', { action: 'labeled' }) }))).toEqual(missing)
  })
})

test('what a checkout that is not the repository’s own holds does not count', async () => {
  const stage = await guardStage()
  const folder = temporaryFolder('other')
  execFileSync('git', ['init', '-q', folder])
  expect(outcomeOf(await stage.run({ workspace: folder }))).toEqual(missing)
})

describe('a pull request of a fork, whose token may only read,', () => {
  const permissions = { contents: 'read', 'pull-requests': 'read' } as const

  test('is judged all the same, gets no comment, and is told so', async () => {
    const stage = await guardStage({ fork: 'stranger', permissions })
    const run = await stage.run()
    expect(outcomeOf(run)).toEqual({ ...missing, told: ['error review-missing', 'notice comment-not-written'] })
    expect(run.summary).toContain('### Not done')
    expect(run.outputs).toMatchObject({ errors: '1', findings: expect.any(String), sarif: expect.any(String) })
    expect(stage.writes()).toEqual([])
  })

  test('is told to run the failed jobs again once a review approves', async () => {
    const stage = await guardStage({ fork: 'stranger', permissions: { ...permissions, actions: 'read' } })
    stage.sandbox.github.addWorkflowRun(repository, {
      workflow,
      event: 'pull_request',
      headSha: stage.head,
      headBranch: 'topic',
      headRepository: 'stranger/core'
    })
    stage.sandbox.github.addReview(repository, stage.number, { user: 'maria', state: 'APPROVED' })
    const run = await stage.run({ env: stage.event('pull_request_review') })
    expect(outcomeOf(run)).toEqual({ ...passed, told: ['warning run-not-rerun'] })
    expect(run.annotations[0]?.message).toContain('Re-run failed jobs')
    expect(stage.writes()).toEqual([])
  })

  test('passes by its own run once it is run again', async () => {
    const stage = await guardStage({ fork: 'stranger', permissions })
    stage.sandbox.github.addReview(repository, stage.number, { user: 'maria', state: 'APPROVED' })
    expect(outcomeOf(await stage.run())).toEqual(passed)
  })
})

describe('a review', () => {
  interface FailedStage extends GuardStage {
    readonly failed: number
    readonly attempts: () => readonly number[]
  }

  async function failedStage(): Promise<FailedStage> {
    const stage = await guardStage()
    const { github } = stage.sandbox
    const run = { workflow, event: 'pull_request', headSha: stage.head, pulls: [stage.number] }
    const failed = github.addWorkflowRun(repository, run)
    stage.pass(5)
    return { ...stage, failed, attempts: () => github.workflowRuns(repository).map(({ attempt }) => attempt) }
  }

  test('that approves lets the failed run run again, once', async () => {
    const stage = await failedStage()
    stage.sandbox.github.addReview(repository, stage.number, { user: 'maria', state: 'APPROVED' })
    const env = stage.event('pull_request_review')
    expect(outcomeOf(await stage.run({ env }))).toEqual(passed)
    expect(stage.attempts()).toEqual([2])
    // The repeated run begins after the review.
    stage.sandbox.github.setWorkflowRun(repository, stage.failed, { status: 'completed', conclusion: 'success' })
    await stage.run({ env })
    expect(stage.attempts()).toEqual([2])
    expect(stage.writes()).toEqual([expect.stringContaining('/rerun-failed-jobs')])
  })

  test('that was dismissed counts no more', async () => {
    const stage = await failedStage()
    const { github } = stage.sandbox
    const review = github.addReview(repository, stage.number, { user: 'maria', state: 'APPROVED' })
    github.dismissReview(repository, stage.number, review, 'dora')
    const run = await stage.run({ env: stage.event('pull_request_review', { action: 'dismissed' }) })
    expect(outcomeOf(run)).toEqual(missing)
    expect(run.annotations[0]?.message).toContain('The review of maria was dismissed.')
    expect(stage.attempts()).toEqual([1])
  })

  test('of somebody who is no reviewer does not count', async () => {
    const stage = await failedStage()
    stage.sandbox.github.addReview(repository, stage.number, { user: 'eve', state: 'APPROVED' })
    const run = await stage.run({ env: stage.event('pull_request_review') })
    expect(outcomeOf(run)).toEqual(missing)
    expect(run.annotations[0]?.message).toContain('eve, who approved, is not among the reviewers.')
  })

  test('by which an allowed person lets it pass is told in summary, comment and receipt', async () => {
    const stage = await failedStage()
    const body = bypassLine()
    stage.sandbox.github.addReview(repository, stage.number, { user: 'maria', state: 'COMMENTED', body })
    const run = await stage.run({ env: stage.event('pull_request_review') })
    expect(outcomeOf(run)).toEqual(passed)
    expect(run.outputs['bypassed']).toBe('true')
    for (const text of [run.summary, JSON.stringify(run.receipt), ...stage.comments()]) {
      expect(text).toContain('the customer waits for it')
      expect(text).toContain('maria')
    }
    expect(stage.attempts()).toEqual([2])
  })

  test('by which somebody was to let it pass, and whose text another edited, does not', async () => {
    const stage = await failedStage()
    const { github } = stage.sandbox
    const review = github.addReview(repository, stage.number, { user: 'maria', state: 'COMMENTED', body: 'Hm.' })
    github.editReview(repository, stage.number, review, bypassLine(), 'dora')
    const run = await stage.run({ env: stage.event('pull_request_review', { action: 'edited' }) })
    expect(outcomeOf(run)).toEqual(missing)
    expect(run.outputs['bypassed']).toBe('false')
    expect(run.summary).toContain('dora edited the review')
    expect(stage.attempts()).toEqual([1])
  })
})

describe('a run that is repeated after the head has moved', () => {
  test('does not turn the check of its own commit green by what is there now', async () => {
    const stage = await guardStage()
    const { github } = stage.sandbox
    const stale = stage.event()
    // A green check stays on a commit: whoever pushes that commit again could merge it.
    github.setRef(repository, 'refs/heads/topic', stage.history.id('main'), 'dora')
    github.commitFiles(repository, 'topic', { 'README.md': 'nothing about migrations\n' }, { by: 'dora' })
    const run = await stage.run({ env: stale, workspace: stage.history.clone().folder })
    expect(toldBy(run)).toEqual(['notice', 'error review-missing', 'notice pull-moved-on'])
    expect(run.exitCode).toBe(1)
    expect(stage.writes()).toEqual([])
  })

  test('takes no approval of the new head for its own', async () => {
    const stage = await guardStage()
    const { github } = stage.sandbox
    const stale = stage.event()
    github.commitFiles(repository, 'topic', { 'README.md': 'more\n' }, { by: 'dora' })
    github.addReview(repository, stage.number, { user: 'maria', state: 'APPROVED', body: bypassLine() })
    const run = await stage.run({ env: stale })
    expect(run.exitCode).toBe(1)
    expect(toldBy(run)).toEqual(['notice', 'error review-missing', 'notice pull-moved-on'])
    expect(outcomeOf(await stage.run())).toEqual(passed)
  })

  test('asks for the reviews of now, whatever the event says', async () => {
    const stage = await guardStage()
    const first = stage.event()
    expect(outcomeOf(await stage.run({ env: first }))).toEqual(missing)
    stage.sandbox.github.addReview(repository, stage.number, { user: 'maria', state: 'APPROVED' })
    expect(outcomeOf(await stage.run({ env: first }))).toEqual(passed)
  })
})

describe('a job without a token', () => {
  const inputs = { 'github-token': '' }

  test('judges a whole clone, and takes no review for given', async () => {
    const stage = await guardStage()
    const run = await stage.run({ inputs, workspace: stage.history.clone().folder })
    expect(outcomeOf(run)).toMatchObject({ exitCode: 1, status: 'failed' })
    expect(toldBy(run).filter((each) => each.startsWith('error'))).toEqual(['error review-missing'])
    expect(run.summary).toContain('there is no token')
    expect(stage.sandbox.requests).toEqual([])
  })

  test('is green where nothing needs a review', async () => {
    const stage = await guardStage({ change: { 'README.md': 'text\n' } })
    const run = await stage.run({ inputs, workspace: stage.history.clone().folder })
    expect(run.exitCode).toBe(0)
  })

  test('fails on a shallow clone, with what to do', async () => {
    const stage = await guardStage({ change: { 'README.md': 'text\n' } })
    const run = await stage.run({ inputs, workspace: mergeCommitAlone(stage) })
    expect(outcomeOf(run)).toMatchObject({ exitCode: 1, status: 'failed', told: ['error change-incomplete'] })
    expect(run.annotations[0]?.message).toContain('fetch-depth: 0')
  })

  test('fails where nothing is checked out', async () => {
    const run = await (await guardStage()).run({ inputs })
    expect(outcomeOf(run)).toMatchObject({ exitCode: 1, status: 'failed', told: ['error not-a-checkout'] })
  })
})

test('a comment that may not be written is a notice, and changes no verdict', async () => {
  const stage = await guardStage({ permissions: { ...enough, 'pull-requests': 'read' } })
  const run = await stage.run()
  expect(outcomeOf(run)).toEqual({ ...missing, told: ['error review-missing', 'notice comment-not-written'] })
  expect(run.annotations[1]?.message).toContain('pull-requests: write')
})

test('a pull request without migrations is green, and leaves no comment', async () => {
  const stage = await guardStage({ change: { 'README.md': 'text\n' } })
  const run = await stage.run()
  expect(outcomeOf(run)).toEqual(passed)
  expect(run.summary).toContain('no migration in this change')
  expect(stage.writes()).toEqual([])
})

test('a dry run judges, and writes nothing', async () => {
  const stage = await guardStage({ change: { ...harmless } })
  const run = await stage.run({ inputs: { 'dry-run': 'true' } })
  expect(outcomeOf(run)).toEqual(missing)
  expect(run.summary).toContain('Would be written')
  expect(stage.writes()).toEqual([])
})
