import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { FailureRequest } from '../failure/migration-failure.ts'
import type { DeployLock } from '../lock/deploy-lock.ts'
import type { MigrationRun } from '../record.ts'
import { mergedState } from '../state/merged-state.ts'
import type { MigrationState, MigrationStatus } from '../state/migration-state.ts'
import type { EctoTool, PrismaTool } from '../tool.ts'
import type { Deploy } from './apply.ts'

/** One run of the tool that migrates, and what is known before it. */
export interface Attempt extends Deploy {
  readonly tool: PrismaTool | EctoTool
  readonly lock: DeployLock
  readonly before: readonly MigrationState[]
  /** The first is 1. */
  readonly number: number
}

export function pendingNames(states: readonly MigrationState[]): readonly string[] {
  return states.flatMap(({ migrations }) =>
    migrations.flatMap(({ name, status }) => (status === 'pending' ? [name] : []))
  )
}

export function statusOf(states: readonly MigrationState[], name: string): MigrationStatus | undefined {
  return states.flatMap(({ migrations }) => migrations).find((each) => each.name === name)
}

/**
 * The journal learns what has run, of a migration that was tried again its last run, and what the table says now.
 * @param after empty where it could not be read
 */
export function learnRuns({ journal }: Deploy, runs: readonly MigrationRun[], after: readonly MigrationState[]): void {
  const names = new Set(runs.map(({ name }) => name))
  // Marked as rolled back for a further try, it is not failed any more.
  const isOver = ({ name, result }: MigrationRun): boolean =>
    result === 'failed' && statusOf(after, name)?.status === 'pending'
  const earlier = (journal.learned.ran ?? []).filter((run) => !names.has(run.name) && !isOver(run))
  const merged = mergedState(after)
  journal.learn({ ran: [...earlier, ...runs], ...(merged === undefined ? {} : { after: merged }) })
}

/** What is asked about a migration that did not end well. */
export function failureRequest(
  { facts, inputs, journal, tool, before }: Attempt,
  name: string,
  known: Pick<FailureRequest, 'status' | 'result'>
): FailureRequest {
  const path = known.status?.path ?? statusOf(before, name)?.path
  const { backup } = journal.learned
  return {
    framework: facts.survey.project.framework,
    tool: tool.facts,
    name,
    file: path === undefined ? undefined : { path, text: readFileSync(resolve(inputs.folder, path), 'utf8') },
    ...known,
    ...(backup === undefined ? {} : { backup }),
    schema: facts.survey.project.schema,
    table: before.find(({ migrations }) => migrations.some((each) => each.name === name))?.table
  }
}
