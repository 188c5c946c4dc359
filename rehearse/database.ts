import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { startPostgres, type Postgres } from '../tests/support/postgres.ts'
import { onExit } from './interruption.ts'

/** The database that a repository's workflows work on, on a server that lives as long as the rehearsal. */
export interface RehearsalDatabase {
  readonly name: string
  /** `PostgreSQL 18.4`, and where it listens. */
  readonly server: string
  /** What must not be shown. */
  readonly passwords: readonly string[]
  /**
   * The address that a secret of this name has: `SMOKE_DATABASE_URL` is for a role that reads, every other one for the
   * role that owns the database. There is no pooler, so `DIRECT_DATABASE_URL` is the same as `DATABASE_URL`.
   */
  address(secret: string): string
  /** What is there now, read over a connection of its own. */
  read(): Promise<DatabaseContent>
  /** Ends the server and removes its files. */
  stop(): void
}

/** A database as it was after a run. */
export interface DatabaseContent {
  readonly name: string
  readonly tables: readonly { readonly name: string; readonly rows: number }[]
  /** Other databases on its server: what a restore kept, or a run left. */
  readonly others: readonly string[]
}

/** Both roles may log in; neither is a superuser, as with every provider. */
const owner = 'deployer'
const reader = 'reader'

/**
 * Starts a PostgreSQL on a free port of 127.0.0.1, with an empty database of that name.
 *
 * @throws Error when the server does not start
 */
export async function startDatabase(name: string): Promise<RehearsalDatabase> {
  const server = await startPostgres()
  const keep = onExit(() => {
    server.stop()
  })
  const stop = (): void => {
    keep()
    server.stop()
  }
  const passwords = { [owner]: invented(), [reader]: invented() }
  try {
    // Who restores makes the new database beside the old one (CREATEDB).
    await server.createRole(owner, 'CREATEDB', passwords[owner])
    await server.createRole(reader, 'IN ROLE pg_read_all_data', passwords[reader])
    await server.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} OWNER ${owner}`)
    const [version] = await server.query('SHOW server_version')
    return {
      name,
      server: `PostgreSQL ${String(version?.['server_version']).split(' ')[0] ?? ''} on 127.0.0.1:${server.port}`,
      passwords: Object.values(passwords),
      address: (secret) => {
        const user = /SMOKE|READ/.test(secret) ? reader : owner
        return server.url(name, { user, password: passwords[user] })
      },
      read: () => content(server, name),
      stop
    }
  } catch (error) {
    stop()
    throw error
  }
}

async function content(server: Postgres, name: string): Promise<DatabaseContent> {
  const databases = await server.query(
    "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY datname"
  )
  const names = databases.map(({ datname }) => String(datname))
  return {
    name,
    tables: names.includes(name) ? await tables(server, name) : [],
    others: names.filter((one) => one !== name)
  }
}

async function tables(server: Postgres, database: string): Promise<DatabaseContent['tables']> {
  const found = await server.query(
    `SELECT CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname AS name,
            format('SELECT count(*)::int AS rows FROM %I.%I', nspname, relname) AS counting
     FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname NOT IN ('pg_catalog', 'information_schema')
       AND nspname NOT LIKE 'pg\\_toast%' AND nspname NOT LIKE 'pg\\_temp%'
     ORDER BY 1`,
    database
  )
  const counted: { name: string; rows: number }[] = []
  for (const { name, counting } of found) {
    const [row] = await server.query(String(counting), database)
    counted.push({ name: String(name), rows: Number(row?.['rows']) })
  }
  return counted
}

/** Letters and digits only: what other passwords do to a URL is for the tests of the action to show. */
function invented(): string {
  return randomBytes(18).toString('base64url').replaceAll(/[-_]/g, 'x')
}
