import { ActionError, fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { quoteIdentifier } from '../database/sql.ts'
import { withScratchDatabase, type ScratchServer } from '../dump/scratch-database.ts'
import type { Inputs } from '../inputs.ts'
import { prismaDiff, type DiffSide, type PrismaDiff } from '../prisma/diff.ts'
import { ownConfigurationProblem } from '../prisma/own-configuration.ts'
import { prismaReplay } from '../prisma/replay.ts'
import { directUrl, reading, writing } from '../reading.ts'
import type { Difference } from '../record.ts'
import type { Project } from '../state/project.ts'
import { compareFingerprints } from '../state/schema-fingerprint.ts'
import type { PrismaTool } from '../tool.ts'
import { believeReplay, catalogAt, catalogDrift, type CatalogDifference } from './catalog-difference.ts'
import { toolRun } from '../tool-run.ts'
import { notChecked, toolOf, type Comparison } from './compare-schemas.ts'
import { judgeSql } from './judge-sql.ts'
import { withApplied } from './staged-migrations.ts'
import { tablesOf } from './touched.ts'
import { unseenTables, unseenTold } from './unseen-tables.ts'

/**
 * By Prisma's own `migrate diff`, which replays migrations in a shadow database and says what differs as SQL, and by the
 * catalog of a scratch database that the migrations are replayed in: Prisma's diff knows what a schema of Prisma's can say,
 * and has no eyes for checks, triggers, functions, views, policies or an index of an expression.
 *
 * Drift is what leads from the applied migrations to the database; pending ones are no drift. A diff is what leads from the
 * database to all migrations; where the database has drifted, that is in it, and the text says so.
 */
export async function comparePrisma(
  what: 'drift' | 'diff',
  comparison: Comparison,
  scratch: ScratchServer,
  world: World
): Promise<Difference> {
  const { inputs, found } = comparison
  const tool = await toolOf(found.project, inputs, world)
  if (tool.framework !== 'prisma') throw new TypeError('a project of Prisma’s has its tool')
  const refused = ownConfigurationProblem(tool.program.version)
  if (refused !== undefined) fail(refused)
  const unseen = await reading({ ...inputs, url: directUrl(inputs) }, world, (session) =>
    unseenTables(session, comparedSchemas(tool, inputs))
  )
  if (unseen.length > 0) return notChecked(unseenTold(unseen, found.server.facts.role))
  const place: Place = { tool, comparison, scratch, world }
  const { drift, catalog } = await againstApplied(what, place)
  const { notCompared } = catalog
  const partial = catalog.replayed ? {} : { partial: true }
  if (what === 'drift') {
    const sql = drift.result === 'none' ? '' : drift.sql
    if (sql === '' && catalog.lines.length === 0) return { ...none, ...partial, notCompared }
    return {
      result: 'found',
      text: bothTold(sql, catalog.lines),
      notCompared,
      ...(sql === ''
        ? { findings: [], tables: [] }
        : await reading({ ...inputs, url: directUrl(inputs) }, world, (session) =>
            judgeSql(sql, session, found.project)
          ))
    }
  }
  const all = await shadowDiff({ from: 'database', to: 'migrations' }, place)
  if (all.result === 'none' && catalog.becomes.length === 0) return { ...none, ...partial, notCompared }
  const drifted = drift.result === 'found' || catalog.lines.length > 0
  return {
    result: 'found',
    text: `${drifted && all.result === 'found' ? driftedAlready : ''}${bothTold(all.result === 'none' ? '' : all.sql, catalog.becomes)}`,
    notCompared,
    findings: found.pending.flatMap(({ findings }) => findings),
    tables: tablesOf(found.pending)
  }
}

/** Those that Prisma's diff reads: that of the address, and those that the datasource names. */
function comparedSchemas({ program }: PrismaTool, inputs: Inputs): readonly string[] {
  return [...new Set([directUrl(inputs).schema, ...program.configuration.schemas])]
}

const none: Difference = { result: 'none', text: '', findings: [], tables: [] }

const driftedAlready = '-- The database has drifted from its migrations: what follows takes that back, too.\n'

/** Where it is compared, and what with. */
interface Place {
  readonly tool: PrismaTool
  readonly comparison: Comparison
  readonly scratch: ScratchServer
  readonly world: World
}

interface ReplayedCatalog extends CatalogDifference {
  /** What the pending migrations change of what the applied ones make; empty for `drift`. */
  readonly becomes: readonly string[]
  readonly replayed: boolean
}

/** Both comparisons with a history that ends where the database is. */
async function againstApplied(
  what: 'drift' | 'diff',
  place: Place
): Promise<{ readonly drift: Compared; readonly catalog: ReplayedCatalog }> {
  const { tool, comparison } = place
  const { found, inputs } = comparison
  const { project, states } = found
  return withApplied(project, states, inputs.environmentVariables['RUNNER_TEMP'], async ({ folders }) => {
    const applied = withMigrations(tool, folders[0] ?? tool.program.configuration.migrations)
    const drift = await shadowDiff({ from: 'migrations', to: 'database' }, { ...place, tool: applied })
    return { drift, catalog: await safelyReplayed(what, { ...place, tool: applied }, { ...project, folders }, tool) }
  })
}

/** Where only the replay fails, Prisma's diff still holds, as far as it goes. */
async function safelyReplayed(
  what: 'drift' | 'diff',
  place: Place,
  staged: Project,
  tool: PrismaTool
): Promise<ReplayedCatalog> {
  try {
    return await replayedCatalog(what, place, staged, tool)
  } catch (error) {
    if (!(error instanceof ActionError) || place.world.cancelled.aborted) throw error
    return { lines: [], becomes: [], notCompared: [`${unseenByDiff} ${error.message}`], replayed: false }
  }
}

const unseenByDiff =
  'What Prisma’s diff does not see (checks, exclusion constraints, triggers, functions, views, policies and row-level security, indexes of expressions) was not compared.'

/** @param tool with all migrations */
async function replayedCatalog(
  what: 'drift' | 'diff',
  { tool: applied, comparison, scratch, world }: Place,
  staged: Project,
  tool: PrismaTool
): Promise<ReplayedCatalog> {
  const { inputs, found } = comparison
  return withEmptyDatabase('replay', { comparison, scratch, world }, async (url) => {
    const replay = async (program: PrismaTool, project: Project): Promise<void> => {
      const result = await prismaReplay(program, toolRun(inputs, url), world)
      await believeReplay(project, url, { result, inputs }, world)
    }
    await replay(applied, staged)
    const made = await catalogAt(url, [], comparison, world)
    const drift = await catalogDrift(made, comparison, world)
    if (what === 'drift') return { ...drift, becomes: [], replayed: true }
    await replay(tool, found.project)
    const becomes = compareFingerprints(made, await catalogAt(url, [], comparison, world))
    return { ...drift, becomes, replayed: true }
  })
}

function withMigrations(tool: PrismaTool, migrations: string): PrismaTool {
  const { program } = tool
  return { ...tool, program: { ...program, configuration: { ...program.configuration, migrations } } }
}

type Compared = Exclude<PrismaDiff, { readonly result: 'failed' }>

async function shadowDiff(sides: { readonly from: DiffSide; readonly to: DiffSide }, place: Place): Promise<Compared> {
  const { tool, comparison, world } = place
  const { inputs } = comparison
  return sure(
    await withEmptyDatabase('shadow', place, (shadow) =>
      prismaDiff(tool, { ...sides, shadow }, toolRun(inputs, directUrl(inputs)), world)
    )
  )
}

/** With the schema that unqualified names are meant for: the one of the database's URL. */
function withEmptyDatabase<T>(
  purpose: string,
  { comparison: { inputs }, scratch, world }: Pick<Place, 'comparison' | 'scratch' | 'world'>,
  use: (url: DatabaseUrl) => Promise<T>
): Promise<T> {
  const { schema } = directUrl(inputs)
  return withScratchDatabase(scratch, purpose, world, async (empty) => {
    if (schema === empty.schema) return use(empty)
    const url: DatabaseUrl = { ...empty, schema, parameters: new Map([...empty.parameters, ['schema', schema]]) }
    await writing({ ...inputs, url }, world, (session) =>
      session.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`)
    )
    return use(url)
  })
}

/** SQL where Prisma has it, and below it the lines of what it has none for. */
function bothTold(sql: string, lines: readonly string[]): string {
  if (sql === '') return lines.join('\n')
  const further = lines.filter((line) => !/^[-+] (?:(?:schema|extension|column|enum) |table [^:]*$)/.test(line))
  if (further.length === 0) return sql
  return [
    sql,
    '',
    '-- In lines of the catalog (- from, + to), also what Prisma’s diff does not see:',
    ...further.map((line) => `-- ${line}`)
  ].join('\n')
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
