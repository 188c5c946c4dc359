import type { DatabaseUrl } from '../database/database-url.ts'
import type { PrismaTool, ToolResult, ToolRun } from '../tool.ts'
import { withOwnConfiguration } from './own-configuration.ts'
import { runPrisma, type PrismaProgram, type ToolWorld } from './prisma-program.ts'

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
 * @param request.shadow needed where a side is `migrations`; a database that may be emptied
 */
export function prismaDiff(
  { program }: PrismaTool,
  request: { readonly from: DiffSide; readonly to: DiffSide; readonly shadow?: DatabaseUrl },
  run: ToolRun,
  world: ToolWorld
): Promise<PrismaDiff> {
  return withOwnConfiguration(program, { run, shadow: request.shadow }, world, async ({ file, env }) => {
    const result = await runPrisma(
      program,
      {
        command: 'diff',
        args: [
          ...['migrate', 'diff', '--config', file, '--script', '--exit-code'],
          ...side('from', request.from, program),
          ...side('to', request.to, program)
        ],
        env,
        script: true
      },
      run,
      world
    )
    // 0: nothing differs, 2: something does (--exit-code). An engine that dies makes it end with 0 and say nothing.
    if (result.end === 'exited' && result.exitCode === 0 && result.sentence === 'nothing') return { result: 'none' }
    if (result.end === 'exited' && result.exitCode === 2 && result.sentence === 'ok')
      return { result: 'found', sql: result.output.trim() }
    return { result: 'failed', run: result }
  })
}

/** 7 has other names for the same sides. */
function side(end: 'from' | 'to', what: DiffSide, { version, configuration }: PrismaProgram): readonly string[] {
  const six = version.startsWith('6.')
  const { schema = '', migrations } = configuration
  if (what === 'empty') return [`--${end}-empty`]
  if (what === 'migrations') return [`--${end}-migrations`, migrations]
  if (what === 'schema') return [`--${end}-schema${six ? '-datamodel' : ''}`, schema]
  return six ? [`--${end}-schema-datasource`, schema] : [`--${end}-config-datasource`]
}
