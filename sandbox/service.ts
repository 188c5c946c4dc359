import type { IncomingHttpHeaders } from 'node:http'

/** A request as a service sees it: read whole, under the host name the client asked for. */
export interface SandboxRequest {
  readonly method: string
  /** `https://upload.pypi.org/legacy/` through the proxy, or `http://127.0.0.1:PORT/legacy/` at the loopback address. */
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Milliseconds since the epoch, from the sandbox's clock. */
  readonly now: number
  /** The job that sent it, when the client came through the proxy with a user name (rehearse names each job so). */
  readonly job?: string
}

export interface SandboxResponse {
  readonly status: number
  /** Reason phrase, where clients read it (twine does). */
  readonly statusText?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Buffer | string
}

/**
 * One embedded service. `handle` is synchronous so that every request is one atomic step over the state, as a
 * transaction is on the real service.
 */
export interface Service<State = unknown> {
  /** `github`, `pypi`, `testpypi`, `oidc` … */
  readonly name: string
  /** Real host names that it answers for, exactly. */
  readonly hosts: readonly string[]
  /** Answers, or gives `undefined` for a read it has nothing for that may pass to the machine's own index. */
  handle(request: SandboxRequest): SandboxResponse | undefined
  /**
   * The whole state as plain data (numbers, strings, arrays, objects, Buffers; no Maps or classes). Not shared with
   * the live state, except Buffers, which nobody changes. Used for persistence, for comparing end states in tests
   * and for stale reads.
   */
  save(): State
  load(state: State): void
}
