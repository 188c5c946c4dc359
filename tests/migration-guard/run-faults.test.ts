// What a run comes to when GitHub does not answer as it should: red, and never green by a fault.
import { describe, expect, test } from '@jest/globals'
import {
  configurationFile,
  enough,
  first,
  guarded,
  guardStage,
  jobToken,
  migrations,
  outcomeOf,
  repository,
  second,
  toldBy,
  workflow,
  type GuardStage
} from './guard-stage.ts'

const sourceToken = 'ghs_planted_token_of_the_source'
const teamToken = 'ghs_planted_token_of_an_app'
const tokens = { 'source-token': sourceToken, 'team-token': teamToken }

const demanding = `frozen:
  - paths: ${migrations}
    add: [ported, reviewed]
source: {repository: acme/cloud, path: ${migrations}, set: subset}
reviewers: {teams: [acme/dba]}
`

/** Wrong in four ways, each of which another part of GitHub's answers shows. */
const faults = ['drop-table', 'duplicate-in-pull', 'not-ported', 'review-missing']

async function wrongPull(): Promise<GuardStage> {
  const stage = await guardStage({
    base: { [configurationFile]: demanding },
    change: { [second]: 'DROP TABLE orders;\n' }
  })
  const { github } = stage.sandbox
  github.addRepository({ owner: 'acme', name: 'cloud', private: true })
  github.commitFiles('acme/cloud', 'main', { [first]: guarded[first] ?? '' })
  github.addToken({
    token: sourceToken,
    login: 'acme-source[bot]',
    permissions: { contents: 'read' },
    repositories: ['acme/cloud']
  })
  github.addToken({ token: teamToken, login: 'acme-teams[bot]', permissions: { members: 'read' } })
  github.addTeam('acme', 'dba', ['maria'])
  github.addReview(repository, stage.number, { user: 'bob', state: 'APPROVED' })
  github.commitFiles(
    repository,
    'other',
    { [`${migrations}/20260102000000_tags/migration.sql`]: 'CREATE TABLE tags (id bigint PRIMARY KEY);\n' },
    { from: stage.base, by: 'bob' }
  )
  github.addPullRequest(repository, { author: 'bob', head: { ref: 'other' }, base: { ref: 'main' } })
  return stage
}

/** The rules and problems that a run told, of whatever level. */
const toldOf = (run: Awaited<ReturnType<GuardStage['run']>>): readonly string[] => [
  ...new Set(toldBy(run).map((each) => each.replace(/^\w+ ?/, '')))
]

/** Problems that say that something could not be read. */
const unreadable = /^(github-|change-incomplete|contents-unreadable|http-|network|unexpected)/

test('undisturbed it tells all that is wrong', async () => {
  expect(toldOf(await (await wrongPull()).run({ inputs: tokens }))).toEqual(expect.arrayContaining(faults))
})

// The two that could pass for an answer: nothing is there, and nothing is wrong.
describe('whatever GitHub answers to one of the requests, a wrong pull request stays red:', () => {
  test.each([
    ['404', '404 body="{\\"message\\":\\"Not Found\\"}"'],
    ['an answer that is none', '200 body="{}"']
  ])(
    '%s',
    async (_, fault) => {
      const stage = await wrongPull()
      await stage.run({ inputs: tokens })
      const requests = [
        ...new Set(
          stage.sandbox.requests
            .filter(({ method, url }) => method === 'GET' || url.endsWith('/graphql'))
            .map(({ method, url }) => `${method} ${new URL(url).host}${new URL(url).pathname}`)
        )
      ]
      expect(requests.length).toBeGreaterThan(18)
      const env = stage.event()
      await stage.sandbox.close()
      const left = [...requests]
      const take = async (): Promise<void> => {
        for (let request = left.shift(); request !== undefined; request = left.shift()) {
          const disturbed = await wrongPull()
          disturbed.sandbox.fault(`${request} #1+ ${fault}`)
          const run = await disturbed.run({ inputs: tokens, env })
          const told = toldOf(run)
          const isWhole = faults.every((rule) => told.includes(rule)) || told.some((code) => unreadable.test(code))
          expect({ request, exitCode: run.exitCode, told, isWhole }).toEqual({
            request,
            exitCode: 1,
            told,
            isWhole: true
          })
          expect(told).not.toContain('bug')
          expect(disturbed.sandbox.faults[0]?.struck).toBeGreaterThan(0)
          await disturbed.sandbox.close()
        }
      }
      await Promise.all([take(), take()])
    },
    300_000
  )
})

describe('what a user sees', () => {
  const api = `GET api.github.com/repos/${repository}`

  test.each([
    ['pull requests may not be read', `${api}/pulls/1 #1+ 403`, 'github-not-readable', 'pull-requests: read'],
    ['the reviews are not there', `${api}/pulls/1/reviews #1+ 404`, 'github-not-found', 'pull-requests: read'],
    ['a tree cannot be read', `${api}/git/trees/* #1+ 404`, 'github-not-readable', 'contents: read']
  ])('when %s: which permission to give', async (_, fault, code, permission) => {
    const stage = await guardStage()
    stage.sandbox.fault(`${fault} body="{\\"message\\":\\"Resource not accessible by integration\\"}"`)
    const run = await stage.run()
    expect(outcomeOf(run)).toEqual({ exitCode: 1, status: 'failed', told: [`error ${code}`] })
    expect(run.annotations[0]?.message).toContain(permission)
    expect(run.summary).toContain('❌ migration-guard: 1 problem')
    expect(stage.writes()).toEqual([])
  })

  test('when GitHub is down: the request, after it was repeated', async () => {
    const stage = await guardStage()
    stage.sandbox.fault(`${api}/pulls/1/reviews #1+ 503`)
    const run = await stage.run()
    expect(run.exitCode).toBe(1)
    expect(run.annotations[0]?.message).toContain('503')
    expect(stage.sandbox.faults[0]?.struck).toBeGreaterThan(1)
  }, 120_000)

  test.each([
    `${api}/pulls/1 503`,
    `${api}/pulls/1/reviews reset-before`,
    `${api}/git/trees/* truncate`,
    `${api}/pulls/1/reviews 429 retry-after=1`,
    `${api}/git/blobs/* reset-body`,
    `POST api.github.com/repos/${repository}/issues/1/comments reset-after`
  ])('nothing, when one answer is lost: %s', async (fault) => {
    const stage = await guardStage()
    stage.sandbox.fault(fault)
    const run = await stage.run()
    expect(outcomeOf(run)).toEqual({ exitCode: 1, status: 'failed', told: ['error review-missing'] })
    expect(stage.sandbox.faults[0]?.struck).toBe(1)
    expect(stage.comments()).toHaveLength(1)
  })

  test.each<[string, string, string]>([
    ['the comment', `POST api.github.com/repos/${repository}/issues/1/comments #1+ 403`, 'notice comment-not-written'],
    ['the comments that are there', `${api}/issues/1/comments #1+ 404`, 'notice comment-not-written']
  ])('when %s cannot be written or read: a notice beside the verdict', async (_, fault, told) => {
    const stage = await guardStage()
    stage.sandbox.fault(`${fault} body="{\\"message\\":\\"Resource not accessible by integration\\"}"`)
    const run = await stage.run()
    expect(toldBy(run)).toEqual(['error review-missing', told])
  })

  test('when the failed run cannot be started again: a warning, and the verdict stands', async () => {
    const stage = await guardStage({ permissions: { ...enough, actions: 'read' } })
    const { github } = stage.sandbox
    github.addWorkflowRun(repository, { workflow, event: 'pull_request', headSha: stage.head, pulls: [1] })
    stage.pass(5)
    github.addReview(repository, 1, { user: 'maria', state: 'APPROVED' })
    const run = await stage.run({ env: stage.event('pull_request_review') })
    expect(outcomeOf(run)).toEqual({ exitCode: 0, status: 'passed', told: ['warning run-not-rerun'] })
    expect(run.annotations[0]?.message).toContain('actions: write')
  })

  test('when a token is unknown: that it is, and not the token', async () => {
    const run = await (await guardStage()).run({ inputs: { 'github-token': `${jobToken}_that_expired` } })
    expect(run.exitCode).toBe(1)
    expect(run.annotations[0]?.message).toContain('token')
    expect(run.everything).not.toContain('that_expired')
  })
})
