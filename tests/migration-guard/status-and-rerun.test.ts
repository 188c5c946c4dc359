import { describe, expect, test } from '@jest/globals'
import type { CurrentRun } from '../../actions/migration-guard/workflow-run.ts'
import { enough, openStage, repository, workflow, type Stage, type WritingRun } from './pull-stage.ts'

const run: CurrentRun = {
  id: 1,
  event: 'pull_request_review',
  workflowRef: `${repository}/${workflow}@refs/pull/1/merge`,
  url: 'https://github.com/acme/core/actions/runs/1'
}

describe('the status of the head', () => {
  const wanted: WritingRun = { configuration: { afterReview: 'status', comment: false }, run }

  test('is failure, then success after the findings are gone', async () => {
    const stage = await openStage()
    expect(await stage.write({ ...wanted, errors: 1 })).toMatchObject({
      told: [],
      done: [expect.stringContaining('status')]
    })
    expect(await stage.write(wanted)).toMatchObject({ told: [], planned: [expect.stringContaining('update: status')] })
    expect(statusesOf(stage)).toEqual([
      'failure migration-guard: 1 error, no warnings',
      'success migration-guard: no errors, no warnings'
    ])
  })

  test('is set once for the same verdict', async () => {
    const stage = await openStage()
    await stage.write(wanted)
    expect(await stage.write(wanted)).toMatchObject({
      planned: [expect.stringContaining('unchanged: status')],
      done: []
    })
    expect(statusesOf(stage)).toHaveLength(1)
  })

  test('is set anew for a new head', async () => {
    const stage = await openStage()
    await stage.write(wanted)
    stage.push('author')
    expect(await stage.write(wanted)).toMatchObject({ planned: [expect.stringContaining('create: status')] })
  })

  test('that may not be set is told with the permission, and fails nothing', async () => {
    const permissions = { ...enough, statuses: 'none' as const }
    const stage = await openStage({ permissions })
    const wrote = await stage.write(wanted)
    expect(wrote).toMatchObject({ done: [], told: ['warning: status-not-written'] })
    expect(wrote.words).toContain('`permissions: statuses: write`')
  })
})

describe('an approval turns the check green', () => {
  const wanted: WritingRun = { configuration: { afterReview: 'rerun', comment: false }, run }

  /** A run of the pull request that failed for want of a review, and the review, a minute later. */
  async function approved(
    options: Parameters<typeof openStage>[0] & { readonly runs?: boolean } = {}
  ): Promise<Stage & { readonly id: number }> {
    const stage = await openStage(options)
    const { github } = stage.sandbox
    const id = github.addWorkflowRun(repository, {
      workflow,
      event: 'pull_request',
      headSha: stage.head(),
      headBranch: 'add-index',
      ...(options.fork === undefined ? { pulls: [stage.number] } : { headRepository: `${options.fork}/core` }),
      ...(options.runs === true ? { status: 'in_progress' as const } : {})
    })
    stage.pass(1)
    github.addReview(repository, stage.number, { user: 'ann', state: 'APPROVED' })
    stage.pass(1)
    return { ...stage, id }
  }

  test('by re-running the failed run, once', async () => {
    const stage = await approved()
    expect(await stage.write(wanted)).toMatchObject({ done: [`run ${stage.id}`], told: [] })
    expect(attemptOf(stage)).toBe(2)
    // It is queued now, then green: nothing is left to do.
    expect(await stage.write(wanted)).toMatchObject({ done: [] })
    stage.sandbox.github.setWorkflowRun(repository, stage.id, { status: 'completed', conclusion: 'success' })
    expect(await stage.write(wanted)).toMatchObject({ planned: [`unchanged: run ${stage.id}`] })
    expect(attemptOf(stage)).toBe(2)
  })

  test('and not again when the rerun failed for another reason', async () => {
    const stage = await approved()
    await stage.write(wanted)
    stage.sandbox.github.setWorkflowRun(repository, stage.id, { status: 'completed', conclusion: 'failure' })
    const wrote = await stage.write(wanted)
    expect(wrote).toMatchObject({ done: [], told: ['notice: run-not-rerun'] })
    expect(wrote.words).toContain('began after the review and ended as failure all the same')
    expect(attemptOf(stage)).toBe(2)
  })

  test('also where the run has not ended: its end is waited for', async () => {
    const stage = await approved({ runs: true })
    let looks = 0
    stage.sandbox.intercept(({ method, url }, at) => {
      if (at !== 'before' || method !== 'GET' || !url.pathname.endsWith(`/actions/runs/${stage.id}`)) return
      if (++looks === 3)
        stage.sandbox.github.setWorkflowRun(repository, stage.id, { status: 'completed', conclusion: 'failure' })
    })
    expect(await stage.write(wanted)).toMatchObject({ done: [`run ${stage.id}`], told: [] })
    expect(attemptOf(stage)).toBe(2)
  })

  test('but never by re-running one that does not end', async () => {
    const stage = await approved({ runs: true })
    expect(await stage.write(wanted)).toMatchObject({ done: [], told: ['warning: run-not-rerun'] })
    expect(attemptOf(stage)).toBe(1)
  })

  test('but not by re-running a run of an older head, of another event or of another workflow', async () => {
    const stage = await openStage()
    const { github } = stage.sandbox
    const other = { workflow, event: 'pull_request', headSha: stage.head(), pulls: [stage.number] }
    github.addWorkflowRun(repository, other)
    stage.push('author')
    github.addWorkflowRun(repository, { ...other, headSha: stage.head(), event: 'pull_request_review' })
    github.addWorkflowRun(repository, { ...other, headSha: stage.head(), workflow: '.github/workflows/tests.yml' })
    github.addWorkflowRun(repository, { ...other, headSha: stage.head(), pulls: [stage.number + 1] })
    stage.pass(1)
    github.addReview(repository, stage.number, { user: 'ann', state: 'APPROVED' })
    expect(await stage.write(wanted)).toMatchObject({ planned: [], done: [], told: [] })
    expect(github.workflowRuns(repository).map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1])
  })

  test('and it is the newest run of the head that is re-run', async () => {
    const stage = await approved()
    const newer = stage.sandbox.github.addWorkflowRun(repository, {
      workflow,
      event: 'pull_request',
      headSha: stage.head(),
      pulls: [stage.number],
      conclusion: 'success'
    })
    expect(await stage.write(wanted)).toMatchObject({ planned: [`unchanged: run ${newer}`] })
  })

  test('is told as not done without the permission', async () => {
    const stage = await approved({ permissions: { ...enough, actions: 'read' } })
    const wrote = await stage.write(wanted)
    expect(wrote).toMatchObject({ done: [], told: ['warning: run-not-rerun'] })
    expect(wrote.words).toContain('`permissions: actions: write`')
  })

  test('is asked of the reviewers by hand for a fork, with the run’s address', async () => {
    const stage = await approved({ fork: 'zoe' })
    const wrote = await stage.write(wanted)
    expect(wrote).toMatchObject({ planned: [], told: ['warning: run-not-rerun'] })
    expect(wrote.words).toMatch(/\/acme\/core\/actions\/runs\/\d+.*Re-run failed jobs/)
    expect(attemptOf(stage)).toBe(1)
  })

  test('cannot be done for a workflow of another repository, which is told', async () => {
    const stage = await approved()
    const foreign = { ...run, workflowRef: 'acme/rules/.github/workflows/guard.yml@refs/heads/main' }
    expect(await stage.write({ ...wanted, run: foreign })).toMatchObject({
      planned: [],
      told: ['warning: run-not-rerun']
    })
  })
})

function statusesOf({ sandbox }: Stage): readonly string[] {
  const [state] = sandbox.github.state.repositories
  return (state?.statuses ?? []).map((each) => `${each.state} ${each.context}: ${each.description ?? ''}`)
}

function attemptOf({ sandbox, id }: Stage & { readonly id: number }): number | undefined {
  return sandbox.github.workflowRuns(repository).find((each) => each.id === id)?.attempt
}
