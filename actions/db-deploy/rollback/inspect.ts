import type { MigrationState } from '../state/migration-state.ts'

export interface RollbackFacts {
  readonly states: readonly MigrationState[]
}
