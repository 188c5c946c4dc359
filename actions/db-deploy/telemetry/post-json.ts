import { HttpFailure, retryAfter, type HttpResponse } from '../../shared/http.ts'
import type { World } from '../../shared/world.ts'

export interface JsonPost {
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
  /** Milliseconds for one try. */
  readonly timeout: number
  /** Whether it may be sent again where the other side may have it already. */
  readonly repeatable: boolean
}

/** An answer, whatever its status, or why there is none: in words without the address, which may be a secret. */
export type Posted =
  { readonly response: HttpResponse } | { readonly failure: string; readonly arrived: 'no' | 'unknown' }

const tries = 3
const firstDelay = 500

/** Answers that say "not now" (OTLP 1.x, "Retryable Response Codes"; Slack says 429). */
const notNow = new Set([429, 502, 503, 504])

/**
 * Sends JSON, and again up to twice where that may help and time is left for it; Retry-After is honoured where it fits.
 * @param left milliseconds that there are yet
 */
export async function postJson(post: JsonPost, { http, clock }: World, left: () => number): Promise<Posted> {
  const bytes = Buffer.from(JSON.stringify(post.body))
  for (let attempt = 1; ; attempt++) {
    let posted: Posted
    let wait = firstDelay * 2 ** (attempt - 1)
    let again: boolean
    try {
      const response = await http({
        method: 'POST',
        url: post.url,
        ...(post.headers === undefined ? {} : { headers: post.headers }),
        body: { type: 'application/json', bytes },
        repeat: 'never',
        timeout: Math.max(1, Math.min(post.timeout, left()))
      })
      posted = { response }
      const asked = retryAfter(response, clock.now())
      // 502 and 504 come from between: what stands behind may have it.
      again = notNow.has(response.status) && (post.repeatable || response.status === 429 || asked !== undefined)
      wait = asked ?? wait
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error
      posted = { failure: failureOf(error), arrived: error.sent ? 'unknown' : 'no' }
      again = error.kind !== 'refused' && error.kind !== 'tls' && (post.repeatable || !error.sent)
    }
    if (!again || attempt === tries || wait >= left()) return posted
    await clock.sleep(wait)
  }
}

/** What was refused once it was sent is a redirect, which no write follows (http.ts). Where it leads to may be a secret. */
function failureOf({ kind, sent }: HttpFailure): string {
  return kind === 'refused' && sent
    ? 'it answers with a redirect, which a message does not follow: give the address that it leads to'
    : failures[kind]
}

const failures: Readonly<Record<HttpFailure['kind'], string>> = {
  connect: 'no connection could be made',
  tls: 'its certificate was not accepted',
  proxy: 'the proxy refused the connection',
  reset: 'the connection broke',
  timeout: 'there was no answer in time',
  body: 'the message could not be read to its end',
  refused: 'its address is none that is talked to: https, or http on this machine, without a user or a password'
}
