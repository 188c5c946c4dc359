import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { identityTokens } from '../../rehearse/identity.ts'
import { createMask } from '../../rehearse/masking.ts'
import { leafJobs, planWorkflow } from '../../rehearse/plan.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { ask } from '../sandbox/core/client.ts'
import { pushOfTag as facts } from './run-facts.ts'
import { workflowOf } from './workflow-of.ts'

const { plan } = planWorkflow(
  workflowOf(`
on: push
jobs:
  publish: {runs-on: x, permissions: {id-token: write}, steps: []}
  other: {runs-on: x, permissions: {id-token: write}, steps: []}
  reader: {runs-on: x, permissions: {contents: read}, steps: []}`),
  { repositoryFolder: '/', folderOf: () => undefined }
)

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox()
})
afterEach(async () => {
  await sandbox.close()
})

/** The variables of each job, by its name. */
function variables(): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const identity = identityTokens(sandbox, facts, createMask([]))
  return new Map(leafJobs(plan).map((job) => [job.key, identity.environmentOf(job)]))
}

/** Asks for an identity token with what `holder` was given, as `job`. */
async function statusFor(given: Readonly<Record<string, string>> | undefined, job?: string): Promise<number> {
  const authorization = `bearer ${given?.['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''}`
  const answered = await ask(sandbox, `${given?.['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''}&audience=pypi`, {
    headers: { authorization },
    ...(job !== undefined && { job })
  })
  return answered.status
}

test('a job gets an identity with its own request token', async () => {
  expect(await statusFor(variables().get('publish'), 'publish')).toBe(200)
})

test('the request token of one job buys nothing in another, nor outside any job', async () => {
  const given = variables().get('publish')
  expect(await statusFor(given, 'other')).toBe(403)
  expect(await statusFor(given)).toBe(403)
})

test('a job without id-token: write is given nothing to ask with', () => {
  expect(variables().get('reader')).toEqual({})
})
