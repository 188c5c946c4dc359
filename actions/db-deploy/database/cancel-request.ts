import { connect as connectSocket, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'

export interface Backend {
  readonly host: string
  readonly port: number
  /** What the server said when the connection began; whoever has both may cancel. */
  readonly id: number
  readonly key: number
  /** As for the connection itself; undefined without TLS. */
  readonly tls: ConnectionOptions | undefined
}

/**
 * Asks a server to end what a backend does now, over a connection of its own, as the protocol has it
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS). There is no answer, and no
 * error that could be told: whoever asks sees the query end, or does not. The other side hangs up; PgBouncer forgets the
 * request when it is hung up on before it has passed it on.
 */
export function sendCancelRequest(backend: Backend): void {
  const socket = backend.host.startsWith('/')
    ? connectSocket(`${backend.host}/.s.PGSQL.${backend.port}`)
    : connectSocket(backend.port, backend.host)
  quietly(socket)
  socket.once('connect', () => {
    if (backend.tls === undefined) {
      socket.write(message(backend))
      return
    }
    socket.write(sslRequest)
    socket.once('data', (answer) => {
      if (answer.toString('latin1') !== 'S') {
        socket.destroy()
        return
      }
      const secure = connectTls({ ...backend.tls, socket })
      quietly(secure)
      secure.once('secureConnect', () => secure.write(message(backend)))
    })
  })
}

function quietly(socket: Socket): void {
  socket.on('error', () => {
    socket.destroy()
  })
  socket.setTimeout(patience, () => {
    socket.destroy()
  })
  // A process that is done does not wait for it.
  socket.unref()
}

/** Milliseconds. */
const patience = 2_000

/** Length, and 1234,5679 in two halves of a number. */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

/** Length, 1234,5678, process id and key. */
function message({ id, key }: Backend): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeInt32BE(16, 0)
  bytes.writeInt32BE(80_877_102, 4)
  bytes.writeInt32BE(id, 8)
  bytes.writeInt32BE(key, 12)
  return bytes
}
