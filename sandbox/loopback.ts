import type { ServerResponse } from 'node:http'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A server on 127.0.0.1 that can be ended at once. */
export interface LoopbackServer {
  readonly url: URL
  close(): Promise<void>
}

/** One plain HTTP listener, on a free port or the one given; nothing outside this machine can reach it. */
export async function listen(
  onRequest: (incoming: IncomingMessage, outgoing: ServerResponse, url: URL) => void,
  port = 0
): Promise<LoopbackServer> {
  const server = createServer(serverOptions)
  const take = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { port: own } = server.address() as AddressInfo
    const url = URL.parse(`http://127.0.0.1:${String(own)}${incoming.url ?? '/'}`)
    if (url !== null && incoming.url?.startsWith('/') === true) onRequest(incoming, outgoing, url)
    else
      outgoing
        .writeHead(400, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
        .end('No such address.\n')
  }
  server.on('request', take)
  server.on('checkContinue', take)
  return start(server, port)
}

/** No limit on the time an upload takes, and idle connections stay longer than any client keeps them. */
export const serverOptions = { requestTimeout: 0, keepAliveTimeout: 120_000, noDelay: true } as const

/** Starts the server on 127.0.0.1 and follows its sockets, also those that `connect` took out of its hands. */
export async function start(server: ReturnType<typeof createServer>, port: number): Promise<LoopbackServer> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: own } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${String(own)}`),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}
