import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { activityChecks } from '../../../actions/db-deploy/database/activity-checks.ts'
import { preflight, type PreflightExpectations } from '../../../actions/db-deploy/database/preflight.ts'
import { readServer } from '../../../actions/db-deploy/database/server.ts'
import type { Check } from '../../../actions/db-deploy/check.ts'
import { neverCancelled } from '../../../actions/shared/cancellation.ts'
import { systemClock } from '../../../actions/shared/clock.ts'
import { databaseUrl, session } from '../../support/database.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'

let postgres: Postgres
const clients: pg.Client[] = []

beforeAll(async () => {
  postgres = await startPostgres({ settings: { max_prepared_transactions: '5' } })
  // What a hosted database gives to its first user, and to an application.
  await postgres.createRole('deployer')
  await postgres.createRole('monitor', 'IN ROLE pg_monitor')
  await postgres.createRole('stranger')
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()))
})

afterAll(() => {
  postgres.stop()
})

async function checked(
  text: string,
  expectations: Partial<PreflightExpectations> = {}
): Promise<ReadonlyMap<string, Check>> {
  const opened = await session(text, { readOnly: true })
  try {
    const url = databaseUrl(text)
    const server = await readServer(opened, url)
    const checks = await preflight(
      opened,
      url,
      server,
      { extensions: [], touchedTables: [], needs: 'migrate', ...expectations },
      { clock: systemClock, cancelled: neverCancelled() }
    )
    return new Map(checks.map((check) => [check.id, check]))
  } finally {
    await opened.close()
  }
}

/** A database with a table of the superuser's and one of the deployer's. */
async function shop(): Promise<string> {
  const database = await postgres.createDatabase()
  await postgres.query(
    `GRANT ALL ON SCHEMA public TO deployer; CREATE TABLE foreigners (id int); CREATE TABLE own (id int);
     ALTER TABLE own OWNER TO deployer; CREATE SCHEMA billing; CREATE TABLE billing."Odd.name" (id int)`,
    database
  )
  return database
}

function as(role: string, database: string): string {
  return postgres.url(database, { user: role, password: role === 'postgres' ? 'postgres' : `secret-${role}` })
}

/** A client of somebody else, which is left as it is until the test ends. */
async function somebody(database: string, statements: readonly string[], role = 'postgres'): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: as(role, database), application_name: 'reports' })
  await client.connect()
  clients.push(client)
  for (const statement of statements) await client.query(statement)
  return client
}

describe('a server that is as it should be', () => {
  test('gives good checks alone, and says what it is', async () => {
    const database = await shop()
    const checks = await checked(as('postgres', database), { touchedTables: ['own'] })
    const others = [...checks.values()].filter(({ result }) => result !== 'ok')
    expect(others.map(({ id, result }) => [id, result])).toEqual([['server-disk', 'not checked']])
    expect(checks.get('connection')?.told).toBe(`postgres at 127.0.0.1:${postgres.port}/${database}`)
    expect(checks.get('server-version')?.told).toMatch(/^PostgreSQL 18\.\d+$/)
  })

  test('tells its facts', async () => {
    const database = await postgres.createDatabase()
    const opened = await session(as('deployer', database), { readOnly: true })
    const server = await readServer(opened, databaseUrl(as('deployer', database)))
    await opened.close()
    expect(server).toMatchObject({
      postgres: true,
      inRecovery: false,
      readOnly: false,
      direct: true,
      facts: { name: database, role: 'deployer', host: `127.0.0.1:${postgres.port}`, tls: undefined },
      role: { superuser: false, createDatabase: false, seesActivity: false, endsSessions: false }
    })
    expect(server.facts.version).toBeGreaterThanOrEqual(180_000)
    expect(server.facts.size).toBeGreaterThan(1_000_000)
  })

  test('has no doubts for a role without rights where nobody else is about', async () => {
    const database = await shop()
    const checks = await checked(as('deployer', database), { touchedTables: ['own'] })
    expect(checks.get('long-transactions')).toMatchObject({ result: 'ok' })
    expect(checks.get('blocked-tables')).toMatchObject({ result: 'ok' })
    expect(checks.get('ownership')).toMatchObject({ result: 'ok' })
  })
})

describe('privileges', () => {
  test('a role that may make nothing is told with what to grant', async () => {
    const database = await postgres.createDatabase()
    const check = (await checked(as('deployer', database))).get('privileges')
    expect(check).toMatchObject({
      result: 'failed',
      problem: {
        code: 'database-privilege',
        hint: expect.stringContaining('GRANT CREATE ON SCHEMA "public" TO "deployer"')
      }
    })
    expect((await checked(as('deployer', database), { needs: 'read' })).get('privileges')).toMatchObject({
      result: 'ok'
    })
  })

  test('a role that may not write the table of migrations is told before it migrates', async () => {
    const database = await shop()
    await postgres.query(
      'CREATE TABLE _prisma_migrations (id text); GRANT SELECT ON _prisma_migrations TO deployer',
      database
    )
    const table = { migrationsTable: '_prisma_migrations', framework: 'prisma' } as const
    expect((await checked(as('deployer', database), table)).get('migrations-table-privileges')).toMatchObject({
      result: 'failed',
      problem: {
        message: expect.stringContaining('deployer lacks INSERT, UPDATE'),
        hint: expect.stringContaining('ON "public"."_prisma_migrations" TO "deployer"')
      }
    })
    expect((await checked(as('postgres', database), table)).has('migrations-table-privileges')).toBe(false)
  })

  test('the table of migrations is looked for in its own schema, and by the search path where it has none', async () => {
    const database = await shop()
    await postgres.query(
      `CREATE TABLE schema_migrations (version bigint); CREATE SCHEMA kept; CREATE TABLE kept.schema_migrations (version bigint);
       GRANT ALL ON SCHEMA kept TO deployer; GRANT ALL ON kept.schema_migrations TO deployer`,
      database
    )
    const table = { migrationsTable: 'schema_migrations', framework: 'ecto', schema: 'kept' } as const
    expect((await checked(as('deployer', database), table)).get('migrations-table-privileges')).toMatchObject({
      problem: { hint: expect.stringContaining('ON "public"."schema_migrations"') }
    })
    const given = { ...table, migrationsSchema: 'kept' }
    expect((await checked(as('deployer', database), given)).has('migrations-table-privileges')).toBe(false)
  })

  test('a table is looked for where it is, whatever its name looks like', async () => {
    const database = await shop()
    await postgres.query('CREATE TABLE "audit.log" (id int)', database)
    const touchedTables = [
      {
        name: 'audit.log',
        place: { schema: 'public', name: 'audit.log' },
        lock: 'ACCESS EXCLUSIVE',
        size: undefined,
        rows: undefined
      }
    ]
    expect((await checked(as('deployer', database), { touchedTables })).get('ownership')).toMatchObject({
      result: 'failed'
    })
  })

  test('a schema that may not be used is told, and the other checks go on', async () => {
    const database = await shop()
    const checks = await checked(as('deployer', database), {
      schema: 'billing',
      touchedTables: ['Odd.name', 'billing."Odd.name"']
    })
    expect(checks.get('privileges')).toMatchObject({ result: 'failed', problem: { code: 'database-privilege' } })
    expect(checks.get('ownership')?.told).toContain('billing."Odd.name"')
  })

  test('a schema that is not there is made by who may', async () => {
    const database = await postgres.createDatabase()
    expect((await checked(as('postgres', database), { schema: 'later' })).get('privileges')).toMatchObject({
      result: 'ok'
    })
    expect((await checked(as('deployer', database), { schema: 'later' })).get('privileges')).toMatchObject({
      result: 'failed',
      problem: { hint: expect.stringContaining('CREATE SCHEMA "later" AUTHORIZATION "deployer"') }
    })
  })

  test('another’s table fails where it is to be changed, warns where that is not known, and passes for rows', async () => {
    const database = await shop()
    const touched = (lock: string | undefined): Partial<PreflightExpectations> => ({
      touchedTables: [{ name: 'foreigners', lock, size: undefined, rows: undefined }]
    })
    const url = as('deployer', database)
    expect((await checked(url, touched('ACCESS EXCLUSIVE'))).get('ownership')).toMatchObject({
      result: 'failed',
      problem: { code: 'database-not-owner', hint: expect.stringContaining('GRANT "postgres" TO "deployer"') }
    })
    expect((await checked(url, touched(undefined))).get('ownership')).toMatchObject({ result: 'warning' })
    expect((await checked(url, touched('ROW EXCLUSIVE'))).has('ownership')).toBe(false)
  })

  test('a member of the owner may change its tables', async () => {
    const database = await shop()
    await postgres.query('CREATE ROLE owners NOLOGIN; GRANT owners TO deployer')
    await postgres.query('ALTER TABLE foreigners OWNER TO owners', database)
    expect((await checked(as('deployer', database), { touchedTables: ['foreigners'] })).get('ownership')).toMatchObject(
      {
        result: 'ok'
      }
    )
  })
})

describe('who is in the way', () => {
  const exclusive = { lock: 'ACCESS EXCLUSIVE', size: undefined, rows: undefined } as const

  /** The checks of who is in the way, for which a tenth of a second is long. */
  async function impatient(
    database: string,
    tables: readonly { readonly name: string; readonly lock: string | undefined }[],
    role = 'postgres'
  ): Promise<readonly Check[]> {
    await sleep(150)
    const opened = await session(as(role, database), { readOnly: true })
    const server = await readServer(opened, databaseUrl(as(role, database)))
    const checks = await activityChecks(opened, server, { schema: 'public', tables }, 0.1)
    await opened.close()
    return checks
  }

  test('a transaction that is open now is no matter', async () => {
    const database = await shop()
    await somebody(database, ['BEGIN', 'SELECT * FROM own'])
    const checks = await checked(as('postgres', database), { touchedTables: [{ name: 'own', ...exclusive }] })
    expect(checks.get('long-transactions')).toMatchObject({ result: 'ok' })
    expect(checks.get('blocked-tables')).toMatchObject({ result: 'ok' })
  })

  test('what a role may not look into is not checked, with what to grant', async () => {
    const database = await shop()
    await somebody(database, ['GRANT SELECT ON own TO stranger', 'BEGIN', 'SELECT * FROM own'])
    const touchedTables = [{ name: 'own', ...exclusive }]
    const blind = await checked(as('deployer', database), { touchedTables })
    for (const id of ['long-transactions', 'blocked-tables'])
      expect(blind.get(id)).toMatchObject({
        result: 'not checked',
        next: 'GRANT pg_read_all_stats TO "deployer"'
      })
    const seeing = await checked(as('monitor', database), { touchedTables })
    for (const id of ['long-transactions', 'blocked-tables']) expect(seeing.get(id)).toMatchObject({ result: 'ok' })
  })

  test('one that holds a lock which excludes the needed one fails, with what ends it', async () => {
    const database = await shop()
    const client = await somebody(database, ['BEGIN', 'SELECT * FROM own'])
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const pid = String(rows[0]?.pid)
    const [long, blocked] = await impatient(database, [{ name: 'own', lock: 'ACCESS EXCLUSIVE' }])
    expect(long).toMatchObject({ result: 'warning', problem: { code: 'database-long-transaction' } })
    expect(blocked).toMatchObject({
      result: 'failed',
      problem: {
        code: 'database-table-locked',
        message: expect.stringContaining(`Process ${pid} (postgres, reports, idle in transaction`),
        hint: expect.stringContaining(`SELECT pg_terminate_backend(${pid})`)
      }
    })
  })

  test('one that leaves room for the needed lock is not in the way, and where that is not known it is a warning', async () => {
    const database = await shop()
    await somebody(database, ['BEGIN', 'SELECT * FROM own'])
    expect((await impatient(database, [{ name: 'own', lock: 'SHARE' }]))[1]).toMatchObject({ result: 'ok' })
    expect((await impatient(database, [{ name: 'own', lock: undefined }]))[1]).toMatchObject({ result: 'warning' })
    expect((await impatient(database, [{ name: 'foreigners', lock: 'ACCESS EXCLUSIVE' }]))[1]).toMatchObject({
      result: 'ok'
    })
  })

  test('another deploy is waited for later, and what a dead one has left is told', async () => {
    const database = await shop()
    const living = await somebody(database, ["SET application_name = 'release-actions/db-deploy 8 ab12cd'"])
    const tool = await somebody(database, [
      "SET application_name = 'release-actions/db-deploy 8 ab12cd migrate'",
      'BEGIN',
      'LOCK own'
    ])
    const tables = [{ name: 'own', lock: 'ACCESS EXCLUSIVE' }]
    expect((await impatient(database, tables)).map(({ result }) => result)).toEqual(['ok', 'ok'])
    await living.query("SET application_name = 'reports'")
    expect(await impatient(database, tables)).toMatchObject([
      { result: 'warning', problem: { message: expect.stringContaining('of a deploy that is dead') } },
      { result: 'failed', problem: { hint: expect.stringContaining('pg_terminate_backend') } }
    ])
    await tool.query('COMMIT')
  })

  test('a transaction that was left prepared has no process, and holds its locks', async () => {
    const database = await shop()
    await somebody(database, ['BEGIN', 'LOCK TABLE own IN SHARE MODE', "PREPARE TRANSACTION 'it''s forgotten'"])
    const [long, blocked] = await impatient(database, [{ name: 'own', lock: 'ACCESS EXCLUSIVE' }])
    expect(long).toMatchObject({ result: 'warning' })
    expect(blocked).toMatchObject({
      result: 'failed',
      problem: { hint: expect.stringContaining("ROLLBACK PREPARED 'it''s forgotten'") }
    })
    await postgres.query("ROLLBACK PREPARED 'it''s forgotten'", database)
  })
})

describe('replicas and standbys', () => {
  test('a standby is not written to, and is read', async () => {
    const database = await postgres.createDatabase()
    const standby = await postgres.standby()
    try {
      const url = standby.url(database)
      expect((await checked(url)).get('writable')).toMatchObject({
        result: 'failed',
        problem: { code: 'database-read-only', hint: expect.stringContaining('target_session_attrs=read-write') }
      })
      expect((await checked(url, { needs: 'read' })).get('writable')).toMatchObject({ result: 'ok' })
      const both = `postgresql://postgres:postgres@127.0.0.1:${standby.port},127.0.0.1:${postgres.port}/${database}?target_session_attrs=read-write`
      const opened = await session(both)
      await opened.close()
      expect(opened.url.hosts).toEqual([{ host: '127.0.0.1', port: postgres.port }])
      expect((await checked(postgres.url(database))).get('replicas')?.told).toMatch(/^1 replica/)
      expect((await checked(as('stranger', database))).get('replicas')).toMatchObject({
        result: 'not checked',
        next: 'GRANT pg_monitor TO "stranger"'
      })
    } finally {
      standby.stop()
    }
  })

  test('a database that was made read-only by a setting is told, though the session reads only anyway', async () => {
    const database = await postgres.createDatabase()
    await postgres.query(`ALTER DATABASE "${database}" SET default_transaction_read_only = on`)
    expect((await checked(as('postgres', database))).get('writable')).toMatchObject({
      result: 'failed',
      problem: { code: 'database-read-only', message: expect.stringContaining('default_transaction_read_only') }
    })
  })
})

describe('indexes', () => {
  test('an index that a failed CREATE INDEX CONCURRENTLY left is told with what builds it again', async () => {
    const database = await shop()
    await postgres.query('INSERT INTO own VALUES (1), (1)', database)
    await postgres.query('CREATE UNIQUE INDEX CONCURRENTLY own_id ON own (id)', database).catch(() => undefined)
    expect((await checked(as('deployer', database))).get('invalid-indexes')).toMatchObject({
      result: 'warning',
      problem: { code: 'database-invalid-index', hint: expect.stringContaining('REINDEX INDEX CONCURRENTLY own_id') }
    })
  })

  test('an index that is being built now is not told, to a role that cannot see who builds it either', async () => {
    const database = await shop()
    await somebody(database, ['BEGIN', 'INSERT INTO own VALUES (1)'])
    const builder = await somebody(database, [])
    const building = builder.query('CREATE INDEX CONCURRENTLY own_id ON own (id)').catch(() => undefined)
    const invalid = "SELECT count(*)::int AS count FROM pg_index WHERE NOT indisvalid AND indrelid = 'own'::regclass"
    while ((await postgres.query(invalid, database))[0]?.['count'] !== 1);
    for (const role of ['postgres', 'deployer'])
      expect((await checked(as(role, database))).get('invalid-indexes')).toMatchObject({ result: 'ok' })
    await clients[0]?.query('COMMIT')
    await building
  })
})

describe('extensions', () => {
  async function extension(database: string, written: string, needs: 'read' | 'migrate'): Promise<Check | undefined> {
    return [...(await checked(as('postgres', database), { extensions: [written], needs })).values()].find(({ id }) =>
      id.startsWith('extension')
    )
  }

  test('one that is there in a version that is enough is good', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION hstore', database)
    const checks = await checked(as('deployer', database), { extensions: ['uuid-ossp>=1.1, hstore', 'plpgsql = 1.0'] })
    expect([
      checks.get('extension-uuid-ossp'),
      checks.get('extension-hstore'),
      checks.get('extension-plpgsql')
    ]).toEqual([
      expect.objectContaining({ result: 'ok', told: '1.1' }),
      expect.objectContaining({ result: 'ok' }),
      expect.objectContaining({ result: 'ok', told: '1.0' })
    ])
  })

  test('one that is not created yet is good only where what is pending creates it', async () => {
    const database = await postgres.createDatabase()
    const before = async (pending: readonly string[]): Promise<Check | undefined> =>
      (await checked(as('postgres', database), { extensions: ['pg_trgm'], pending })).get('extension-pg-trgm')
    expect(await before(['CREATE EXTENSION IF NOT EXISTS "pg_trgm";'])).toMatchObject({ result: 'ok' })
    expect(await before(['execute "CREATE EXTENSION pg_trgm"'])).toMatchObject({ result: 'ok' })
    expect(await before(['CREATE EXTENSION hstore;'])).toMatchObject({ result: 'not checked' })
    expect(await before([])).toMatchObject({
      result: 'failed',
      problem: { code: 'extension-missing', hint: expect.stringContaining('CREATE EXTENSION "pg_trgm"') }
    })
    expect(await extension(database, 'pg_trgm', 'read')).toMatchObject({ result: 'failed' })
  })

  test('one that the server does not have fails before anything is changed', async () => {
    const database = await postgres.createDatabase()
    expect(await extension(database, 'vector>=0.8.0', 'migrate')).toMatchObject({
      result: 'failed',
      problem: { code: 'extension-missing', hint: expect.stringContaining('pgvector') }
    })
  })

  test('one that is too old is told with the version that the server has', async () => {
    const database = await postgres.createDatabase()
    await postgres.query("CREATE EXTENSION hstore VERSION '1.4'", database)
    expect(await extension(database, 'hstore>=1.8', 'migrate')).toMatchObject({
      result: 'failed',
      problem: { code: 'extension-version', hint: expect.stringContaining('ALTER EXTENSION "hstore" UPDATE') }
    })
    expect(await extension(database, 'hstore>=1.10', 'migrate')).toMatchObject({
      result: 'failed',
      problem: { hint: expect.stringContaining('install a newer one') }
    })
    expect(await extension(database, 'hstore>1.3', 'migrate')).toMatchObject({ result: 'ok' })
  })

  test('what is no expectation is told', async () => {
    const database = await postgres.createDatabase()
    expect(await extension(database, 'vector~>0.8', 'migrate')).toMatchObject({
      result: 'failed',
      problem: { code: 'extension-expectation-invalid' }
    })
  })
})

describe('disk and addresses', () => {
  test('a runner’s disk with room for the backup is good, below a folder that is still to be made', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'backups-'))
    const database = await postgres.createDatabase()
    const checks = await checked(as('postgres', database), { backupFolder: join(folder, 'a', 'b') })
    rmSync(folder, { recursive: true })
    expect(checks.get('backup-disk')).toMatchObject({
      result: 'ok',
      told: expect.stringContaining('free on this runner')
    })
  })

  const differing = (
    database: string,
    applicationUrl: string,
    framework: 'prisma' | 'ecto' = 'prisma'
  ): Promise<ReadonlyMap<string, Check>> =>
    checked(as('postgres', database), { applicationUrl: databaseUrl(applicationUrl), framework })

  test('two URLs that lead to two databases fail, whatever the names say', async () => {
    const database = await postgres.createDatabase()
    const other = await startPostgres()
    try {
      await other.createDatabase(database)
      for (const url of [as('postgres', await postgres.createDatabase()), other.url(database)])
        expect((await differing(database, url)).get('address')).toMatchObject({
          result: 'failed',
          problem: { code: 'database-urls-differ' }
        })
    } finally {
      other.stop()
    }
  })

  test('two addresses of one database are good, and two schemas in it are told', async () => {
    const database = await postgres.createDatabase()
    const alias = `postgresql://postgres:postgres@localhost:${postgres.port}/${database}`
    expect((await differing(database, alias)).has('address')).toBe(false)
    expect((await differing(database, `${alias}?schema=shop`)).get('address')).toMatchObject({ result: 'warning' })
  })

  test('an address that does not answer is not checked', async () => {
    const database = await postgres.createDatabase()
    const nowhere = `postgresql://postgres:postgres@127.0.0.1:9/${database}`
    expect((await differing(database, nowhere)).get('address')).toMatchObject({ result: 'not checked' })
  })
})
