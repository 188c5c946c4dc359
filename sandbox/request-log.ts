import { appendFileSync, writeFileSync } from 'node:fs'

/**
 * How a request ended: `answered` by a service, `passed` to the machine's own index, `blocked` because no service owns
 * the host, `aborted` by the client before the service saw it, `failed` by a bug of the sandbox, or a fault's words.
 */
export type Outcome = 'answered' | 'passed' | 'blocked' | 'aborted' | 'failed' | `fault ${string}`

/** One request as the log keeps it: no headers and no bodies, so no credentials. */
export interface LoggedRequest {
  /** Counted from 1 in the order of arrival. */
  readonly n: number
  /** Milliseconds since the epoch, by the sandbox's clock. */
  readonly time: number
  readonly job?: string
  /** Name of the service that owns the host; absent when none does. */
  readonly service?: string
  readonly method: string
  /** With watched secrets and credentials in the query replaced by `***`. */
  readonly url: string
  /** What the client was told; 0 when it got no answer. */
  readonly status: number
  readonly outcome: Outcome
  readonly requestBytes: number
  /** Names of the watched secrets that it carried. */
  readonly secrets: readonly string[]
  /** Whether it may change state and the service has handled it. */
  readonly wrote: boolean
  /** What else there is to say: why a handshake failed, which index answered. */
  readonly note?: string
}

/** An entry while its request runs. */
export type OpenEntry = { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] }

export interface RequestLog {
  readonly requests: readonly LoggedRequest[]
  open(
    start: Pick<LoggedRequest, 'time' | 'method' | 'url'> & { job?: string | undefined; service?: string | undefined }
  ): OpenEntry
  /** Says that the entry will not change any more: it goes to the file and to `onRequest`. */
  close(entry: OpenEntry): void
}

/** Keeps the log in memory; with `logFile`, each finished request is also one line of JSON there. */
export function requestLog(options: { logFile?: string; onRequest?: (request: LoggedRequest) => void }): RequestLog {
  const requests: OpenEntry[] = []
  const written = new Set<number>()
  const { logFile, onRequest } = options
  if (logFile !== undefined) writeFileSync(logFile, '', { mode: 0o600 })
  return {
    requests,
    open({ job, service, ...start }) {
      const entry: OpenEntry = {
        n: requests.length + 1,
        ...start,
        ...(job !== undefined && { job }),
        ...(service !== undefined && { service }),
        status: 0,
        outcome: 'aborted',
        requestBytes: 0,
        secrets: [],
        wrote: false
      }
      requests.push(entry)
      return entry
    },
    close(entry) {
      if (written.has(entry.n)) return
      written.add(entry.n)
      if (logFile !== undefined) appendFileSync(logFile, `${JSON.stringify(entry)}\n`)
      onRequest?.(entry)
    }
  }
}
