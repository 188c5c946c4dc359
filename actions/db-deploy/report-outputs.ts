import type { MigrationStatus } from './state/migration-state.ts'
import type { RunRecord } from './record.ts'
import { smokeWord } from './smoke-result.ts'
import { latestState } from './latest-state.ts'

/**
 * The outputs of a run, besides `status` and `receipt`. Names are JSON arrays, because an expression reads them with
 * `fromJSON` whatever they hold; `null` says that it is not known, and is no empty list. What else is not known is empty.
 */
export function outputsOf(record: RunRecord): Readonly<Record<string, string>> {
  const { command, learned, startedAt, finishedAt } = record
  const state = latestState(record)
  const named = (status: MigrationStatus['status']): readonly string[] | null =>
    state?.migrations.filter((migration) => migration.status === status).map(({ name }) => name) ?? null
  // A rollback tells of a migration that failed before it.
  const broken = (command === 'rollback' ? [] : (learned.ran ?? []))
    .filter(({ result }) => result === 'failed')
    .map(({ name }) => name)
  return {
    applied: JSON.stringify((learned.ran ?? []).filter(({ result }) => result === 'applied').map(({ name }) => name)),
    pending: JSON.stringify(named('pending')),
    failed: JSON.stringify(state === undefined && broken.length === 0 ? null : joined(named('failed') ?? [], broken)),
    current: state?.current ?? '',
    backup: learned.backup?.file ?? '',
    smoke: smokeWord(record),
    rows: learned.smoke === undefined ? '' : String(learned.smoke.total.rows),
    drift: command === 'drift' ? (learned.difference?.result ?? 'not checked') : '',
    fingerprint: learned.fingerprint ?? '',
    duration: ((finishedAt - startedAt) / 1_000).toFixed(3)
  }
}

function joined(names: readonly string[], others: readonly string[]): readonly string[] {
  return [...new Set([...names, ...others])]
}
