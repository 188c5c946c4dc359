/** What is exported, as the last part of the path names it. */
export const signals = ['traces', 'metrics', 'logs'] as const
export type Signal = (typeof signals)[number]

/**
 * What is wrong with an export, or undefined: opentelemetry-proto's messages in the JSON mapping that OTLP gives them
 * (opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding"): lowerCamelCase, ids in hex, enums as numbers, 64-bit
 * numbers as strings of digits. Unknown names are refused, where a real receiver would skip them.
 */
export function faultOf(signal: Signal, payload: unknown): string | undefined {
  return check(requests[signal], payload, '')
}

type Shape =
  | {
      readonly kind: 'message'
      readonly fields: () => Readonly<Record<string, Shape>>
      readonly required: readonly string[]
    }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'value'; readonly is: (value: unknown) => boolean; readonly called: string }

function check(shape: Shape, value: unknown, at: string): string | undefined {
  if (shape.kind === 'value')
    return shape.is(value) ? undefined : `${at}: ${JSON.stringify(value)} is no ${shape.called}`
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) return `${at}: no list`
    return first(value.map((item, n) => () => check(shape.of, item, `${at}[${n}]`)))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at}: no message`
  const fields = shape.fields()
  const missing = shape.required.find((name) => !Object.hasOwn(value, name))
  if (missing !== undefined) return `${at}.${missing} is missing`
  return first(
    Object.entries(value).map(([name, field]) => () => {
      const known = Object.hasOwn(fields, name) ? fields[name] : undefined
      return known === undefined ? `${at}: unknown name ${JSON.stringify(name)}` : check(known, field, `${at}.${name}`)
    })
  )
}

function first(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const each of checks) {
    const fault = each()
    if (fault !== undefined) return fault
  }
  return undefined
}

const value = (called: string, is: (value: unknown) => boolean): Shape => ({ kind: 'value', called, is })
const list = (of: Shape): Shape => ({ kind: 'list', of })
const message = (fields: () => Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape => ({
  kind: 'message',
  fields,
  required
})

const isHex = (length: number) => (given: unknown) =>
  typeof given === 'string' && new RegExp(`^[0-9a-f]{${length}}$`, 'i').test(given) && !/^0+$/.test(given)
const isDigits = (given: unknown): boolean => typeof given === 'string' && /^\d{1,20}$/.test(given)
const isWhole = (given: unknown): boolean => typeof given === 'number' && Number.isInteger(given)

const text = value('text', (given) => typeof given === 'string')
const name = value('name', (given) => typeof given === 'string' && given !== '')
const truth = value('boolean', (given) => typeof given === 'boolean')
const decimal = value('number', (given) => typeof given === 'number' && Number.isFinite(given))
const traceId = value('trace id of 32 hex digits', isHex(32))
const spanId = value('span id of 16 hex digits', isHex(16))
const uint32 = value('32-bit number', (given) => isWhole(given) && Number(given) >= 0)
/** Time and counts: 64 bits do not fit into a number of JSON. */
const fixed64 = value('64-bit number, which is a string of digits', isDigits)
const int64 = value(
  '64-bit number, which is a string of digits',
  (given) => typeof given === 'string' && /^-?\d{1,19}$/.test(given)
)
const within = (called: string, least: number, most: number): Shape =>
  value(called, (given) => isWhole(given) && Number(given) >= least && Number(given) <= most)

const anyValue: Shape = message(() => ({
  stringValue: text,
  boolValue: truth,
  intValue: int64,
  doubleValue: decimal,
  arrayValue: message(() => ({ values: list(anyValue) })),
  kvlistValue: message(() => ({ values: attributes })),
  bytesValue: text
}))
const attributes: Shape = list(message(() => ({ key: name, value: anyValue }), ['key', 'value']))
const scope = message(() => ({ name: text, version: text, attributes, droppedAttributesCount: uint32 }))
const resource = message(() => ({ attributes, droppedAttributesCount: uint32 }))

const span = message(
  () => ({
    traceId,
    spanId,
    parentSpanId: spanId,
    traceState: text,
    flags: uint32,
    name,
    kind: within('kind of span', 0, 5),
    startTimeUnixNano: fixed64,
    endTimeUnixNano: fixed64,
    attributes,
    droppedAttributesCount: uint32,
    events: list(message(() => ({ timeUnixNano: fixed64, name, attributes, droppedAttributesCount: uint32 }))),
    droppedEventsCount: uint32,
    links: list(message(() => ({ traceId, spanId, traceState: text, attributes, flags: uint32 }))),
    droppedLinksCount: uint32,
    status: message(() => ({ message: text, code: within('code of a status', 0, 2) }))
  }),
  ['traceId', 'spanId', 'name', 'startTimeUnixNano', 'endTimeUnixNano']
)

const numberPoint = message(
  () => ({
    attributes,
    startTimeUnixNano: fixed64,
    timeUnixNano: fixed64,
    asInt: int64,
    asDouble: decimal,
    flags: uint32
  }),
  ['timeUnixNano']
)
const histogramPoint = message(
  () => ({
    attributes,
    startTimeUnixNano: fixed64,
    timeUnixNano: fixed64,
    count: fixed64,
    sum: decimal,
    bucketCounts: list(fixed64),
    explicitBounds: list(decimal),
    min: decimal,
    max: decimal,
    flags: uint32
  }),
  ['timeUnixNano', 'count']
)
const temporality = within('aggregation temporality', 1, 2)

const metric = message(
  () => ({
    name,
    description: text,
    unit: text,
    gauge: message(() => ({ dataPoints: list(numberPoint) }), ['dataPoints']),
    sum: message(
      () => ({ dataPoints: list(numberPoint), aggregationTemporality: temporality, isMonotonic: truth }),
      ['dataPoints', 'aggregationTemporality']
    ),
    histogram: message(
      () => ({ dataPoints: list(histogramPoint), aggregationTemporality: temporality }),
      ['dataPoints', 'aggregationTemporality']
    )
  }),
  ['name']
)

const requests: Readonly<Record<Signal, Shape>> = {
  traces: message(
    () => ({
      resourceSpans: list(
        message(() => ({
          resource,
          scopeSpans: list(message(() => ({ scope, spans: list(span), schemaUrl: text }))),
          schemaUrl: text
        }))
      )
    }),
    ['resourceSpans']
  ),
  metrics: message(
    () => ({
      resourceMetrics: list(
        message(() => ({
          resource,
          scopeMetrics: list(message(() => ({ scope, metrics: list(metric), schemaUrl: text }))),
          schemaUrl: text
        }))
      )
    }),
    ['resourceMetrics']
  ),
  // Nothing sends logs yet: what they are like inside is not judged.
  logs: message(
    () => ({ resourceLogs: list(value('message', (given) => typeof given === 'object')) }),
    ['resourceLogs']
  )
}
