import type { MigrationStatus } from './state/migration-state.ts'
import type { Difference, RunRecord } from './record.ts'
import { smokeWord } from './smoke-result.ts'
import { latestState } from './latest-state.ts'

/**
 * The outputs of a run, besides `status` and `receipt`. Names are JSON arrays, because an expression reads them with
 * `fromJSON` whatever they hold; `null` says that it is not known, and is no empty list. What else is not known is empty.
 */
export function outputsOf(record: RunRecord): Readonly<Record<string, string>> {
  const { command, learned, stages, startedAt, finishedAt } = record
  const state = latestState(record)
  const named = (status: MigrationStatus['status']): readonly string[] | null =>
    state?.migrations.filter((migration) => migration.status === status).map(({ name }) => name) ?? null
  // A rollback tells of a migration that failed before it.
  const broken = (command === 'rollback' ? [] : (learned.ran ?? []))
    .filter(({ result }) => result === 'failed')
    .map(({ name }) => name)
  const { ran } = learned
  const applied = (ran ?? []).filter(({ result }) => result === 'applied').map(({ name }) => name)
  // What a run that wrote has left is known by the table, or by a tool that ended well.
  const wrote = stages.some(({ name, result }) => name === 'migrate' && result !== 'skipped')
  const untold = ran === undefined || ran.some(({ result }) => result === 'unknown')
  return {
    applied: JSON.stringify(wrote && learned.after === undefined && untold ? null : applied),
    pending: JSON.stringify(named('pending')),
    failed: JSON.stringify(state === undefined && broken.length === 0 ? null : joined(named('failed') ?? [], broken)),
    current: state?.current ?? '',
    backup: learned.backup?.file ?? '',
    smoke: smokeWord(record),
    rows: learned.smoke === undefined ? '' : String(learned.smoke.total.rows),
    drift: command === 'drift' ? driftWord(learned.difference) : '',
    fingerprint: learned.fingerprint ?? '',
    duration: ((finishedAt - startedAt) / 1_000).toFixed(3)
  }
}

/** Only where everything was compared is there no drift. */
function driftWord(difference: Difference | undefined): Difference['result'] {
  if (difference === undefined || (difference.result === 'none' && difference.partial === true)) return 'not checked'
  return difference.result
}

function joined(names: readonly string[], others: readonly string[]): readonly string[] {
  return [...new Set([...names, ...others])]
}
