import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { createCertificateAuthority, type CertificateAuthority } from '../../sandbox/certificate-authority.ts'
import { startPostgres, type Postgres } from './postgres.ts'

const oddPassword = 'p:/?#[]@ %"\'ß'

let authority: CertificateAuthority
let postgres: Postgres

beforeAll(async () => {
  authority = await createCertificateAuthority()
  postgres = await startPostgres({ tls: authority, settings: { max_connections: '20' } })
})

afterAll(() => {
  postgres.stop()
  authority.close()
})

test('a database and a role of odd names can be made, and reached by the URL', async () => {
  const name = await postgres.createDatabase('odd /?#%@:"name')
  await postgres.createRole('r@le', '', oddPassword)
  const { username, password, port, pathname } = new URL(postgres.url(name, { user: 'r@le', password: oddPassword }))
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    // pg takes a URL's path for decodeURI's, which leaves `%2F` as it is.
    database: decodeURIComponent(pathname.slice(1))
  })
  await client.connect()
  const { rows } = await client.query('SELECT current_database() AS database, current_user AS role')
  await client.end()
  expect(rows).toEqual([{ database: name, role: 'r@le' }])
})

test('it has the settings that were asked for, a certificate and a socket', async () => {
  expect(await postgres.query('SHOW ssl; SHOW max_connections')).toEqual([{ max_connections: '20' }])
  const client = new pg.Client({
    host: postgres.socketFolder,
    port: postgres.port,
    user: 'postgres',
    password: 'postgres'
  })
  await client.connect()
  await client.end()
})

test('it comes back after a crash and with what it had', async () => {
  const name = await postgres.createDatabase()
  await postgres.query('CREATE TABLE kept (id int)', name)
  postgres.kill()
  await postgres.restart()
  expect(await postgres.query("SELECT to_regclass('kept') AS kept", name)).toEqual([{ kept: 'kept' }])
})

test('a second server follows it', async () => {
  const standby = await postgres.standby()
  try {
    expect(await standby.query('SELECT pg_is_in_recovery() AS follows')).toEqual([{ follows: true }])
  } finally {
    standby.stop()
  }
})
