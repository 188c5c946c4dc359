import { describe, expect, test } from '@jest/globals'
import { commentMarker } from '../../actions/migration-guard/comment-body.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { interruptEverywhere, type Release } from '../support/interruptions.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { configurationFile, guardStage, jobToken, outcomeOf, repository, reviewed, workflow } from './guard-stage.ts'

/** A failed run, a comment that says so, and then maria's approval, which starts the run that is killed. */
async function approvedPull(afterReview: 'rerun' | 'status'): Promise<Release> {
  const stage = await guardStage({ base: { [configurationFile]: `${reviewed}after-review: ${afterReview}\n` } })
  const { sandbox, number, head, event } = stage
  const { github } = sandbox
  github.addWorkflowRun(repository, { workflow, event: 'pull_request', headSha: head, pulls: [number] })
  const body = `${commentMarker}\n### ❌ migration-guard: 1 error\n`
  github.addComment(repository, number, { user: 'github-actions[bot]', body })
  stage.pass(60)
  github.addReview(repository, number, { user: 'maria', state: 'APPROVED' })
  stage.pass(60)
  const env = event('pull_request_review')
  const workspace = temporaryFolder('workspace')
  return { sandbox, run: (kill) => stage.run({ env, workspace, ...(kill === undefined ? {} : { kill }) }) }
}

/** Without ids and times; of the statuses the newest, for one that is sent twice stands twice. */
function endState({ github }: Sandbox): unknown {
  const status = github.state.repositories[0]?.statuses.at(-1)
  return {
    comments: github.comments(repository, 1).map(({ body }) => body),
    status: status?.state,
    attempts: github.workflowRuns(repository).map(({ attempt }) => attempt)
  }
}

describe('killed at any request and run again, the guard leaves one comment, one status and one rerun', () => {
  test.each([
    ['rerun', { status: undefined, attempts: [2] }],
    ['status', { status: 'success', attempts: [1] }]
  ] as const)(
    'after-review: %s',
    async (afterReview, left) => {
      const { whole, wholeState, interruptions } = await interruptEverywhere(() => approvedPull(afterReview), endState)
      expect(outcomeOf(whole)).toEqual({ exitCode: 0, status: 'passed', told: [] })
      expect(wholeState).toEqual({ ...left, comments: [expect.stringContaining('✅ migration-guard: passed')] })
      const requests = interruptions.map(({ request, moment }) => `${moment} ${request}`)
      expect(requests).toContainEqual(expect.stringMatching(/^after PATCH .*\/issues\/comments\//))
      expect(requests).toContainEqual(
        expect.stringMatching(
          afterReview === 'rerun' ? /^after POST .*\/rerun-failed-jobs$/ : /^after POST .*\/statuses\//
        )
      )
      for (const { request, moment, killed, again, endState: state } of interruptions) {
        const place = `${moment} ${request}`
        expect([place, killed.exitCode, outcomeOf(again)]).toEqual([
          place,
          null,
          { exitCode: 0, status: 'passed', told: [] }
        ])
        expect([place, state]).toEqual([place, wholeState])
        expect([place, `${killed.everything}${again.everything}`.includes(jobToken)]).toEqual([place, false])
      }
    },
    300_000
  )
})
