import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { RunRecord } from '../../../actions/db-deploy/record.ts'
import { readOtlpSettings } from '../../../actions/db-deploy/telemetry/otlp-settings.ts'
import { tellCollector } from '../../../actions/db-deploy/telemetry/otlp.ts'
import { timeLeft } from '../../../actions/db-deploy/telemetry/time-left.ts'
import type { Remark } from '../../../actions/shared/problem.ts'
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.ts'
import { testWorld } from '../../support/world.ts'
import { began, first, recordOf, second, stage } from './records.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox()
})
afterEach(() => sandbox.close())

type Fields = Readonly<Record<string, unknown>>

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code: number; readonly message?: string }
  readonly attributes: Fields
}

/** What a collector got, with attributes as plain values. */
interface Got {
  readonly remarks: readonly Remark[]
  readonly masks: readonly string[]
  readonly spans: readonly Span[]
  readonly metrics: readonly (Fields & { readonly name: string })[]
  readonly resources: Readonly<Record<string, Fields>>
}

async function send(env: NodeJS.ProcessEnv = {}, record: RunRecord = recordOf()): Promise<Got> {
  const world = testWorld()
  const read = readOtlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: sandbox.address('otlp').href, ...env }, world.secrets)
  const remarks = read === undefined ? [] : await tellCollector(read.settings, record, world, timeLeft(world, 15_000))
  const spans: Span[] = []
  const metrics: Got['metrics'][number][] = []
  const resources: Record<string, Fields> = {}
  for (const { signal, payload } of sandbox.otlp.exports) {
    const plain = plainOf(payload) as {
      readonly resourceSpans?: readonly {
        readonly resource: { readonly attributes: Fields }
        readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
      }[]
      readonly resourceMetrics?: readonly {
        readonly resource: { readonly attributes: Fields }
        readonly scopeMetrics: readonly { readonly metrics: Got['metrics'] }[]
      }[]
    }
    for (const { resource, scopeSpans } of plain.resourceSpans ?? []) {
      resources[signal] = resource.attributes
      spans.push(...scopeSpans.flatMap((scope) => scope.spans))
    }
    for (const { resource, scopeMetrics } of plain.resourceMetrics ?? []) {
      resources[signal] = resource.attributes
      metrics.push(...scopeMetrics.flatMap((scope) => scope.metrics))
    }
  }
  return { remarks, masks: world.masks, spans, metrics, resources }
}

/** The same with `attributes` as an object from names to values. */
function plainOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainOf)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => [
      key,
      key === 'attributes' && Array.isArray(inner)
        ? Object.fromEntries(
            inner.map((pair: { readonly key: string; readonly value: object }) => [
              pair.key,
              Object.values(pair.value)[0]
            ])
          )
        : plainOf(inner)
    ])
  )
}

const failed = recordOf({
  status: 'failed',
  problems: [{ code: 'migration-failed', message: 'It failed with hunter22.', hint: 'Look.' }],
  stages: [stage('migrate', 'Migrations', 0, 900, 'failed', '1 failed')],
  learned: {
    ran: [
      {
        ...{ name: first, result: 'failed', startedAt: began, took: 20, statements: 3 },
        failure: {
          message: 'exists',
          sqlstate: '42P07',
          statement: "INSERT INTO t VALUES ('private')",
          atomic: true,
          objects: []
        }
      }
    ]
  }
})

describe('a trace', () => {
  test('is taken by a collector: the run, its stages, and the migrations below the stage that ran them', async () => {
    const { spans, remarks } = await send()
    expect(remarks).toEqual([])
    const nameOf = new Map(spans.map(({ spanId, name }) => [spanId, name]))
    expect(spans.map(({ name, parentSpanId = '' }) => [nameOf.get(parentSpanId), name])).toEqual([
      [undefined, 'RUN db-deploy deploy'],
      ['RUN db-deploy deploy', 'preflight'],
      ['RUN db-deploy deploy', 'backup'],
      ['RUN db-deploy deploy', 'migrate'],
      ['migrate', `MIGRATE ${first}`],
      ['migrate', `MIGRATE ${second}`],
      ['RUN db-deploy deploy', 'smoke']
    ])
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    expect(spans.map(({ kind }) => kind)).toEqual([2, 1, 1, 1, 3, 3, 1])
  })

  test('has times in nanoseconds, to the digit', async () => {
    const { spans } = await send()
    expect([spans[0]?.startTimeUnixNano, spans[0]?.endTimeUnixNano]).toEqual([
      `${began}000000`,
      `${began + 12_400}000000`
    ])
  })

  test('names run, commit and environment on its resource, by the conventions', async () => {
    const { resources } = await send()
    expect(resources['traces']).toEqual({
      'service.name': 'db-deploy',
      'cicd.pipeline.name': 'db-deploy deploy',
      'deployment.environment.name': 'production',
      'cicd.pipeline.run.id': '4711',
      'cicd.pipeline.run.url.full': 'https://github.com/acme/shop/actions/runs/4711',
      'vcs.ref.head.name': 'main',
      'vcs.ref.head.revision': '0123456789abcdef0123456789abcdef01234567',
      'vcs.ref.head.type': 'branch',
      'vcs.repository.url.full': 'https://github.com/acme/shop',
      'vcs.repository.name': 'shop',
      'vcs.owner.name': 'acme'
    })
  })

  test('of a failed run says what failed, by SQLSTATE and by code', async () => {
    const { spans } = await send({}, failed)
    expect(spans.map(({ status }) => status.code)).toEqual([2, 2, 2])
    expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual([
      'migration-failed',
      'migration-failed',
      '42P07'
    ])
    expect(spans[0]?.attributes['cicd.pipeline.result']).toBe('failure')
    expect(spans[2]?.attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'db.response.status_code': '42P07',
      'db.operation.batch.size': '3',
      'server.address': 'db.example.org',
      'server.port': '5432'
    })
  })

  test('holds neither a statement nor a secret', async () => {
    const world = testWorld()
    world.secrets.add('hunter22')
    const read = readOtlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: sandbox.address('otlp').href }, world.secrets)
    if (read === undefined) throw new Error('no settings')
    await tellCollector(read.settings, failed, world, timeLeft(world, 15_000))
    const sent = JSON.stringify(sandbox.otlp.exports)
    expect(sent).toContain('It failed with ***')
    expect(sent).not.toMatch(/hunter22|private/)
  })

  test('of a cancelled run is one', async () => {
    const stages = [stage('migrate', 'Migrations', 0, 5, 'cancelled')]
    const { spans } = await send({}, recordOf({ status: 'failed', cancelled: true, stages }))
    expect(spans[0]?.attributes['cicd.pipeline.result']).toBe('cancellation')
    expect(spans[1]?.attributes['cicd.pipeline.task.run.result']).toBe('cancellation')
  })

  test('goes on with the one that the job belongs to', async () => {
    const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const { spans } = await send({ TRACEPARENT })
    expect([spans[0]?.traceId, spans[0]?.parentSpanId]).toEqual([
      '4bf92f3577b34da6a3ce929d0e0e4736',
      '00f067aa0ba902b7'
    ])
  })

  test('is not sent where its parent is not recorded; metrics are', async () => {
    const { spans, metrics } = await send({ TRACEPARENT: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00' })
    expect([spans.length, metrics.length > 0]).toEqual([0, true])
  })

  test.each([
    'nonsense',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  ])('begins anew behind a parent like %s', async (TRACEPARENT) => {
    const { spans } = await send({ TRACEPARENT })
    expect(spans[0]?.parentSpanId).toBeUndefined()
  })
})

describe('metrics', () => {
  test('have the time of the run in one bucket of a histogram, and nothing that is new with each run', async () => {
    const { metrics, resources } = await send()
    const [duration] = metrics
    expect(duration).toMatchObject({
      name: 'cicd.pipeline.run.duration',
      unit: 's',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            count: '1',
            sum: 12.4,
            explicitBounds: [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600],
            bucketCounts: ['0', '0', '0', '0', '0', '1', '0', '0', '0', '0', '0', '0', '0'],
            attributes: {
              'cicd.pipeline.name': 'db-deploy deploy',
              'cicd.pipeline.run.state': 'executing',
              'cicd.pipeline.result': 'success',
              'deployment.environment.name': 'production'
            }
          }
        ]
      }
    })
    expect(JSON.stringify([metrics, resources['metrics']])).not.toMatch(/4711|0123456789abcdef/)
  })

  test('count migrations by how they ended, and errors by what they were', async () => {
    const { metrics } = await send({}, failed)
    const counts = metrics.flatMap(({ name, sum }) => (sum === undefined ? [] : [[name, sum]]))
    expect(counts).toMatchObject([
      [
        'cicd.pipeline.run.errors',
        { isMonotonic: true, dataPoints: [{ asInt: '1', attributes: { 'error.type': 'migration-failed' } }] }
      ],
      [
        'release_actions.migrations',
        { dataPoints: [{ asInt: '1', attributes: { 'release_actions.migration.result': 'failed' } }] }
      ]
    ])
  })

  test('are deltas where that is preferred', async () => {
    const { metrics } = await send({ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' })
    expect(metrics[0]).toMatchObject({ histogram: { aggregationTemporality: 1 } })
  })
})

describe('the variables of OpenTelemetry', () => {
  const read = (env: NodeJS.ProcessEnv): ReturnType<typeof readOtlpSettings> =>
    readOtlpSettings(env, testWorld().secrets)
  const endpoint = 'https://otlp.example.com'

  test('ask for nothing where none is set, the SDK is disabled, or the exporters are none', () => {
    expect(read({})).toBeUndefined()
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'true' })).toBeUndefined()
    expect(
      read({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' })
    ).toBeUndefined()
  })

  test('name one address for both, or one for each as it is', () => {
    const both = read({ OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/otlp/` })?.settings
    expect([both?.traces?.url, both?.metrics?.url]).toEqual([
      `${endpoint}/otlp/v1/traces`,
      `${endpoint}/otlp/v1/metrics`
    ])
    const own = read({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/mine` })?.settings
    expect([own?.traces?.url, own?.metrics]).toEqual([`${endpoint}/mine`, undefined])
  })

  test('give headers, whose values are masked', async () => {
    sandbox.otlp.demandHeader('authorization', 'Basic c2VjcmV0LWtleQ==')
    const { remarks, masks } = await send({ OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20c2VjcmV0LWtleQ%3D%3D' })
    expect(remarks).toEqual([])
    expect(masks).toEqual(expect.arrayContaining(['Basic c2VjcmV0LWtleQ==', 'c2VjcmV0LWtleQ==']))
  })

  test('name the service and further attributes, which win over ours', async () => {
    const { resources } = await send({
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=live%20one,team=db',
      OTEL_SERVICE_NAME: 'shop-db'
    })
    expect(resources['traces']).toMatchObject({
      'service.name': 'shop-db',
      'deployment.environment.name': 'live one',
      team: 'db'
    })
  })

  test('that ask for gRPC are told to be of no use, and what is sent as protobuf is sent as JSON', async () => {
    const asked = read({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })
    expect(asked?.settings.traces).toBeUndefined()
    expect(asked?.faults[0]).toBe('OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and traces are sent as http/json only')
    expect((await send({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' })).spans.length).toBeGreaterThan(0)
  })

  test.each(['no pairs', '=x', 'a=%'])(
    'that hold %j for headers are told, without the value',
    (OTEL_EXPORTER_OTLP_HEADERS) => {
      const asked = read({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS })
      expect([asked?.settings.traces, asked?.faults[0]]).toEqual([
        undefined,
        'OTEL_EXPORTER_OTLP_HEADERS is not of the form name=value,name=value'
      ])
    }
  )
})

describe('a collector that fails', () => {
  const messages = ({ remarks }: Got): readonly string[] => remarks.map(({ problem }) => problem.message)

  test('is asked again, and has all of it', async () => {
    sandbox.fault('POST otlp/v1/traces #1 503 retry-after=1')
    const got = await send()
    expect([got.remarks, got.spans.length]).toEqual([[], 7])
  })

  test('without end is a warning for each of the two', async () => {
    sandbox.fault('POST otlp #1+ 503')
    expect(messages(await send())).toEqual([
      expect.stringMatching(/^Traces were not taken: 127\.0\.0\.1:\d+ answered 503/),
      expect.stringMatching(/^Metrics were not taken: 127\.0\.0\.1:\d+ answered 503/)
    ])
  })

  test('in part says what it rejected, and why', async () => {
    sandbox.fault(
      'POST otlp/v1/traces 200 "body={\\"partialSuccess\\":{\\"rejectedSpans\\":\\"2\\",\\"errorMessage\\":\\"too old\\"}}"'
    )
    expect(messages(await send())).toEqual([expect.stringMatching(/rejected 2 of the traces \(too old\)\.$/)])
  })

  test('for the lack of a key says where that belongs', async () => {
    sandbox.otlp.demandHeader('x-api-key', 'k')
    const { remarks } = await send()
    expect(remarks.map(({ problem }) => problem.hint)).toEqual(
      Array(2).fill('Check the key in OTEL_EXPORTER_OTLP_HEADERS.')
    )
  })

  test('because its address is plain http to another machine is told so', async () => {
    const got = await send({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example.com:4318' })
    expect(messages(got)[0]).toMatch(
      /^Traces did not reach collector\.example\.com:4318: its address is none that is talked to/
    )
  })
})
