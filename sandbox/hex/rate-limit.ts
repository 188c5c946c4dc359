import type { Actor } from './credentials.ts'
import type { HexState } from './state.ts'

const minute = 60_000

/** One client's limit as the headers tell it. */
export interface Quota {
  readonly limit: number
  readonly remaining: number
  /** Milliseconds since the epoch. */
  readonly reset: number
  readonly exceeded: boolean
  /** How the refusal names the client. */
  readonly client: string
}

/**
 * Counts a request: 500 a minute for a user or an organization, 100 for an address, in minutes of the clock
 * (`HexpmWeb.Plugs.Attack`, plug_attack's fixed windows).
 */
export function countRequest(state: HexState, actor: Actor, now: number): Quota {
  const { client, limit } = clientOf(actor)
  state.usage = state.usage.filter((usage) => usage.windowEnd > now)
  let usage = state.usage.find((each) => each.client === client)
  if (usage === undefined) {
    usage = { client, windowEnd: (Math.floor(now / minute) + 1) * minute, count: 0 }
    state.usage.push(usage)
  }
  usage.count += 1
  const left = limit - usage.count
  return { limit, remaining: Math.max(left, 0), reset: usage.windowEnd, exceeded: left < 0, client }
}

export function rateLimitHeaders({ limit, remaining, reset }: Quota): Record<string, string> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.floor(reset / 1000))
  }
}

function clientOf(actor: Actor): { readonly client: string; readonly limit: number } {
  if (actor.kind === 'user') return { client: `user ${String(actor.user.id)}`, limit: 500 }
  if (actor.kind === 'organization') return { client: `organization ${String(actor.organization.id)}`, limit: 500 }
  return { client: 'IP 127.0.0.1', limit: 100 }
}
