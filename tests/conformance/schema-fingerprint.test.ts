// needs: postgres15
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readDatabaseUrl } from '../../actions/db-deploy/database/database-url.ts'
import { openSession } from '../../actions/db-deploy/database/session.ts'
import {
  compareFingerprints,
  schemaFingerprint,
  type SchemaFingerprint
} from '../../actions/db-deploy/state/schema-fingerprint.ts'
import { richSchema } from '../db-deploy/state/rich-schema.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { testWorld } from '../support/world.ts'

const servers: Postgres[] = []

beforeAll(async () => {
  for (const version of [15, 18] as const) servers.push(await startPostgres({ version }))
})

afterAll(() => {
  for (const server of servers) server.stop()
})

async function fingerprintOn(server: Postgres | undefined, sql: string): Promise<SchemaFingerprint> {
  if (server === undefined) throw new Error('two servers were started')
  const database = await server.createDatabase()
  await server.query(sql, database)
  const read = readDatabaseUrl(server.url(database), 'database-url')
  if (!('url' in read)) throw new Error('the test gives a URL')
  const session = await openSession(read.url, { applicationName: 'test' }, testWorld())
  try {
    return await schemaFingerprint(session, [])
  } finally {
    await session.close()
  }
}

test('PostgreSQL 15 and 18 give the same schema the same fingerprint', async () => {
  const [old, young] = [await fingerprintOn(servers[0], richSchema), await fingerprintOn(servers[1], richSchema)]

  expect(compareFingerprints(old, young)).toEqual([])
  expect(old.lines.length).toBeGreaterThan(60)
})

test('views are the same on both, however their tables are called', async () => {
  const views = `
    CREATE TABLE "Order" (id int, "from" text, at timestamptz);
    CREATE TABLE line (order_id int, amount numeric);
    CREATE VIEW quoted AS SELECT "Order".id, "Order"."from" FROM "Order" WHERE "Order"."from" <> '"Order".id';
    CREATE TABLE camel (id int, "createdAt" int, "from" int);
    CREATE VIEW humped AS SELECT id, "createdAt", "from" FROM camel WHERE "createdAt" > 1;
    CREATE VIEW renamed AS SELECT "O".id FROM "Order" "O" ORDER BY "O".at DESC LIMIT 3;
    CREATE VIEW nested AS SELECT s.id FROM (SELECT "Order".id FROM "Order" WHERE "Order".id > 1) s;
    CREATE VIEW related AS SELECT o.id FROM "Order" o WHERE o.id IN (SELECT line.order_id FROM line WHERE line.amount > o.id);
    CREATE VIEW counted AS WITH big AS (SELECT line.order_id FROM line) SELECT big.order_id, count(*) FROM big GROUP BY big.order_id;
    CREATE VIEW joined AS SELECT o.id, l.amount FROM "Order" o LEFT JOIN line l ON l.order_id = o.id;
    CREATE VIEW crossed AS SELECT o.id, l.amount FROM "Order" o, line l;
    CREATE VIEW made AS SELECT g.g AS day FROM generate_series(1, 3) g(g);
    CREATE VIEW ranked AS SELECT line.order_id, rank() OVER (PARTITION BY line.order_id ORDER BY line.amount) AS place FROM line;
    CREATE VIEW literal AS SELECT v.a FROM (VALUES (1), (2)) v(a);
    CREATE VIEW timed AS SELECT extract(year FROM "Order".at) AS year FROM "Order";`

  expect(compareFingerprints(await fingerprintOn(servers[0], views), await fingerprintOn(servers[1], views))).toEqual(
    []
  )
})
