import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { buffer } from 'node:stream/consumers'
import type { SandboxResponse } from './service.ts'

/** A service's response, or one whose body streams. */
export type Answer = Omit<SandboxResponse, 'body'> & { readonly body?: SandboxResponse['body'] | Readable }

/**
 * Sends the answer; resolves when it is out or the client has gone.
 * `truncate` breaks off in the middle of the body, `corrupt-json` ends properly after its first half.
 */
export async function deliver(
  outgoing: ServerResponse,
  answer: Answer,
  damage?: 'truncate' | 'corrupt-json'
): Promise<void> {
  if (outgoing.destroyed) return
  const source = answer.body ?? ''
  if (source instanceof Readable && damage === undefined) {
    writeHead(outgoing, answer, undefined)
    await pipeline(outgoing.req.method === 'HEAD' ? Readable.from([]) : source, outgoing).catch(() =>
      outgoing.destroy()
    )
    source.destroy()
    return
  }
  const whole = source instanceof Readable ? await buffer(source) : Buffer.from(source)
  const half = whole.subarray(0, Math.floor(whole.length / 2))
  writeHead(outgoing, answer, damage === 'corrupt-json' ? half.length : whole.length)
  const sent = outgoing.req.method === 'HEAD' ? Buffer.alloc(0) : damage === undefined ? whole : half
  await new Promise<void>((resolve) => {
    outgoing.once('close', resolve)
    if (damage !== 'truncate') {
      outgoing.end(sent, resolve)
      return
    }
    outgoing.flushHeaders()
    outgoing.write(sent, () => {
      outgoing.destroy()
      resolve()
    })
  })
}

function writeHead(outgoing: ServerResponse, answer: Answer, length: number | undefined): void {
  // 1xx, 204 and 304 have no body, and no length of it (RFC 9110, 8.6).
  const isBare = answer.status < 200 || answer.status === 204 || answer.status === 304
  const headers = Object.entries(answer.headers ?? {}).map(([name, value]): [string, string | string[]] => [
    name.toLowerCase(),
    typeof value === 'string' ? value : [...value]
  ])
  const names = new Set(headers.map(([name]) => name))
  const addsLength = !isBare && length !== undefined && !(outgoing.req.method === 'HEAD' && names.has('content-length'))
  const all = Object.fromEntries([
    ...headers.filter(([name]) => !(addsLength && name === 'content-length')),
    ...(addsLength ? [['content-length', String(length)] as const] : [])
  ])
  if (answer.statusText === undefined) outgoing.writeHead(answer.status, all)
  else outgoing.writeHead(answer.status, answer.statusText, all)
}
