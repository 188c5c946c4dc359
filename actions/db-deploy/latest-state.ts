import type { RunRecord } from './record.ts'
import type { MigrationState } from './state/migration-state.ts'

/** Stages after which what was read before is no longer true. */
const writing = new Set(['migrate', 'resolve', 'rollback', 'restore', 'swap'])

/**
 * What is known of the migrations at the end of a run: what was read last, and nothing where something was written since.
 */
export function latestState({ learned, stages }: RunRecord): MigrationState | undefined {
  if (learned.after !== undefined) return learned.after
  return stages.some(({ name, result }) => writing.has(name) && result !== 'skipped') ? undefined : learned.before
}
