import type { GithubService } from '../../../sandbox/github/service.ts'
import type { SandboxRequest, SandboxResponse } from '../../../sandbox/service.ts'

/** One request and its answer, as a client sees them. */
export interface Exchange {
  readonly request: SandboxRequest
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly bytes: Buffer
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown
  /** A value inside the body, by path: `assets.0.name`. Undefined when the path leads nowhere. */
  at(path: string): unknown
  /** The body's `id`. Throws when there is none, with the answer. */
  id(): number
}

export interface Speaker {
  readonly exchanges: readonly Exchange[]
  send(method: string, url: string, options?: Sent): Exchange
  get(path: string, headers?: Record<string, string>): Exchange
  post(path: string, json: unknown): Exchange
  patch(path: string, json: unknown): Exchange
  delete(path: string): Exchange
  upload(releaseId: number, name: string, bytes: Buffer | string, headers?: Record<string, string>): Exchange
  graphql(query: string, variables?: Record<string, unknown>): Exchange
}

export interface Sent {
  readonly body?: Buffer | string
  readonly headers?: Readonly<Record<string, string | undefined>>
}

export interface Speech {
  /** Sent as `Authorization: Bearer`; none when absent. */
  readonly token?: string
  readonly job?: string
  readonly clock?: () => number
  /** Root of paths that do not start with `https:`; that of the repository unless given. */
  readonly root?: string
  readonly uploads?: string
  readonly graphql?: string
}

export const repository = 'acme/lib'

/** Speaks to the service without a network, with the headers that a client would send. */
export function speakTo(github: GithubService, speech: Speech = {}): Speaker {
  const exchanges: Exchange[] = []
  const root = speech.root ?? `https://api.github.com/repos/${repository}`
  const send = (method: string, url: string, { body = '', headers = {} }: Sent = {}): Exchange => {
    const bytes = Buffer.from(body)
    const given: Record<string, string | undefined> = {
      'user-agent': 'tests',
      accept: 'application/vnd.github+json',
      'content-length': String(bytes.length),
      ...(speech.token === undefined ? {} : { authorization: `Bearer ${speech.token}` }),
      ...headers
    }
    const request: SandboxRequest = {
      method,
      url: new URL(/^https?:/.test(url) ? url : root + url),
      headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      body: bytes,
      now: (speech.clock ?? Date.now)(),
      ...(speech.job === undefined ? {} : { job: speech.job })
    }
    const exchange = read(request, github.handle(request))
    exchanges.push(exchange)
    return exchange
  }
  const json = (method: string) => (path: string, value: unknown) =>
    send(method, path, { body: JSON.stringify(value), headers: { 'content-type': 'application/json' } })
  return {
    exchanges,
    send,
    get: (path, headers) => send('GET', path, headers === undefined ? {} : { headers }),
    post: json('POST'),
    patch: json('PATCH'),
    delete: (path) => send('DELETE', path),
    upload: (releaseId, name, bytes, headers = {}) =>
      send(
        'POST',
        `${speech.uploads ?? `https://uploads.github.com/repos/${repository}`}/releases/${releaseId}/assets?name=${encodeURIComponent(name)}`,
        { body: bytes, headers: { 'content-type': 'application/octet-stream', ...headers } }
      ),
    graphql: (query, variables = {}) =>
      json('POST')(speech.graphql ?? 'https://api.github.com/graphql', { query, variables })
  }
}

export function read(request: SandboxRequest, response: SandboxResponse): Exchange {
  const bytes = Buffer.from(response.body ?? '')
  const text = bytes.toString()
  const headers = Object.fromEntries(
    Object.entries(response.headers ?? {}).map(([name, value]) => [name, String(value)])
  )
  const isJson = (headers['content-type'] ?? '').startsWith('application/json')
  const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined
  const at = (path: string): unknown => path.split('.').reduce(property, json)
  const id = (): number => {
    const found = at('id')
    if (typeof found !== 'number') throw new Error(`${request.method} ${request.url.href} → ${response.status} ${text}`)
    return found
  }
  return { request, status: response.status, headers, text, bytes, json, at, id }
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}
