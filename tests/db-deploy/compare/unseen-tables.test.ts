import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { openSession } from '../../../actions/db-deploy/database/session.ts'
import { unseenTables, unseenTold } from '../../../actions/db-deploy/compare/unseen-tables.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { testWorld } from '../../support/world.ts'

let postgres: Postgres
let database: string

beforeAll(async () => {
  postgres = await startPostgres()
  database = await postgres.createDatabase()
  await postgres.createRole('reader')
  await postgres.query(
    `CREATE TABLE users (id int, email text); CREATE TABLE "Posts" (id int); CREATE VIEW recent AS SELECT 1 AS one; GRANT SELECT (id) ON users TO reader;
     CREATE SCHEMA billing; CREATE TABLE billing.invoices (id int)`,
    database
  )
})

afterAll(() => {
  postgres.stop()
})

async function unseenBy(user: string, password: string, schemas = ['public']): Promise<readonly string[]> {
  const read = readDatabaseUrl(postgres.url(database, { user, password }), 'database-url')
  if (!('url' in read)) throw new Error('the test gives a URL')
  const session = await openSession(read.url, { applicationName: 'test', readOnly: true }, testWorld())
  try {
    return await unseenTables(session, schemas)
  } finally {
    await session.close()
  }
}

test('a table of which the role may not see every column is named, a view too', async () => {
  expect(await unseenBy('reader', 'secret-reader')).toEqual(['public."Posts"', 'public.recent', 'public.users'])
})

test('what another application has in a schema of its own is not looked at, until it is compared', async () => {
  expect(await unseenBy('reader', 'secret-reader', ['billing'])).toEqual(['billing.invoices'])
  expect(await unseenBy('reader', 'secret-reader', ['mine'])).toEqual([])
})

test('whoever may see everything sees everything', async () => {
  expect(await unseenBy(postgres.user, postgres.password)).toEqual([])
  await postgres.query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader', database)
  expect(await unseenBy('reader', 'secret-reader')).toEqual([])
})

test('what is told can be run as it stands', () => {
  expect(unseenTold(['public.users', 'billing.invoices'], 'reader')).toContain(
    '`GRANT SELECT ON ALL TABLES IN SCHEMA billing TO "reader";`'
  )
})
