import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { PrismaTool, ToolResult, ToolRun } from '../tool.ts'

/** One side of a comparison; `database` is the one of the run. */
export type DiffSide = 'migrations' | 'database' | 'schema' | 'empty'

/** What leads from one side to the other. `failed`: it was not compared, and the result says why. */
export type PrismaDiff =
  | { readonly result: 'none' }
  | { readonly result: 'found'; readonly sql: string }
  | { readonly result: 'failed'; readonly run: ToolResult }

/**
 * Prisma's own `migrate diff`: the SQL that would lead from one side to the other. Reads the database, and replays
 * migrations in the shadow database alone, which Prisma empties.
 *
 * @param request.shadow needed where a side is `migrations`; an empty database that may be emptied
 */
export declare function prismaDiff(
  tool: PrismaTool,
  request: { readonly from: DiffSide; readonly to: DiffSide; readonly shadow?: DatabaseUrl },
  run: ToolRun,
  world: Pick<World, 'log' | 'secrets'>
): Promise<PrismaDiff>
