import type { RollbackGoal } from './rollback/progress.ts'
import type { RelationWitness } from './restore/witness.ts'

/**
 * What a run does to a database by a program that goes on when the run is killed, and what must be known to find out later
 * how far it came. Holds no secret: it is kept in a file.
 */
export type Deed = Migrating | RollingBack | RestoringInPlace | RestoringBySwap

export interface ToolStart {
  /** Undefined where the server does not know its sessions by our name. */
  readonly applicationName: string | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Names, in their order. */
  readonly pending?: readonly string[]
}

export interface Migrating extends ToolStart {
  readonly kind: 'migrate'
}

export interface RollingBack extends Omit<ToolStart, 'pending'> {
  readonly kind: 'rollback'
  readonly goal: RollbackGoal
}

export interface RestoringInPlace {
  readonly kind: 'restore in place'
  readonly database: string
  readonly witness: RelationWitness
}

export interface RestoringBySwap {
  readonly kind: 'restore by swap'
  readonly database: string
  /** Its oid before; undefined where there was none. */
  readonly oid: number | undefined
  /** The new database, and the name that the one before is kept under. */
  readonly made: string
  readonly kept: string | undefined
}
