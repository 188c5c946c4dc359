import type { World } from '../../shared/world.ts'
import type { EctoTool, ToolResult, ToolRun } from '../tool.ts'

/** How far back: `to` is a version that stays (`mix ecto.rollback --to` takes it back too: see below), or so many steps. */
export type RollbackTarget = { readonly to: string } | { readonly steps: number }

/** Rolls migrations back, by `mix ecto.rollback` or the release's own call. */
export declare function ectoRollback(
  tool: EctoTool,
  target: RollbackTarget,
  run: ToolRun,
  world: Pick<World, 'log' | 'secrets'>
): Promise<ToolResult>
