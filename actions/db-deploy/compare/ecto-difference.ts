import { resolve } from 'node:path'
import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { quoteIdentifier } from '../database/sql.ts'
import { withScratchDatabase, type ScratchServer } from '../dump/scratch-database.ts'
import type { Inputs } from '../inputs.ts'
import { writing } from '../reading.ts'
import type { Difference } from '../record.ts'
import type { Project } from '../state/project.ts'
import { compareFingerprints } from '../state/schema-fingerprint.ts'
import { believeReplay, catalogAt, catalogDrift } from './catalog-difference.ts'
import { toolRun } from '../tool-run.ts'
import { toolOf, type Comparison } from './compare-schemas.ts'
import { withApplied } from './staged-migrations.ts'
import { withAppliedRelease } from './staged-release.ts'
import { tablesOf } from './touched.ts'

/**
 * By the fingerprint of a scratch database that is migrated from zero: with the applied migrations it is what the database
 * should be, and with the pending ones on top what it would become.
 */
export async function compareEcto(
  what: 'drift' | 'diff',
  comparison: Comparison,
  scratch: ScratchServer,
  world: World
): Promise<Difference> {
  const { inputs, found } = comparison
  const { project } = found
  return withScratchDatabase(scratch, what, world, async (url) => {
    if (project.tableSchema !== undefined) await makeSchema(project.tableSchema, url, inputs, world)
    await migrateApplied(comparison, url, world)
    const made = await catalogAt(url, [], comparison, world)
    if (what === 'diff') {
      await migrate(project, url, inputs, world, true)
      const becomes = await catalogAt(url, [], comparison, world)
      return {
        ...differenceOf(compareFingerprints(made, becomes)),
        findings: found.pending.flatMap(({ findings }) => findings),
        tables: tablesOf(found.pending)
      }
    }
    const { lines, notCompared } = await catalogDrift(made, comparison, world)
    return { ...differenceOf(lines), notCompared }
  })
}

/** The prefix that Ecto is given, which it keeps its table in before any migration could make it. */
async function makeSchema(name: string, url: DatabaseUrl, inputs: Inputs, world: World): Promise<void> {
  await writing({ ...inputs, url }, world, (session) =>
    session.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(name)}`)
  )
}

/** Runs a history that ends where the database is. */
async function migrateApplied({ inputs, found }: Comparison, url: DatabaseUrl, world: World): Promise<void> {
  const { project, states, pending } = found
  if (pending.length === 0) {
    await migrate(project, url, inputs, world)
    return
  }
  const { releaseBinary } = inputs.tool
  const temp = inputs.environmentVariables['RUNNER_TEMP']
  await withApplied(project, states, temp, async ({ folders }) => {
    const staged: Project = { ...project, folders, named: true }
    if (releaseBinary === undefined) {
      await migrate(staged, url, inputs, world)
      return
    }
    const files = pending.map(({ path }) => path)
    await withAppliedRelease(resolve(project.folder, releaseBinary), files, temp, (binary) =>
      migrate(staged, url, { ...inputs, tool: { ...inputs.tool, releaseBinary: binary } }, world)
    )
  })
}

/** @param onTop pending ones, after those that are applied */
async function migrate(project: Project, url: DatabaseUrl, inputs: Inputs, world: World, onTop = false): Promise<void> {
  const tool = await toolOf(project, inputs, world)
  const result = await tool.migrate(toolRun(inputs, url))
  await believeReplay(project, url, { result, inputs, onTop }, world)
}

function differenceOf(lines: readonly string[]): Difference {
  return { result: lines.length === 0 ? 'none' : 'found', text: lines.join('\n'), findings: [], tables: [] }
}
