import { describe, expect, test } from '@jest/globals'
import type { Existing } from '../../actions/migration-guard/existing.ts'
import type { PullRequest } from '../../actions/migration-guard/pull-request.ts'
import type { Verdict } from '../../actions/migration-guard/verdict.ts'
import type { CurrentRun, WorkflowRun } from '../../actions/migration-guard/workflow-run.ts'
import { planWrites, type WriteFacts, type WritePlan } from '../../actions/migration-guard/writes.ts'
import { configured, judged, pullRequest } from './judged.ts'
import { head, older } from './reviewed-pull.ts'

const marker = '<!-- mark -->'
const body = `${marker}\n### 1 error`
const fork = pullRequest({ fromFork: true, headRepository: 'zoe/core' })

function plan(verdict: Verdict, existing: Partial<Existing> = {}, facts: Partial<WriteFacts> = {}): WritePlan {
  return planWrites(verdict, {
    existing: { comments: [], status: undefined, lastRun: undefined, ...existing },
    body,
    marker,
    judged: head,
    statusSha: head,
    run: undefined,
    ...facts
  })
}

/** `kind: target` of each step, and `level: code` of each remark. */
function told({ steps, remarks }: WritePlan): readonly string[] {
  return [
    ...steps.map(({ kind, target }) => `${kind}: ${target}`),
    ...remarks.map(({ level, problem }) => `${level}: ${problem.code}`)
  ]
}

describe('the comment', () => {
  const granted = { state: 'granted', by: 'ann', reason: 'production is down', until: '2026-12-01', url: '' } as const
  const refused = { state: 'refused', attempts: [{ by: 'x', why: 'Not allowed.', url: '' }] } as const
  test.each<[string, Verdict, Existing['comments'], readonly string[]]>([
    ['is made for errors', judged({ errors: 1 }), [], ['create: comment on #7']],
    ['is made for warnings', judged({ warnings: 2 }), [], ['create: comment on #7']],
    ['is made for a bypass', judged({ bypass: granted }), [], ['create: comment on #7']],
    ['is made for a bypass that was refused', judged({ bypass: refused }), [], ['create: comment on #7']],
    ['is not made where there is nothing to say', judged(), [], []],
    ['is updated when the findings are gone', judged(), [{ id: 5, body: 'x' }], ['update: comment on #7']],
    ['is left as it is when it says the same', judged({ errors: 1 }), [{ id: 5, body }], ['unchanged: comment on #7']],
    [
      'is left when only line ends differ',
      judged({ errors: 1 }),
      [{ id: 5, body: `${body.replaceAll('\n', '\r\n')}\r\n` }],
      ['unchanged: comment on #7']
    ],
    [
      'becomes one where two runs made two, even when the older says the same',
      judged({ errors: 1 }),
      [
        { id: 5, body },
        { id: 6, body: 'x' }
      ],
      ['update: comment on #7']
    ],
    ['is not wanted', judged({ errors: 1, configuration: configured({ comment: false }) }), undefined, []],
    [
      'is not written to a fork’s pull request, and that is told',
      judged({ errors: 1, pull: fork }),
      undefined,
      ['notice: comment-not-written']
    ],
    ['says nothing to a fork’s pull request that is fine', judged({ pull: fork }), undefined, []],
    [
      'is told as not written where the comments cannot be read',
      judged({ errors: 1 }),
      { code: 'github-forbidden', message: 'GitHub answered 403', hint: 'Give `pull-requests: write`.' },
      ['notice: comment-not-written']
    ],
    ['is for pull requests only', judged({ errors: 1, pull: undefined }), undefined, []]
  ])('%s', (_, verdict, comments, expected) => {
    expect(told(plan(verdict, { comments }))).toEqual(expected)
  })

  test('takes the place of all that are there, the oldest first', () => {
    const { steps } = plan(judged({ errors: 1 }), {
      comments: [
        { id: 5, body: 'x' },
        { id: 9, body: 'y' }
      ]
    })
    expect(steps[0]?.write).toEqual({ write: 'comment', pull: 7, marker, body, ids: [5, 9] })
  })
})

test('nothing is written about a head that is no longer the head', () => {
  const configuration = configured({ afterReview: 'status' })
  const verdict = judged({ errors: 1, configuration, pull: pullRequest({ headSha: older }) })
  expect(told(plan(verdict, { comments: [{ id: 5, body: 'x' }] }))).toEqual(['notice: pull-moved-on'])
})

describe('the status', () => {
  const configuration = configured({ afterReview: 'status', comment: false })
  const run: CurrentRun = {
    id: 1,
    event: 'pull_request',
    workflowRef: 'acme/core/.github/workflows/g.yml@refs/x',
    url: 'https://github.com/acme/core/actions/runs/1'
  }

  test.each<[string, Verdict, Existing['status'], readonly string[]]>([
    ['is set', judged({ configuration }), undefined, ['create: status migration-guard of aaaaaaaaaaaa']],
    [
      'is changed',
      judged({ configuration, errors: 1 }),
      { state: 'success', description: 'x' },
      ['update: status migration-guard of aaaaaaaaaaaa']
    ],
    [
      'stays',
      judged({ configuration }),
      { state: 'success', description: 'no errors, no warnings' },
      ['unchanged: status migration-guard of aaaaaaaaaaaa']
    ],
    [
      'is not set for a fork, and that is told',
      judged({ configuration, pull: fork }),
      undefined,
      ['warning: status-not-written']
    ],
    [
      'is not set where checks are re-run',
      judged({ configuration: configured({ afterReview: 'rerun', comment: false }) }),
      undefined,
      []
    ],
    [
      'is set on a merge group, which waits for it',
      judged({ configuration, pull: undefined, change: { ...judged().change, kind: 'merge_group' } }),
      undefined,
      ['create: status migration-guard of aaaaaaaaaaaa']
    ],
    [
      'is not set for a push',
      judged({ configuration, pull: undefined, change: { ...judged().change, kind: 'push' } }),
      undefined,
      []
    ]
  ])('%s', (_, verdict, status, expected) => {
    expect(told(plan(verdict, { status }))).toEqual(expected)
  })

  test('says failure or success, how much was found, who let it through, and where', () => {
    const bypass = { state: 'granted', by: 'ann', reason: 'production is down', until: '2026-12-01', url: '' } as const
    const write = (verdict: Verdict): unknown => plan(verdict, {}, { run }).steps[0]?.write
    expect(write(judged({ configuration, errors: 1, warnings: 2 }))).toEqual({
      write: 'status',
      sha: head,
      state: 'failure',
      description: '1 error, 2 warnings',
      target: run.url
    })
    expect(write(judged({ configuration, bypass }))).toMatchObject({
      state: 'success',
      description: 'no errors, no warnings; let through by ann until 2026-12-01'
    })
  })
})

describe('the failed run', () => {
  const at = '2026-10-01T12:00:00Z'
  const [before, after] = ['2026-10-01T11:00:00Z', '2026-10-01T13:00:00Z']
  const configuration = configured({ afterReview: 'rerun', comment: false })
  const approved = pullRequest({ approval: { state: 'approved', by: ['ann'], at } })
  const run: CurrentRun = { id: 50, event: 'pull_request_review', workflowRef: '', url: undefined }
  const last = (given: Partial<WorkflowRun> = {}): WorkflowRun => ({
    id: 40,
    attempt: 1,
    status: 'completed',
    conclusion: 'failure',
    startedAt: before,
    url: 'https://github.com/acme/core/actions/runs/40',
    ...given
  })
  const green = (pull: PullRequest): Verdict => judged({ configuration, pull })

  test.each<[string, Verdict, WorkflowRun | undefined, readonly string[]]>([
    ['is re-run after an approval', green(approved), last(), ['update: run 40']],
    [
      'is re-run after a bypass',
      green(pullRequest({ bypass: { state: 'granted', by: 'ann', reason: 'x', until: '2026-12-01', url: '', at } })),
      last(),
      ['update: run 40']
    ],
    [
      'is re-run when it began in the very second of the review',
      green(approved),
      last({ startedAt: at }),
      ['update: run 40']
    ],
    [
      'is waited for while it runs',
      green(approved),
      last({ status: 'in_progress', conclusion: undefined }),
      ['update: run 40']
    ],
    ['is left when it is green', green(approved), last({ conclusion: 'success' }), ['unchanged: run 40']],
    ['is left when it is still red', judged({ configuration, pull: approved, errors: 1 }), last(), []],
    [
      'is left when it began after the review, for it has seen it',
      green(approved),
      last({ startedAt: after }),
      ['notice: run-not-rerun']
    ],
    [
      'is left when it began after the review and runs',
      green(approved),
      last({ startedAt: after, status: 'queued', conclusion: undefined }),
      []
    ],
    ['is left when it was cancelled', green(approved), last({ conclusion: 'cancelled' }), ['notice: run-not-rerun']],
    ['is left when no review made it right', green(pullRequest()), last(), []],
    ['is left when it is this run', green(approved), last({ id: 50 }), []],
    ['is left when there is none', green(approved), undefined, []],
    [
      'is named to those who must re-run it by hand, for a fork',
      green({ ...approved, ...fork, approval: approved.approval }),
      last(),
      ['warning: run-not-rerun']
    ]
  ])('%s', (_, verdict, lastRun, expected) => {
    expect(told(plan(verdict, { lastRun }, { run }))).toEqual(expected)
  })

  test('is never re-run by the run of a push to the pull request, which would be itself', () => {
    expect(told(plan(green(approved), { lastRun: last() }, { run: { ...run, event: 'pull_request' } }))).toEqual([])
  })

  test('has its address in what is told to the reviewers of a fork', () => {
    const { remarks } = plan(green({ ...approved, ...fork, approval: approved.approval }), { lastRun: last() }, { run })
    expect(remarks[0]?.problem.message).toContain('https://github.com/acme/core/actions/runs/40')
    expect(remarks[0]?.problem.hint).toContain('Re-run failed jobs')
  })
})
