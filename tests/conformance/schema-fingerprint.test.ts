// needs: postgres15, psql, pg_dump, pg_dump18
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readDatabaseUrl } from '../../actions/db-deploy/database/database-url.ts'
import { openSession } from '../../actions/db-deploy/database/session.ts'
import {
  compareFingerprints,
  schemaFingerprint,
  type SchemaFingerprint
} from '../../actions/db-deploy/state/schema-fingerprint.ts'
import { richSchema } from '../db-deploy/state/rich-schema.ts'
import { clientFolder } from '../support/postgres-clients.ts'
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
  return fingerprintIn(server, database)
}

async function fingerprintIn(server: Postgres, database: string): Promise<SchemaFingerprint> {
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

test.each([15, 18] as const)('a schema on PostgreSQL %s is the same after pg_dump and a restore', async (version) => {
  const server = servers[version === 15 ? 0 : 1]
  if (server === undefined) throw new Error('two servers were started')
  const [made, restored] = [await server.createDatabase(), await server.createDatabase()]
  await server.query(`${richSchema} ${expressions}`, made)
  const dump = execFileSync(join(clientFolder(version), 'pg_dump'), ['--schema-only', server.url(made)])
  execFileSync('psql', ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', server.url(restored)], { input: dump })

  expect(compareFingerprints(await fingerprintIn(server, made), await fingerprintIn(server, restored))).toEqual([])
})

/** What is read in one way and written in another, in every place that can hold it. */
const expressions = `
CREATE DOMAIN code AS varchar(3) CHECK (VALUE IN ('a', 'b'));
CREATE TABLE orders (
  id int, small smallint CHECK (small IN (1, -2)), big bigint CHECK (big NOT IN (1, 2)), price numeric CHECK (price IN (1, 2.5)),
  status varchar(10) DEFAULT 'a' CHECK (status IN ('a', 'b') AND (id > 0 AND (big > 0 OR price > 0))), letter char(1) CHECK (letter IN ('a', 'b')),
  label text CHECK (label IN ('a', 'b')), kind code CHECK (kind IN ('a', 'b')), other varchar CHECK (other IN (status, 'x', NULL)),
  feels mood CHECK (feels IN ('calm', 'sad')), born date CHECK (born IN ('2026-01-01', '2026-01-02')), tags varchar[] DEFAULT ARRAY['a', 'b'] CHECK (tags && ARRAY['a', 'b']::varchar[]),
  open boolean GENERATED ALWAYS AS (status IN ('a', 'b')) STORED,
  CHECK (CASE status WHEN 'a' THEN coalesce(other, 'x') LIKE 'a%' ELSE (status, other) IN (('a', 'b'), ('c', 'd')) END),
  CHECK (NOT (status BETWEEN 'a' AND 'b') AND status ~ ANY (ARRAY['a', 'b']) AND status LIKE ANY ('{a,b}'::varchar[]))
) PARTITION BY LIST ((status IN ('a', 'b')));
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON orders USING (status IN ('a', 'b')) WITH CHECK (jsonb_object(ARRAY[ARRAY[status, other]]) <> '{}');
CREATE INDEX some_orders ON orders ((status IN ('a', 'b'))) WHERE status NOT IN ('c', 'd');
CREATE STATISTICS odd_orders ON (status IN ('a', 'b')), id FROM orders;
CREATE VIEW chosen AS SELECT id, status IN ('a', 'b') AS yes FROM orders WHERE other IN ('a', 'b') UNION SELECT 1, other IN ('a', 'it''s') FROM orders;
CREATE MATERIALIZED VIEW kept AS SELECT id FROM orders WHERE status IN ('a', lower('B'));
CREATE FUNCTION chosen(given varchar DEFAULT 'a', yes boolean DEFAULT 'a'::varchar IN ('a', 'b')) RETURNS boolean LANGUAGE sql RETURN given IN ('a', 'b');
CREATE FUNCTION body(given varchar) RETURNS boolean LANGUAGE sql AS $$ SELECT given IN ('a', 'b') $$;
CREATE TRIGGER chosen BEFORE UPDATE ON orders FOR EACH ROW WHEN (NEW.status IN ('a', 'b')) EXECUTE FUNCTION touch();
CREATE RULE chosen AS ON DELETE TO app.logs WHERE OLD.note::varchar IN ('a', 'b') DO INSTEAD NOTHING;
`

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
