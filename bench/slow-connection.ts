import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A port that leads to another on this machine, by a road on which a question and its answer take so long together. */
export async function slowed(
  port: number,
  roundTrip: number
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      open.add(from)
      from.setNoDelay(true)
      from.on('data', (piece) => setTimeout(() => to.write(piece), roundTrip / 2))
      from.on('close', () => setTimeout(() => to.end(), roundTrip / 2))
      from.on('error', () => to.destroy())
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
      })
    }
  }
}
