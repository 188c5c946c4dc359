import type { Secrets } from '../../shared/secrets.ts'

/** Where traces and metrics go, as the variables of OpenTelemetry say (opentelemetry.io/docs/specs/otel/protocol/exporter). */
export interface OtlpSettings {
  readonly traces: OtlpDestination | undefined
  readonly metrics: OtlpDestination | undefined
  readonly resource: ReadonlyMap<string, string>
  readonly parent: TraceParent | undefined
  /** `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` */
  readonly temporality: 'cumulative' | 'delta'
}

export interface OtlpDestination {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds for one try. */
  readonly timeout: number
}

/** The span that this run belongs to (W3C Trace Context). */
export interface TraceParent {
  readonly traceId: string
  readonly spanId: string
  readonly sampled: boolean
  readonly state: string | undefined
}

type Signal = 'TRACES' | 'METRICS'

/**
 * Reads the variables. Nothing is sent where no endpoint is named: a collector on this machine, which is their default,
 * is not guessed.
 *
 * @param env of the job; values of headers are masked
 * @returns undefined where nothing was asked for, else the settings and what is told of variables that do not hold here
 */
export function readOtlpSettings(
  env: NodeJS.ProcessEnv,
  secrets: Pick<Secrets, 'add'>
): { readonly settings: OtlpSettings; readonly faults: readonly string[] } | undefined {
  if (given(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined
  const faults: string[] = []
  const traces = destination('TRACES', env, secrets, faults)
  const metrics = destination('METRICS', env, secrets, faults)
  if (traces === undefined && metrics === undefined && faults.length === 0) return undefined
  const parent = readTraceParent(given(env, 'TRACEPARENT'), given(env, 'TRACESTATE'))
  const preference = given(env, 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE')?.toLowerCase()
  return {
    settings: {
      // A parent that is not recorded has no children that are.
      traces: parent?.sampled === false ? undefined : traces,
      metrics,
      resource: resourceOf(env, faults),
      parent,
      temporality: preference === 'delta' || preference === 'lowmemory' ? 'delta' : 'cumulative'
    },
    faults
  }
}

function destination(
  signal: Signal,
  env: NodeJS.ProcessEnv,
  secrets: Pick<Secrets, 'add'>,
  faults: string[]
): OtlpDestination | undefined {
  const setting = (name: string): string | undefined =>
    given(env, `OTEL_EXPORTER_OTLP_${signal}_${name}`) ?? given(env, `OTEL_EXPORTER_OTLP_${name}`)
  if (given(env, `OTEL_${signal}_EXPORTER`) === 'none') return undefined
  const own = given(env, `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`)
  const base = given(env, 'OTEL_EXPORTER_OTLP_ENDPOINT')
  const endpoint = own ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/${signal.toLowerCase()}`)
  if (endpoint === undefined) return undefined
  // Receivers of http/protobuf take JSON at the same address, by its content type; gRPC listens elsewhere.
  if (setting('PROTOCOL') === 'grpc') {
    faults.push(`OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and ${signal.toLowerCase()} are sent as http/json only`)
    return undefined
  }
  const headers = readPairs(setting('HEADERS') ?? '')
  if (headers === undefined) {
    faults.push(`OTEL_EXPORTER_OTLP_HEADERS is not of the form name=value,name=value`)
    return undefined
  }
  for (const value of headers.values()) mask(value, secrets)
  // It is refused by whoever sends, and must not be seen until then.
  if (URL.canParse(endpoint)) secrets.add(decoded(new URL(endpoint).password))
  return {
    url: endpoint,
    headers: Object.fromEntries([...headers].map(([name, value]) => [name.toLowerCase(), value])),
    timeout: Math.min(timeoutOf(setting('TIMEOUT')), longest)
  }
}

/** OpenTelemetry's own default is ten seconds. Nobody waits longer for it here. Milliseconds. */
const longest = 10_000

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function timeoutOf(text: string | undefined): number {
  const read = text !== undefined && /^\d+$/.test(text) ? Number(text) : longest
  return read > 0 ? read : longest
}

/** A key often stands behind a word: `Bearer …`, `Basic …`. */
function mask(value: string, secrets: Pick<Secrets, 'add'>): void {
  for (const form of [value, ...value.split(' ').slice(1)]) secrets.add(form)
}

function resourceOf(env: NodeJS.ProcessEnv, faults: string[]): ReadonlyMap<string, string> {
  const read = readPairs(given(env, 'OTEL_RESOURCE_ATTRIBUTES') ?? '')
  // "In case of any error … the entire environment variable value SHOULD be discarded" (resource SDK).
  if (read === undefined) faults.push('OTEL_RESOURCE_ATTRIBUTES is not of the form name=value,name=value')
  const name = given(env, 'OTEL_SERVICE_NAME')
  return new Map([...(read ?? []), ...(name === undefined ? [] : [['service.name', name] as const])])
}

/** `name=value,name=value` with both percent-encoded, as W3C Baggage has it; undefined where it is not of that form. */
function readPairs(text: string): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>()
  for (const pair of text.split(',').map((each) => each.trim())) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    if (at < 1) return undefined
    try {
      pairs.set(decodeURIComponent(pair.slice(0, at).trim()), decodeURIComponent(pair.slice(at + 1).trim()))
    } catch {
      return undefined
    }
  }
  return pairs
}

/** `00-<32 hex>-<16 hex>-<flags>`; what is not of that form starts a trace of its own (W3C Trace Context, 3.2). */
function readTraceParent(text: string | undefined, state: string | undefined): TraceParent | undefined {
  const [, version, traceId = '', spanId = '', flags = ''] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(text ?? '') ?? []
  if (version === undefined || version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1, state }
}

function given(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name]?.trim() || undefined
}
