import { expect, test } from '@jest/globals'
import { environmentCheck } from '../../../actions/db-deploy/database/environment-check.ts'
import type { Check } from '../../../actions/db-deploy/check.ts'
import { readRunContext } from '../../../actions/shared/run-context.ts'
import { serve } from '../../support/loopback.ts'
import { testWorld } from '../../support/world.ts'

const production = {
  environment: 'production/eu',
  production: true,
  confirm: undefined,
  phrase: undefined,
  allowedRefs: []
} as const

/** What is checked where GitHub answers this to `GET /repos/org/shop/environments/production%2Feu`. */
async function checked(
  status: number,
  body: object,
  inputs: {
    readonly production?:
      | typeof production
      | (Omit<typeof production, 'environment' | 'production'> & { environment: string; production: boolean })
    readonly githubToken?: string | undefined
  } = {}
): Promise<readonly Check[]> {
  const { url } = await serve((request, response) => {
    const found = request.url === '/repos/org/shop/environments/production%2Feu'
    response.writeHead(found ? status : 500, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const context = readRunContext({ GITHUB_API_URL: url, GITHUB_REPOSITORY: 'org/shop' })
  return environmentCheck({ production, context, githubToken: 'a-token', ...inputs }, testWorld())
}

const rule = (reviewers: number): object => ({
  protection_rules: [
    { type: 'wait_timer', wait_timer: 30 },
    {
      type: 'required_reviewers',
      reviewers: Array.from({ length: reviewers }, (_, id) => ({ type: 'User', reviewer: { id } }))
    }
  ]
})

test('an environment with required reviewers is good', async () => {
  expect(await checked(200, rule(2))).toMatchObject([
    { result: 'ok', told: '2 reviewers of production/eu, one of whom must approve' }
  ])
})

test.each([[rule(0)], [{ protection_rules: [{ type: 'branch_policy' }] }], [{}]])(
  'an environment that nobody has to approve is a warning',
  async (body) => {
    expect(await checked(200, body)).toMatchObject([
      { result: 'warning', problem: { code: 'environment-unprotected' } }
    ])
  }
)

test.each([
  [404, 'production/eu'],
  [403, 'actions: read']
])('where GitHub answers %d it is not checked, with what to give', async (status, next) => {
  expect(await checked(status, { message: 'Resource not accessible by integration' })).toMatchObject([
    { result: 'not checked', told: expect.stringContaining('not accessible'), next: expect.stringContaining(next) }
  ])
})

test('without a token, or a name, it is not checked', async () => {
  expect(await checked(200, rule(1), { githubToken: undefined })).toMatchObject([
    { result: 'not checked', next: expect.stringContaining('github-token') }
  ])
  expect(await checked(200, rule(1), { production: { ...production, environment: '' } })).toMatchObject([
    { result: 'not checked' }
  ])
})

test('where it is not production nothing is asked', async () => {
  expect(
    await checked(200, rule(0), { production: { ...production, environment: 'staging', production: false } })
  ).toEqual([])
})

test('a GitHub that says nothing is not waited for, and a cancelled job ends the question at once', async () => {
  const { url } = await serve(() => undefined)
  const inputs = {
    production,
    context: readRunContext({ GITHUB_API_URL: url, GITHUB_REPOSITORY: 'org/shop' }),
    githubToken: 'a-token'
  }

  expect(await environmentCheck(inputs, testWorld())).toMatchObject([{ result: 'not checked' }])
  const job = new AbortController()
  const asked = environmentCheck(inputs, { ...testWorld(), cancelled: job.signal })
  job.abort()
  await expect(asked).rejects.toMatchObject({ problems: [{ code: 'deploy-cancelled' }] })
})
