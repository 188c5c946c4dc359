import type { Http, HttpRequest, HttpResponse } from '../shared/http.ts'
import type { World } from '../shared/world.ts'
import { throwIfCancelled } from './cancelled.ts'

/**
 * The HTTP client for what is asked beside the point: a peer that is silent is left alone after a few seconds, and at once
 * when the job is cancelled, since a run has no more than 7 seconds then.
 *
 * @param limits milliseconds for one try, and whether there is another one
 * @param during what was under way, for whoever cancels: `GitHub was asked for reviewers`
 */
export function impatient(
  { http, cancelled }: Pick<World, 'http' | 'cancelled'>,
  limits: { readonly timeout: number; readonly repeats: boolean },
  during: string
): Http {
  const { timeout, repeats } = limits
  const ask = async (request: HttpRequest): Promise<HttpResponse> => {
    throwIfCancelled({ cancelled }, during)
    let wake: () => void = () => undefined
    const cancellation = new Promise<undefined>((resolve) => {
      wake = () => {
        resolve(undefined)
      }
      cancelled.addEventListener('abort', wake, { once: true })
    })
    const hurried = { ...request, timeout, idleTimeout: timeout, ...(repeats ? {} : { repeat: 'never' as const }) }
    const asked = http(hurried)
    asked.catch(() => undefined)
    try {
      const answer = await Promise.race([asked, cancellation])
      if (answer !== undefined) return answer
    } finally {
      cancelled.removeEventListener('abort', wake)
    }
    throwIfCancelled({ cancelled }, during)
    return asked
  }
  return Object.assign(ask, {
    close: () => {
      http.close()
    }
  })
}
