import { fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { pastCancellation, pause, throwIfCancelled } from '../cancelled.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { QueryError } from '../database/query-error.ts'
import type { Session } from '../database/session.ts'
import { quoteIdentifier } from '../database/sql.ts'
import type { Journal } from '../journal.ts'
import { openMaintenance, readConnections } from './target.ts'

export interface Swap {
  /** Of the database that is replaced. */
  readonly url: DatabaseUrl
  /** What takes its name. */
  readonly made: string
  /** The name that it gets; undefined where there is none. */
  readonly kept: string | undefined
  readonly applicationName: string
}

/**
 * Gives a database the name of another one, which gets a third, in one transaction: at no moment does the name belong to
 * nobody, and a run that is killed has changed nothing or all of it.
 *
 * PostgreSQL renames no database that somebody is connected to, and waits 5 s for them to leave; from the beginning of that
 * time until the transaction ends nobody can connect to it (dbcommands.c, `RenameDatabase`; postinit.c, `InitPostgres`:
 * both lock the database's row). So its connections are ended while the rename waits, and none can come after them.
 *
 * @throws ActionError `deploy-restore-swap` where it could not be done; then everything is as it was
 */
export async function swapNames(swap: Swap, world: World, journal: Journal): Promise<void> {
  const { url, applicationName, kept } = swap
  throwIfCancelled(world, 'the names of the databases were about to be changed')
  await journal.stage('swap', 'Change of names', async (stage) => {
    // From here on it is a matter of seconds, and half of it is nothing: it is not stopped in the middle.
    const unstopped = pastCancellation(world)
    const renamer = await openMaintenance(url, applicationName, unstopped)
    try {
      const ender = await openMaintenance(url, applicationName, unstopped)
      try {
        const ended = await rename(renamer, ender, swap, unstopped)
        // Not told: the session of this run's own lock, which ends here.
        const others = [...ended].filter((told) => !told.startsWith(`${applicationName} (`))
        stage.note(
          kept === undefined
            ? `${url.database} is there now`
            : `what was there is kept as ${kept}${others.length === 0 ? '' : `; ended: ${others.slice(0, 10).join(', ')}`}`
        )
      } finally {
        await ender.close()
      }
    } finally {
      await renamer.close()
    }
  })
}

const attempts = 3

/** Gives whom it has ended. */
async function rename(renamer: Session, ender: Session, swap: Swap, world: World): Promise<ReadonlySet<string>> {
  const { url, made, kept } = swap
  const ended = new Set<string>()
  const refused = new Set<string>()
  const names = { from: quoteIdentifier(url.database), made: quoteIdentifier(made) }
  const statements = [
    'BEGIN',
    ...(kept === undefined ? [] : [`ALTER DATABASE ${names.from} RENAME TO ${quoteIdentifier(kept)}`]),
    `ALTER DATABASE ${names.made} RENAME TO ${names.from}`,
    'COMMIT'
  ]
  for (let attempt = 1; ; attempt++) {
    const renaming = renamer.query(statements.join('; ')).then(
      () => undefined,
      (error: unknown) => ({ error })
    )
    const settled = new AbortController()
    const failure = renaming.finally(() => {
      settled.abort()
    })
    while (!settled.signal.aborted) {
      for (const name of [url.database, made]) await endConnections(ender, name, ended, refused)
      await Promise.race([failure, pause(200, world)])
    }
    const failed = await failure
    if (failed === undefined) return ended
    await renamer.query('ROLLBACK')
    const { error } = failed
    if (!(error instanceof QueryError)) throw error
    if (error.sqlstate !== objectInUse || refused.size > 0 || attempt === attempts) await failSwap(error, ender, swap)
  }
}

/** 55006: "is being accessed by other users". */
const objectInUse = '55006'

async function endConnections(
  session: Session,
  database: string,
  ended: Set<string>,
  refused: Set<string>
): Promise<void> {
  const connections = await readConnections(session, database)
  for (const { pid, told } of connections) {
    try {
      await session.query('SELECT pg_catalog.pg_terminate_backend($1::int)', [pid])
      ended.add(told)
    } catch (error) {
      // Another role's: the rename says that it cannot be done.
      if (!(error instanceof QueryError)) throw error
      refused.add(told)
    }
  }
}

async function failSwap(error: QueryError, session: Session, { url }: Swap): Promise<never> {
  const connections = await readConnections(session, url.database)
  const who = connections.length === 0 ? '' : `; connected: ${connections.map(({ told }) => told).join(', ')}`
  return fail(
    {
      code: 'deploy-restore-swap',
      message: `The new database could not take the name ${url.database}: ${error.report.message} (SQLSTATE ${error.sqlstate})${error.report.detail === undefined ? '' : `, ${error.report.detail.replace(/\.$/, '')}`}${who}.`,
      hint:
        error.sqlstate === objectInUse
          ? 'Everything is as it was. Stop what connects (the application, its workers, a pooler), or let a role connect that may end it (`GRANT pg_signal_backend TO ROLE`), and run it again.'
          : 'Everything is as it was. The role must own the database and be allowed to make databases.'
    },
    error
  )
}
