import { expect, test } from '@jest/globals'
import { createSlack, type SlackService } from '../../../sandbox/slack/service.ts'

const now = Date.UTC(2026, 10, 21)

function post(slack: SlackService, address: string, body: unknown, type = 'application/json'): [number, string] {
  const answer = slack.handle({
    method: 'POST',
    url: new URL(address),
    headers: { 'content-type': type },
    now,
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  })
  return [answer?.status ?? 0, String(answer?.body)]
}

const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text } })

test('whoever knows a webhook’s address may post, and what was posted is kept', () => {
  const slack = createSlack()
  const address = slack.addWebhook({ channel: '#releases' })
  expect(address).toMatch(/^https:\/\/hooks\.slack\.com\/services\/T\w{10}\/B\w{10}\/\w{24}$/)
  expect(post(slack, address, { text: 'deployed' })).toEqual([200, 'ok'])
  expect(slack.messages).toEqual([{ channel: '#releases', payload: { text: 'deployed' }, at: now }])
})

test('the oldest clients put JSON into a form', () => {
  const slack = createSlack()
  const body = new URLSearchParams({ payload: JSON.stringify({ text: 'x' }) }).toString()
  expect(post(slack, slack.addWebhook(), body, 'application/x-www-form-urlencoded')).toEqual([200, 'ok'])
  expect(slack.messages).toHaveLength(1)
})

test.each([
  ['archived', 410, 'channel_is_archived'],
  ['revoked', 404, 'no_service'],
  ['prohibited', 403, 'action_prohibited']
] as const)('a webhook that is %s takes nothing', (state, status, word) => {
  const slack = createSlack()
  const address = slack.addWebhook()
  slack.setWebhook(address, state)
  expect(post(slack, address, { text: 'x' })).toEqual([status, word])
  expect(slack.messages).toEqual([])
})

test('an address that nobody made is no service', () => {
  expect(post(createSlack(), 'https://hooks.slack.com/services/T0/B0/wrong', { text: 'x' })).toEqual([
    404,
    'no_service'
  ])
})

test.each([
  ['no JSON', 'text=x', 'invalid_payload'],
  ['neither text nor blocks', {}, 'no_text'],
  [
    'a header of 151 characters',
    { blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] },
    'invalid_blocks'
  ],
  [
    'a header that is no plain text',
    { blocks: [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }] },
    'invalid_blocks'
  ],
  ['a section of 3,001 characters', { blocks: [section('x'.repeat(3_001))] }, 'invalid_blocks'],
  ['an empty section', { blocks: [section('')] }, 'invalid_blocks'],
  [
    'eleven fields',
    { blocks: [{ type: 'section', fields: Array.from({ length: 11 }, () => ({ type: 'mrkdwn', text: 'x' })) }] },
    'invalid_blocks'
  ],
  ['51 blocks', { blocks: Array.from({ length: 51 }, () => section('x')) }, 'invalid_blocks'],
  ['a kind of block that is not known', { blocks: [{ type: 'gantt' }] }, 'invalid_blocks'],
  [
    'a button whose address is none',
    {
      blocks: [
        { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'x' }, url: 'nowhere' }] }
      ]
    },
    'invalid_blocks'
  ]
])('a message with %s is refused whole', (_what, body, word) => {
  const slack = createSlack()
  expect(post(slack, slack.addWebhook(), body)).toEqual([400, word])
  expect(slack.messages).toEqual([])
})

test('the limits themselves are allowed', () => {
  const slack = createSlack()
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: 'x'.repeat(150), emoji: true } },
    ...Array.from({ length: 49 }, () => section('x'.repeat(3_000)))
  ]
  expect(post(slack, slack.addWebhook(), { text: '', blocks })).toEqual([200, 'ok'])
})

test('the state can be saved and loaded, and is not shared', () => {
  const slack = createSlack()
  const address = slack.addWebhook()
  const other = createSlack()
  other.load(slack.save())
  expect(post(other, address, { text: 'x' })).toEqual([200, 'ok'])
  expect(slack.messages).toEqual([])
})
