import type { MigrationRun, RunRecord, Stage } from '../record.ts'
import { nanoseconds, type Attributes, type KeyValue } from './otlp-attributes.ts'
import {
  databaseAttributes,
  errorType,
  pipelineName,
  resultOf,
  runAttributes,
  schemaUrl,
  serviceAttributes,
  stageResult
} from './otlp-conventions.ts'
import type { TraceParent } from './otlp-settings.ts'

/** A span in OTLP's JSON: enums are numbers, ids are hex. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly traceState?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly KeyValue[]
  readonly status: { readonly code: number; readonly message?: string }
}

/** SpanKind and StatusCode of opentelemetry-proto. */
const kinds = { internal: 1, server: 2, client: 3 } as const
const statusCodes = { unset: 0, error: 2 } as const

export interface TraceIds {
  readonly traceId: string
  /** A new one each time: 16 hex digits. */
  readonly spanId: () => string
}

/**
 * A run as a trace: the run, its stages below it, and below the stage that ran them the migrations.
 * @param text takes secrets out of a text
 */
export function traceOf(
  record: RunRecord,
  ids: TraceIds,
  parent: TraceParent | undefined,
  resource: ReadonlyMap<string, string>,
  { attributes, text }: { readonly attributes: Attributes; readonly text: (text: string) => string }
): object {
  const spans: Span[] = []
  const add = (span: Omit<Span, 'traceId' | 'spanId'>): string => {
    const spanId = ids.spanId()
    spans.push({
      traceId: ids.traceId,
      spanId,
      ...span,
      ...(parent?.state === undefined ? {} : { traceState: parent.state })
    })
    return spanId
  }
  const root = add({
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
    name: `RUN ${pipelineName(record)}`,
    kind: kinds.server,
    startTimeUnixNano: nanoseconds(record.startedAt),
    endTimeUnixNano: nanoseconds(record.finishedAt),
    attributes: attributes(rootAttributes(record)),
    status: statusOf(errorType(record) !== undefined, text(record.problems[0]?.message ?? ''))
  })
  for (const [n, stage] of record.stages.entries()) {
    if (stage.result === 'skipped') continue
    const spanId = add({ parentSpanId: root, ...stageSpan(stage, n, record, attributes, text) })
    for (const run of stage.name === 'migrate' ? (record.learned.ran ?? []) : []) {
      const span = migrationSpan(run, record, attributes, text)
      if (span !== undefined) add({ parentSpanId: spanId, ...span })
    }
  }
  return {
    resourceSpans: [
      {
        resource: {
          attributes: attributes({
            ...serviceAttributes(record),
            ...runAttributes(record),
            ...Object.fromEntries(resource)
          })
        },
        scopeSpans: [{ scope: { name: 'release-actions/db-deploy' }, spans }],
        schemaUrl
      }
    ]
  }
}

function rootAttributes(record: RunRecord): Parameters<Attributes>[0] {
  const { learned, context } = record
  const of = (result: MigrationRun['result']): number =>
    (learned.ran ?? []).filter((run) => run.result === result).length
  return {
    'cicd.pipeline.action.name': 'RUN',
    'cicd.pipeline.result': resultOf(record),
    'error.type': errorType(record),
    ...databaseAttributes(record),
    'release_actions.status': record.status,
    'release_actions.actor': context.actor,
    'release_actions.event': context.eventName,
    'release_actions.tool': learned.tool?.label,
    'release_actions.migrations.applied': of('applied'),
    'release_actions.migrations.failed': of('failed'),
    'release_actions.database.size': learned.database?.size,
    'release_actions.database.version': learned.database?.server,
    'release_actions.backup.size': learned.backup?.bytes,
    'release_actions.backup.verified': learned.backup?.verified,
    'release_actions.lock.waited': learned.lock === undefined ? undefined : learned.lock.waited / 1_000,
    'release_actions.rows': learned.smoke?.total.rows
  }
}

function stageSpan(
  stage: Stage,
  index: number,
  record: RunRecord,
  attributes: Attributes,
  text: (text: string) => string
): Omit<Span, 'traceId' | 'spanId' | 'parentSpanId'> {
  const result = stageResult(stage)
  const failed = result === 'failure'
  return {
    name: stage.name,
    kind: kinds.internal,
    startTimeUnixNano: nanoseconds(stage.startedAt),
    endTimeUnixNano: nanoseconds(stage.finishedAt),
    attributes: attributes({
      'cicd.pipeline.task.name': stage.title,
      'cicd.pipeline.task.type': deploying.has(stage.name) ? 'deploy' : 'test',
      'cicd.pipeline.task.run.id': `${record.context.runId ?? 'run'}/${index + 1}`,
      'cicd.pipeline.task.run.url.full': record.context.runUrl,
      'cicd.pipeline.task.run.result': result,
      'error.type': failed ? (errorType(record) ?? '_OTHER') : undefined,
      'release_actions.stage.result': stage.result
    }),
    status: statusOf(failed, text(stage.note))
  }
}

/** The conventions know `build`, `test` and `deploy`. */
const deploying: ReadonlySet<string> = new Set(['lock', 'backup', 'migrate', 'seed', 'restore', 'rollback'])

/** Of a migration whose times are known; without its SQL, which may hold data. */
function migrationSpan(
  { name, startedAt, took, result, statements, failure }: MigrationRun,
  record: RunRecord,
  attributes: Attributes,
  text: (text: string) => string
): Omit<Span, 'traceId' | 'spanId' | 'parentSpanId'> | undefined {
  if (startedAt === undefined || took === undefined) return undefined
  const failed = result === 'failed'
  return {
    name: `MIGRATE ${name}`,
    kind: kinds.client,
    startTimeUnixNano: nanoseconds(startedAt),
    endTimeUnixNano: nanoseconds(startedAt + took),
    attributes: attributes({
      ...databaseAttributes(record),
      'db.operation.name': 'MIGRATE',
      'db.query.summary': `MIGRATE ${name}`,
      // The conventions want it of two and more.
      'db.operation.batch.size': statements !== undefined && statements > 1 ? statements : undefined,
      'db.response.status_code': failure?.sqlstate,
      'error.type': failed ? (failure?.sqlstate ?? '_OTHER') : undefined,
      'release_actions.migration.name': name,
      'release_actions.migration.result': result,
      'release_actions.migration.atomic': failure?.atomic
    }),
    status: statusOf(failed, text(failure?.message ?? ''))
  }
}

/** What went well stays unset: `Ok` is for people to say (OpenTelemetry, "Set Status"). */
function statusOf(failed: boolean, message: string): Span['status'] {
  if (!failed) return { code: statusCodes.unset }
  return message === '' ? { code: statusCodes.error } : { code: statusCodes.error, message: message.slice(0, 1_000) }
}
