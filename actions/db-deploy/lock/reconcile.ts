import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { Session } from '../database/session.ts'
import type { MigrationState } from '../state/migration-state.ts'
import type { Backend, EndedBackend } from './backends.ts'

export interface Interruption {
  /** Past any pooler. */
  readonly url: DatabaseUrl
  /** Of the tool's backends; undefined where it hands none on: nothing is ended then. */
  readonly applicationName: string | undefined
  /** When the tool was started; milliseconds since the epoch. */
  readonly startedAt: number
  /** What was there before, as far as it is known. */
  readonly before: readonly MigrationState[] | undefined
  /** Reads the table again. */
  readonly readState: (session: Session) => Promise<readonly MigrationState[]>
}

/** What is there after a run of the tool was broken off. */
export interface Reconciled {
  readonly ended: readonly EndedBackend[]
  /** May be migrating still; shown, never ended. */
  readonly suspects: readonly Backend[]
  /** Undefined where it could not be read. */
  readonly after: readonly MigrationState[] | undefined
  /** Names of what was applied while it ran, of what is failed now, and of what is pending. */
  readonly applied: readonly string[]
  readonly failed: readonly string[]
  readonly pending: readonly string[]
  /** Everything is known and nothing runs any more. */
  readonly settled: boolean
  /** Sentences for people: what was ended, what the table says. */
  readonly told: readonly string[]
  /** What is to be done now; commands in back-ticks. */
  readonly runbook: readonly string[]
}

/**
 * After a cancel or a kill: ends the tool's backends, waits until they are gone, reads the table, and says what is so.
 * Listens to no cancellation. Never throws for what the server does: what could not be found out is told.
 */
export declare function reconcile(interruption: Interruption, world: World): Promise<Reconciled>
