// needs: postgres15
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { activityChecks } from '../../actions/db-deploy/database/activity-checks.ts'
import { preflight } from '../../actions/db-deploy/database/preflight.ts'
import { readServer } from '../../actions/db-deploy/database/server.ts'
import { neverCancelled } from '../../actions/shared/cancellation.ts'
import { systemClock } from '../../actions/shared/clock.ts'
import { createCertificateAuthority, type CertificateAuthority } from '../../sandbox/certificate-authority.ts'
import { databaseUrl, session } from '../support/database.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'

/** The oldest server that is tested has none of the newer settings and views. */

let authority: CertificateAuthority
let postgres: Postgres

beforeAll(async () => {
  authority = await createCertificateAuthority()
  postgres = await startPostgres({ version: 15, tls: authority, settings: { max_prepared_transactions: '2' } })
  await postgres.createRole('deployer')
})

afterAll(() => {
  postgres.stop()
  authority.close()
})

test('a session is made as on the newest, encrypted and checked', async () => {
  const opened = await session(
    postgres.url('postgres', {
      host: 'localhost',
      parameters: { sslmode: 'verify-full', sslrootcert: authority.caFile }
    }),
    { readOnly: true, lockTimeout: 1_000 }
  )
  expect(opened).toMatchObject({ direct: true, tls: 'TLSv1.3' })
  expect(
    await opened.query(
      "SELECT current_setting('idle_session_timeout') AS idle, current_setting('lock_timeout') AS lock"
    )
  ).toEqual([{ idle: '0', lock: '1s' }])
  await opened.close()
})

test.each(['postgres', 'deployer'])('the preflight looks at everything as %s', async (role) => {
  const database = await postgres.createDatabase()
  await postgres.query(
    'CREATE TABLE users (id int); GRANT ALL ON SCHEMA public TO deployer; ALTER TABLE users OWNER TO deployer',
    database
  )
  const text = postgres.url(database, { user: role, password: role === 'postgres' ? 'postgres' : 'secret-deployer' })
  const opened = await session(text, { readOnly: true })
  const server = await readServer(opened, databaseUrl(text))
  expect(server.facts.server).toMatch(/^PostgreSQL 15\.\d+$/)
  const checks = await preflight(
    opened,
    databaseUrl(text),
    server,
    {
      extensions: ['plpgsql>=1.0'],
      touchedTables: [{ name: 'users', lock: 'ACCESS EXCLUSIVE', size: undefined, rows: undefined }],
      needs: 'migrate'
    },
    { clock: systemClock, cancelled: neverCancelled() }
  )
  await opened.close()
  expect(checks.filter(({ result }) => result !== 'ok').map(({ id }) => id)).toEqual(['server-disk'])
  expect(checks.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'tls',
      'pooler',
      'privileges',
      'ownership',
      'replicas',
      'long-transactions',
      'blocked-tables',
      'invalid-indexes'
    ])
  )
})

test('what was left prepared is found by its locks', async () => {
  const database = await postgres.createDatabase()
  await postgres.query('CREATE TABLE users (id int)', database)
  await postgres.query("BEGIN; LOCK users; PREPARE TRANSACTION 'forgotten'", database)
  const opened = await session(postgres.url(database))
  const server = await readServer(opened, databaseUrl(postgres.url(database)))
  const touched = { schema: 'public', tables: [{ name: 'users', lock: 'SHARE' }] }
  expect(await activityChecks(opened, server, touched, 0)).toMatchObject([
    { id: 'long-transactions', result: 'warning' },
    { id: 'blocked-tables', result: 'failed' }
  ])
  await opened.close()
  await postgres.query("ROLLBACK PREPARED 'forgotten'", database)
})
