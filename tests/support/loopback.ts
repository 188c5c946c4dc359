import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { afterAll } from '@jest/globals'

const servers: net.Server[] = []
afterAll(() => {
  for (const server of servers) {
    server.close()
    if (server instanceof http.Server) server.closeAllConnections()
  }
})

/** A plain http server on loopback that goes away with the test file. Gives its address. */
export async function serve(listener: http.RequestListener): Promise<{ url: string; server: http.Server }> {
  const server = http.createServer(listener)
  return { url: await listen(server), server }
}

/** A raw TCP server on loopback, for answers no http server would give. */
export async function serveRaw(listener: (socket: net.Socket) => void): Promise<string> {
  const server = net.createServer(listener)
  return listen(server)
}

async function listen(server: net.Server): Promise<string> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
