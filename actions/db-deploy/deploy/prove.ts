import { resolve } from 'node:path'
import type { World } from '../../shared/world.ts'
import { failedProblems, type Check } from '../check.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { Session } from '../database/session.ts'
import { textOf } from '../database/sql.ts'
import { copyInto } from '../dump/copy-into.ts'
import type { DumpPrograms } from '../dump/programs.ts'
import { scratchServer, withScratchDatabase } from '../dump/scratch-database.ts'
import { ectoRollback, type RollbackTarget } from '../ecto/rollback.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { directUrl, reading, writing } from '../reading.ts'
import type { MigrationState } from '../state/migration-state.ts'
import { knownStates } from '../state/read-migration-state.ts'
import { schemaFingerprint } from '../state/schema-fingerprint.ts'
import { toldChecks, type Survey } from '../survey.ts'
import type { EctoTool, PrismaTool, ToolRun } from '../tool.ts'
import { toolRun } from '../tool-run.ts'
import { prove, type NoWayBack, type TakenBack } from '../verification/prove.ts'

/** What proving takes; the inputs have a scratch server, or have been refused. */
interface Proving {
  readonly inputs: Inputs
  readonly survey: Survey
  readonly tool: PrismaTool | EctoTool
  readonly dump: DumpPrograms
}

/**
 * Lets the tool migrate a copy before it migrates the database. The copy has the schema and the table of migrations, and
 * no other rows: nobody's data leaves the server for this.
 */
export async function proveOnCopy(proving: Proving, world: World, journal: Journal): Promise<readonly Check[]> {
  const { inputs, survey, tool, dump } = proving
  return journal.stage('prove', 'Proof on a scratch copy', (stage) =>
    withScratchDatabase(scratchServer(inputs), 'prove', world, async (copy) => {
      await copyInto(
        {
          from: { url: directUrl(inputs), schemaOnly: true },
          programs: dump,
          environmentVariables: inputs.environmentVariables,
          temp: resolve(inputs.context.temp, 'release-actions', 'prove'),
          applicationName: inputs.sessions.own,
          timeout: inputs.backup.timeout
        },
        copy,
        world
      )
      await copyTables(proving, copy, world)
      const run = (url: DatabaseUrl): ToolRun => toolRun(inputs, url)
      const checks = await prove(copy, {
        what: inputs.verification.prove,
        migrate: (url) => tool.migrate(run(url)),
        rollBack:
          tool.framework === 'ecto'
            ? (outOfOrder(survey.states) ?? ((url, back) => ectoRollback(tool, targetOf(tool, back), run(url), world)))
            : { told: 'Prisma has no way back', next: 'What brings a database back is its backup.' },
        pending: (url) =>
          reading({ ...inputs, url }, world, async (session) => {
            const states = await knownStates(session, survey.project)
            return states.flatMap(({ migrations }) =>
              migrations.flatMap(({ name, status }) => (status === 'pending' ? [name] : []))
            )
          }),
        schema: (url) =>
          reading({ ...inputs, url }, world, async (session) => {
            const { lines } = await schemaFingerprint(session, [], [survey.project.table])
            return lines
          }),
        applied: 0
      })
      if (failedProblems(checks).length > 0) stage.result('failed')
      stage.note(toldChecks(checks))
      return checks
    })
  )
}

/**
 * What is pending cannot go back alone where a newer one is applied: Ecto takes the highest versions that have a file (ecto_sql,
 * lib/ecto/migrator.ex, pending_in_direction).
 */
export function outOfOrder(states: readonly MigrationState[]): NoWayBack | undefined {
  const all = states.flatMap(({ migrations }) => migrations)
  const pending = all.findIndex(({ status }) => status === 'pending')
  const newer = all.findLast(({ status }, at) => status === 'applied' && pending !== -1 && at > pending)
  if (newer === undefined) return undefined
  const name = all[pending]?.name ?? ''
  return {
    told: `${name} is pending, and ${newer.name}, which is newer, is applied: Ecto would take back that one first`,
    next: `Where ${name} was applied nowhere yet, give its file a newer version; to take it back later, \`command: rollback\` takes the newer ones back with it.`
  }
}

/** A call that asks for `{to}` gets the oldest version that goes; for Mix `to` would be the one that stays. */
function targetOf({ program }: EctoTool, { steps, oldest }: TakenBack): RollbackTarget {
  return program.kind === 'mix' || oldest === undefined ? { steps } : { to: oldest, steps }
}

/** The rows of the frameworks' tables, so that the same is pending there. */
async function copyTables({ inputs, survey }: Proving, copy: DatabaseUrl, world: World): Promise<void> {
  const tables = survey.states.flatMap(({ table }) => (table === undefined ? [] : [table]))
  for (const table of tables) {
    const rows = await reading({ ...inputs, url: directUrl(inputs) }, world, (session) => rowsOf(session, table))
    await writing({ ...inputs, url: copy }, world, (session) =>
      session.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`, [rows])
    )
  }
}

/** @param table quoted as SQL writes it */
async function rowsOf(session: Session, table: string): Promise<string> {
  const [row] = await session.query(`SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text AS rows FROM ${table} t`)
  return textOf(row, 'rows')
}
