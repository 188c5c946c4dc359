import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { RunRecord } from '../../../actions/db-deploy/record.ts'
import { slackLimits, slackMessage } from '../../../actions/db-deploy/telemetry/slack-message.ts'
import { tellSlack } from '../../../actions/db-deploy/telemetry/slack.ts'
import { timeLeft } from '../../../actions/db-deploy/telemetry/time-left.ts'
import type { Remark } from '../../../actions/shared/problem.ts'
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts'
import { refusalOfMessage } from '../../../sandbox/slack/message-rules.ts'
import { testWorld } from '../../support/world.ts'
import { began, first, recordOf, stage } from './records.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox()
})
afterEach(() => sandbox.close())

/** A webhook of the sandbox at its plain loopback address. */
function webhook(): string {
  return new URL(new URL(sandbox.slack.addWebhook()).pathname, sandbox.address('slack')).href
}

interface Told {
  readonly remarks: readonly Remark[]
  readonly slept: readonly number[]
  readonly log: readonly string[]
}

async function tell(address: string, record: RunRecord = recordOf(), most = 15_000): Promise<Told> {
  const world = testWorld()
  const remarks = await tellSlack(address, record, [], world, timeLeft(world, most))
  return { remarks, slept: world.clock.slept, log: world.log.lines.map((line) => world.secrets.redact(line)) }
}

const failure: RunRecord = recordOf({
  status: 'failed',
  stages: [stage('migrate', 'Migrations', 0, 900, 'failed')],
  problems: [{ code: 'migration-failed', message: 'Migration x failed.', hint: 'Look at it.' }],
  learned: {
    ran: [
      {
        ...{ name: first, result: 'failed', startedAt: began, took: 3 },
        failure: {
          message: 'relation "a" exists',
          sqlstate: '42P07',
          statement: 'CREATE TABLE a;',
          atomic: true,
          objects: []
        }
      }
    ],
    runbook: ['Do this.']
  }
})

describe('a message', () => {
  test.each<[string, RunRecord]>([
    ['✅ production: 2 migrations applied in 12.4 s', recordOf()],
    ['✅ production: nothing to apply in 12.4 s', recordOf({ status: 'unchanged', learned: { ran: [] } })],
    ['❌ production: deploy failed in “Migrations” after 12.4 s', failure],
    [
      '🛑 production: cancelled in “Migrations” after 12.4 s',
      recordOf({ status: 'failed', cancelled: true, stages: [stage('migrate', 'Migrations', 0, 1, 'cancelled')] })
    ]
  ])('says %s, and Slack takes it', async (said, record) => {
    const { remarks } = await tell(webhook(), record)
    expect(remarks).toEqual([])
    const texts = sandbox.slack.messages.map(({ payload }) => JSON.stringify(payload))
    expect(texts).toHaveLength(1)
    expect(texts[0]).toContain(`{"type":"header","text":{"type":"plain_text","text":"${said}`)
  })

  test('has who, where and how long in its fields, and the way to the run', () => {
    const whole = JSON.stringify(slackMessage(recordOf(), [], (text) => text))
    for (const part of [
      ...['*Environment*\\nproduction', '*Database*\\nshop on db.example.org:5432', '*Applied*\\n2 migrations'],
      ...[
        '*Duration*\\n12.4 s',
        '*Actor*\\noctocat',
        '|0123456789ab>',
        'https://github.com/acme/shop/actions/runs/4711'
      ]
    ])
      expect(whole).toContain(part)
  })

  test('has the database’s own words in a fence when a migration failed', () => {
    const { blocks } = slackMessage(failure, [], (text) => text)
    const texts = blocks.flatMap((block) => (block.type === 'section' && 'text' in block ? [block.text.text] : []))
    expect(texts).toEqual([
      "Migration x failed.\n  → Look at it. (migration-failed)\nWhat to do now stands in the run's summary.".replaceAll(
        '>',
        '&gt;'
      ),
      `\`\`\`${first}: 42P07 relation "a" exists\nCREATE TABLE a;\`\`\``
    ])
  })

  test('keeps every limit of Slack, however long and strange its texts are', () => {
    const long = '<!channel> & ``` '.repeat(2_000)
    const problem = { code: 'x', message: long, hint: long }
    const record = recordOf({
      ...{ status: 'failed', environment: long, problems: Array.from({ length: 30 }, () => problem) },
      learned: {
        ...failure.learned,
        ran: [
          { name: long, result: 'failed', failure: { message: long, statement: long, atomic: false, objects: [] } }
        ],
        tool: { framework: 'ecto', label: long, version: undefined, atomic: true }
      }
    })
    const remarks = Array.from({ length: 40 }, (): Remark => ({ level: 'warning', problem }))
    const message = slackMessage(record, remarks, (text) => text)
    expect(refusalOfMessage(message)).toBeUndefined()
    expect(message.text.length).toBeLessThanOrEqual(slackLimits.section)
    expect(JSON.stringify(message)).not.toContain('<!channel>')
  })

  test('shows no secret, also where escaping or cutting would hide it from a comparison', () => {
    const world = testWorld()
    world.secrets.add('p<ss&word')
    const problems = [{ code: 'x', message: `${'y'.repeat(2_790)} p<ss&word`, hint: 'p<ss&word' }]
    const { blocks } = slackMessage(recordOf({ status: 'failed', problems }), [], (text) => world.secrets.redact(text))
    expect(JSON.stringify(blocks)).not.toMatch(/p&lt;ss|p<ss|ss&amp;w/)
  })
})

describe('a Slack that fails', () => {
  const warningOf = ({ remarks }: Told): readonly string[] =>
    remarks.map(({ level, problem }) => `${level} ${problem.code}: ${problem.message}`)

  test.each([
    ['archived', 'it answered 410 (channel_is_archived)'],
    ['revoked', 'it answered 404 (no_service)'],
    ['prohibited', 'it answered 403 (action_prohibited)']
  ] as const)('because the webhook is %s is a warning, at once', async (state, said) => {
    const address = webhook()
    sandbox.slack.setWebhook(address, state)
    const told = await tell(address)
    expect(warningOf(told)).toEqual([`warning slack-not-told: Slack was not told: ${said}.`])
    expect(told.slept).toEqual([])
  })

  test('because it answers with a redirect is told as that, and not where to', async () => {
    const server = createServer((_, response) => {
      response.writeHead(307, { location: 'https://login.example.com/secret-way' }).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const [warning] = warningOf(await tell(`http://127.0.0.1:${port}/services/T/B/x`))
    server.close()
    expect(warning).toContain('it answers with a redirect')
    expect(warning).not.toContain('secret-way')
  })

  test('with 429 is asked again when it says, and has the message once', async () => {
    sandbox.fault('POST slack #1-2 429 retry-after=1')
    const told = await tell(webhook())
    expect([told.remarks, told.slept]).toEqual([[], [1_000, 1_000]])
    expect(sandbox.slack.messages).toHaveLength(1)
  })

  test('three times is not asked a fourth', async () => {
    sandbox.fault('POST slack #1+ 429 retry-after=1')
    const told = await tell(webhook())
    expect(warningOf(told)).toEqual(['warning slack-not-told: Slack was not told: it answered 429.'])
    expect(sandbox.requests).toHaveLength(3)
  })

  test('and asks for more time than there is, is left alone', async () => {
    sandbox.fault('POST slack #1+ 429 retry-after=60')
    const told = await tell(webhook())
    expect(told.slept).toEqual([])
    expect(told.remarks).toHaveLength(1)
  })

  test('after it has the message is not sent another', async () => {
    sandbox.fault('POST slack reset-after')
    const told = await tell(webhook())
    expect(warningOf(told)).toEqual([
      'warning slack-not-told: Slack was not told: the connection broke; whether the message arrived is not known.'
    ])
    expect(sandbox.slack.messages).toHaveLength(1)
  })

  test('with an outage page is a warning without the page', async () => {
    sandbox.fault('POST slack #1+ 503 html')
    expect(warningOf(await tell(webhook()))).toEqual(['warning slack-not-told: Slack was not told: it answered 503.'])
  })

  test('never has its address shown: not in a warning, and not in the log', async () => {
    const address = webhook()
    sandbox.fault('POST slack #1+ 429 retry-after=1')
    const { remarks, log } = await tell(address)
    const path = new URL(address).pathname
    expect(log.join('\n')).toContain('429')
    expect(`${JSON.stringify(remarks)}\n${log.join('\n')}`).not.toContain(path)
  })

  test.each([
    'not a url',
    'http://hooks.slack.com/services/T/B/hunter22',
    'https://user:hunter22@hooks.slack.com/services/T'
  ])('because %j is no address that is talked to, says so without it', async (address) => {
    const { remarks } = await tell(address)
    expect(remarks).toHaveLength(1)
    expect(JSON.stringify(remarks)).not.toContain('hunter22')
  })
})
