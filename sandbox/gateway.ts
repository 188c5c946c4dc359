import type { IncomingMessage, ServerResponse } from 'node:http'
import { fail } from '../actions/shared/problem.ts'
import { createCertificateAuthority } from './certificate-authority.ts'
import { environmentOf } from './environment.ts'
import { exchange, type Arrival, type ExchangeParts, type InterceptHook } from './exchange.ts'
import { glob, matches, parseFault, type FaultRule } from './faults.ts'
import { listen, type LoopbackServer } from './loopback.ts'
import { openFolder } from './persistence.ts'
import { startProxy } from './proxy.ts'
import { requestLog, type LoggedRequest } from './request-log.ts'
import { secretWatch } from './secret-watch.ts'
import type { Service } from './service.ts'
import { earlierStates } from './states.ts'
import type { Upstream } from './upstream.ts'

export interface GatewayOptions {
  /** Keeps the services' state here between runs. */
  readonly folder?: string
  /** Reads that no service answers go here. */
  readonly upstream?: Upstream
  /** Milliseconds since the epoch; the machine's clock unless given. */
  readonly clock?: () => number
  /** The proxy's port; any free one unless given. */
  readonly port?: number
  /** Writes each finished request as a line of JSON into this file. */
  readonly logFile?: string
  readonly onRequest?: (request: LoggedRequest) => void
}

/** What stands between programs and the services: the proxy, a loopback address for each service, faults and the log. */
export interface Gateway {
  readonly proxy: URL
  /** PEM of the certificate authority that the proxy's certificates come from. */
  readonly caFile: string
  /** The plain loopback address of a service. Throws for a name that is none. */
  address(name: string): URL
  /** Variables that send a program through the proxy; with `job`, its requests are logged under that name. */
  environment(options?: { job?: string }): Record<string, string>
  readonly requests: readonly LoggedRequest[]
  /** Requests that may have changed state and that a service handled, whatever it answered. */
  writes(): LoggedRequest[]
  /** From now on, a request that carries this value is logged with the name. */
  watchSecret(name: string, value: string): void
  /** Adds a fault rule (docs/sandbox.md). Throws an ActionError for one that is wrong or can match nothing. */
  fault(rule: string): void
  /** The rules so far, and how often each has struck. */
  readonly faults: readonly { readonly rule: string; readonly struck: number }[]
  /** Adds a hook; gives a function that takes it away. */
  intercept(hook: InterceptHook): () => void
  /** The state of every service, by name. */
  save(): Record<string, unknown>
  /** Ends every connection, listener and temporary file. */
  close(): Promise<void>
}

/** Starts the proxy and the loopback addresses for these services. */
export async function startGateway(services: readonly Service[], options: GatewayOptions = {}): Promise<Gateway> {
  const { upstream, clock = Date.now, port = 0 } = options
  const folder = options.folder === undefined ? undefined : openFolder(options.folder)
  folder?.load(services)
  const secrets = secretWatch()
  const log = requestLog(options)
  const hooks = new Set<InterceptHook>()
  const rules: { readonly rule: FaultRule; seen: number; struck: number }[] = []
  const states = earlierStates()
  const closing = new AbortController()
  const owners = new Map(services.flatMap((service) => service.hosts.map((host) => [host, service] as const)))

  const parts: ExchangeParts = {
    log,
    secrets,
    states,
    hooks,
    upstream,
    clock,
    closing: closing.signal,
    dueFault(method, addresses, service) {
      const due = rules.filter((known) => {
        if (!matches(known.rule, method, addresses)) return false
        // A stale rule waits for the first write: until then there is nothing older to read.
        if (known.rule.action.kind === 'stale' && (service === undefined || !states.has(service))) return false
        known.seen += 1
        return known.seen >= known.rule.first && known.seen <= known.rule.last
      })[0]
      if (due === undefined) return undefined
      due.struck += 1
      return due.rule
    },
    staleLag(service) {
      const lags = rules.flatMap(({ rule }) =>
        rule.action.kind === 'stale' && isAbout(rule, service) ? [rule.action.lag ?? 0] : []
      )
      return lags.length === 0 ? undefined : Math.max(...lags)
    },
    onWrite() {
      folder?.save(services)
    }
  }
  const take = (incoming: IncomingMessage, outgoing: ServerResponse, arrival: Arrival): void => {
    void exchange(incoming, outgoing, arrival, parts)
  }

  const certificates = await createCertificateAuthority()
  const servers: LoopbackServer[] = []
  const addresses = new Map<string, URL>()
  const closeAll = async (): Promise<void> => {
    closing.abort()
    await Promise.all(servers.map((server) => server.close()))
    certificates.close()
  }
  try {
    const proxy = await startProxy({
      port,
      certificates,
      onRequest(incoming, outgoing, from) {
        take(incoming, outgoing, { ...from, loopback: false, service: owners.get(from.url.hostname) })
      },
      onSilentTunnel({ authority, job, reason }) {
        const service = owners.get(authority.replace(/:\d+$/, ''))
        // Programs open tunnels ahead of need; only those that failed, or lead nowhere, tell something.
        if (closing.signal.aborted || (service !== undefined && reason === closedQuietly)) return
        const entry = log.open({ time: clock(), method: 'CONNECT', url: authority, job, service: service?.name })
        entry.outcome = service === undefined ? 'blocked' : 'aborted'
        entry.note = reason
        log.close(entry)
      }
    })
    servers.push(proxy)
    for (const service of services) {
      const server = await listen((incoming, outgoing, url) => {
        const reset = (): void => {
          incoming.socket.resetAndDestroy()
        }
        take(incoming, outgoing, { url, loopback: true, job: undefined, service, reset })
      })
      servers.push(server)
      addresses.set(service.name, server.url)
    }
    return {
      proxy: proxy.url,
      caFile: certificates.caFile,
      address(name) {
        const known = addresses.get(name)
        if (known === undefined) throw new Error(`no service "${name}"; there are ${[...addresses.keys()].join(', ')}`)
        return new URL(known)
      },
      environment: ({ job } = {}) =>
        environmentOf({ proxy: proxy.url, caFile: certificates.caFile, ...(job !== undefined && { job }) }),
      requests: log.requests,
      writes: () => log.requests.filter(({ wrote }) => wrote),
      watchSecret(name, value) {
        secrets.watch(name, value)
      },
      fault(text) {
        const rule = parseFault(text)
        const about = services.filter((service) => isAbout(rule, service))
        if (about.length === 0 && upstream?.owns(rule.host) !== true) noSuchHost(rule, services)
        if (isPartial(rule) && !about.some((service) => service.partial !== undefined)) noHalfWay(rule)
        rules.push({ rule, seen: 0, struck: 0 })
      },
      get faults() {
        return rules.map(({ rule, struck }) => ({ rule: rule.text, struck }))
      },
      intercept(hook) {
        hooks.add(hook)
        return () => void hooks.delete(hook)
      },
      save: () => Object.fromEntries(services.map((service) => [service.name, service.save()])),
      async close() {
        await closeAll()
        folder?.save(services)
        folder?.sweep()
      }
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** What `startProxy` says of a tunnel that the client closed without a word. */
const closedQuietly = 'closed before a request'

function isAbout(rule: FaultRule, service: Service): boolean {
  const host = glob(rule.host)
  return [service.name, ...service.hosts].some((name) => host.test(name))
}

function noSuchHost(rule: FaultRule, services: readonly Service[]): never {
  fail({
    code: 'fault-rule',
    message: `The fault rule "${rule.text}" can match nothing: no service answers for "${rule.host}".`,
    hint: `Name one of: ${services.flatMap(({ name, hosts }) => [name, ...hosts]).join(', ')}.`
  })
}

const isPartial = ({ action }: FaultRule): boolean => action.kind === 'status' && action.moment === 'partial'

function noHalfWay(rule: FaultRule): never {
  fail({
    code: 'fault-rule',
    message: `The fault rule "${rule.text}" cannot strike: "${rule.host}" leaves nothing half-way.`,
    hint: 'Leave "partial" out, or write "after" for a failure that hides a success.'
  })
}
