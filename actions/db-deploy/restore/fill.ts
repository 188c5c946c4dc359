import { counted } from '../counted.ts'
import { ActionError } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { pastCancellation, throwIfCancelled } from '../cancelled.ts'
import { withDatabase, type DatabaseUrl } from '../database/database-url.ts'
import type { Session } from '../database/session.ts'
import { numberOf, quoteIdentifier } from '../database/sql.ts'
import { runRestore } from '../dump/run-restore.ts'
import { endBackends } from '../lock/backends.ts'
import { directUrl, reading } from '../reading.ts'
import type { Restore } from './apply.ts'
import { compareRows } from './compare-rows.ts'
import { createLike } from './create-like.ts'
import { openMaintenance } from './target.ts'
import { witnessed, witnessOf, witnessTold, type RelationWitness } from './witness.ts'

/**
 * Makes a new database like the one that is to be restored, restores the dump into it, and proves that every table has the
 * rows that the dump has. Then lets it be used; it is dropped where that fails.
 *
 * @param use gets its oid
 */
export async function fillNew<T>(
  restore: Restore,
  file: string,
  made: string,
  use: (oid: number) => Promise<T>
): Promise<T> {
  const { inputs, facts, world, journal } = restore
  const url = directUrl(inputs)
  const admin = await openMaintenance(url, inputs.sessions.own, pastCancellation(world))
  let used = false
  try {
    const oid = await journal.stage('restore', `Restore into ${made}`, async (stage) => {
      throwIfCancelled(world, 'a new database was about to be made')
      await createLike(
        admin,
        url,
        { name: made, like: facts.server.target === undefined ? undefined : url.database },
        inputs.sessions.own
      )
      const into = withDatabase(url, made)
      await run(restore, into, ['--exit-on-error', file])
      const rows = await compareRows(into, facts.dump.rows, inputs, world)
      stage.note(`${counted(rows.tables, 'table')} with the ${counted(rows.rows, 'row')} of the dump`)
      const [row] = await admin.query('SELECT oid FROM pg_catalog.pg_database WHERE datname = $1', [made])
      return numberOf(row, 'oid')
    })
    const value = await use(oid)
    used = true
    return value
  } finally {
    if (!used) await dropUnused(admin, made, world)
    await admin.close()
  }
}

/** Never throws: why there is something to drop is what matters. */
async function dropUnused(admin: Session, name: string, { log }: World): Promise<void> {
  try {
    await admin.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`)
  } catch (error) {
    log.warning(
      `${name} could not be dropped: ${error instanceof Error ? error.message : String(error)} Drop it by hand: DROP DATABASE ${quoteIdentifier(name)};`
    )
  }
}

/** Replaces what the dump knows, in one transaction: all of it or nothing. */
export async function fillInPlace(restore: Restore, file: string): Promise<void> {
  const { inputs, facts, journal, world, state } = restore
  const url = directUrl(inputs)
  await journal.stage('restore', 'Restore in place', async (stage) => {
    throwIfCancelled(world, 'the database was about to be restored')
    const tables = [...facts.dump.rows.tables.keys()]
    const witness = await reading({ ...inputs, url }, world, (session) => witnessOf(session, tables))
    state.doing({ kind: 'restore in place', database: url.database, witness })
    try {
      await run(restore, url, ['--clean', '--if-exists', '--single-transaction', file])
      const rows = await compareRows(url, facts.dump.rows, inputs, world)
      stage.note(`${counted(rows.tables, 'table')} with the ${counted(rows.rows, 'row')} of the dump`)
    } catch (error) {
      throw await toldWith(error, restore, witness)
    }
  })
}

/**
 * What the database is now does not follow from how it ended: pg_restore's COMMIT may have been on its way, or be done long
 * since when the rows are compared.
 */
async function toldWith(error: unknown, { inputs, world }: Restore, witness: RelationWitness): Promise<unknown> {
  if (!(error instanceof ActionError)) return error
  const url = directUrl(inputs)
  const tables = witness.map(({ table }) => table)
  const found = await reading({ ...inputs, url }, pastCancellation(world), (session) =>
    witnessOf(session, tables)
  ).catch(() => undefined)
  const told = witnessTold(url.database, found === undefined ? 'not known' : witnessed(witness, found))
  return new ActionError(
    error.problems.map((problem) => ({ ...problem, message: `${problem.message} ${told}` })),
    { cause: error }
  )
}

async function run({ inputs, facts, world }: Restore, url: DatabaseUrl, args: readonly string[]): Promise<void> {
  const applicationName = `${inputs.sessions.own} restore`
  try {
    await runRestore(
      {
        url,
        applicationName,
        folder: inputs.context.temp,
        environmentVariables: inputs.environmentVariables,
        timeout: inputs.backup.timeout,
        programs: facts.programs,
        serverVersion: facts.server.version,
        args,
        into: url.database
      },
      world
    )
  } catch (error) {
    // One that was killed has left its backend at work: its transaction must not be committed after we have said it failed.
    await endBackends(url, applicationName, world).catch((failure: unknown) => {
      world.log.warning(
        `Whether pg_restore's connection has ended could not be seen: ${failure instanceof Error ? failure.message : String(failure)}`
      )
    })
    throw error
  }
}
