import type { SandboxRequestHead, SandboxResponse, Service } from './service.ts'
import type { Upstream } from './upstream.ts'

/** Why the sandbox itself does not take the request; `undefined` when it does. */
export function refusalOf(
  { method, url, headers }: SandboxRequestHead,
  service: Service | undefined,
  upstream: Upstream | undefined
): SandboxResponse | undefined {
  if (/^websocket$/i.test(headers.upgrade ?? '')) return blocked(url, 'the sandbox speaks no WebSocket')
  if (service !== undefined) return undefined
  if (upstream?.owns(url.hostname) !== true)
    return blocked(url, `no service of the sandbox answers for ${url.hostname}`)
  return isRead(method) ? undefined : blocked(url, `only reads pass to the machine's index, this is a ${method}`)
}

/** A readable refusal. pip and Go programs show only the reason phrase, curl and people the body. */
function blocked(url: URL, reason: string): SandboxResponse {
  return {
    status: 403,
    statusText: 'Blocked by the release sandbox',
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-sandbox': 'blocked' },
    body: `Blocked: ${reason}. Nothing was sent to ${url.host}.\n`
  }
}

export const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD'
