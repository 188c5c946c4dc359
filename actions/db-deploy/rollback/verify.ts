import type { MigrationState } from '../state/migration-state.ts'

export interface RolledBack {
  readonly states: readonly MigrationState[]
}
