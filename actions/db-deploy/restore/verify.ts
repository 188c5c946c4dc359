import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { pastCancellation } from '../cancelled.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { numberOf, optionalNumberOf, quoteIdentifier } from '../database/sql.ts'
import { shellWord } from '../dump/restore-command.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { directUrl, reading } from '../reading.ts'
import type { Applied } from './apply.ts'
import type { RestoreFacts } from './inspect.ts'

export interface Restored {
  /** The name under which what was there before is kept; undefined where it was replaced, or there was nothing. */
  readonly kept: string | undefined
}

/** Connects as the application will, and sees which database it reaches. The rows were compared before the change. */
export async function verify(
  inputs: Inputs,
  facts: RestoreFacts,
  { oid, kept }: Applied,
  world: World,
  journal: Journal
): Promise<Restored> {
  const { database } = facts
  return journal.stage('verify', 'What answers to the name', async (stage) => {
    const url = directUrl(inputs)
    const [row] = await reading({ url, sessions: inputs.sessions }, pastCancellation(world), (session) =>
      session.query(
        `SELECT (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) AS oid,
           (SELECT oid FROM pg_catalog.pg_database WHERE datname = $1) AS kept`,
        [kept ?? '']
      )
    )
    const before = facts.server.target?.oid
    const expected = oid ?? before
    if (numberOf(row, 'oid') !== expected || (kept !== undefined && optionalNumberOf(row, 'kept') !== before)) {
      fail({
        code: 'deploy-restore-swap',
        message: `After the change of names ${database} is not the restored database.`,
        hint: 'Look at pg_database: somebody else has changed names at the same time.'
      })
    }
    if (kept === undefined) {
      stage.note(`${database} has what the dump has`)
    } else {
      stage.note(`${database} is the restored one, ${kept} the one before`)
      journal.learn({ runbook: runbook(database, kept, facts.server.maintenance) })
    }
    return { kept }
  })
}

/** @param maintenance another database of the server: nobody can rename the one that he is connected to */
function runbook(database: string, kept: string, maintenance: DatabaseUrl): readonly string[] {
  const [now, before] = [database, kept].map(quoteIdentifier)
  return [
    `What was written to \`${database}\` before the restore is in \`${kept}\`, and nowhere else.`,
    `When nobody needs it any more: \`DROP DATABASE ${before};\``,
    `To go back to it, with nobody connected, from another database of the server (\`psql ${shellWord(maintenance.shown)}\`): \`BEGIN; ALTER DATABASE ${now} RENAME TO ${quoteIdentifier(`${database}_restored`)}; ALTER DATABASE ${before} RENAME TO ${now}; COMMIT;\``
  ]
}
