import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { RunRecord } from '../../../actions/db-deploy/record.ts'
import { tellGithub } from '../../../actions/db-deploy/telemetry/github-deployment.ts'
import type { Remark } from '../../../actions/shared/problem.ts'
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts'
import { testWorld } from '../../support/world.ts'
import { recordOf, stage } from './records.ts'

let sandbox: Sandbox
let sha: string

beforeEach(async () => {
  sandbox = await startSandbox()
  sandbox.github.addRepository({ owner: 'acme', name: 'shop' })
  sha = sandbox.github.commitFiles('acme/shop', 'main', { 'a.sql': 'SELECT 1;\n' })
  const permissions = { deployments: 'write', statuses: 'write' } as const
  sandbox.github.addToken({ token: 'ghs_deployer', login: 'github-actions[bot]', permissions })
  sandbox.github.addToken({ token: 'ghs_reader', login: 'github-actions[bot]', permissions: { contents: 'read' } })
})
afterEach(() => sandbox.close())

/** The run as one of this repository, which the sandbox has at a loopback address. */
function run(differs: Partial<RunRecord> = {}): RunRecord {
  const record = recordOf(differs)
  return { ...record, context: { ...record.context, sha, apiUrl: new URL('/api/v3', sandbox.address('github')).href } }
}

const tell = (record: RunRecord, token: string | undefined = 'ghs_deployer'): Promise<readonly Remark[]> =>
  tellGithub(record, token, testWorld())

const deployments = (): Sandbox['github']['state']['repositories'][number]['deployments'] =>
  sandbox.github.state.repositories[0]?.deployments ?? []

const failedStage = [stage('migrate', 'Migrations', 0, 1, 'failed')]

test('the deployment that GitHub made for the job gets the status, and no second one is made', async () => {
  await tell(run())
  await tell(run({ status: 'failed', stages: failedStage }))
  expect(deployments().map(({ environment, statuses }) => [environment, statuses.map(({ state }) => state)])).toEqual([
    ['production', ['success', 'failure']]
  ])
})

test('a deployment that is not there is made for this commit, whatever the commit’s statuses say', async () => {
  const remarks = await tell(run({ environment: 'live', production: true }))
  expect(remarks).toEqual([])
  expect(deployments()).toMatchObject([
    {
      ...{ sha, environment: 'live', production: true, task: 'deploy:migrations' },
      statuses: [
        {
          state: 'success',
          description: 'live: 2 migrations applied in 12.4 s',
          logUrl: 'https://github.com/acme/shop/actions/runs/4711'
        }
      ]
    }
  ])
})

test('a cancelled run is an error, and a description is never too long', async () => {
  const environment = 'e'.repeat(200)
  const cancelled = run({ status: 'failed', cancelled: true, stages: failedStage, environment })
  expect(await tell(cancelled)).toEqual([])
  expect(deployments()[0]?.statuses.map(({ state, description }) => [state, description.length])).toEqual([
    ['error', 140]
  ])
})

test.each([
  ['plan', 'planned'],
  ['deploy', 'planned'],
  ['status', 'passed'],
  ['backup', 'published']
] as const)('%s that ended %s deployed nothing, and says nothing', async (command, status) => {
  expect(await tell(run({ command, status }))).toEqual([])
  expect(sandbox.requests).toEqual([])
})

test('a token that may not is a warning with the permission that is missing', async () => {
  const [remark] = await tell(run(), 'ghs_reader')
  expect([remark?.level, remark?.problem.code, remark?.problem.hint]).toEqual([
    'warning',
    'deployment-status',
    'Give the job `permissions: deployments: write` and leave github-token to its default.'
  ])
})

test('no token, and a GitHub that is gone, are warnings too', async () => {
  expect((await tellGithub(run(), undefined, testWorld())).map(({ problem }) => problem.code)).toEqual([
    'deployment-status'
  ])
  sandbox.fault('* github #1+ reset-before')
  expect((await tell(run())).map(({ problem }) => problem.code)).toEqual(['deployment-status'])
})
