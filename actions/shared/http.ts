import { createAgents, exchange, type HttpBody, type HttpResponse } from './http-exchange.ts'
import { HttpFailure, httpFailure } from './http-failure.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

export type { HttpBody, HttpResponse } from './http-exchange.ts'
export { HttpFailure } from './http-failure.ts'

/**
 * Which failures a request may be sent again after.
 * - `always`: it can be done twice without harm (reads; writes that the server recognises as the same).
 * - `unsent`: only when the server cannot have acted: no connection was made, or it said "not now" (429, and 503
 *   with Retry-After). What is left open is thrown or returned, for the caller to read back.
 * - `never`: one try.
 */
export type Repeat = 'always' | 'unsent' | 'never'

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string | URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: HttpBody
  /** Default: `always` for GET and HEAD, `unsent` for the rest. */
  readonly repeat?: Repeat
  /**
   * Default: `follow` for GET and HEAD (without Authorization on another host), `refuse` for the rest. `same-origin`
   * follows within the origin and gives a redirect to elsewhere back as the answer.
   */
  readonly redirect?: 'follow' | 'same-origin' | 'refuse'
  readonly expectContinue?: boolean
  /** Milliseconds without a byte. Default 60 000. */
  readonly idleTimeout?: number
  /** Milliseconds for one try. Default 600 000. */
  readonly timeout?: number
  /**
   * Milliseconds to wait when the answer says "not now, and nothing was done", beyond 429 and 503 with Retry-After:
   * GitHub's secondary rate limit is a 403.
   */
  readonly notNow?: (response: HttpResponse) => number | undefined
}

/** The one HTTP client. Gives every answer with a status, whatever it is; throws `HttpFailure` when there is none. */
export interface Http {
  (request: HttpRequest): Promise<HttpResponse>
  /** Closes idle connections. */
  close(): void
}

export interface HttpOptions {
  readonly clock: Clock
  readonly log: Pick<Log, 'debug' | 'info'>
  readonly userAgent: string
  /** Tries in all, the first included. */
  readonly attempts?: number
  /** Milliseconds before the second try; doubles each time, with full jitter. */
  readonly firstDelay?: number
  /** Bytes of the longest answer taken. */
  readonly longestAnswer?: number
}

/** Longest Retry-After that is waited for; a longer one is told instead. Milliseconds. */
export const longestWait = 120_000
const longestBackoff = 30_000
const maxRedirects = 5

/** Answers after which the same request may succeed (RFC 9110 §15, RFC 8470 for 425, RFC 6585 for 429). */
const passing = new Set([408, 425, 429, 500, 502, 503, 504])

/**
 * Makes the client: proxies from the environment, retries with exponential backoff and full jitter, Retry-After,
 * streamed bodies, no credentials across hosts, no plain http except to loopback.
 */
export function createHttp(options: HttpOptions): Http {
  const { clock, log, attempts = 5, firstDelay = 500, longestAnswer = 256 * 1024 * 1024 } = options
  const agents = createAgents()

  async function once(request: HttpRequest, repeat: Repeat): Promise<HttpResponse> {
    let url = parseUrl(request.url)
    let headers: Record<string, string> = { 'user-agent': options.userAgent, ...lowerCased(request.headers ?? {}) }
    const redirect = request.redirect ?? (isRead(request) ? 'follow' : 'refuse')
    for (let hop = 0; ; hop++) {
      const answer = await exchange(
        {
          method: request.method,
          url,
          headers,
          ...(request.body === undefined ? {} : { body: request.body }),
          expectContinue: request.expectContinue ?? false,
          connection: repeat === 'always' ? 'kept' : 'fresh',
          idleTimeout: request.idleTimeout ?? 60_000,
          timeout: request.timeout ?? 600_000,
          maxBody: longestAnswer
        },
        agents
      )
      const location = answer.headers.location
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer
      const where = `${request.method} ${url.origin}${url.pathname}`
      if (!URL.canParse(location, url.href)) {
        throw httpFailure('refused', true, where, 'redirects to something that is no URL')
      }
      if (redirect === 'same-origin' && new URL(location, url).origin !== url.origin) return answer
      const target = parseUrl(new URL(location, url))
      if (redirect === 'refuse' || hop === maxRedirects) {
        throw httpFailure('refused', true, where, `redirects to ${target.origin}${target.pathname}`, {
          hint: `Redirects of ${request.method} requests are not followed. If that address is right, name it in the input instead.`
        })
      }
      if (url.protocol === 'https:' && target.protocol !== 'https:') {
        throw httpFailure('refused', true, where, `redirects from https to ${target.origin}`)
      }
      if (target.origin !== url.origin) headers = withoutCredentials(headers)
      url = target
    }
  }

  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    const repeat = request.repeat ?? (isRead(request) ? 'always' : 'unsent')
    const url = parseUrl(request.url)
    const where = `${request.method} ${url.origin}${url.pathname}`
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= attempts || repeat === 'never'
      const backoff = Math.random() * Math.min(longestBackoff, firstDelay * 2 ** (attempt - 1))
      let delay: number
      let why: string
      try {
        const answer = await once(request, repeat)
        log.debug(`${where} → ${answer.status}`)
        const asked = request.notNow?.(answer) ?? notNow(answer, clock)
        const mayRepeat = asked !== undefined || (repeat === 'always' && passing.has(answer.status))
        if (last || !mayRepeat || (asked !== undefined && asked > longestWait)) return answer
        delay = asked ?? backoff
        why = `answered ${answer.status}`
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error
        log.debug(`${where} failed: ${error.message}`)
        const mayRepeat = repeat === 'always' || !error.sent
        if (last || !mayRepeat || !transient.has(error.kind)) throw error
        delay = backoff
        why = error.message.slice(where.length + 2)
      }
      log.info(`${where} ${why}; next try in ${(delay / 1000).toFixed(1)} s (${attempt} of ${attempts})`)
      await clock.sleep(delay)
    }
  }
  return Object.assign(send, {
    close: () => {
      agents.close()
    }
  })
}

const transient = new Set(['connect', 'reset', 'timeout'])

/** Retry-After of an answer that says nothing was done (RFC 9110 §10.2.3): seconds or a date; milliseconds out. */
export function retryAfter(response: HttpResponse, now: number): number | undefined {
  const value = response.headers['retry-after']
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

function notNow(response: HttpResponse, clock: Clock): number | undefined {
  if (response.status !== 429 && response.status !== 503) return undefined
  const asked = retryAfter(response, clock.now())
  return response.status === 429 ? (asked ?? 5_000) : asked
}

/** The body as JSON, or `undefined` where it is none (an outage page in HTML, for example). */
export function json(response: HttpResponse): unknown {
  try {
    return JSON.parse(response.body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** `127.0.0.0/8`, `::1` and names under `localhost` (RFC 6761 §6.3). */
export function isLoopback(hostname: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === '[::1]' || /(^|\.)localhost$/.test(hostname)
}

/**
 * A URL that this client will talk to: https anywhere, http only to loopback, no user or password in it.
 * @throws {HttpFailure}
 */
export function parseUrl(value: string | URL): URL {
  if (!URL.canParse(String(value))) throw httpFailure('refused', false, String(value), 'is no URL')
  const url = new URL(value)
  const shown = `${url.protocol}//${url.host}${url.pathname}`
  if (url.username !== '' || url.password !== '') {
    throw httpFailure('refused', false, shown, 'has credentials in the URL', {
      hint: 'Take the user and the password out of the URL and give them as inputs from secrets.'
    })
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return url
  throw httpFailure('refused', false, shown, 'would be sent without encryption', {
    hint: 'Use an https:// URL. Plain http is allowed only to this machine (127.0.0.1, localhost).'
  })
}

function isRead(request: HttpRequest): boolean {
  return request.method === 'GET' || request.method === 'HEAD'
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !['authorization', 'cookie'].includes(name)))
}
