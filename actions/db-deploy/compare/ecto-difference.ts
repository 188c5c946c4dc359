import { resolve } from 'node:path'
import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { withScratchDatabase } from '../dump/scratch-database.ts'
import type { Inputs } from '../inputs.ts'
import { directUrl, reading } from '../reading.ts'
import type { Difference } from '../record.ts'
import type { Project } from '../state/project.ts'
import { knownStates } from '../state/read-migration-state.ts'
import {
  compareFingerprints,
  fingerprintOf,
  schemaFingerprint,
  type SchemaFingerprint
} from '../state/schema-fingerprint.ts'
import { runOn, toolOf, type Comparison } from './compare-schemas.ts'
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
  scratch: DatabaseUrl,
  world: World
): Promise<Difference> {
  const { inputs, found } = comparison
  const { project } = found
  return withScratchDatabase(scratch, what, world, async (url) => {
    await migrateApplied(comparison, url, world)
    const made = await fingerprintAt(url, [], comparison, world)
    if (what === 'diff') {
      await migrate(project, url, inputs, world)
      const becomes = await fingerprintAt(url, [], comparison, world)
      return {
        ...differenceOf(compareFingerprints(made, becomes)),
        findings: found.pending.flatMap(({ findings }) => findings),
        tables: tablesOf(found.pending)
      }
    }
    // Schemas and extensions that the migrations do not make are the provider's: pg_stat_statements, auth, cron.
    const there = await fingerprintAt(directUrl(inputs), schemasOf(made), comparison, world)
    return differenceOf(compareFingerprints(made, withoutForeign(there, made)))
  })
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

/** Migrates the scratch database, and believes its table alone. */
async function migrate(project: Project, url: DatabaseUrl, inputs: Inputs, world: World): Promise<void> {
  const tool = await toolOf(project, inputs, world)
  const result = await tool.migrate(runOn(url, inputs))
  const states = await reading({ ...inputs, url }, world, (session) => knownStates(session, project))
  const open = states.flatMap(({ migrations }) => migrations.filter(({ status }) => status !== 'applied'))
  if (states.every(({ table }) => table !== undefined) && open.length === 0) return
  fail({
    code: 'schema-not-compared',
    message: `The migrations did not run on an empty database: ${result.message ?? (open[0] === undefined ? 'the tool ran them elsewhere, as the scratch database has no table of versions' : `${open[0].name} is not applied there`)}`,
    hint: 'The log has the output of the tool. Check that the configuration reads DATABASE_URL, and that the history can be replayed from zero.'
  })
}

function fingerprintAt(
  url: DatabaseUrl,
  schemas: readonly string[],
  { inputs, found }: Comparison,
  world: World
): Promise<SchemaFingerprint> {
  return reading({ ...inputs, url }, world, (session) => schemaFingerprint(session, schemas, [found.project.table]))
}

/** public, and those that the fingerprint tells of. */
function schemasOf({ lines }: SchemaFingerprint): readonly string[] {
  const named = lines.filter((line) => line.startsWith('schema ')).map((line) => line.slice('schema '.length))
  return ['public', ...named.map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name))]
}

function withoutForeign(there: SchemaFingerprint, made: SchemaFingerprint): SchemaFingerprint {
  const known = new Set(made.lines)
  return fingerprintOf(there.lines.filter((line) => !line.startsWith('extension ') || known.has(line)))
}

function differenceOf(lines: readonly string[]): Difference {
  return { result: lines.length === 0 ? 'none' : 'found', text: lines.join('\n'), findings: [], tables: [] }
}
