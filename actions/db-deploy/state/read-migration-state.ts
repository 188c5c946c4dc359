import { ActionError } from '../../shared/problem.ts'
import { failedProblems, type Check } from '../check.ts'
import type { Session } from '../database/session.ts'
import type { Inputs } from '../inputs.ts'
import { readLedger } from '../telemetry/ledger.ts'
import { ectoStatuses } from './ecto-state.ts'
import { fileChecks } from './file-checks.ts'
import { listMigrationFiles, readMigrationFile, type FileOnDisk } from './migration-files.ts'
import type { MigrationState, MigrationStatus } from './migration-state.ts'
import { findMigrationTable, readEctoRows, readPrismaRows, type TableFacts } from './migration-table.ts'
import { prismaStatuses } from './prisma-state.ts'
import type { MigrationSource } from './project.ts'
import { stateChecks } from './state-checks.ts'
import { tableCheck } from './table-check.ts'

/** What is asked of a state besides that it is whole. */
export interface StateExpectations {
  /** A migration's name, version, or a beginning of it that only one has. */
  readonly expectCurrent?: string | undefined
  /** `now`: it is the newest that is applied. `after deploy`: it will be when everything pending is applied. */
  readonly expected?: 'now' | 'after deploy'
  /** `pending` and `out-of-order` fail where they are only told otherwise. */
  readonly failOn?: Inputs['failOn']
}

/** What is in the folders and in the table, compared, and what is to be said about it. */
export interface MigrationReading {
  /** One for each table; empty where the table cannot be used, and nothing is known of what was applied. */
  readonly states: readonly MigrationState[]
  readonly checks: readonly Check[]
}

/**
 * Compares the folders of a project with what the database says was applied. Two round trips; writes nothing. Our ledger,
 * where the database has one, says what Ecto's table cannot.
 * @throws {QueryError} where the table cannot be read
 */
export async function readMigrationState(
  session: Session,
  source: MigrationSource,
  expectations: StateExpectations = {}
): Promise<MigrationReading> {
  // The files are listed while the server looks.
  const asked = findMigrationTable(session, source)
  const listed = listMigrationFiles(source)
  const facts = await asked
  const found = tableCheck(source, facts)
  // Of a table that cannot be used nothing follows for the migrations: not even that they are pending.
  if (!found.usable) return { states: [], checks: [found.check, ...fileChecks(source, listed)] }
  const { table } = facts
  const read = (file: FileOnDisk): Buffer => readMigrationFile(file.path, source.folder)
  const ledger =
    source.framework === 'ecto' && facts.ledger && table !== undefined ? await readLedger(session, table) : undefined
  const migrations =
    source.framework === 'prisma'
      ? prismaStatuses(listed.files, table === undefined ? [] : await readPrismaRows(session, table), read)
      : ectoStatuses(listed.files, table === undefined ? [] : await readEctoRows(session, facts), read, ledger)
  const state: MigrationState = {
    framework: source.framework,
    folders: source.folders,
    table,
    migrations,
    current: migrations.findLast(isApplied)?.name,
    notChecked: source.framework === 'ecto' ? untoldByEcto(migrations, ledger, facts) : []
  }
  return {
    states: [state],
    checks: [found.check, ...fileChecks(source, listed), ...stateChecks(state, expectations)]
  }
}

/**
 * The states alone, for those who read them again while they work.
 * @throws {ActionError} where the table cannot be used: nothing is known then, and nothing may be concluded
 * @throws {QueryError} where the table cannot be read
 */
export async function knownStates(session: Session, source: MigrationSource): Promise<readonly MigrationState[]> {
  const { states, checks } = await readMigrationState(session, source)
  if (states.length === 0) throw new ActionError(failedProblems(checks))
  return states
}

function isApplied({ status }: MigrationStatus): boolean {
  return status === 'applied' || status === 'missing'
}

function untoldByEcto(
  migrations: readonly MigrationStatus[],
  ledger: ReadonlyMap<string, string> | undefined,
  { table }: TableFacts
): readonly string[] {
  if (table === undefined) return []
  const applied = migrations.filter(({ status }) => status === 'applied')
  const unknown = applied.filter(({ name }) => ledger?.has(name) !== true)
  const edited =
    unknown.length === 0
      ? []
      : [
          ledger === undefined
            ? 'Whether a file was edited: Ecto keeps no checksum of what it ran; `ledger: true` would, from the next deploy on'
            : `Whether a file was edited: of ${unknown.length} of ${applied.length} applied migrations neither Ecto nor the ledger has a checksum`
        ]
  return [
    ...edited,
    'Whether an earlier run failed: a migration that fails leaves no row in Ecto’s table',
    'Earlier times: Ecto’s table says when a migration ended, not how long it took'
  ]
}
