import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Reads the body whole, or its first half (by Content-Length; the first piece of a chunked one).
 * Gives `undefined` when the client went away first. `onBytes` hears the count so far.
 */
export function receive(
  incoming: IncomingMessage,
  share: 'all' | 'half',
  onBytes: (bytes: number) => void
): Promise<Buffer | undefined> {
  const enough = share === 'half' ? Math.ceil(Number(incoming.headers['content-length'] ?? 0) / 2) : Infinity
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    let bytes = 0
    incoming.on('data', (piece: Buffer) => {
      pieces.push(piece)
      bytes += piece.length
      onBytes(bytes)
      if (bytes >= enough) {
        incoming.pause()
        resolve(Buffer.concat(pieces))
      }
    })
    incoming.once('end', () => {
      resolve(Buffer.concat(pieces))
    })
    // 'close' comes after 'end' too; resolving twice does nothing.
    incoming.once('close', () => {
      resolve(undefined)
    })
  })
}

/** Waits; `false` when the client went away or the sandbox closes before the time is over. */
export function pause(milliseconds: number, outgoing: ServerResponse, closing: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (whole: boolean): void => {
      clearTimeout(timer)
      outgoing.off('close', gone)
      closing.removeEventListener('abort', gone)
      resolve(whole)
    }
    const gone = (): void => {
      end(false)
    }
    const timer = Number.isFinite(milliseconds) ? setTimeout(end, milliseconds, true) : undefined
    outgoing.once('close', gone)
    closing.addEventListener('abort', gone)
    if (closing.aborted || outgoing.destroyed) gone()
  })
}
