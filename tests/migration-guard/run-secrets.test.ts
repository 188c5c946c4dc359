import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { ActionRun } from '../support/run-action.ts'
import {
  bypassLine,
  configurationFile,
  guardStage,
  jobToken,
  migrations,
  repository,
  second,
  type GuardStage
} from './guard-stage.ts'

const sourceToken = 'ghs_planted_token_of_the_source'
const teamToken = 'ghs_planted_token_of_an_app'
const tokens = [jobToken, sourceToken, teamToken]
const inputs = { 'source-token': sourceToken, 'team-token': teamToken }

const configuration = `frozen:
  - paths: ${migrations}
    add: [ported, reviewed]
source: {repository: acme/cloud, path: ${migrations}, set: subset}
reviewers: {teams: [acme/dba]}
bypass: {teams: [acme/dba]}
after-review: status
`

/** Tokens stand where somebody may have pasted them by mistake: in SQL, in comments of SQL, in names, in a reason. */
const careless = {
  [second]: `-- ${sourceToken}\nDROP TABLE "${jobToken}";\nALTER TABLE orders DROP COLUMN "${teamToken}";\nSELEC '${jobToken}';\n`,
  [`${migrations}/20260103000000_${teamToken}/migration.sql`]: `COMMENT ON TABLE orders IS '${jobToken}';\nDROP TABLE orders;\n`,
  [`${migrations}/${sourceToken}.sql`]: 'DROP TABLE orders;\n'
}

async function carelessPull(): Promise<GuardStage> {
  const stage = await guardStage({ base: { [configurationFile]: configuration }, change: careless })
  const { sandbox } = stage
  sandbox.github.addRepository({ owner: 'acme', name: 'cloud', private: true })
  sandbox.github.addToken({ token: sourceToken, login: 'acme-source[bot]', permissions: { contents: 'read' } })
  sandbox.github.addToken({ token: teamToken, login: 'acme-teams[bot]', permissions: { members: 'read' } })
  sandbox.github.addTeam('acme', 'dba', ['maria'])
  sandbox.watchSecret('source-token', sourceToken)
  sandbox.watchSecret('team-token', teamToken)
  return stage
}

/** Everything that a run leaves anywhere, in every form in which a token could stand there. */
function expectNoToken(run: ActionRun, stage: GuardStage): void {
  const files = ['findings', 'sarif', 'receipt'].flatMap((output) => {
    const path = run.outputs[output]
    return path === undefined ? [] : [readFileSync(path, 'utf8')]
  })
  const everything = [
    run.everything,
    run.summary,
    JSON.stringify(run.outputs),
    JSON.stringify(run.receipt),
    ...files,
    ...stage.comments(),
    ...stage.statuses()
  ].join('\n')
  for (const token of tokens) {
    for (const form of [token, token.toUpperCase(), Buffer.from(token).toString('base64'), encodeURIComponent(token)]) {
      expect(everything).not.toContain(form)
    }
    expect(run.masks).toContain(token)
  }
}

describe('a token', () => {
  test('that stands in a migration too is in nothing that a run leaves', async () => {
    const stage = await carelessPull()
    stage.sandbox.github.addReview(repository, 1, { user: 'eve', state: 'COMMENTED', body: bypassLine(teamToken) })
    for (const more of [{}, { 'dry-run': 'true' }, { profile: 'strict' }, { path: `no/${sourceToken}` }]) {
      const run = await stage.run({ inputs: { ...inputs, ...more }, env: { ...stage.event(), RUNNER_DEBUG: '1' } })
      expect(run.exitCode).toBe(1)
      expectNoToken(run, stage)
    }
    expect(stage.comments()).toHaveLength(1)
    expect(stage.statuses().length).toBeGreaterThan(0)
  })

  test('as the reason of a bypass is not repeated', async () => {
    const stage = await carelessPull()
    const body = bypassLine(`the token ${teamToken} needs it`)
    stage.sandbox.github.addReview(repository, 1, { user: 'maria', state: 'COMMENTED', body })
    const run = await stage.run({ inputs })
    expect(run.outputs['bypassed']).toBe('true')
    expect(run.summary).toContain('the token *** needs it')
    expectNoToken(run, stage)
  })

  test('goes to the one host that it is for, with the requests that it is for', async () => {
    const stage = await carelessPull()
    stage.sandbox.github.addReview(repository, 1, { user: 'maria', state: 'APPROVED' })
    await stage.run({ inputs })
    const pathsWith = (secret: string): readonly string[] =>
      stage.sandbox.requests
        .filter(({ secrets }) => secrets.includes(secret))
        .map(({ url }) => new URL(url))
        .map(({ host, pathname }) => `${host}${pathname}`)
    expect(pathsWith('team-token').length).toBeGreaterThan(0)
    for (const path of pathsWith('team-token')) expect(path).toMatch(/^api\.github\.com\/orgs\/acme\/teams\/dba/)
    expect(pathsWith('source-token').length).toBeGreaterThan(0)
    for (const path of pathsWith('source-token')) expect(path).toMatch(/^api\.github\.com\/repos\/acme\/cloud\//)
    for (const path of pathsWith('github-token'))
      expect(path).toMatch(/^api\.github\.com\/(repos\/acme\/core\/|graphql$)/)
    expect(stage.sandbox.requests.every(({ url }) => tokens.every((token) => !url.includes(token)))).toBe(true)
  })

  test.each([`GET api.github.com/repos/${repository}/pulls/1`, 'GET api.github.com/repos/acme/cloud/*'])(
    'that GitHub repeats in an answer is in nothing that a run leaves: %s',
    async (request) => {
      const stage = await carelessPull()
      const message = `bad credentials ${tokens.join(' ')}`
      stage.sandbox.fault(`${request} #1+ 403 body=${JSON.stringify(JSON.stringify({ message }))}`)
      const run = await stage.run({ inputs })
      expect(run.exitCode).toBe(1)
      expectNoToken(run, stage)
    }
  )
})

test('of inputs that are wrong, none shows a token', async () => {
  const stage = await carelessPull()
  const run = await stage.run({
    inputs: { ...inputs, postgres: teamToken, base: `--${sourceToken}`, 'fail-on': jobToken }
  })
  expect(run.exitCode).toBe(1)
  expectNoToken(run, stage)
})
