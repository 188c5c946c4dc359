import { randomBytes } from 'node:crypto'
import { json, type HttpResponse } from '../../shared/http.ts'
import type { Remark } from '../../shared/problem.ts'
import { shortened } from '../../shared/summary.ts'
import type { World } from '../../shared/world.ts'
import type { RunRecord } from '../record.ts'
import { attributesWith } from './otlp-attributes.ts'
import { metricsOf } from './otlp-metrics.ts'
import type { OtlpDestination, OtlpSettings } from './otlp-settings.ts'
import { traceOf } from './otlp-trace.ts'
import { postJson } from './post-json.ts'

/**
 * Sends a run as a trace and as metrics, by OTLP/HTTP in JSON.
 * @param left milliseconds that there are yet
 * @returns a warning for each of the two that did not arrive, or not wholly
 */
export async function tellCollector(
  { traces, metrics, resource, parent, temporality }: OtlpSettings,
  record: RunRecord,
  world: World,
  left: () => number
): Promise<readonly Remark[]> {
  const text = (given: string): string => world.secrets.redact(given)
  const attributes = attributesWith(text)
  const ids = { traceId: parent?.traceId ?? hex(16), spanId: () => hex(8) }
  const sent = [
    ...(traces === undefined
      ? []
      : [send('Traces', traces, traceOf(record, ids, parent, resource, { attributes, text }), world, left)]),
    ...(metrics === undefined
      ? []
      : [send('Metrics', metrics, metricsOf(record, temporality, resource, attributes), world, left)])
  ]
  return (await Promise.all(sent)).flat()
}

async function send(
  what: string,
  { url, headers, timeout }: OtlpDestination,
  body: object,
  world: World,
  left: () => number
): Promise<readonly Remark[]> {
  if (!URL.canParse(url)) return [notSent(`${what} were not sent: the endpoint is no URL.`, endpointHint)]
  const address = new URL(url)
  const posted = await postJson({ url: address, headers, body, timeout, repeatable: true }, world, left)
  const where = address.host
  if ('failure' in posted) return [notSent(`${what} did not reach ${where}: ${posted.failure}.`, endpointHint)]
  return answered(what, where, posted.response, world)
}

/** `partialSuccess` of an answer that took a part, or has advice; all of it is told (OTLP, "Partial Success"). */
function answered(what: string, where: string, response: HttpResponse, world: World): readonly Remark[] {
  const body = json(response)
  if (response.status >= 200 && response.status < 300) {
    const { rejectedSpans, rejectedDataPoints, errorMessage } = fieldsOf(fieldsOf(body)['partialSuccess'])
    const rejected = Number(rejectedSpans ?? rejectedDataPoints ?? 0)
    const said = typeof errorMessage === 'string' ? errorMessage : ''
    if (!(rejected > 0) && said === '') return []
    const took =
      rejected > 0
        ? `${where} rejected ${rejected} of the ${what.toLowerCase()}`
        : `${where} took the ${what.toLowerCase()}`
    return [notSent(`${took}${wordsOf(said, world)}.`, 'What is wrong with them, its administrator can say.')]
  }
  const { message } = fieldsOf(body)
  const said = typeof message === 'string' ? message : ''
  return [
    notSent(
      `${what} were not taken: ${where} answered ${response.status}${wordsOf(said, world)}.`,
      statusHint(response.status)
    )
  ]
}

function wordsOf(said: string, { secrets }: World): string {
  return said === '' ? '' : ` (${shortened(secrets.redact(said), 200)})`
}

const endpointHint =
  'Check OTEL_EXPORTER_OTLP_ENDPOINT: an https address, or http on this machine. The deploy itself is not touched by this.'

function statusHint(status: number): string {
  if (status === 401 || status === 403) return 'Check the key in OTEL_EXPORTER_OTLP_HEADERS.'
  if (status === 404)
    return 'Check the path: `/v1/traces` and `/v1/metrics` are put behind OTEL_EXPORTER_OTLP_ENDPOINT, and behind nothing else.'
  if (status === 415) return 'It does not take OTLP in JSON. Put a collector in front of it, which does.'
  return 'The deploy itself is not touched by this.'
}

function notSent(message: string, hint: string): Remark {
  return { level: 'warning', problem: { code: 'telemetry-not-sent', message, hint } }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
