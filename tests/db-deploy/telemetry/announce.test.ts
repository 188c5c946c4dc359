import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { announce } from '../../../actions/db-deploy/telemetry/announce.ts'
import { inTime, timeLeft } from '../../../actions/db-deploy/telemetry/time-left.ts'
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts'
import { testWorld } from '../../support/world.ts'
import { inputsWith } from './announcing.ts'
import { recordOf } from './records.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox()
})
afterEach(() => sandbox.close())

const webhook = (): string => new URL(new URL(sandbox.slack.addWebhook()).pathname, sandbox.address('slack')).href

test('a run is told to nobody who was not asked for', async () => {
  expect(await announce(recordOf(), inputsWith(), testWorld())).toEqual([])
  expect(sandbox.requests).toEqual([])
})

test('Slack and a collector are told at once, and one that fails does not keep the other from it', async () => {
  sandbox.fault('POST slack #1+ 500')
  const environmentVariables = { OTEL_EXPORTER_OTLP_ENDPOINT: sandbox.address('otlp').href }
  const inputs = inputsWith({ slackWebhookUrl: webhook() }, { environmentVariables })
  const remarks = await announce(recordOf(), inputs, testWorld())
  expect(remarks.map(({ level, problem }) => [level, problem.code])).toEqual([['warning', 'slack-not-told']])
  expect(sandbox.otlp.exports.map(({ signal }) => signal).sort()).toEqual(['metrics', 'traces'])
})

test('Slack hears of warnings that came up elsewhere', async () => {
  const problem = { code: 'took-too-long', message: 'The stage migrate took 11 min.', hint: 'h' }
  await announce(recordOf(), inputsWith({ slackWebhookUrl: webhook() }), testWorld(), [{ level: 'warning', problem }])
  expect(JSON.stringify(sandbox.slack.messages)).toContain('The stage migrate took 11 min.')
})

test('variables that do not hold are a warning', async () => {
  const environmentVariables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: sandbox.address('otlp').href,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc'
  }
  const remarks = await announce(recordOf(), inputsWith({}, { environmentVariables }), testWorld())
  expect(remarks[0]?.problem.message).toContain('OTEL_EXPORTER_OTLP_PROTOCOL is grpc')
  expect(sandbox.requests).toEqual([])
})

test('a cancelled job leaves two seconds, and what is silent by then is a warning', async () => {
  sandbox.fault('POST slack stall forever')
  const cancelled = AbortSignal.abort()
  const world = { ...testWorld(), cancelled }
  const remarks = await announce(
    recordOf({ cancelled: true, status: 'failed' }),
    inputsWith({ slackWebhookUrl: webhook() }),
    world
  )
  expect(remarks.map(({ level }) => level)).toEqual(['warning'])
})

test('time that is left shrinks when the job is cancelled', () => {
  const controller = new AbortController()
  const world = { ...testWorld(), cancelled: controller.signal }
  const left = timeLeft(world, 15_000)
  expect(left()).toBeGreaterThan(10_000)
  controller.abort()
  expect(left()).toBeLessThanOrEqual(2_000)
})

test('what is done in time is given, and what is not is given up', async () => {
  const world = testWorld()
  await expect(inTime(world, 5_000, Promise.resolve('done'), () => 'late')).resolves.toBe('done')
  await expect(inTime(world, 5, new Promise<string>(() => undefined), () => 'late')).resolves.toBe('late')
})
