import type { Problem, Remark } from '../../shared/problem.ts'
import type { HttpResponse } from '../../shared/http.ts'
import type { World } from '../../shared/world.ts'
import type { RunRecord } from '../record.ts'
import { postJson } from './post-json.ts'
import { slackMessage } from './slack-message.ts'

/** One try. Milliseconds. */
const timeout = 5_000

/**
 * Tells a run by an incoming webhook of Slack, or of what takes the same (Mattermost, Rocket.Chat).
 * @param webhook its address, which is a secret by itself: it stands in no message, and in no log
 * @param left milliseconds that there are yet
 * @returns a warning where it could not be told
 */
export async function tellSlack(
  webhook: string,
  record: RunRecord,
  remarks: readonly Remark[],
  world: World,
  left: () => number
): Promise<readonly Remark[]> {
  const { secrets } = world
  secrets.add(webhook)
  if (!URL.canParse(webhook)) return [notTold('The address in slack-webhook-url is no URL.', addressHint)]
  const url = new URL(webhook)
  // The log of requests names them by origin and path: the path alone is what must not be seen.
  for (const form of [url.href, `${url.origin}${url.pathname}`, `${url.pathname}${url.search}`, url.pathname])
    secrets.add(form)
  const body = slackMessage(record, remarks, (text) => secrets.redact(text))
  const posted = await postJson({ url, body, timeout, repeatable: false }, world, left)
  if ('failure' in posted) {
    const arrived = posted.arrived === 'unknown' ? '; whether the message arrived is not known' : ''
    return [notTold(`Slack was not told: ${posted.failure}${arrived}.`, unreachableHint)]
  }
  return answered(posted.response)
}

function answered({ status, body }: HttpResponse): readonly Remark[] {
  if (status >= 200 && status < 300) return []
  // Slack answers errors in one word (docs.slack.dev, "Sending messages using incoming webhooks"); a page says nothing.
  const word = /^[a-z][a-z_]{2,60}$/.exec(body.toString('utf8').trim())?.[0]
  const said = word === undefined ? '' : ` (${word})`
  return [notTold(`Slack was not told: it answered ${status}${said}.`, hints[word ?? ''] ?? statusHint(status))]
}

const addressHint =
  'Put the whole address that Slack gave for the incoming webhook into the secret: https://hooks.slack.com/services/…'
const unreachableHint =
  'The deploy itself is not touched by this. Check that the runner reaches the host of the webhook.'

const hints: Readonly<Record<string, string>> = {
  no_service: 'The webhook was taken away or is switched off. Make a new one, and put its address into the secret.',
  invalid_token: 'The address is not whole, or was revoked. Copy it from Slack again.',
  no_team: 'The address is not whole, or the workspace is gone. Copy it from Slack again.',
  channel_not_found: 'The channel of the webhook is gone. Make a webhook for another one.',
  channel_is_archived: 'The channel of the webhook is archived. Make a webhook for another one.',
  action_prohibited: 'An administrator of the workspace does not let this webhook post. Ask there.',
  posting_to_general_channel_denied:
    'An administrator of the workspace does not let this webhook post there. Ask there.',
  user_not_found: 'The person that the webhook writes to is gone. Make a new webhook.'
}

function statusHint(status: number): string {
  if (status === 429) return 'Slack takes one message a second of a webhook. The deploy itself is not touched by this.'
  if (status >= 500) return 'This is a fault on their side. The deploy itself is not touched by this.'
  return 'Check that the secret is the address of an incoming webhook. The deploy itself is not touched by this.'
}

function notTold(message: string, hint: string): Remark {
  const problem: Problem = { code: 'slack-not-told', message, hint }
  return { level: 'warning', problem }
}
