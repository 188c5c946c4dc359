import type { EctoTool, ToolResult, ToolRun } from '../tool.ts'
import { runEcto, type ToolWorld } from './ecto-program.ts'

/**
 * How far back. For Mix `to` stays, and every version above it goes; for a release it is what `{to}` becomes in its call, and
 * `steps` what `{steps}` does. Steps alone count from the newest one that is there.
 */
export type RollbackTarget = { readonly to: string; readonly steps?: number } | { readonly steps: number }

/**
 * Rolls migrations back, by `mix ecto.rollback` or by the release's own call, in which `{to}` and `{steps}` stand for what is
 * asked. Ecto takes the highest versions that have a file, whenever they were applied.
 */
export function ectoRollback(
  { program }: EctoTool,
  target: RollbackTarget,
  run: ToolRun,
  world: ToolWorld
): Promise<ToolResult> {
  if (program.kind === 'mix') {
    // `--to` takes the version itself back as well (ecto_sql, lib/ecto/migrator.ex, pending_to).
    const far = 'to' in target ? ['--to-exclusive', target.to] : ['--step', String(target.steps)]
    return runEcto(program, ['ecto.rollback', ...far, ...program.options], run, world)
  }
  if (program.rollbackCall === undefined) {
    const message =
      'the release is not told how to roll back: name its function in release-rollback-call, as in App.Release.rollback(App.Repo, {to})'
    return Promise.resolve({
      exitCode: null,
      end: 'not started',
      sentence: 'failed',
      message,
      migrations: [],
      output: message
    })
  }
  const call = Object.entries(target).reduce(
    (text, [name, value]) => text.replaceAll(`{${name}}`, String(value)),
    program.rollbackCall
  )
  return runEcto(program, ['eval', call], run, world)
}
