import { ActionError, fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { withDatabase, type DatabaseUrl } from '../database/database-url.ts'
import { openSession, type Session, type SessionWorld } from '../database/session.ts'
import { booleanOf, numberOf, optionalTextOf, textOf } from '../database/sql.ts'

/** The database that is to be restored, as its server knows it. */
export interface Target {
  readonly oid: number
  readonly owner: string
  /** Whether the role that connects may act as the owner. */
  readonly ours: boolean
  readonly connections: readonly Connection[]
  /** Of logical replication: they stay with the database that they were made in. */
  readonly slots: readonly string[]
  /** Roles with settings of their own in it (ALTER ROLE … IN DATABASE … SET), which the role that connects may not set. */
  readonly otherRoles: readonly string[]
}

export interface Connection {
  readonly pid: number
  /** `app (role deployer, pid 4711)` */
  readonly told: string
}

/** What is known of the server, seen from a database that is not touched. */
export interface RestoreServer {
  /** Where it was seen from; names can be changed from there. */
  readonly maintenance: DatabaseUrl
  readonly version: number
  readonly mayCreate: boolean
  readonly target: Target | undefined
  readonly availableExtensions: ReadonlySet<string>
  readonly databases: ReadonlySet<string>
}

/** Databases that servers come with; DigitalOcean and Aiven have `defaultdb`. */
const maintenanceNames = ['postgres', 'template1', 'defaultdb']

/**
 * Opens a session in a database beside the target: nobody can rename or replace the one that he is connected to.
 *
 * @throws ActionError where none lets us in
 */
export async function openMaintenance(
  url: DatabaseUrl,
  applicationName: string,
  world: SessionWorld
): Promise<Session> {
  let first: unknown
  for (const name of maintenanceNames.filter((each) => each !== url.database)) {
    try {
      return await openSession(withDatabase(url, name), { applicationName }, world)
    } catch (error) {
      if (!(error instanceof ActionError) || world.cancelled.aborted) throw error
      first ??= error
    }
  }
  throw first
}

export async function readRestoreServer(
  url: DatabaseUrl,
  applicationName: string,
  world: World
): Promise<RestoreServer> {
  const session = await openMaintenance(url, applicationName, world)
  try {
    const [role] = await session.query(
      `SELECT rolsuper OR rolcreatedb AS may_create,
         pg_catalog.current_setting('server_version_num') AS version
       FROM pg_catalog.pg_roles WHERE rolname = current_user`
    )
    const names = async (sql: string): Promise<ReadonlySet<string>> =>
      new Set((await session.query(sql)).map((row) => textOf(row, 'name')))
    return {
      maintenance: session.url,
      version: numberOf(role, 'version'),
      mayCreate: booleanOf(role, 'may_create'),
      target: await readTarget(session, url.database),
      availableExtensions: await names('SELECT name FROM pg_catalog.pg_available_extensions'),
      databases: await names('SELECT datname AS name FROM pg_catalog.pg_database')
    }
  } finally {
    await session.close()
  }
}

async function readTarget(session: Session, database: string): Promise<Target | undefined> {
  const [row] = await session.query(
    `SELECT oid, pg_catalog.pg_get_userbyid(datdba) AS owner, datistemplate,
       pg_catalog.pg_has_role(current_user, datdba, 'MEMBER') AS ours
     FROM pg_catalog.pg_database WHERE datname = $1`,
    [database]
  )
  if (row === undefined) return undefined
  if (booleanOf(row, 'datistemplate')) {
    fail({
      code: 'deploy-restore-rights',
      message: `${database} is a template, of which other databases are made.`,
      hint: 'Name the database of the application in `direct-database-url`.'
    })
  }
  const slots = await session.query(
    'SELECT slot_name AS name FROM pg_catalog.pg_replication_slots WHERE database = $1 ORDER BY 1',
    [database]
  )
  const roles = await session.query(otherRolesQuery, [database])
  return {
    oid: numberOf(row, 'oid'),
    owner: textOf(row, 'owner'),
    ours: booleanOf(row, 'ours'),
    connections: await readConnections(session, database),
    slots: slots.map((slot) => textOf(slot, 'name')),
    otherRoles: roles.map((role) => textOf(role, 'name'))
  }
}

/** Whose settings may be set is user.c's `AlterRoleSet`: one's own, and by CREATEROLE, from 16 on with ADMIN on that role. */
const otherRolesQuery = `SELECT r.rolname AS name FROM pg_catalog.pg_db_role_setting s
    JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase JOIN pg_catalog.pg_roles r ON r.oid = s.setrole,
    pg_catalog.pg_roles me
  WHERE d.datname = $1 AND me.rolname = current_user AND r.oid <> me.oid AND NOT me.rolsuper
    AND NOT (me.rolcreaterole AND NOT r.rolsuper AND (pg_catalog.current_setting('server_version_num')::int < 160000
      OR pg_catalog.pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION')))
  ORDER BY 1`

/** Who is connected to a database, our own session not counted. Of other roles' sessions the kind may be hidden (NULL). */
export async function readConnections(session: Session, database: string): Promise<readonly Connection[]> {
  const rows = await session.query(
    `SELECT pid, usename AS role, application_name AS application FROM pg_catalog.pg_stat_activity
     WHERE datname = $1 AND pid <> pg_catalog.pg_backend_pid() AND backend_type IS DISTINCT FROM 'autovacuum worker' ORDER BY pid`,
    [database]
  )
  return rows.map((row) => {
    const pid = numberOf(row, 'pid')
    const application = optionalTextOf(row, 'application') ?? ''
    const role = optionalTextOf(row, 'role') ?? '?'
    return { pid, told: `${application === '' ? 'a session without a name' : application} (role ${role}, pid ${pid})` }
  })
}
