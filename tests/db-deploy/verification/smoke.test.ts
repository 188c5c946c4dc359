import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import type { Check } from '../../../actions/db-deploy/check.ts'
import { countRows } from '../../../actions/db-deploy/verification/count-rows.ts'
import { lossChecks } from '../../../actions/db-deploy/verification/row-losses.ts'
import { smokeTest } from '../../../actions/db-deploy/verification/smoke.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { checkOf, databaseWith, expected, failures, models, tables, type TestDatabase } from './smoking.ts'

let postgres: Postgres
let database: TestDatabase | undefined

beforeAll(async () => {
  postgres = await startPostgres()
  await postgres.createRole('app')
  await postgres.createRole('guest')
}, 60_000)

afterEach(async () => {
  await database?.close()
  database = undefined
})

afterAll(() => {
  postgres.stop()
})

async function given(sql: string): Promise<TestDatabase> {
  database = await databaseWith(postgres, sql)
  return database
}

const shop = `
  model User {
    id    Int    @id
    email String @map("e_mail")
    role  Role
    tags  Tag[]
    place Unsupported("point")?
    @@map("users")
  }
  model Tag {
    id    Int    @id
    users User[]
  }
  model Secret {
    id Int @id
    @@ignore
  }
  enum Role { ADMIN }
`
const shopTables = `
  CREATE TYPE "Role" AS ENUM ('ADMIN');
  CREATE TABLE users (id int PRIMARY KEY, e_mail text NOT NULL, role "Role" NOT NULL, place point);
  CREATE TABLE "Tag" (id int PRIMARY KEY);
  CREATE TABLE "_TagToUser" ("A" int NOT NULL, "B" int NOT NULL);
  INSERT INTO users VALUES (1, 'a@example.org', 'ADMIN', '(1,2)'), (2, 'b@example.org', 'ADMIN', NULL);
`

test('reads every model, the table of a relation of many to many, and counts the models', async () => {
  const session = await (await given(shopTables)).session()
  const { smoke, checks } = await smokeTest(session, models(shop))
  expect(failures(checks)).toEqual([])
  expect(smoke.relations.map(({ name, table, readable, rows }) => [name, table, readable, rows?.count])).toEqual([
    ['User', '"public"."users"', true, 2],
    ['Tag', '"public"."Tag"', true, 0],
    ['_TagToUser', '"public"."_TagToUser"', true, undefined]
  ])
  expect(smoke.total).toEqual({ rows: 2, exact: true })
  expect(checkOf(checks, 'smoke')?.told).toContain('1 with @@ignore')
})

test('a field that was renamed without a migration is told with model, column, table and the old column', async () => {
  const session = await (await given(shopTables.replace('e_mail text', 'email text'))).session()
  const { smoke, checks } = await smokeTest(session, models(shop))
  const [failure = '', ...more] = failures(checks)
  expect(more).toEqual([])
  expect(failure).toContain('The model User, table "public"."users", has no column e_mail (field email).')
  expect(failure).toContain('The table has email, which no field maps')
  expect(checks.find(({ result }) => result === 'failed')).toMatchObject({
    problem: { file: 'prisma/schema.prisma', line: 4 }
  })
  expect(smoke.relations.map(({ readable }) => readable)).toEqual([false, true, true])
})

test('a missing table, and a missing table between models, are failures of their own', async () => {
  const session = await (await given(`${shopTables} DROP TABLE "Tag"; DROP TABLE "_TagToUser"`)).session()
  const { smoke, checks } = await smokeTest(session, models(shop))
  expect(failures(checks)).toEqual([
    expect.stringContaining('The model Tag, table "public"."Tag", is not in the database.'),
    expect.stringContaining('The table "public"."_TagToUser" of a relation of many to many is not in the database.')
  ])
  expect(smoke.relations[0]).toMatchObject({ readable: true, rows: { count: 2, exact: true } })
})

test('one revoked table among 400 names itself, and 399 are read and counted', async () => {
  const { session } = await given(`
    DO $$ BEGIN FOR i IN 1..400 LOOP EXECUTE format('CREATE TABLE t%s (id int, name text)', i); END LOOP; END $$;
    INSERT INTO t1 VALUES (1, 'x');
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO app;
    REVOKE ALL ON t217 FROM app;`)
  const { smoke, checks } = await smokeTest(await session('app'), tables())
  expect(failures(checks)).toEqual([
    expect.stringMatching(
      /The table "public"\."t217" cannot be read: permission denied for table t217 \(SQLSTATE 42501\)\. → GRANT SELECT/
    )
  ])
  expect(smoke.relations.filter(({ readable, rows }) => readable && rows?.exact)).toHaveLength(399)
  expect(smoke.total).toEqual({ rows: 1, exact: true })
})

test('a column that the role may not read fails, also where the others are granted one by one', async () => {
  const { session } = await given(`
    CREATE TABLE users (id int, name text, token text);
    GRANT SELECT (id, name) ON users TO app;`)
  const reading = models('model User { id Int @id \n name String \n token String \n @@map("users") }')
  expect(failures((await smokeTest(await session('app'), reading)).checks)).toEqual([
    expect.stringContaining('permission denied')
  ])
  const allowed = models('model User { id Int @id \n name String \n @@map("users") }')
  expect(failures((await smokeTest(await session('app'), allowed)).checks)).toEqual([])
})

test('a view that fails when it is read is told, whatever its catalog says', async () => {
  const { session } = await given(`
    CREATE TABLE users (id int); INSERT INTO users VALUES (0);
    CREATE VIEW broken AS SELECT 1 / id AS id FROM users;`)
  const { checks } = await smokeTest(
    await session(),
    models('view broken { id Int }\nmodel User { id Int @id \n @@map("users") }')
  )
  expect(failures(checks)).toEqual([expect.stringContaining('The model broken')])
  expect(failures(checks)[0]).toContain('division by zero (SQLSTATE 22012)')
})

test('a materialized view without rows says which command fills it', async () => {
  const { session } = await given('CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id WITH NO DATA')
  const { checks } = await smokeTest(await session(), models('view totals { id Int }'))
  expect(failures(checks)).toEqual([expect.stringContaining('REFRESH MATERIALIZED VIEW "public"."totals"')])
})

test('a view that is slow, and a table that others hold locked, fail alone', async () => {
  const { session, run, url } = await given(`
    CREATE TABLE a (id int); CREATE TABLE b (id int); INSERT INTO b VALUES (1);
    CREATE VIEW slow AS SELECT 1 AS id FROM pg_sleep(60);`)
  const locking = new pg.Client({ connectionString: postgres.url(url().database) })
  await locking.connect()
  try {
    await locking.query('BEGIN; LOCK TABLE a IN ACCESS EXCLUSIVE MODE')
    const { smoke, checks } = await smokeTest(
      await session(),
      models('view slow { id Int }\nmodel a { id Int @id }\nmodel b { id Int @id }', { timeout: 200 })
    )
    expect(failures(checks)).toEqual([
      expect.stringContaining('statement timeout (SQLSTATE 57014)'),
      expect.stringContaining('The model a, table "public"."a", cannot be read')
    ])
    expect(smoke.relations[2]).toMatchObject({ name: 'b', readable: true, rows: { count: 1, exact: true } })
  } finally {
    await locking.end()
  }
  expect(await run('SELECT count(*)::int AS count FROM a')).toEqual([{ count: 0 }])
})

test('names with quotes, capitals, dots and other scripts are read as they are', async () => {
  const { session } = await given(`
    CREATE SCHEMA "Ünï.cödé";
    CREATE TABLE "Ünï.cödé"."it's a ""table""" ("Größe" int, "select" text, "a\\b" int);
    INSERT INTO "Ünï.cödé"."it's a ""table""" VALUES (1, 'x', 2);`)
  const { smoke, checks } = await smokeTest(
    await session(),
    models(String.raw`model Odd {
      size Int @id @map("Größe")
      word String @map("select")
      back Int @map("a\\b")
      @@map("it's a \"table\"")
      @@schema("Ünï.cödé")
    }`)
  )
  expect(failures(checks)).toEqual([])
  expect(smoke.relations).toMatchObject([{ readable: true, rows: { count: 1, exact: true } }])
})

test('a name that is longer than the server keeps is found as the server cut it', async () => {
  const long = `ä${'x'.repeat(80)}`
  const { session } = await given(`CREATE TABLE "${long}" ("${long}" int)`)
  const { checks } = await smokeTest(
    await session(),
    models(`model A { id Int @id @map("${long}") \n @@map("${long}") }`)
  )
  expect(failures(checks)).toEqual([])
})

test('partitioned tables are read by their parent alone, and foreign tables, those of extensions and the ledger’s not at all', async () => {
  const { session } = await given(`
    CREATE TABLE events (at date) PARTITION BY RANGE (at);
    CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    INSERT INTO events VALUES ('2025-05-05'), ('2026-05-05'), ('2026-06-06');
    CREATE TABLE schema_migrations (version bigint);
    CREATE SCHEMA release_actions; CREATE TABLE release_actions.deploys (id text);
    CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
    CREATE FOREIGN TABLE remote (id int) SERVER far;`)
  const { smoke, checks } = await smokeTest(await session(), tables())
  expect(failures(checks)).toEqual([])
  expect(smoke.relations).toMatchObject([{ name: 'events', rows: { count: 3, exact: true } }])
  expect(checkOf(checks, 'smoke')?.told).toContain('left out: foreign tables "public"."remote"')
})

test('each row counts once in the total, whatever inherits it and how many models have its table', async () => {
  const { session } = await given(`
    CREATE TABLE p (id int); CREATE TABLE c () INHERITS (p); CREATE TABLE g () INHERITS (c);
    INSERT INTO c SELECT generate_series(1, 10); INSERT INTO g VALUES (1);`)
  const all = await smokeTest(await session(), tables({ expectations: expected('total=11', 'c=11') }))
  expect(failures(all.checks)).toEqual([])
  expect(all.smoke.total).toEqual({ rows: 11, exact: true })
  const twice = 'model A { id Int @id \n @@map("p") }\nmodel B { id Int @id \n @@map("p") }'
  expect((await smokeTest(await session(), models(twice))).smoke.total.rows).toBe(11)
})

test('every type of column can be read, and tables without columns', async () => {
  const { session } = await given(`
    CREATE TYPE mood AS ENUM ('fine'); CREATE TYPE pair AS (a int, b mood); CREATE DOMAIN email AS text;
    CREATE TABLE nothing ();
    CREATE TABLE wide (a mood[], b pair, c email, d xml, e jsonb, f tsvector, g int4range, h bytea, i numeric, j inet,
      k bit(3), l interval, m oid, n regclass, o name, p "char", q uuid, r int2vector, s pair[], t money, u timetz);
    INSERT INTO wide (a, b, h) VALUES ('{fine}', '(1,fine)', repeat('x', 100000)::bytea);`)
  const { checks } = await smokeTest(await session(), tables())
  expect(failures(checks)).toEqual([])
})

test('a schema without models, and a database without tables, fail', async () => {
  const session = await (await given('')).session()
  expect(failures((await smokeTest(session, models('enum Role { A }'))).checks)).toEqual([
    expect.stringContaining('found no models')
  ])
  expect(failures((await smokeTest(session, tables())).checks)).toEqual([expect.stringContaining('found no tables')])
})

test('a schema that cannot be read to its end is no green test of what was read', async () => {
  const session = await (await given('CREATE TABLE a (id int)')).session()
  const { checks } = await smokeTest(session, models('model a { id Int @id }\nmodel b { id Imt @id }\nmodel {'))
  expect(failures(checks)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('b.id has the type Imt'),
      expect.stringContaining('a block such as')
    ])
  )
})

test('schemas that the role may not use are told as not read', async () => {
  const { session } = await given(
    'CREATE SCHEMA auth; CREATE TABLE auth.keys (id int); CREATE TABLE a (id int); GRANT SELECT ON a TO guest'
  )
  const { smoke, checks } = await smokeTest(await session('guest'), tables())
  expect(smoke.relations.map(({ name }) => name)).toEqual(['a'])
  expect(checkOf(checks, 'smoke-closed-schemas')).toMatchObject({
    result: 'not checked',
    told: expect.stringContaining('auth')
  })
})

test('rows that row-level security may hide are told as 0 visible rows, and as not checked', async () => {
  const { session } = await given(`
    CREATE TABLE notes (id int); INSERT INTO notes VALUES (1); GRANT SELECT ON notes TO guest;
    ALTER TABLE notes ENABLE ROW LEVEL SECURITY;`)
  const hidden = await smokeTest(await session('guest'), tables())
  expect(failures(hidden.checks)).toEqual([])
  expect(checkOf(hidden.checks, 'smoke-row-security')).toMatchObject({
    result: 'not checked',
    told: 'under row-level security for guest, only visible rows are counted: notes 0'
  })
  const seen = await smokeTest(await session(), tables())
  expect(checkOf(seen.checks, 'smoke-row-security')).toBeUndefined()
  expect(seen.smoke.relations[0]?.rows).toEqual({ count: 1, exact: true })
})

test('what policies show is a lower bound for what was expected', async () => {
  const { session } = await given(`
    CREATE TABLE notes AS SELECT * FROM generate_series(1, 500) AS id; GRANT SELECT ON notes TO guest;
    ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY one ON notes USING (id = 1);`)
  const { smoke, checks } = await smokeTest(
    await session('guest'),
    tables({ expectations: expected('notes=1', 'notes<=3', 'total<5', 'notes>=1', 'notes=0') })
  )
  expect(checkOf(checks, 'smoke-row-security')).toMatchObject({ told: expect.stringContaining('notes 1') })
  expect(smoke.relations[0]?.note).toContain('only visible rows')
  const judged = checks.filter(({ id }) => id === 'expect-rows')
  expect(judged.map((check) => ('problem' in check ? check.problem.code : check.result))).toEqual([
    ...['rows-not-known', 'rows-not-known', 'rows-not-known', 'ok', 'rows-not-as-expected']
  ])
})

test('counts are exact up to the limit whether or not the table was ever analysed, and marked estimates above', async () => {
  const { session } = await given(`
    CREATE TABLE small AS SELECT * FROM generate_series(1, 1000) AS id;
    CREATE TABLE fresh AS SELECT * FROM generate_series(1, 5000) AS id;
    CREATE TABLE known AS SELECT * FROM generate_series(1, 5000) AS id;
    CREATE TABLE stale AS SELECT * FROM generate_series(1, 10) AS id;
    ALTER TABLE fresh SET (autovacuum_enabled = off); ALTER TABLE stale SET (autovacuum_enabled = off);
    ANALYZE known; ANALYZE stale; INSERT INTO stale SELECT * FROM generate_series(1, 5000);`)
  const { smoke } = await smokeTest(await session(), tables())
  const rows = new Map(smoke.relations.map((each) => [each.name, each.rows]))
  expect(rows.get('small')).toEqual({ count: 1000, exact: true })
  expect(rows.get('known')).toEqual({ count: 5000, exact: false })
  expect(rows.get('fresh')?.exact).toBe(false)
  expect(rows.get('fresh')?.count).toBeGreaterThan(1000)
  expect(rows.get('stale')?.exact).toBe(false)
  expect(rows.get('stale')?.count).toBeGreaterThan(1000)
  expect(smoke.total.exact).toBe(false)
})

test('expectations are judged by counts that decide them, also of tables above the limit', async () => {
  const { session } = await given(`
    CREATE TABLE connector AS SELECT * FROM generate_series(1, 16) AS id;
    CREATE TABLE large AS SELECT * FROM generate_series(1, 5000) AS id; ANALYZE large;`)
  const judged = async (...lines: string[]): Promise<readonly string[]> => {
    const { checks } = await smokeTest(await session(), tables({ expectations: expected(...lines) }))
    return checks.filter(({ id }) => id === 'expect-rows').map(({ result }) => result)
  }
  expect(
    await judged('connector>=16, total>=52, CONNECTOR=16, connector<17', 'large>=5000', 'public.large=5000')
  ).toEqual(Array.from({ length: 6 }, () => 'ok'))
  expect(await judged('connector>16', 'connector<16', 'large<=4999', 'large=4999', 'total>5016', 'large>5000')).toEqual(
    Array.from({ length: 6 }, () => 'failed')
  )
})

test('an expectation of a name that nothing has says which were near', async () => {
  const { session } = await given('CREATE TABLE connectors (id int)')
  const { checks } = await smokeTest(await session(), tables({ expectations: expected('conector>=1') }))
  expect(failures(checks)).toEqual([expect.stringContaining('Did you mean connectors?')])
})

test('an expectation of what could not be read fails, as nobody knows', async () => {
  const { session } = await given('CREATE TABLE a (id int); CREATE TABLE b (id int); GRANT SELECT ON b TO guest')
  const { checks } = await smokeTest(
    await session('guest'),
    tables({ expectations: expected('a>=1', 'a=0', 'a<5', 'b>=0') })
  )
  expect(checks.filter(({ id }) => id === 'expect-rows').map(({ result }) => result)).toEqual([
    'failed',
    'failed',
    'failed',
    'ok'
  ])
  expect(checks.flatMap((check) => ('problem' in check ? [check.problem.code] : []))).toContain('rows-not-known')
})

test('rows that are lost are a warning with both figures, through renames and dropped tables', async () => {
  const { session, run } = await given(`
    CREATE TABLE emptied AS SELECT * FROM generate_series(1, 120) AS id;
    CREATE TABLE renamed AS SELECT * FROM generate_series(1, 30) AS id;
    CREATE TABLE dropped AS SELECT * FROM generate_series(1, 7) AS id;
    CREATE TABLE busy AS SELECT * FROM generate_series(1, 900) AS id;
    CREATE TABLE legacy AS SELECT * FROM generate_series(1, 50) AS id;
    CREATE TABLE vast AS SELECT * FROM generate_series(1, 9000) AS id; ANALYZE vast;`)
  const before = await countRows(await session(), { exactCountLimit: 1000, without: [], timeout: 30_000 })
  await run(`
    DELETE FROM emptied; ALTER TABLE renamed RENAME TO kept; DROP TABLE dropped; DELETE FROM busy WHERE id = 1;
    DELETE FROM legacy WHERE id < 20; TRUNCATE vast;`)
  const { smoke, checks } = await smokeTest(
    await session(),
    models('model emptied { id Int @id }\nmodel busy { id Int @id }\nmodel kept { id Int @id }', { before })
  )
  expect(smoke.relations[0]).toMatchObject({ rows: { count: 0 }, before: { count: 120, exact: true } })
  const lost = checkOf(checks, 'rows-lost')
  expect(lost).toMatchObject({ result: 'warning' })
  for (const told of [
    '"public"."emptied" 120 → 0',
    '"public"."dropped" 7 → gone',
    '"public"."legacy" 50 → 31',
    '"public"."busy" 900 → 899',
    '"public"."vast" about 9,000 → 0'
  ])
    expect(lost?.told).toContain(told)
  expect(lost?.told).not.toContain('renamed')
})

test('a few rows that are lost are a warning too, and never that no rows are lost', async () => {
  const { session, run } = await given(`CREATE TABLE b (id int); CREATE TABLE remade AS SELECT 1 AS id;
    CREATE TABLE busy AS SELECT * FROM generate_series(1, 900) AS id;`)
  const before = await countRows(await session(), { exactCountLimit: 1000, without: [], timeout: 30_000 })
  await run(`DELETE FROM busy WHERE id = 1; INSERT INTO b VALUES (1);
    CREATE TABLE copy (id int); DROP TABLE remade; ALTER TABLE copy RENAME TO remade`)
  const { smoke, checks } = await smokeTest(await session(), tables({ before }))
  expect(checks.filter(({ id }) => id === 'rows-lost')).toEqual([
    expect.objectContaining({ result: 'warning', told: '"public"."busy" 900 → 899, "public"."remade" 1 → 0' })
  ])
  // What a summary shows beside each count is of the same table, though another one has its name now.
  expect(smoke.relations.map(({ name, before: was, rows }) => [name, was?.count, rows?.count])).toEqual([
    ['b', 0, 1],
    ['busy', 900, 899],
    ['remade', 1, 0]
  ])
})

test('a hint for rows that are lost promises no backup', () => {
  const count = (rows: number) => ({ count: rows, exact: true, atLeast: rows })
  const [check] = lossChecks([
    { before: { table: '"public"."a"', oid: 1, rows: count(5) }, after: count(0), remade: false }
  ])
  expect(check).toMatchObject({ problem: { hint: expect.stringContaining('if it made one') } })
})

test('a table that was locked when it was to be counted is told with just that', async () => {
  const { session, run, url } = await given(`CREATE TABLE small AS SELECT * FROM generate_series(1, 50) AS id;
    CREATE TABLE fresh AS SELECT 1 AS id; CREATE TABLE other AS SELECT 1 AS id; ANALYZE small;
    ALTER TABLE fresh SET (autovacuum_enabled = off);`)
  const locking = new pg.Client({ connectionString: postgres.url(url().database) })
  await locking.connect()
  try {
    await locking.query('BEGIN; LOCK TABLE small, fresh IN ACCESS EXCLUSIVE MODE')
    const before = await countRows(await session(), { exactCountLimit: 1000, without: [], timeout: 200 })
    await locking.query('ROLLBACK')
    const { checks } = await smokeTest(await session(), tables({ before }))
    expect(checkOf(checks, 'rows-lost')).toMatchObject({ result: 'ok', told: '1 table compared, no rows lost' })
    expect(checkOf(checks, 'rows-estimated')).toBeUndefined()
    expect(checks.filter(({ id }) => id === 'rows-not-compared')).toEqual([
      expect.objectContaining({
        result: 'not checked',
        told: 'not counted both times, as another session held a lock for longer than 5 seconds (SQLSTATE 55P03): "public"."fresh" not counted → 1, "public"."small" about 50 → 50',
        next: expect.stringContaining('pg_locks')
      })
    ])
  } finally {
    await locking.end()
  }
  expect(await run('SELECT count(*)::int AS count FROM small')).toEqual([{ count: 50 }])
})

test('of estimates it is never said that no rows were lost', async () => {
  const { session, run } = await given(`
    CREATE TABLE large AS SELECT * FROM generate_series(1, 9000) AS id; ALTER TABLE large SET (autovacuum_enabled = off); ANALYZE large;
    CREATE TABLE small AS SELECT * FROM generate_series(1, 9) AS id;`)
  const before = await countRows(await session(), { exactCountLimit: 1000, without: [], timeout: 30_000 })
  const compare = async (sql: string): Promise<readonly Check[]> => {
    await run(sql)
    return (await smokeTest(await session(), tables({ before }))).checks
  }
  const same = await compare('ANALYZE large')
  expect(checkOf(same, 'rows-lost')).toMatchObject({ result: 'ok', told: '1 table compared, no rows lost' })
  expect(checkOf(same, 'rows-estimated')).toMatchObject({
    result: 'not checked',
    told: expect.stringContaining('large')
  })
  const fewer = await compare('DELETE FROM large WHERE id <= 4000; ANALYZE large')
  expect(checkOf(fewer, 'rows-lost')).toMatchObject({ result: 'warning', told: expect.stringContaining('large') })
})

test('a large table that is empty now is seen to be, whatever the figures say', async () => {
  const { session, run } = await given(`CREATE TABLE large AS SELECT * FROM generate_series(1, 9000) AS id;
    ALTER TABLE large SET (autovacuum_enabled = off); ANALYZE large;`)
  const before = await countRows(await session(), { exactCountLimit: 1000, without: [], timeout: 30_000 })
  await run('DELETE FROM large')
  const { smoke, checks } = await smokeTest(await session(), tables({ before }))
  expect(smoke.relations[0]?.rows).toEqual({ count: 0, exact: true })
  expect(checkOf(checks, 'rows-lost')).toMatchObject({ result: 'warning', told: '"public"."large" about 9,000 → 0' })
})

test('tables that were not counted both times are named, and one that was made anew is a warning', async () => {
  const grants = (...names: readonly string[]): string =>
    names.map((name) => `GRANT SELECT ON ${name} TO guest;`).join(' ')
  const made = ['anew', 'revoked', 'kept', 'closed'].map((name) => `CREATE TABLE ${name} AS SELECT 1 AS id;`).join(' ')
  const { session, run } = await given(`${made} ${grants('anew', 'revoked', 'kept')}`)
  const before = await countRows(await session('guest'), { exactCountLimit: 1000, without: [], timeout: 30_000 })
  await run('DROP TABLE anew; CREATE TABLE anew (id int); DELETE FROM revoked; REVOKE SELECT ON revoked FROM guest')
  const { checks } = await smokeTest(await session('guest'), models('model kept { id Int @id }', { before }))
  expect(checkOf(checks, 'rows-lost')).toMatchObject({
    result: 'warning',
    told: '"public"."anew" 1 → made anew, not counted'
  })
  const uncompared = checkOf(checks, 'rows-not-compared')
  expect(uncompared?.told).toContain('"public"."revoked" 1 → not counted')
  expect(uncompared?.told).toContain('"public"."closed" not counted → not counted')
  expect(uncompared?.told).not.toContain('kept')
})

test('nothing is written, no lock outlives its statement, and the session can go on', async () => {
  const { session, run } = await given('CREATE TABLE a (id int); CREATE VIEW broken AS SELECT 1/0 AS id')
  const reading = await session()
  await smokeTest(reading, models('model a { id Int @id }\nview broken { id Int }'))
  expect(
    await run(`SELECT 1 FROM pg_locks WHERE pid = ${reading.pid} AND locktype = 'relation'
      UNION ALL SELECT 1 FROM pg_stat_activity WHERE pid = ${reading.pid} AND state <> 'idle'`)
  ).toEqual([])
  await expect(reading.query('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
})
