import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { ToolResult } from '../tool.ts'

/** What proving takes: a scratch database, and the tool. */
export interface Proof {
  readonly what: ReadonlySet<'idempotent' | 'rollback'>
  /** Lays a copy of the database into the scratch database; what was pending is pending there, or applied. */
  readonly copy: (into: DatabaseUrl) => Promise<void>
  readonly migrate: (url: DatabaseUrl) => Promise<ToolResult>
  /** Takes back so many of the newest migrations; undefined where the framework has no way back (Prisma). */
  readonly rollBack: ((url: DatabaseUrl, steps: number) => Promise<ToolResult>) | undefined
  /** The names of the migrations that are pending, read from the table. */
  readonly pending: (url: DatabaseUrl) => Promise<readonly string[]>
  /** Lines of the schema, as `schemaFingerprint` gives them. */
  readonly schema: (url: DatabaseUrl) => Promise<readonly string[]>
  /** How many this run has applied already, where the copy has them. */
  readonly applied: number
}

/**
 * Proves on a scratch copy that migrating again changes nothing, and that what was applied can be taken back and
 * applied again with the same schema at the end.
 */
export declare function prove(
  scratch: DatabaseUrl,
  proof: Proof,
  world: Pick<World, 'cancelled' | 'log'>
): Promise<readonly Check[]>
