import type { World } from '../../shared/world.ts'
import { clientFailure } from './client-failure.ts'
import { runClient, type ClientRun } from './client.ts'
import { majorOf, type DumpPrograms } from './programs.ts'

export interface RestoreRun extends Omit<ClientRun, 'program' | 'args'> {
  readonly url: NonNullable<ClientRun['url']>
  readonly programs: DumpPrograms
  /** Of the server that it goes into. */
  readonly serverVersion: number
  /** Besides where to, and what happens at an error. */
  readonly args: readonly string[]
  /** As the failure names it. */
  readonly into: string
}

/**
 * Runs pg_restore into a database, and ends at the first error.
 *
 * From version 17 on pg_restore sets `transaction_timeout`, which older servers do not know: it fails on them in its first
 * statement, whatever the dump holds (pg_backup_archiver.c, `_doSetFixedOutputState`). So there it goes on at errors, and
 * that one alone is let pass.
 *
 * @throws ActionError where not all of it went in
 */
export async function runRestore(run: RestoreRun, world: World): Promise<void> {
  const { programs, serverVersion, args, into, url } = run
  const knowsAll = programs.major < 17 || majorOf(serverVersion) >= 17
  const how = knowsAll ? ['--exit-on-error'] : []
  const result = await runClient(
    { ...run, program: programs.restore, args: [...how, `--dbname=${connectionTo(url.database)}`, ...args] },
    world
  )
  if (result.exitCode === 0) return
  if (!knowsAll && result.end === 'exited' && onlyTransactionTimeout(result.errorOutput)) return
  const what = `${programs.told.replace('pg_dump', 'pg_restore')} into ${into}`
  throw clientFailure('deploy-restore-failed', what, result, world)
}

/** A name with `=` in it would be taken for connection parameters, so the name is given as one (libpq, "Connection Strings"). */
function connectionTo(database: string): string {
  return `dbname='${database.replaceAll(/[\\']/g, '\\$&')}'`
}

function onlyTransactionTimeout(said: string): boolean {
  const ignored = Number(/errors ignored on restore: (\d+)/.exec(said)?.[1] ?? Number.NaN)
  const known = said.match(/unrecognized configuration parameter "transaction_timeout"/g)?.length ?? 0
  return ignored === known
}
