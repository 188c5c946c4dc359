import type { SandboxRequest, SandboxResponse, Service } from '../service.ts'
import { faultOf, signals, type Signal } from './protobuf-json.ts'

/** One export that the collector took. */
export interface Export {
  readonly signal: Signal
  /** As it was sent. */
  readonly payload: unknown
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface OtlpState {
  exports: Export[]
  /** Headers that a request must carry, by lower-case name; none unless set. */
  demanded: Record<string, string>
}

export interface OtlpService extends Service<OtlpState> {
  readonly exports: readonly Export[]
  /** From now on a request without this header is refused with 401, as vendors do without their key. */
  demandHeader(name: string, value: string): void
}

/** A name that stays reserved (RFC 2606): a workflow that sends elsewhere in earnest names that host as an option. */
export const otlpHost = 'otlp.example.com'

/** An OpenTelemetry collector with its OTLP/HTTP receiver, for JSON. */
export function createOtlp(hosts: readonly string[] = [otlpHost]): OtlpService {
  let state: OtlpState = { exports: [], demanded: {} }

  function receive(signal: Signal, request: SandboxRequest): SandboxResponse {
    const missing = Object.entries(state.demanded).find(([name, value]) => request.headers[name] !== value)
    if (missing !== undefined) return status(401, 16, 'Unauthenticated')
    // The receiver answers in the words of its HTTP server here, not of gRPC.
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
      return {
        status: 415,
        headers: { 'content-type': 'text/plain' },
        body: '415 unsupported media type, supported: [application/json]'
      }
    }
    let payload: unknown
    try {
      payload = JSON.parse(request.body.toString('utf8'))
    } catch (error) {
      return status(400, 3, error instanceof Error ? error.message : 'no JSON')
    }
    const fault = faultOf(signal, payload)
    if (fault !== undefined) return status(400, 3, fault)
    state.exports.push({ signal, payload, at: request.now })
    return json(200, { partialSuccess: {} })
  }

  return {
    name: 'otlp',
    hosts,
    handle(request) {
      const signal = signals.find((each) => request.url.pathname === `/v1/${each}`)
      if (signal === undefined)
        return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found\n' }
      if (request.method !== 'POST') {
        return {
          status: 405,
          headers: { 'content-type': 'text/plain' },
          body: '405 method not allowed, supported: [POST]'
        }
      }
      return receive(signal, request)
    },
    get exports() {
      return state.exports
    },
    demandHeader(name, value) {
      state.demanded[name.toLowerCase()] = value
    },
    save: () => structuredClone(state),
    load(loaded) {
      state = structuredClone(loaded)
    }
  }
}

/** `google.rpc.Status` as JSON, which an OTLP/HTTP server answers errors with. */
function status(http: number, code: number, message: string): SandboxResponse {
  return json(http, { code, message })
}

function json(http: number, body: object): SandboxResponse {
  return { status: http, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
