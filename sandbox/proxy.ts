import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { withRealHost } from './addresses.ts'
import type { CertificateAuthority } from './certificate-authority.ts'
import { serverOptions, start, type LoopbackServer } from './loopback.ts'

export interface ProxyParts {
  readonly port: number
  readonly certificates: CertificateAuthority
  /** A request for a real host; `reset` ends the client's TCP connection with RST. */
  onRequest(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    from: { readonly url: URL; readonly job: string | undefined; reset(): void }
  ): void
  /** A tunnel that ended before a request came out of it, and why. */
  onSilentTunnel(tunnel: {
    readonly authority: string
    readonly job: string | undefined
    readonly reason: string
  }): void
}

/** An open CONNECT (RFC 9110, 9.3.6): where it leads, who opened it, and the client's own socket. */
interface Tunnel {
  readonly authority: string
  readonly scheme: 'http' | 'https'
  readonly job: string | undefined
  readonly socket: Socket
  requests: number
}

/**
 * The HTTP proxy that stands between programs and every host. It opens TLS itself, with a certificate for the host
 * that was asked for, and takes absolute-form requests (RFC 9112, 3.2.2) for plain http. A tunnel to a host of nobody
 * is opened too: only then can the refusal be read, and the address and secrets that would have gone out be logged.
 */
export async function startProxy(parts: ProxyParts): Promise<LoopbackServer> {
  const tunnels = new WeakMap<Socket, Tunnel>()
  // Never listens: it is handed the decrypted streams. Clients of HTTP/2 see by ALPN that 1.1 is spoken.
  const inner = createServer(serverOptions)
  const takeInner = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const tunnel = tunnels.get(incoming.socket)
    if (tunnel === undefined) throw new Error('a request from a connection that is no tunnel')
    tunnel.requests += 1
    const url = addressOf(incoming.url ?? '/', `${tunnel.scheme}://${tunnel.authority}`)
    if (url === undefined) badRequest(outgoing, incoming.url)
    else parts.onRequest(incoming, outgoing, { url, job: tunnel.job, reset: resetOf(tunnel.socket) })
  }
  inner.on('request', takeInner)
  inner.on('checkContinue', takeInner)

  const outer = createServer(serverOptions)
  const takeOuter = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const url = addressOf(incoming.url ?? '/', undefined)
    if (url === undefined) badRequest(outgoing, incoming.url)
    else {
      parts.onRequest(incoming, outgoing, {
        url: withRealHost(url),
        job: jobOf(incoming),
        reset: resetOf(incoming.socket)
      })
    }
  }
  outer.on('request', takeOuter)
  outer.on('checkContinue', takeOuter)
  outer.on('connect', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    const found = /^(\[[\da-f:.]+\]|[^\s:/@]+):(\d+)$/i.exec(incoming.url ?? '')
    const host = found?.[1]
    if (host === undefined) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      return
    }
    const job = jobOf(incoming)
    const authority = incoming.url ?? ''
    let tunnel: Tunnel | undefined
    let reason = 'closed before a request'
    socket.on('error', (error) => {
      reason = error.message
    })
    socket.once('close', () => {
      if ((tunnel?.requests ?? 0) === 0) parts.onSilentTunnel({ authority, job, reason })
    })
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    if (head.length > 0) socket.unshift(head)
    firstByte(socket, (byte) => {
      // 0x16 opens a TLS handshake (RFC 8446, 5.1); anything else can only be plain HTTP.
      tunnel = { authority, scheme: byte === 0x16 ? 'https' : 'http', job, socket, requests: 0 }
      if (byte !== 0x16) {
        tunnels.set(socket, tunnel)
        inner.emit('connection', socket)
        return
      }
      const name = host.replace(/^\[|\]$/g, '')
      const secure = new TLSSocket(socket, {
        isServer: true,
        secureContext: parts.certificates.contextFor(name),
        SNICallback: (asked, done) => {
          done(null, parts.certificates.contextFor(asked))
        },
        ALPNProtocols: ['http/1.1']
      })
      tunnels.set(secure, tunnel)
      secure.on('error', (error: NodeJS.ErrnoException) => {
        reason = `TLS: ${error.code ?? error.message}`
        socket.destroy()
      })
      inner.emit('connection', secure)
    })
  })
  return start(outer, parts.port)
}

function firstByte(socket: Socket, found: (byte: number) => void): void {
  socket.once('readable', () => {
    const piece: unknown = socket.read()
    if (!Buffer.isBuffer(piece)) return
    socket.unshift(piece)
    found(piece.readUInt8(0))
  })
}

/** The job is the user name of the proxy's address: `http://JOB:x@127.0.0.1:PORT`. */
function jobOf(incoming: IncomingMessage): string | undefined {
  const credentials = /^Basic\s+(\S+)/i.exec(incoming.headers['proxy-authorization'] ?? '')?.[1]
  if (credentials === undefined) return undefined
  const user = Buffer.from(credentials, 'base64').toString('utf8').replace(/:.*$/s, '')
  return user === '' ? undefined : user
}

/** A default port is dropped, as `URL` does: tunnels name 443 always. */
function addressOf(target: string, base: string | undefined): URL | undefined {
  const url = base !== undefined && target.startsWith('/') ? URL.parse(base + target) : URL.parse(target)
  return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '' ? url : undefined
}

function badRequest(outgoing: ServerResponse, target: string | undefined): void {
  outgoing.writeHead(400, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  outgoing.end(`This is an HTTP proxy; it cannot use the address ${JSON.stringify(target ?? '')}.\n`)
}

function resetOf(socket: Socket): () => void {
  return () => {
    socket.resetAndDestroy()
  }
}
