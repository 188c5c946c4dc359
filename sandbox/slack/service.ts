import { randomInt } from 'node:crypto'
import type { SandboxRequest, SandboxResponse, Service } from '../service.ts'
import { refusalOfMessage } from './message-rules.ts'

/** An incoming webhook: who knows its path may post. */
export interface Webhook {
  /** `/services/T…/B…/…` */
  readonly path: string
  readonly channel: string
  /** `revoked`: taken away. `prohibited`: an administrator does not let it post. */
  state: 'open' | 'archived' | 'revoked' | 'prohibited'
}

export interface PostedMessage {
  readonly channel: string
  /** As it was sent. */
  readonly payload: unknown
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface SlackState {
  webhooks: Webhook[]
  messages: PostedMessage[]
}

export interface SlackService extends Service<SlackState> {
  /** Makes a webhook and gives its address, which is all that is needed to post. */
  addWebhook(webhook?: { readonly channel?: string; readonly path?: string }): string
  setWebhook(address: string, state: Webhook['state']): void
  /** What was posted, oldest first. */
  readonly messages: readonly PostedMessage[]
}

const host = 'hooks.slack.com'

/** Slack, as far as incoming webhooks go. */
export function createSlack(): SlackService {
  let state: SlackState = { webhooks: [], messages: [] }

  function post(request: SandboxRequest): SandboxResponse {
    const webhook = state.webhooks.find(({ path }) => path === request.url.pathname)
    if (webhook === undefined) return said(404, 'no_service')
    const refusal = refusals[webhook.state]
    if (refusal !== undefined) return said(...refusal)
    const payload = payloadOf(request)
    if (payload === undefined) return said(400, 'invalid_payload')
    const wrong = refusalOfMessage(payload)
    if (wrong !== undefined) return said(400, wrong)
    state.messages.push({ channel: webhook.channel, payload, at: request.now })
    return said(200, 'ok')
  }

  return {
    name: 'slack',
    hosts: [host],
    handle(request) {
      if (!request.url.pathname.startsWith('/services/')) return said(404, 'not_found')
      return request.method === 'POST' ? post(request) : said(405, 'method_not_allowed')
    },
    addWebhook({ channel = '#deploys', path } = {}) {
      const made = path ?? `/services/T${letters(10)}/B${letters(10)}/${letters(24)}`
      if (!state.webhooks.some((known) => known.path === made)) {
        state.webhooks.push({ path: made, channel, state: 'open' })
      }
      return `https://${host}${made}`
    },
    setWebhook(address, wanted) {
      const webhook = state.webhooks.find(({ path }) => path === new URL(address).pathname)
      if (webhook === undefined) throw new Error('no webhook has this address')
      webhook.state = wanted
    },
    get messages() {
      return state.messages
    },
    save: () => structuredClone(state),
    load(loaded) {
      state = structuredClone(loaded)
    }
  }
}

/** Status and word for a webhook that takes nothing (docs.slack.dev, "Sending messages using incoming webhooks"). */
const refusals: Readonly<Record<Webhook['state'], readonly [number, string] | undefined>> = {
  open: undefined,
  archived: [410, 'channel_is_archived'],
  revoked: [404, 'no_service'],
  prohibited: [403, 'action_prohibited']
}

/** JSON, or JSON in the field `payload` of a form, as the oldest clients send it. */
function payloadOf({ headers, body }: SandboxRequest): object | undefined {
  const text = body.toString('utf8')
  const json = /^application\/x-www-form-urlencoded\b/.test(headers['content-type'] ?? '')
    ? (new URLSearchParams(text).get('payload') ?? '')
    : text
  try {
    const read: unknown = JSON.parse(json)
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? read : undefined
  } catch {
    return undefined
  }
}

function said(status: number, word: string): SandboxResponse {
  return { status, headers: { 'content-type': 'text/html' }, body: word }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

function letters(count: number): string {
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)] ?? 'A').join('')
}
