import type { MigrationState } from '../state/migration-state.ts'
import type { Difference } from '../record.ts'

/** What comparing found out. */
export interface CompareFacts {
  readonly state: MigrationState | undefined
  readonly difference: Difference
}
