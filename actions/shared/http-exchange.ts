import http from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { getProxyUrl } from '@actions/http-client'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { exactLength } from './exact-length.ts'
import { errorCode, failureKind, httpFailure } from './http-failure.ts'

/** What is sent with a request. A stream is opened anew for each attempt and must give exactly `length` bytes. */
export type HttpBody =
  | { readonly type: string; readonly bytes: Buffer }
  | { readonly type: string; readonly length: number; readonly open: () => Readable }

export interface Exchange {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: HttpBody
  /** Wait for `100 Continue` before the body, so that a refusal costs no upload (RFC 9110 §10.1.1). */
  readonly expectContinue: boolean
  readonly connection: 'kept' | 'fresh'
  /** Milliseconds without a byte in either direction. */
  readonly idleTimeout: number
  /** Milliseconds for the whole exchange. */
  readonly timeout: number
  /** Longest answer taken, in bytes. */
  readonly maxBody: number
}

export interface HttpResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
  /** Where the answer came from, after redirects. */
  readonly url: URL
}

/** Longest wait for `100 Continue`: servers and proxies that do not know it stay silent (RFC 9110 §10.1.1). */
const continueWait = 2_000

/**
 * Connections, direct or by proxy. A kept connection may be closed by the server in the very moment it is used again,
 * and then nobody can say whether the request was read: what must not be sent twice gets a fresh one.
 */
export interface Agents {
  for(url: URL, connection: 'kept' | 'fresh'): http.Agent
  close(): void
}

/**
 * Agents that honour HTTPS_PROXY, HTTP_PROXY and NO_PROXY the way the actions toolkit does.
 * @throws {HttpFailure} when the proxy variable is no URL
 */
export function createAgents(): Agents {
  const made = new Map<string, http.Agent>()
  return {
    for(url, connection) {
      // Plain http goes to loopback only (http.ts), where no proxy is asked.
      const route = url.protocol === 'http:' ? 'plain' : proxyFor(url) || 'direct'
      const key = `${connection} ${route}`
      const known = made.get(key)
      if (known !== undefined) return known
      const keepAlive = connection === 'kept'
      const agent =
        route === 'plain'
          ? new http.Agent({ keepAlive })
          : route === 'direct'
            ? new https.Agent({ keepAlive })
            : new HttpsProxyAgent(route, { keepAlive })
      made.set(key, agent)
      return agent
    },
    close() {
      for (const agent of made.values()) agent.destroy()
    }
  }
}

/** The proxy's URL, or '' for none. The toolkit would pass over a malformed one and connect directly. */
function proxyFor(url: URL): string {
  const value = process.env['https_proxy'] || process.env['HTTPS_PROXY'] || ''
  if (value !== '' && !URL.canParse(value.includes('://') ? value : `http://${value}`)) {
    // The value is not shown: it may hold a password.
    throw httpFailure('proxy', false, url.origin, 'the proxy in HTTPS_PROXY (or https_proxy) is no URL', {
      hint: 'Correct the variable, such as http://proxy.example:3128, or unset it.'
    })
  }
  return getProxyUrl(url.href)
}

/**
 * One request and its answer, read whole. No retry, no redirect.
 * @throws {HttpFailure}
 */
export function exchange(request: Exchange, agents: Agents): Promise<HttpResponse> {
  const where = `${request.method} ${request.url.origin}${request.url.pathname}`
  return new Promise((resolve, reject) => {
    let connected = false
    let answered = false
    let bodyFailure: unknown
    let proxyStatus = 200
    const headers: Record<string, string> = { ...request.headers }
    const length = bodyLength(request.body)
    if (request.body !== undefined) {
      headers['content-type'] = request.body.type
      headers['content-length'] = String(length)
    } else if (request.method !== 'GET' && request.method !== 'HEAD') headers['content-length'] = '0'
    if (request.expectContinue && length > 0) headers['expect'] = '100-continue'

    const outgoing = (request.url.protocol === 'https:' ? https : http).request(request.url, {
      method: request.method,
      headers,
      agent: agents.for(request.url, request.connection)
    })
    const deadline = setTimeout(() => {
      outgoing.destroy(timeoutError(`no complete answer after ${request.timeout / 1000} s`))
    }, request.timeout)
    outgoing.setTimeout(request.idleTimeout, () => {
      outgoing.destroy(timeoutError(`nothing was received for ${request.idleTimeout / 1000} s`))
    })
    const settle = (end: () => void): void => {
      clearTimeout(deadline)
      clearTimeout(continueTimer)
      end()
    }

    outgoing.on('proxyConnect', (connect: { statusCode: number }) => {
      proxyStatus = connect.statusCode
    })
    outgoing.on('socket', (socket) => {
      const ready = request.url.protocol === 'https:' ? 'secureConnect' : 'connect'
      if (outgoing.reusedSocket) connected = true
      else socket.once(ready, () => (connected = true))
    })
    outgoing.on('response', (incoming) => {
      answered = true
      if (proxyStatus !== 200) {
        incoming.resume()
        const detail = `the proxy answered ${proxyStatus} to CONNECT ${request.url.host}`
        settle(() => {
          reject(httpFailure('proxy', false, where, detail))
        })
        outgoing.destroy()
        return
      }
      collect(incoming, request.maxBody).then(
        (body) => {
          settle(() => {
            resolve(response(incoming, body, request.url))
          })
          // A refusal that came before the whole body was sent leaves the connection unusable.
          if (!outgoing.writableFinished) outgoing.destroy()
        },
        (error: unknown) => {
          settle(() => {
            reject(httpFailure('reset', true, where, `the answer broke off (${reason(error)})`, { cause: error }))
          })
          outgoing.destroy()
        }
      )
    })
    outgoing.on('error', (error) => {
      if (answered) return // the answer decides; a broken request body after it says nothing new
      if (bodyFailure !== undefined) {
        const detail = `the body could not be read (${reason(bodyFailure)})`
        settle(() => {
          reject(httpFailure('body', connected, where, detail, { cause: bodyFailure }))
        })
        return
      }
      const kind = error.name === timeoutName ? 'timeout' : failureKind(error, connected)
      settle(() => {
        reject(httpFailure(kind, connected, where, reason(error), { cause: error }))
      })
    })

    let started = false
    const sendBody = (): void => {
      if (started || answered) return
      started = true
      const { body } = request
      if (body === undefined) outgoing.end()
      else if ('bytes' in body) outgoing.end(body.bytes)
      else {
        const source = body.open()
        // pipeline destroys the request when the file cannot be read, so a short body never looks complete.
        const counted = exactLength(body.length)
        for (const each of [source, counted]) each.once('error', (error: Error) => (bodyFailure ??= error))
        pipeline(source, counted, outgoing, () => undefined)
      }
    }
    let continueTimer: NodeJS.Timeout | undefined
    if (headers['expect'] === undefined) sendBody()
    else {
      outgoing.once('continue', sendBody)
      outgoing.flushHeaders()
      outgoing.once('socket', () => {
        continueTimer = setTimeout(sendBody, continueWait)
      })
    }
  })
}

function response(incoming: http.IncomingMessage, body: Buffer, url: URL): HttpResponse {
  return {
    status: incoming.statusCode ?? 0,
    statusText: incoming.statusMessage ?? '',
    headers: incoming.headers,
    body,
    url
  }
}

function bodyLength(body: HttpBody | undefined): number {
  if (body === undefined) return 0
  return 'bytes' in body ? body.bytes.length : body.length
}

async function collect(incoming: http.IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw new Error(`longer than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const timeoutName = 'TimeoutError'

function timeoutError(message: string): Error {
  const error = new Error(message)
  error.name = timeoutName
  return error
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = errorCode(error)
  // An AggregateError (all addresses of a host failed) has an empty message.
  if (error.message === '') return code === '' ? error.name : code
  return error.message
}
