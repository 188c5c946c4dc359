import http from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { getCACertificates } from 'node:tls'
import type { SandboxRequestHead } from './service.ts'

/** An answer of another server, its body yet to be read. */
export interface Fetched {
  readonly url: URL
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Readable
}

export interface Agents {
  readonly plain: http.Agent
  readonly secure: https.Agent
}

/** Agents that go through the proxy the machine's own environment names (Node 24.5 and later). */
export function createAgents(ca: string | undefined): Agents {
  const proxyEnv = process.env
  return {
    plain: new http.Agent({ proxyEnv, keepAlive: true }),
    secure: new https.Agent({
      proxyEnv,
      keepAlive: true,
      ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] })
    })
  }
}

/** Asks, and follows up to five redirects; credentials stay with the origin they are for. */
export async function follow(
  agents: Agents,
  target: URL,
  request: SandboxRequestHead,
  authorization: string | undefined,
  hops = 5
): Promise<Fetched> {
  const incoming = await get(agents, target, request, authorization)
  const status = incoming.statusCode ?? 502
  const location = incoming.headers.location
  if (status < 300 || status > 399 || location === undefined || hops === 0) {
    return { url: target, status, headers: incoming.headers, body: incoming }
  }
  incoming.destroy()
  const next = new URL(location, target)
  return follow(agents, next, request, next.origin === target.origin ? authorization : undefined, hops - 1)
}

function get(
  { plain, secure }: Agents,
  target: URL,
  { method, headers }: SandboxRequestHead,
  authorization: string | undefined
): Promise<http.IncomingMessage> {
  const asked = {
    // The client's own credentials are for the sandbox; these are the machine's.
    ...only(headers, ['accept', 'range', 'if-range', 'user-agent']),
    'accept-encoding': 'identity',
    ...(authorization !== undefined && { authorization })
  }
  return new Promise((resolve, reject) => {
    const sent =
      target.protocol === 'https:'
        ? https.request(target, { method, headers: asked, agent: secure }, resolve)
        : http.request(target, { method, headers: asked, agent: plain }, resolve)
    sent.setTimeout(60_000, () => sent.destroy(new Error(`no answer from ${target.host} for 60 s`)))
    sent.once('error', reject)
    sent.end()
  })
}

/** What is told of a file. */
export const fileHeaders = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified'
]

/** Those of the headers, each once. */
export function only(headers: http.IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value] as const] : []
    })
  )
}
