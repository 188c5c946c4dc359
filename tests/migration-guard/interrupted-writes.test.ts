import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { interruptEverywhere, type Release } from '../support/interruptions.ts'
import { runAction, temporaryFolder } from '../support/run-action.ts'
import { jobToken, marker, openStage, repository, teamToken, tokens, workflow } from './pull-stage.ts'

const program = join(import.meta.dirname, 'writing-program.ts')
const bot = 'github-actions[bot]'

/** A failed run, a team member's approval after it, and as many comments of ours as earlier runs may have left. */
async function approvedPull(
  afterReview: 'rerun' | 'status',
  errors: number,
  comments: readonly string[]
): Promise<Release> {
  const stage = await openStage()
  const { sandbox } = stage
  const { github } = sandbox
  github.addWorkflowRun(repository, { workflow, event: 'pull_request', headSha: stage.head(), pulls: [stage.number] })
  stage.pass(1)
  github.addTeam('acme', 'dba', ['carol'])
  github.addReview(repository, stage.number, { user: 'carol', state: 'APPROVED' })
  for (const text of comments) github.addComment(repository, stage.number, { user: bot, body: `${marker}\n${text}` })
  stage.pass(1)
  return {
    sandbox,
    run: (kill) =>
      runAction('migration-guard', {
        program,
        workspace: temporaryFolder('checkout'),
        inputs: {
          'github-token': jobToken,
          'team-token': teamToken,
          'after-review': afterReview,
          errors: `${errors}`,
          now: `${stage.now()}`
        },
        env: {
          ...sandbox.environment(),
          GITHUB_REPOSITORY: repository,
          GITHUB_EVENT_NAME: 'pull_request_review',
          GITHUB_WORKFLOW_REF: `${repository}/${workflow}@refs/pull/1/merge`
        },
        ...(kill === undefined ? {} : { kill })
      })
  }
}

/** Without ids and times; of the statuses the newest, for one that is sent twice stands twice. */
function endState(sandbox: Sandbox): unknown {
  const [state] = sandbox.github.state.repositories
  const status = state?.statuses.at(-1)
  return {
    comments: sandbox.github.comments(repository, 1).map(({ body }) => body),
    status: status === undefined ? undefined : `${status.state} ${status.context} ${status.description ?? ''}`,
    attempts: sandbox.github.workflowRuns(repository).map(({ attempt }) => attempt)
  }
}

describe('killed at any request and run again, the guard leaves the same on GitHub', () => {
  test.each<[string, 'rerun' | 'status', number, readonly string[], unknown]>([
    [
      'a new comment, and a failed run that is re-run once',
      'rerun',
      0,
      [],
      { comments: [`${marker}\n0 errors, and *** in a message`], status: undefined, attempts: [2] }
    ],
    [
      'one comment of two, and a status',
      'status',
      2,
      ['of one run', 'of another'],
      {
        comments: [`${marker}\n2 errors, and *** in a message`],
        status: 'failure migration-guard 2 errors, 1 warning',
        attempts: [1]
      }
    ]
  ])(
    '%s',
    async (_, afterReview, errors, comments, expected) => {
      const { whole, wholeState, interruptions } = await interruptEverywhere(
        () => approvedPull(afterReview, errors, comments),
        endState
      )
      expect(whole).toMatchObject({ exitCode: 0, annotations: [] })
      expect(whole.stdout).toContain('approved, bypass none')
      expect(wholeState).toEqual(expected)
      expect(interruptions.length).toBeGreaterThan(12)
      for (const { request, moment, killed, again, endState: state } of interruptions) {
        const place = `${moment} ${request}`
        expect([place, killed.exitCode, again.exitCode, again.annotations]).toEqual([place, null, 0, []])
        expect([place, state]).toEqual([place, expected])
        for (const secret of tokens) expect(killed.everything + again.everything).not.toContain(secret)
      }
    },
    300_000
  )
})
