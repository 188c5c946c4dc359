import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { Inputs } from '../inputs.ts'
import { directUrl, reading } from '../reading.ts'
import type { Project } from '../state/project.ts'
import { knownStates } from '../state/read-migration-state.ts'
import {
  compareFingerprints,
  fingerprintOf,
  schemaFingerprint,
  type SchemaFingerprint
} from '../state/schema-fingerprint.ts'
import { someOf } from '../state/wording.ts'
import type { ToolResult } from '../tool.ts'
import type { Comparison } from './compare-schemas.ts'

/** How the catalogs of two databases differ. */
export interface CatalogDifference {
  /** `- …` is what the migrations make, `+ …` what there is. */
  readonly lines: readonly string[]
  /** What was left out, each with its names. */
  readonly notCompared: readonly string[]
}

/**
 * The database against what its migrations made of an empty one. Schemas and extensions that they do not make are left
 * out, as the provider's mostly (pg_stat_statements, auth, cron), and named.
 */
export async function catalogDrift(
  made: SchemaFingerprint,
  comparison: Comparison,
  world: World
): Promise<CatalogDifference> {
  const url = directUrl(comparison.inputs)
  const known = new Set(made.lines)
  const all = await catalogAt(url, [], comparison, world)
  const there = await catalogAt(url, ['public', ...namesOf('schema', made.lines)], comparison, world)
  const foreign = (kind: 'schema' | 'extension'): readonly string[] =>
    namesOf(
      kind,
      all.lines.filter((line) => !known.has(line))
    )
  const compared = there.lines.filter((line) => !line.startsWith('extension ') || known.has(line))
  return {
    lines: compareFingerprints(made, fingerprintOf(compared)),
    notCompared: [leftOut('Schemas', foreign('schema')), leftOut('Extensions', foreign('extension'))].flat()
  }
}

export function catalogAt(
  url: DatabaseUrl,
  schemas: readonly string[],
  { inputs, found }: Comparison,
  world: World
): Promise<SchemaFingerprint> {
  return reading({ ...inputs, url }, world, (session) => schemaFingerprint(session, schemas, [found.project.table]))
}

/** The table of the scratch database alone says whether a history was replayed. @throws ActionError where it was not */
export async function believeReplay(
  project: Project,
  url: DatabaseUrl,
  { result, inputs }: { readonly result: ToolResult; readonly inputs: Inputs },
  world: World
): Promise<void> {
  const states = await reading({ ...inputs, url }, world, (session) => knownStates(session, project))
  const open = states.flatMap(({ migrations }) => migrations.filter(({ status }) => status !== 'applied'))
  if (states.every(({ table }) => table !== undefined) && open.length === 0) return
  fail({
    code: 'schema-not-compared',
    message: `The migrations did not run on an empty database: ${result.message ?? (open[0] === undefined ? 'the tool ran them elsewhere, as the scratch database has no table of versions' : `${open[0].name} is not applied there`)}`,
    hint: 'The log has the output of the tool. Check that the configuration reads DATABASE_URL, and that the history can be replayed from zero.'
  })
}

function leftOut(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what} that the migrations do not make: ${someOf(names)}.`]
}

/** What these lines have of a kind, by name. */
function namesOf(kind: 'schema' | 'extension', lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => line.startsWith(`${kind} `))
    .map((line) => line.slice(kind.length + 1))
    .map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name))
}
