import type { IncomingHttpHeaders } from 'node:http'

/** What is known of a request before its body has come. */
export interface SandboxRequestHead {
  readonly method: string
  /** `https://upload.pypi.org/legacy/` through the proxy, or `http://127.0.0.1:PORT/legacy/` at the loopback address. */
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  /** Milliseconds since the epoch, from the sandbox's clock. */
  readonly now: number
  /** The job that sent it, when the client came through the proxy with a user name (rehearse names each job so). */
  readonly job?: string
}

/** A request as a service sees it: read whole, under the host name the client asked for. */
export interface SandboxRequest extends SandboxRequestHead {
  readonly body: Buffer
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
  /** The service's own "not found" for a read that `handle` gave `undefined` for and that passes nowhere. */
  notFound?(request: SandboxRequest): SandboxResponse
  /**
   * Refuses from the head alone, before the body is read: a client that sent `Expect: 100-continue` is answered
   * instead of being told to go on (RFC 9110, 10.1.1).
   */
  refuse?(head: SandboxRequestHead): SandboxResponse | undefined
  /**
   * Fails half-way, as the real service is known to (fault rule `502 partial`): leaves behind what the real one
   * would, and answers. Gives `undefined` for a request that knows no half-way.
   */
  partial?(request: SandboxRequest): SandboxResponse | undefined
  /**
   * The whole state as plain data (numbers, strings, arrays, objects, Buffers; no Maps or classes). Not shared with
   * the live state, except Buffers, which nobody changes. Used for persistence, for comparing end states in tests
   * and for stale reads.
   */
  save(): State
  load(state: State): void
}
