import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { withScratchDatabase } from '../dump/scratch-database.ts'
import type { Inputs } from '../inputs.ts'
import { directUrl, reading } from '../reading.ts'
import type { Difference } from '../record.ts'
import type { Project } from '../state/project.ts'
import { readMigrationState } from '../state/read-migration-state.ts'
import {
  compareFingerprints,
  fingerprintOf,
  schemaFingerprint,
  type SchemaFingerprint
} from '../state/schema-fingerprint.ts'
import { runOn, toolOf, type Comparison } from './compare-schemas.ts'
import { withApplied } from './staged-migrations.ts'
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
  refuseRelease(comparison)
  return withScratchDatabase(scratch, what, world, async (url) => {
    await withApplied(project, found.states, inputs.environmentVariables['RUNNER_TEMP'], ({ folders }) =>
      migrate(found.pending.length === 0 ? project : { ...project, folders, named: true }, url, inputs, world)
    )
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

/** A release runs what is in it: a history that ends where the database is cannot be given to it. */
function refuseRelease({ inputs, found }: Comparison): void {
  if (inputs.tool.releaseBinary === undefined || found.pending.length === 0) return
  fail({
    code: 'schema-not-compared',
    message:
      'A release runs all of its migrations, and some are pending, so it cannot make what the database should be now.',
    hint: 'Compare when nothing is pending, or in a job that has the Mix project.'
  })
}

/** Migrates the scratch database, and believes its table alone. */
async function migrate(project: Project, url: DatabaseUrl, inputs: Inputs, world: World): Promise<void> {
  const tool = await toolOf(project, inputs, world)
  const result = await tool.migrate(runOn(url, inputs))
  const { states } = await reading({ ...inputs, url }, world, (session) => readMigrationState(session, project))
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
