import type { SandboxRequest } from '../service.ts'
import { refuse, type Refusal } from './errors.ts'
import type { Site } from './origins.ts'
import type { Actor } from './permissions.ts'
import type { GithubState, RateLimits, Usage } from './state.ts'

const hour = 3_600_000
const minute = 60_000

/** The limits of github.com (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api). */
export const githubRateLimits: RateLimits = {
  user: 5000,
  installation: 1000,
  anonymous: 60,
  graphql: 5000,
  secondary: { enforced: true, contentPerMinute: 80, contentPerHour: 500, pointsPerMinute: 900, retryAfter: 60 },
  status: 403
}

type Resource = 'core' | 'graphql'

/** One line of GET /rate_limit; `reset` is in seconds since the epoch. */
export interface Quota {
  readonly limit: number
  readonly remaining: number
  readonly reset: number
  readonly used: number
}

/** What is left for an actor, without counting anything. */
export function quota(state: GithubState, actor: Actor, resource: Resource, now: number): Quota {
  const limit = limitOf(state.rateLimits, actor, resource)
  const window = usageOf(state, actor).windows.find(
    (candidate) => candidate.resource === resource && now < candidate.start + hour
  )
  const used = Math.min(window?.used ?? 0, limit)
  return { limit, used, remaining: limit - used, reset: Math.floor(((window?.start ?? now) + hour) / 1000) }
}

export function rateLimitHeaders(quotaLeft: Quota, resource: Resource): Record<string, string> {
  return {
    'x-ratelimit-limit': String(quotaLeft.limit),
    'x-ratelimit-remaining': String(quotaLeft.remaining),
    'x-ratelimit-reset': String(quotaLeft.reset),
    'x-ratelimit-used': String(quotaLeft.used),
    'x-ratelimit-resource': resource
  }
}

/** The primary or the secondary limit's refusal when this request is one too many; counts nothing. */
export function overRateLimit(
  state: GithubState,
  actor: Actor,
  request: SandboxRequest,
  site: Site
): Refusal | undefined {
  // Without a token GraphQL has a limit of zero, but what it says is that it needs one (cli/cli#8729).
  if (site === 'graphql' && actor.kind === 'anonymous') return undefined
  const resource = site === 'graphql' ? 'graphql' : 'core'
  if (quota(state, actor, resource, request.now).remaining < cost(request, site)) {
    return refuse(
      state.rateLimits.status,
      `API rate limit exceeded for ${described(actor)}.`,
      'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api'
    )
  }
  const { secondary } = state.rateLimits
  if (!secondary.enforced) return undefined
  const recent = usageOf(state, actor).recent.filter((entry) => entry.time > request.now - hour)
  const lastMinute = recent.filter((entry) => entry.time > request.now - minute)
  const points = lastMinute.reduce((sum, entry) => sum + entry.points, 0)
  const created = (entries: readonly { creates: boolean }[]): number => entries.filter((entry) => entry.creates).length
  const creates = request.method === 'POST' && site !== 'graphql'
  const exceeded =
    points + pointsOf(request) > secondary.pointsPerMinute ||
    (creates && created(lastMinute) >= secondary.contentPerMinute) ||
    (creates && created(recent) >= secondary.contentPerHour)
  return exceeded ? secondaryLimit(state.rateLimits) : undefined
}

/** Counts a request. A 304 is not counted, nor is GET /rate_limit. */
export function countRequest(state: GithubState, actor: Actor, request: SandboxRequest, site: Site): void {
  const usage = usageOf(state, actor)
  const resource = site === 'graphql' ? 'graphql' : 'core'
  usage.windows = usage.windows.filter((window) => request.now < window.start + hour)
  const window = usage.windows.find((candidate) => candidate.resource === resource)
  if (window === undefined) usage.windows.push({ resource, start: request.now, used: cost(request, site) })
  else window.used += cost(request, site)
  usage.recent = [
    ...usage.recent.filter((entry) => entry.time > request.now - hour),
    { time: request.now, points: pointsOf(request), creates: request.method === 'POST' && site !== 'graphql' }
  ]
}

function secondaryLimit(limits: RateLimits): Refusal {
  const retryAfter = limits.secondary.retryAfter
  return refuse(
    limits.status,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to ' +
      'GitHub Support for help, please include the request ID.',
    'https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
    retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) }
  )
}

/** An upload is counted as two calls (softprops/action-gh-release#261). */
function cost(request: SandboxRequest, site: Site): number {
  return site === 'uploads' && request.method === 'POST' ? 2 : 1
}

/** Points of the secondary limit: 1 for a read, 5 for a write. */
function pointsOf(request: SandboxRequest): number {
  return request.method === 'GET' || request.method === 'HEAD' ? 1 : 5
}

function limitOf(limits: RateLimits, actor: Actor, resource: Resource): number {
  if (actor.kind === 'anonymous') return resource === 'graphql' ? 0 : limits.anonymous
  if (resource === 'graphql') return limits.graphql
  return actor.kind === 'integration' ? limits.installation : limits.user
}

/** Personal tokens share their user's limit; each installation token has its own. */
function usageOf(state: GithubState, actor: Actor): Usage {
  const key =
    actor.kind === 'anonymous' ? '' : actor.kind === 'integration' ? actor.token.token : `user ${actor.user.id}`
  const known = state.usage.find((candidate) => candidate.key === key)
  if (known !== undefined) return known
  const usage: Usage = { key, windows: [], recent: [] }
  state.usage.push(usage)
  return usage
}

function described(actor: Actor): string {
  if (actor.kind === 'anonymous') {
    return "127.0.0.1. (But here's the good news: Authenticated requests get a higher rate limit. Check out the documentation for more details.)"
  }
  return actor.kind === 'integration' ? `installation ID ${actor.user.id}` : `user ID ${actor.user.id}`
}
