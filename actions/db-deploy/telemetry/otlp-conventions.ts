import type { RunRecord, Stage } from '../record.ts'
import type { AttributeValue } from './otlp-attributes.ts'

/** The version of the conventions whose names stand here (github.com/open-telemetry/semantic-conventions). */
export const schemaUrl = 'https://opentelemetry.io/schemas/1.37.0'

type Values = Readonly<Record<string, AttributeValue>>

/** How a pipeline or a task ended (`cicd.pipeline.result`, `cicd.pipeline.task.run.result`). */
export type Result = 'success' | 'failure' | 'cancellation' | 'skip'

/**
 * The pipeline that is measured is a run of this action, by its command: the workflow around it has other steps, whose
 * time is not ours to tell.
 */
export function pipelineName({ command }: RunRecord): string {
  return `db-deploy ${command}`
}

export function resultOf({ cancelled, status }: RunRecord): Result {
  if (cancelled) return 'cancellation'
  return status === 'failed' ? 'failure' : 'success'
}

export function stageResult(stage: Stage): Result {
  return stageResults[stage.result]
}

const stageResults: Readonly<Record<Stage['result'], Result>> = {
  ok: 'success',
  warning: 'success',
  failed: 'failure',
  skipped: 'skip',
  'not checked': 'skip',
  cancelled: 'cancellation'
}

/** `error.type` of a run that did not end well: the code of its first problem, which docs/troubleshooting.md explains. */
export function errorType({ status, problems }: RunRecord): string | undefined {
  return status === 'failed' ? (problems[0]?.code ?? '_OTHER') : undefined
}

/** Who and what is behind a run, on the resource of its spans. */
export function runAttributes(record: RunRecord): Values {
  const { context } = record
  const { repository, serverUrl, ref } = context
  return {
    'cicd.pipeline.run.id': context.runId,
    'cicd.pipeline.run.url.full': context.runUrl,
    'vcs.ref.head.name': ref?.replace(/^refs\/(?:heads|tags|pull)\//, ''),
    'vcs.ref.head.revision': context.sha,
    'vcs.ref.head.type': ref === undefined ? undefined : ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    'vcs.change.id': /^refs\/pull\/(\d+)\//.exec(ref ?? '')?.[1],
    'vcs.repository.url.full': repository === undefined ? undefined : `${serverUrl}/${repository}`,
    'vcs.repository.name': repository?.split('/')[1],
    'vcs.owner.name': repository?.split('/')[0]
  }
}

/** What stays the same from run to run, on the resource of metrics as well. */
export function serviceAttributes(record: RunRecord): Values {
  return {
    'service.name': 'db-deploy',
    'cicd.pipeline.name': pipelineName(record),
    'deployment.environment.name': record.environment
  }
}

/** The database, where it is one that is known. */
export function databaseAttributes({ learned: { database } }: RunRecord): Values {
  if (database === undefined) return {}
  const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(database.host) ?? []
  return {
    // A name of the conventions' list, or none.
    'db.system.name': database.version === undefined ? undefined : 'postgresql',
    'db.namespace': database.name,
    'server.address': host,
    'server.port': port === undefined ? undefined : Number(port)
  }
}
