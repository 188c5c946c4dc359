import type { RunRecord } from '../record.ts'
import { nanoseconds, type Attributes, type KeyValue } from './otlp-attributes.ts'
import { errorType, pipelineName, resultOf, schemaUrl, serviceAttributes } from './otlp-conventions.ts'

/** AggregationTemporality of opentelemetry-proto. */
const temporalities = { delta: 1, cumulative: 2 } as const

/** Seconds, from a run with nothing to do up to an hour. */
const bounds = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600]

/**
 * A run as metrics, with few attributes: neither its commit nor its id, which would make a series of each run.
 * @see https://opentelemetry.io/docs/specs/semconv/cicd/cicd-metrics/
 */
export function metricsOf(
  record: RunRecord,
  temporality: keyof typeof temporalities,
  resource: ReadonlyMap<string, string>,
  attributes: Attributes
): object {
  const pipeline = {
    'cicd.pipeline.name': pipelineName(record),
    'deployment.environment.name': record.environment
  }
  const ended = { ...pipeline, 'cicd.pipeline.run.state': 'executing', 'cicd.pipeline.result': resultOf(record) }
  const error = errorType(record)
  const times = {
    startTimeUnixNano: nanoseconds(record.startedAt),
    timeUnixNano: nanoseconds(Math.max(record.finishedAt, record.startedAt + 1))
  }
  const seconds = (record.finishedAt - record.startedAt) / 1_000
  const counter = (name: string, unit: string, description: string, points: readonly Point[]): readonly object[] =>
    points.length === 0
      ? []
      : [
          {
            name,
            unit,
            description,
            sum: {
              aggregationTemporality: temporalities[temporality],
              isMonotonic: true,
              dataPoints: points.map(({ count, of }) => ({ ...times, attributes: of, asInt: String(count) }))
            }
          }
        ]
  const gauge = (name: string, description: string, bytes: number | undefined): readonly object[] =>
    bytes === undefined
      ? []
      : [
          {
            name,
            unit: 'By',
            description,
            gauge: {
              dataPoints: [{ timeUnixNano: times.timeUnixNano, attributes: attributes(pipeline), asInt: String(bytes) }]
            }
          }
        ]
  const { ran = [], database, backup } = record.learned
  const metrics = [
    {
      name: 'cicd.pipeline.run.duration',
      unit: 's',
      description: 'Duration of a pipeline run grouped by pipeline, state and result.',
      histogram: {
        aggregationTemporality: temporalities[temporality],
        dataPoints: [
          {
            ...times,
            attributes: attributes({ ...ended, 'error.type': error }),
            count: '1',
            sum: seconds,
            min: seconds,
            max: seconds,
            explicitBounds: bounds,
            bucketCounts: bucketsOf(seconds)
          }
        ]
      }
    },
    ...counter(
      'cicd.pipeline.run.errors',
      '{error}',
      'The number of errors encountered in pipeline runs (eg. compile, test failures).',
      error === undefined ? [] : [{ count: 1, of: attributes({ ...pipeline, 'error.type': error }) }]
    ),
    ...counter(
      'release_actions.migrations',
      '{migration}',
      'Migrations that were run, by how they ended.',
      (['applied', 'failed', 'unknown'] as const).flatMap((result): Point[] => {
        const count = ran.filter((run) => run.result === result).length
        return count === 0
          ? []
          : [{ count, of: attributes({ ...pipeline, 'release_actions.migration.result': result }) }]
      })
    ),
    ...gauge('release_actions.database.size', 'Size of the database.', database?.size),
    ...gauge('release_actions.backup.size', 'Size of the backup that was made.', backup?.bytes)
  ]
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributes({ ...serviceAttributes(record), ...Object.fromEntries(resource) }) },
        scopeMetrics: [{ scope: { name: 'release-actions/db-deploy' }, metrics }],
        schemaUrl
      }
    ]
  }
}

interface Point {
  readonly count: number
  readonly of: readonly KeyValue[]
}

/** One in the bucket that it falls into: up to and with its bound. */
function bucketsOf(seconds: number): readonly string[] {
  const at = bounds.findIndex((bound) => seconds <= bound)
  const hit = at === -1 ? bounds.length : at
  return [...bounds, Infinity].map((_, n) => (n === hit ? '1' : '0'))
}
