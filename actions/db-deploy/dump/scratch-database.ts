import { randomBytes } from 'node:crypto'
import { ActionError, fail, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { pastCancellation, throwIfCancelled } from '../cancelled.ts'
import { withDatabase, type DatabaseUrl } from '../database/database-url.ts'
import { QueryError } from '../database/query-error.ts'
import { openSession, type Session } from '../database/session.ts'
import { quoteIdentifier, textOf } from '../database/sql.ts'
import type { Inputs } from '../inputs.ts'
import { directUrl } from '../reading.ts'

/** A server that databases may be made and dropped on. */
export interface ScratchServer {
  /** Connects to any database of it; its role may create databases. */
  readonly url: DatabaseUrl
  /** The production database, whose server it must not be, whatever names lead there; undefined outside of production. */
  readonly production: DatabaseUrl | undefined
}

/** Of `scratch-url`. @throws TypeError where it is empty: that has been refused */
export function scratchServer({ urls, production }: Pick<Inputs, 'urls' | 'production'>): ScratchServer {
  if (urls.scratch === undefined) throw new TypeError('what needs scratch-url is refused without it')
  return { url: urls.scratch, production: production.production ? directUrl({ urls }) : undefined }
}

/**
 * Makes a database `release_actions_<purpose>_<hex>` on the server of `scratch`, lets it be used, and drops it whatever
 * happened, also after a cancel. What killed runs left there is told in the log.
 *
 * @param purpose a word of lower-case letters: `backup`, `drift`, `prove`
 * @throws ActionError where it cannot be made, `deploy-scratch-production` where it would be the production server's
 */
export async function withScratchDatabase<T>(
  { url: scratch, production }: ScratchServer,
  purpose: string,
  world: World,
  use: (url: DatabaseUrl) => Promise<T>
): Promise<T> {
  throwIfCancelled(world, 'a scratch database was about to be made')
  const name = `${prefix}${purpose}_${randomBytes(6).toString('hex')}`
  await withSession(scratch, world, async (session) => {
    if (production !== undefined) await refuseProduction(session, production, world)
    await tellLeftovers(session, scratch, world)
    await create(session, name, scratch)
  })
  try {
    return await use(withDatabase(scratch, name))
  } finally {
    await drop(name, scratch, world)
  }
}

const prefix = 'release_actions_'

/** Milliseconds; copying a template takes a second, and a checkpoint that it waits for more. */
const patience = 60_000

async function withSession<T>(url: DatabaseUrl, world: World, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(
    url,
    { applicationName: 'release-actions/db-deploy scratch', statementTimeout: patience },
    // Whoever makes a database must know whether it is there: the query is short, and the cancel is looked at before it.
    pastCancellation(world)
  )
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}

/** Names do not count: a server is known by the microsecond in which it was started. */
async function refuseProduction(session: Session, production: DatabaseUrl, world: World): Promise<void> {
  const started = await startOf(session)
  if (started === (await withSession(production, world, startOf))) fail(scratchIsProduction(session.url))
}

export function scratchIsProduction(scratch: DatabaseUrl): Problem {
  return {
    code: 'deploy-scratch-production',
    message: `Input scratch-url (${scratch.shown}) leads to the server of the database itself, and this is production: a whole database would be made, filled and dropped there.`,
    hint: 'Name another server, such as a `postgres` service of the job.'
  }
}

/** When the server was started; the same for every database, and every address, of one server. */
export async function startOf(session: Session): Promise<string> {
  const [row] = await session.query('SELECT pg_catalog.pg_postmaster_start_time()::text AS started')
  return textOf(row, 'started')
}

async function create(session: Session, name: string, scratch: DatabaseUrl): Promise<void> {
  try {
    // Not of template1, in which others may have left tables; UTF-8 as what is copied is, whatever the server's own is.
    await session.query(
      `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`
    )
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    fail(
      {
        code: 'deploy-scratch',
        message: `No scratch database could be made at ${scratch.shown}: ${error.report.message} (SQLSTATE ${error.sqlstate}).`,
        hint:
          error.sqlstate === '42501'
            ? 'The role of `scratch-url` must be allowed to make databases: `ALTER ROLE … CREATEDB`. A service container `postgres` of the job is scratch enough.'
            : 'Look at the server of `scratch-url`: a scratch database is made on it and dropped again.'
      },
      error
    )
  }
}

/** Never throws: what was done on the copy counts, and that it stays is told. */
async function drop(name: string, scratch: DatabaseUrl, world: World): Promise<void> {
  try {
    // With FORCE, as sessions that a killed program left would keep the database (PostgreSQL 13 and newer).
    await withSession(scratch, world, async (session) => {
      await session.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`)
    })
  } catch (error) {
    const why = error instanceof ActionError ? error.message : String(error)
    world.log.warning(
      `The scratch database ${name} at ${scratch.shown} could not be dropped: ${why} Drop it by hand: DROP DATABASE ${name};`
    )
  }
}

/** Databases of other runs, which may still be at work: they are named, and nobody but a person drops them. */
async function tellLeftovers(session: Session, scratch: DatabaseUrl, world: World): Promise<void> {
  const rows = await session.query(
    `SELECT datname AS name FROM pg_catalog.pg_database d WHERE datname ~ '^${prefix}[a-z]+_[0-9a-f]{12}$'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid) ORDER BY 1`
  )
  if (rows.length === 0) return
  const names = rows.map((row) => textOf(row, 'name'))
  world.log.warning(
    `At ${scratch.shown} nobody is connected to ${names.join(', ')}: runs that were killed left them. Drop them when no other run is at work: ${names.map((name) => `DROP DATABASE ${name};`).join(' ')}`
  )
}
