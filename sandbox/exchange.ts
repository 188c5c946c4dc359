import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { addressesOf } from './addresses.ts'
import { deliver, type Answer } from './deliver.ts'
import { faultAnswer } from './fault-answers.ts'
import type { FaultAction, FaultRule } from './faults.ts'
import { pause, receive } from './receive.ts'
import { isRead, refusalOf } from './refusal.ts'
import type { OpenEntry, RequestLog } from './request-log.ts'
import type { SecretWatch } from './secret-watch.ts'
import type { SandboxRequest, SandboxRequestHead, Service } from './service.ts'
import type { EarlierStates } from './states.ts'
import type { Upstream } from './upstream.ts'

/** Where a request came in. */
export interface Arrival {
  readonly url: URL
  readonly loopback: boolean
  readonly job: string | undefined
  /** The service that owns the host; `undefined` for a host of nobody. */
  readonly service: Service | undefined
  /** Ends the client's connection with a TCP reset. */
  reset(): void
}

/**
 * Called (and awaited) for each request that a service is about to handle, and again when it has. A hook that gives
 * `'drop'` loses the request, or the answer, as if the network had: the client sees a reset. A request whose client is
 * gone after the first call never reaches the service.
 */
export type InterceptHook = (request: SandboxRequest, moment: 'before' | 'after') => unknown

export interface ExchangeParts {
  readonly log: RequestLog
  readonly secrets: SecretWatch
  readonly states: EarlierStates
  readonly hooks: ReadonlySet<InterceptHook>
  readonly upstream: Upstream | undefined
  readonly clock: () => number
  /** Aborted when the sandbox closes: ends stalls. */
  readonly closing: AbortSignal
  /** Counts the request in every rule that is about it and gives the first one that is due. */
  dueFault(method: string, addresses: readonly string[], service: Service | undefined): FaultRule | undefined
  /** The longest lag that a stale rule asks for on this service; `undefined` when none asks. */
  staleLag(service: Service): number | undefined
  /** A service has handled a write and nobody has heard of it yet. */
  onWrite(service: Service): void
}

/** Takes one HTTP request from its head to its answer. Never rejects. */
export async function exchange(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  arrival: Arrival,
  parts: ExchangeParts
): Promise<void> {
  const { service, url, job } = arrival
  const method = incoming.method ?? 'GET'
  const entry = parts.log.open({
    time: parts.clock(),
    method,
    url: parts.secrets.redact(url.href),
    job,
    service: service?.name
  })
  // A client that goes away is an ordinary event here; `receive` and `deliver` notice it by 'close'.
  incoming.on('error', () => undefined)
  outgoing.on('error', () => undefined)
  delete incoming.headers['proxy-authorization']
  delete incoming.headers['proxy-connection']
  const head = { method, url, headers: incoming.headers, now: entry.time, ...(job !== undefined && { job }) }
  try {
    const answered = await answer(incoming, outgoing, head, arrival, parts, entry)
    if (answered === 'reset') {
      parts.log.close(entry)
      arrival.reset()
    } else if (answered !== 'gone') {
      entry.status = answered.answer.status
      parts.log.close(entry)
      await deliver(outgoing, answered.answer, answered.damage)
    }
  } catch (error) {
    // A service that throws is a bug of the sandbox: say so aloud, or it looks like an outage of the real service.
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    Object.assign(entry, { outcome: 'failed', note: stack, status: 500 })
    process.stderr.write(`sandbox: ${method} ${parts.secrets.redact(url.href)} failed: ${stack}\n`)
    parts.log.close(entry)
    if (!outgoing.headersSent) await deliver(outgoing, { status: 500, body: `The sandbox failed: ${stack}\n` })
  }
  parts.log.close(entry)
}

/** What the client gets: an answer (perhaps damaged), a reset, or nothing because it has gone. */
type Ending = { readonly answer: Answer; readonly damage?: 'truncate' | 'corrupt-json' } | 'reset' | 'gone'

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  head: SandboxRequestHead,
  arrival: Arrival,
  parts: ExchangeParts,
  entry: OpenEntry
): Promise<Ending> {
  const { service } = arrival
  const expectsContinue = /^100-continue$/i.test(head.headers.expect ?? '')
  const refusal = refusalOf(head, service, parts.upstream)
  if (refusal !== undefined) entry.outcome = 'blocked'
  const early = refusal ?? (expectsContinue ? service?.refuse?.(head) : undefined)
  if (early !== undefined && expectsContinue) {
    if (refusal === undefined) entry.outcome = 'answered'
    entry.secrets = parts.secrets.find({ url: head.url.href, headers: head.headers, body: Buffer.alloc(0) })
    // The body was never asked for, so the connection cannot be used again (RFC 9110, 10.1.1).
    return { answer: { ...early, headers: { ...early.headers, connection: 'close' } } }
  }

  const addresses = addressesOf(head.url, service, arrival.loopback)
  const fault = refusal === undefined ? parts.dueFault(head.method, addresses, service) : undefined
  const action = fault?.action
  if (fault !== undefined) entry.outcome = `fault ${fault.label}`
  if (strikes(action, 'reset', 'before')) return 'reset'
  if (expectsContinue) outgoing.writeContinue()
  const body = await receive(incoming, strikes(action, 'reset', 'body') ? 'half' : 'all', (bytes) => {
    entry.requestBytes = bytes
  })
  if (strikes(action, 'reset', 'body')) return 'reset'
  if (body === undefined) {
    entry.outcome = 'aborted'
    return 'gone'
  }
  entry.secrets = parts.secrets.find({ url: head.url.href, headers: head.headers, body })
  if (refusal !== undefined) return { answer: refusal }

  const request = { ...head, body }
  if (strikes(action, 'stall', 'before') && !(await pause(action.milliseconds, outgoing, parts.closing))) return 'gone'
  if (service !== undefined && (await isDropped(parts.hooks, request, 'before', outgoing))) {
    entry.outcome = 'aborted'
    return 'reset'
  }
  const made = await produce(request, service, action, parts, entry)
  if (service !== undefined && (await isDropped(parts.hooks, request, 'after', outgoing))) return 'reset'
  if (strikes(action, 'reset', 'after')) return 'reset'
  if (strikes(action, 'stall', 'after') && !(await pause(action.milliseconds, outgoing, parts.closing))) return 'gone'
  const damage = action?.kind === 'truncate' || action?.kind === 'corrupt-json' ? action.kind : undefined
  return { answer: made, ...(damage !== undefined && { damage }) }
}

function strikes<Kind extends 'reset' | 'stall'>(
  action: FaultAction | undefined,
  kind: Kind,
  moment: 'before' | 'body' | 'after'
): action is FaultAction & { kind: Kind } {
  return action?.kind === kind && action.moment === moment
}

async function produce(
  request: SandboxRequest,
  service: Service | undefined,
  action: FaultAction | undefined,
  parts: ExchangeParts,
  entry: OpenEntry
): Promise<Answer> {
  if (action?.kind !== 'status') return handle(request, service, action, parts, entry)
  if (action.moment === 'after') await handle(request, service, action, parts, entry)
  if (action.moment === 'partial' && service?.partial !== undefined) {
    const half = wrote(service, parts, entry, request, () => service.partial?.(request))
    if (half !== undefined) return half
  }
  return faultAnswer(action, service?.name)
}

async function handle(
  request: SandboxRequest,
  service: Service | undefined,
  action: FaultAction | undefined,
  parts: ExchangeParts,
  entry: OpenEntry
): Promise<Answer> {
  const settle = (outcome: 'answered' | 'passed'): void => {
    if (action === undefined) entry.outcome = outcome
  }
  if (service !== undefined && parts.upstream?.claims(request.url) !== true) {
    const response = isWrite(request)
      ? wrote(service, parts, entry, request, () => service.handle(request))
      : action?.kind === 'stale'
        ? parts.states.read(service, request, action.lag)
        : service.handle(request)
    if (response !== undefined) {
      settle('answered')
      return response
    }
  }
  const passed = isRead(request.method) ? await parts.upstream?.read(request, service?.name) : undefined
  if (passed !== undefined) {
    settle('passed')
    if (passed.note !== undefined) entry.note = passed.note
    return passed
  }
  settle('answered')
  const notFound = { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Not Found\n' }
  return service?.notFound?.(request) ?? notFound
}

/** Runs a step that may change the state, with the book-keeping that goes with it. */
function wrote<T>(service: Service, parts: ExchangeParts, entry: OpenEntry, request: SandboxRequest, step: () => T): T {
  const lag = parts.staleLag(service)
  if (lag !== undefined) parts.states.keep(service, request.now, lag)
  const made = step()
  entry.wrote = true
  parts.onWrite(service)
  return made
}

/** Whether the request may change state: any other method, except a GraphQL query, which is a read by POST. */
function isWrite(request: SandboxRequest): boolean {
  if (isRead(request.method) || request.method === 'OPTIONS') return false
  if (!/\/graphql$/.test(request.url.pathname)) return true
  return /"query"\s*:\s*"[^"]*\bmutation\b/.test(request.body.toString('utf8'))
}

async function isDropped(
  hooks: ReadonlySet<InterceptHook>,
  request: SandboxRequest,
  moment: 'before' | 'after',
  outgoing: ServerResponse
): Promise<boolean> {
  if (hooks.size === 0) return false
  let dropped = false
  for (const hook of hooks) if ((await hook(request, moment)) === 'drop') dropped = true
  // The end of a client that a hook killed takes a moment to arrive here.
  await setTimeout(10)
  return dropped || outgoing.destroyed
}
