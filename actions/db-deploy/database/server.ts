import type { DatabaseFacts } from '../record.ts'
import type { DatabaseUrl } from './database-url.ts'
import { QueryError } from './query-error.ts'
import type { Row, Session } from './session.ts'
import { booleanOf, numberOf, textOf } from './sql.ts'

/** What a server says of itself, and of the role that connects. */
export interface Server {
  readonly facts: DatabaseFacts
  /** The URL with the one host that answered: tools that know one host alone get this. */
  readonly url: DatabaseUrl
  /** Whether it is PostgreSQL itself, and not a database that speaks its protocol. */
  readonly postgres: boolean
  /** A standby: it can be read only. */
  readonly inRecovery: boolean
  /** Sessions begin with transactions that write nothing, by a setting of server, database or role. */
  readonly readOnly: boolean
  /** Whether the backend itself answers, and no pooler or proxy. */
  readonly direct: boolean
  readonly role: RoleFacts
}

export interface RoleFacts {
  readonly name: string
  readonly superuser: boolean
  /** May make databases. */
  readonly createDatabase: boolean
  /** Sees what sessions of other roles do (pg_read_all_stats, which pg_monitor has). */
  readonly seesActivity: boolean
  /** May end sessions of other roles (pg_signal_backend). */
  readonly endsSessions: boolean
}

/** @param url what the session was opened with */
export async function readServer(session: Session, url: DatabaseUrl): Promise<Server> {
  const [row] = await session.query(serverQuery)
  const version = numberOf(row, 'version_number')
  const product = textOf(row, 'version')
  const postgres = /^PostgreSQL \d/.test(product) && !/redshift|greenplum|yugabyte|materialize/i.test(product)
  const role = roleOf(row)
  return {
    facts: {
      server: postgres ? `PostgreSQL ${textOf(row, 'server_version').split(' ')[0] ?? ''}` : product.slice(0, 80),
      version,
      name: textOf(row, 'database'),
      host: toldHost(session.url),
      role: role.name,
      size: await databaseSize(session),
      tls: session.tls
    },
    url: { ...url, hosts: session.url.hosts, shown: session.url.shown },
    postgres,
    inRecovery: booleanOf(row, 'in_recovery'),
    readOnly: booleanOf(row, 'read_only'),
    direct: session.direct,
    role
  }
}

/**
 * `reset_val` is what the session began with, where it has made itself read-only since. Roles that have no name here
 * (pg_read_all_stats came with PostgreSQL 10) have nobody in them.
 */
const serverQuery = `SELECT version(), current_setting('server_version') AS server_version,
    current_setting('server_version_num')::int AS version_number,
    current_database() AS database, current_user AS role, pg_is_in_recovery() AS in_recovery,
    (SELECT reset_val = 'on' FROM pg_settings WHERE name = 'default_transaction_read_only') AS read_only,
    rolsuper AS superuser, rolcreatedb AS creates,
    EXISTS (SELECT FROM pg_roles WHERE rolname = 'pg_read_all_stats' AND pg_has_role(oid, 'USAGE')) AS sees,
    EXISTS (SELECT FROM pg_roles WHERE rolname = 'pg_signal_backend' AND pg_has_role(oid, 'USAGE')) AS ends
  FROM pg_roles WHERE rolname = current_user`

function roleOf(row: Row | undefined): RoleFacts {
  const superuser = booleanOf(row, 'superuser')
  return {
    name: textOf(row, 'role'),
    superuser,
    createDatabase: superuser || booleanOf(row, 'creates'),
    seesActivity: superuser || booleanOf(row, 'sees'),
    endsSessions: superuser || booleanOf(row, 'ends')
  }
}

function toldHost({ hosts: [first] }: DatabaseUrl): string {
  if (first === undefined) return ''
  return first.host.startsWith('/') ? first.host : `${first.host}:${first.port}`
}

/** Files of a database that is being dropped in another session, or a database that is no PostgreSQL, have no size. */
async function databaseSize(session: Session): Promise<number | undefined> {
  try {
    const [row] = await session.query('SELECT pg_database_size(current_database()) AS size')
    return numberOf(row, 'size')
  } catch (error) {
    if (error instanceof QueryError) return undefined
    throw error
  }
}
