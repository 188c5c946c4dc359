import type { RunRecord } from './record.ts'

/** The verdict in one line of plain words. */
export function verdictOf(record: RunRecord): string {
  return `${record.environment}: ${record.command} ${record.status}`
}
