import { expect, test } from '@jest/globals'
import { createOtlp, type OtlpService } from '../../../sandbox/otlp/collector.ts'

const now = Date.UTC(2026, 10, 21)

function send(
  otlp: OtlpService,
  path: string,
  body: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' }
): { readonly status: number; readonly said: string } {
  const answer = otlp.handle({
    method: 'POST',
    url: new URL(`https://otlp.example.com${path}`),
    headers,
    now,
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  })
  return { status: answer?.status ?? 0, said: String(answer?.body) }
}

/** One span as OTLP's JSON has it, with what differs. */
const traceOf = (differs: object = {}): object => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'db' } }] },
      scopeSpans: [
        {
          scope: { name: 'test' },
          spans: [
            {
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b174',
              name: 'deploy',
              kind: 2,
              startTimeUnixNano: '1544712660000000000',
              endTimeUnixNano: '1544712661000000000',
              attributes: [{ key: 'count', value: { intValue: '3' } }],
              status: { code: 1 },
              ...differs
            }
          ]
        }
      ]
    }
  ]
})

test('a trace in OTLP’s JSON is taken, and kept', () => {
  const otlp = createOtlp()
  expect(send(otlp, '/v1/traces', traceOf())).toEqual({ status: 200, said: '{"partialSuccess":{}}' })
  expect(otlp.exports).toEqual([{ signal: 'traces', payload: traceOf(), at: now }])
})

test.each([
  ['an id in base64', { traceId: 'W47/95gDgQPSabYzgT/GDA==' }, 'trace id'],
  ['an id of zeros', { spanId: '0'.repeat(16) }, 'span id'],
  ['a time that is a number', { startTimeUnixNano: 1_544_712_660_000_000_000 }, '64-bit'],
  ['a count that is a number', { attributes: [{ key: 'count', value: { intValue: 3 } }] }, '64-bit'],
  ['a kind by its name', { kind: 'SPAN_KIND_SERVER' }, 'kind of span'],
  ['a name in snake case', { start_time_unix_nano: '1' }, 'unknown name'],
  ['an attribute without a value', { attributes: [{ key: 'count' }] }, 'value is missing']
])('a span with %s is refused', (_what, differs, told) => {
  const otlp = createOtlp()
  const { status, said } = send(otlp, '/v1/traces', traceOf(differs))
  expect([status, said]).toEqual([400, expect.stringContaining(told)])
  expect(otlp.exports).toEqual([])
})

test('a histogram is taken, and one without its temporality is not', () => {
  const metric = (differs: object): object => ({
    resourceMetrics: [
      {
        resource: { attributes: [] },
        scopeMetrics: [
          {
            scope: { name: 'test' },
            metrics: [
              {
                name: 'cicd.pipeline.run.duration',
                unit: 's',
                histogram: {
                  dataPoints: [
                    {
                      timeUnixNano: '2',
                      startTimeUnixNano: '1',
                      count: '1',
                      sum: 1.5,
                      bucketCounts: ['0', '1'],
                      explicitBounds: [1]
                    }
                  ],
                  ...differs
                }
              }
            ]
          }
        ]
      }
    ]
  })
  const otlp = createOtlp()
  expect(send(otlp, '/v1/metrics', metric({ aggregationTemporality: 2 })).status).toBe(200)
  expect(send(otlp, '/v1/metrics', metric({})).status).toBe(400)
})

test('what is no JSON, no known path and no POST is refused', () => {
  const otlp = createOtlp()
  expect(send(otlp, '/v1/traces', '{').status).toBe(400)
  expect(send(otlp, '/v1/traces', '', { 'content-type': 'application/x-protobuf' }).status).toBe(415)
  expect(send(otlp, '/', traceOf()).status).toBe(404)
})

test('a demanded header is asked of every export', () => {
  const otlp = createOtlp()
  otlp.demandHeader('X-Api-Key', 'secret')
  expect(send(otlp, '/v1/traces', traceOf()).status).toBe(401)
  const headers = { 'content-type': 'application/json', 'x-api-key': 'secret' }
  expect(send(otlp, '/v1/traces', traceOf(), headers).status).toBe(200)
})
