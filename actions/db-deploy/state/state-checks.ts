import type { Check } from '../check.ts'
import type { MigrationState } from './migration-state.ts'
import type { StateExpectations } from './read-migration-state.ts'

/** What is to be said about a state. Pure. */
export declare function stateChecks(state: MigrationState, expectations?: StateExpectations): readonly Check[]
