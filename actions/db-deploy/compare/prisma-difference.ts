import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { withScratchDatabase } from '../dump/scratch-database.ts'
import { prismaDiff, type PrismaDiff } from '../prisma/diff.ts'
import { directUrl, reading } from '../reading.ts'
import type { Difference } from '../record.ts'
import type { PrismaTool } from '../tool.ts'
import { runOn, toolOf, type Comparison } from './compare-schemas.ts'
import { judgeSql } from './judge-sql.ts'
import { tablesOf } from './touched.ts'
import { withApplied } from './staged-migrations.ts'

/**
 * By Prisma's own `migrate diff`, which replays migrations in a shadow database. Drift is what leads from the applied
 * migrations to the database; pending ones are no drift. A diff is what leads from the database to all migrations; where
 * the database has drifted, that is in it, and the text says so.
 */
export async function comparePrisma(
  what: 'drift' | 'diff',
  comparison: Comparison,
  scratch: DatabaseUrl,
  world: World
): Promise<Difference> {
  const { inputs, found } = comparison
  const tool = await toolOf(found.project, inputs, world)
  if (tool.framework !== 'prisma') throw new TypeError('a project of Prisma’s has its tool')
  const drift = await driftOf(tool, comparison, scratch, world)
  if (what === 'drift') {
    if (drift.result === 'none') return { result: 'none', text: '', findings: [], tables: [] }
    return {
      result: 'found',
      text: drift.sql,
      ...(await reading({ ...inputs, url: directUrl(inputs) }, world, (session) =>
        judgeSql(drift.sql, session, found.project)
      ))
    }
  }
  const all = sure(
    await withScratchDatabase(scratch, 'diff', world, (shadow) =>
      prismaDiff(tool, { from: 'database', to: 'migrations', shadow }, runOn(directUrl(inputs), inputs), world)
    )
  )
  if (all.result === 'none') return { result: 'none', text: '', findings: [], tables: [] }
  const warning =
    drift.result === 'none'
      ? ''
      : '-- The database has drifted from its migrations: what follows takes that back, too.\n'
  return {
    result: 'found',
    text: `${warning}${all.sql}`,
    findings: found.pending.flatMap(({ findings }) => findings),
    tables: tablesOf(found.pending)
  }
}

type Compared = Exclude<PrismaDiff, { readonly result: 'failed' }>

async function driftOf(
  tool: PrismaTool,
  { inputs, found }: Comparison,
  scratch: DatabaseUrl,
  world: World
): Promise<Compared> {
  return withApplied(found.project, found.states, inputs.environmentVariables['RUNNER_TEMP'], async ({ folders }) => {
    const migrations = folders[0] ?? tool.program.configuration.migrations
    const staged: PrismaTool = {
      ...tool,
      program: { ...tool.program, configuration: { ...tool.program.configuration, migrations } }
    }
    return sure(
      await withScratchDatabase(scratch, 'drift', world, (shadow) =>
        prismaDiff(staged, { from: 'migrations', to: 'database', shadow }, runOn(directUrl(inputs), inputs), world)
      )
    )
  })
}

function sure(diff: PrismaDiff): Compared {
  if (diff.result !== 'failed') return diff
  const { run } = diff
  return fail({
    code: 'schema-not-compared',
    message: `\`prisma migrate diff\` ended with ${run.end === 'exited' ? `exit code ${run.exitCode ?? 'none'}` : run.end}${run.code === undefined ? '' : ` (${run.code})`}${run.message === undefined ? '' : `: ${run.message}`}`,
    hint: 'The log has its output.'
  })
}
