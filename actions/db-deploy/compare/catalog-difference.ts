import { fail, type Problem } from '../../shared/problem.ts'
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

/** What was run on the scratch database, and what came of it. */
export interface Replay {
  readonly result: ToolResult
  readonly inputs: Inputs
  /** Those that are pending, on top of a history that was replayed. */
  readonly onTop?: boolean
}

/** The table of the scratch database alone says whether a history was replayed. @throws ActionError where it was not */
export async function believeReplay(
  project: Project,
  url: DatabaseUrl,
  { result, inputs, onTop = false }: Replay,
  world: World
): Promise<void> {
  const states = await reading({ ...inputs, url }, world, (session) => knownStates(session, project))
  const open = states.flatMap(({ migrations }) => migrations.filter(({ status }) => status !== 'applied'))
  if (states.every(({ table }) => table !== undefined) && open.length === 0) return
  fail({
    code: 'schema-not-compared',
    ...replayFailed(result, open[0]?.name, onTop)
  })
}

/** Why a history was not replayed, in the words of the tool. Pure. */
export function replayFailed(
  result: ToolResult,
  open: string | undefined,
  onTop: boolean
): Pick<Problem, 'message' | 'hint'> {
  const { end, exitCode, message, output } = result
  const said = message ?? lastLine(output)
  const ended = end === 'exited' ? `ended with ${exitCode ?? 'no exit code'}` : `was ${end}`
  const told = said === undefined ? '' : `: ${said}`
  // By a shell's own codes, and `env`'s: nothing of the tool ran (POSIX, "Exit Status for Commands").
  if (end === 'not started' || exitCode === 126 || exitCode === 127) {
    return {
      message: `The tool did not start to migrate the scratch database (it ${ended})${told}`,
      hint: 'Its programs have to be on the PATH of this step, as for a deploy: see the log, and set them up in a step before.'
    }
  }
  const failed = end !== 'exited' || exitCode !== 0
  if (open === undefined) {
    return {
      message: `The migrations did not run on the scratch database, which has no table of versions: the tool ${ended}${told}`,
      hint: failed
        ? 'The log has the output of the tool: mend what it says there.'
        : 'It ran them elsewhere: check that the configuration reads DATABASE_URL.'
    }
  }
  return onTop
    ? {
        message: `What is pending does not run after what is applied: ${open} is not applied on the scratch database; the tool ${ended}${told}`,
        hint: `Mend ${open}, which is pending: the history before it could be replayed. Extensions that it uses must be on the scratch server, too.`
      }
    : {
        message: `The migrations did not run on an empty database: ${open} is not applied there; the tool ${ended}${told}`,
        hint: 'The log has the output of the tool. A history that cannot be replayed on an empty database needs mending first; extensions that it uses must be on the scratch server, too. Check that the configuration reads DATABASE_URL.'
      }
}

function lastLine(output: string): string | undefined {
  const line = output.trim().split('\n').at(-1)?.trim() ?? ''
  return line === '' ? undefined : line.slice(0, 300)
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
