import { readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http'
import { connect, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { connect as tlsConnect, type TLSSocket } from 'node:tls'
import type { Gateway } from '../../../sandbox/gateway.ts'

export interface Answered {
  readonly status: number
  readonly statusText: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly job?: string
}

/** One request through the proxy as an unsuspecting client makes it; a plain loopback address is asked directly. */
export async function ask(gateway: Gateway, address: string | URL, asked: Asked = {}): Promise<Answered> {
  const url = new URL(address)
  if (url.hostname === '127.0.0.1') return send(url, asked, {})
  if (url.protocol === 'http:') {
    const headers = { ...asked.headers, host: url.host, ...credentials(asked.job) }
    return send(gateway.proxy, { ...asked, headers }, { path: url.href })
  }
  const tunnel = await openTunnel(gateway, url.hostname, asked.job === undefined ? {} : { job: asked.job })
  try {
    return await send(url, asked, { createConnection: () => tunnel })
  } finally {
    tunnel.destroy()
  }
}

/** A CONNECT and the TLS handshake inside it, checked against the sandbox's authority alone. */
export async function openTunnel(
  gateway: Gateway,
  host: string,
  options: { job?: string; ca?: string; alpn?: string[] } = {}
): Promise<TLSSocket> {
  const socket = await openConnect(gateway, `${host}:443`, options.job)
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({
      socket,
      servername: host,
      ca: options.ca ?? readFileSync(gateway.caFile, 'utf8'),
      ALPNProtocols: options.alpn ?? ['http/1.1']
    })
    secure.once('secureConnect', () => {
      resolve(secure)
    })
    secure.once('error', reject)
  })
}

/** A raw CONNECT. */
export function openConnect(gateway: Gateway, authority: string, job?: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const head = { host: authority, ...credentials(job) }
    const { hostname: host, port } = gateway.proxy
    const sent = httpRequest({ host, port, method: 'CONNECT', path: authority, headers: head })
    sent.once('connect', (response, socket) => {
      if (response.statusCode === 200) resolve(socket)
      else reject(new Error(`CONNECT: ${String(response.statusCode)}`))
    })
    sent.once('error', reject)
    sent.end()
  })
}

/** Sends these bytes over a connection of its own and gives all that comes back until it ends. */
export function sendRaw(address: URL, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(address.port), address.hostname, () => socket.write(bytes))
    let text = ''
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1')
    })
    socket.once('close', () => {
      resolve(text)
    })
    socket.once('error', reject)
  })
}

function send(url: URL, asked: Asked, options: RequestOptions): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      url,
      // The TLS is already there, so the request on it is a plain one.
      {
        protocol: 'http:',
        method: asked.method ?? 'GET',
        headers: { 'user-agent': 'core-tests', ...asked.headers },
        ...options
      },
      (response) => {
        buffer(response).then(
          (body) => {
            const { statusCode = 0, statusMessage = '', headers } = response
            resolve({ status: statusCode, statusText: statusMessage, headers, body: body.toString('utf8') })
          },
          (error: unknown) => {
            reject(error instanceof Error ? error : new Error(String(error)))
          }
        )
      }
    )
    sent.once('error', reject)
    sent.end(asked.body)
  })
}

function credentials(job: string | undefined): Record<string, string> {
  return job === undefined ? {} : { 'proxy-authorization': `Basic ${Buffer.from(`${job}:x`).toString('base64')}` }
}
