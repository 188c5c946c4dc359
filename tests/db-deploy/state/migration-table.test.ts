import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { openSession } from '../../../actions/db-deploy/database/session.ts'
import { findMigrationTable, type TableFacts } from '../../../actions/db-deploy/state/migration-table.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { testWorld } from '../../support/world.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

async function factsAs(role: string, database: string): Promise<TableFacts> {
  const url = postgres.url(database, { user: role, password: `secret-${role}` })
  const read = readDatabaseUrl(url, 'database-url')
  if (!('url' in read)) throw new Error('the test gives a URL')
  const session = await openSession(read.url, { applicationName: 'test' }, testWorld())
  try {
    return await findMigrationTable(session, {
      framework: 'prisma',
      folder: '/nowhere',
      folders: [],
      schema: 'public',
      table: '_prisma_migrations',
      tableSchema: 'public'
    })
  } finally {
    await session.close()
  }
}

test('the ledger of another role keeps nobody from reading the table of migrations', async () => {
  const database = await postgres.createDatabase()
  await postgres.createRole('reader')
  await postgres.query(
    `CREATE SCHEMA release_actions;
     CREATE TABLE release_actions.migrations (name text);
     CREATE TABLE public._prisma_migrations (id text);
     GRANT SELECT ON public._prisma_migrations TO reader`,
    database
  )
  expect(await factsAs('reader', database)).toMatchObject({
    table: '"public"."_prisma_migrations"',
    readable: true,
    ledger: true
  })
})
