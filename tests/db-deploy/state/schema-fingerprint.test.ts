import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { openSession, type Session } from '../../../actions/db-deploy/database/session.ts'
import {
  compareFingerprints,
  schemaFingerprint,
  type SchemaFingerprint
} from '../../../actions/db-deploy/state/schema-fingerprint.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { testWorld } from '../../support/world.ts'
import { richSchema } from './rich-schema.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

async function sessionIn(sql: string): Promise<Session> {
  const database = await postgres.createDatabase()
  if (sql !== '') await postgres.query(sql, database)
  const read = readDatabaseUrl(postgres.url(database), 'database-url')
  if (!('url' in read)) throw new Error('the test gives a URL')
  return openSession(read.url, { applicationName: 'test' }, testWorld())
}

async function fingerprintOf(
  sql: string,
  { schemas = [], own }: { readonly schemas?: readonly string[]; readonly own?: readonly string[] } = {}
): Promise<SchemaFingerprint> {
  const session = await sessionIn(sql)
  try {
    return await schemaFingerprint(session, schemas, own)
  } finally {
    await session.close()
  }
}

describe('the same schema', () => {
  test('has the same fingerprint, whatever the order in which it was made', async () => {
    const one = await fingerprintOf(`
      CREATE TYPE mood AS ENUM ('calm', 'wild');
      CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, feels mood);
      CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
      CREATE INDEX posts_user ON posts (user_id);`)
    const other = await fingerprintOf(`
      CREATE TABLE posts (id bigint);
      ALTER TABLE posts ADD COLUMN user_id bigint;
      CREATE TABLE users (email text, id bigint);
      CREATE INDEX posts_user ON posts (user_id);
      CREATE TYPE mood AS ENUM ('wild');
      ALTER TYPE mood ADD VALUE 'calm' BEFORE 'wild';
      ALTER TABLE users ADD COLUMN feels mood, ADD COLUMN gone int, ALTER COLUMN email SET NOT NULL, ADD PRIMARY KEY (id);
      ALTER TABLE users DROP COLUMN gone;
      ALTER TABLE posts ADD PRIMARY KEY (id), ADD FOREIGN KEY (user_id) REFERENCES users (id);`)

    expect(compareFingerprints(one, other)).toEqual([])
    expect(other.fingerprint).toBe(one.fingerprint)
  })

  test('does not depend on owners, privileges, comments, rows or settings of storage', async () => {
    const made = 'CREATE TABLE users (id bigint PRIMARY KEY, email text);'
    await postgres.createRole('fingerprint_owner')
    const other = `${made} INSERT INTO users VALUES (1, 'a@example.org'); ANALYZE users;
      ALTER TABLE users OWNER TO fingerprint_owner; GRANT SELECT ON users TO PUBLIC; COMMENT ON TABLE users IS 'people';
      ALTER TABLE users SET (fillfactor = 70); ALTER TABLE users ALTER COLUMN email SET STATISTICS 500;`

    expect(compareFingerprints(await fingerprintOf(made), await fingerprintOf(other))).toEqual([])
  })

  test('has the same fingerprint where it is made again as PostgreSQL writes it, as a restore does', async () => {
    const bare = 'CREATE TABLE orders (id int, status varchar(10), other varchar, tags varchar[]);'
    const made = `${bare}
      ALTER TABLE orders ADD CONSTRAINT known CHECK (status IN ('a', 'it''s ])::text[]', other));
      ALTER TABLE orders ADD CONSTRAINT paired CHECK (jsonb_object(ARRAY[ARRAY[status, other], ARRAY[other, status]]) <> '{}');
      CREATE INDEX open ON orders (id) WHERE status NOT IN ('c', lower('D'));
      CREATE VIEW few AS SELECT id FROM orders WHERE status IN ('a', 'b');
      CREATE FUNCTION is_open(given varchar) RETURNS boolean LANGUAGE sql RETURN given IN ('a', 'b');
      CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      CREATE TRIGGER note BEFORE UPDATE ON orders FOR EACH ROW WHEN (NEW.status IN ('a', 'b')) EXECUTE FUNCTION noted();`
    const session = await sessionIn(made)
    const [row] = await session.query(`SELECT concat_ws(E';\\n',
      (SELECT string_agg(format('ALTER TABLE orders ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), E';\\n')
         FROM pg_constraint WHERE conname IN ('known', 'paired')),
      pg_get_indexdef('open'::regclass), 'CREATE VIEW few AS ' || rtrim(pg_get_viewdef('few'::regclass), ';'),
      pg_get_functiondef('is_open'::regproc), pg_get_functiondef('noted'::regproc),
      (SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'note')) AS sql`)
    await session.close()
    const restored = `${bare} ${String(row?.['sql'])}`

    expect(restored).toContain("(ARRAY['a'::character varying,")
    expect(compareFingerprints(await fingerprintOf(made), await fingerprintOf(restored))).toEqual([])
  })

  test('does not depend on what the frameworks and the ledger keep', async () => {
    const other = `CREATE TABLE users (id int); CREATE TABLE _prisma_migrations (id int PRIMARY KEY);
      CREATE TABLE schema_migrations (version bigint PRIMARY KEY); CREATE TABLE own_versions (version bigint PRIMARY KEY);
      CREATE SCHEMA release_actions; CREATE TABLE release_actions.deploys (id text);`

    const plain = await fingerprintOf('CREATE TABLE users (id int);')
    expect(compareFingerprints(plain, await fingerprintOf(other, { own: ['own_versions'] }))).toEqual([])
  })

  test('does not depend on partitions, which are made as time goes by', async () => {
    const table = `CREATE TABLE users (id int PRIMARY KEY);
      CREATE TABLE events (at date NOT NULL DEFAULT now(), user_id int REFERENCES users, PRIMARY KEY (at), CHECK (at > '2020-01-01')) PARTITION BY RANGE (at);
      CREATE INDEX ON events (at); CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER noted BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION noted(); ALTER TABLE events ENABLE ROW LEVEL SECURITY;`
    const partition = `CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
      CREATE TABLE events_2027 (at date NOT NULL, user_id int, CONSTRAINT events_at_check CHECK (at > '2020-01-01'), CONSTRAINT soon CHECK (at > '2026-06-01'));
      ALTER TABLE events ATTACH PARTITION events_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
      ALTER TABLE events_2027 DROP CONSTRAINT soon;`

    expect(compareFingerprints(await fingerprintOf(table), await fingerprintOf(table + partition))).toEqual([])
  })

  test('is that of the schemas that were asked for', async () => {
    const sql = 'CREATE SCHEMA app; CREATE TABLE app.users (id int);'
    const other = `${sql} CREATE TABLE public.noise (id int);`

    expect((await fingerprintOf(sql, { schemas: ['app'] })).fingerprint).toBe(
      (await fingerprintOf(other, { schemas: ['app'] })).fingerprint
    )
  })
})

/** Each changes one thing of the rich schema, and says which line tells it. */
const changes: readonly (readonly [what: string, sql: string, line: RegExp])[] = [
  ['a table', 'CREATE TABLE extra (id int)', /^\+ table public\.extra$/m],
  ['a dropped table', 'DROP TABLE app.logs CASCADE', /^- table app\.logs/m],
  ['an unlogged table', 'ALTER TABLE app.logs SET LOGGED', /^- table app\.logs: unlogged$/m],
  ['a column', 'ALTER TABLE users ADD COLUMN extra int', /^\+ column public\.users\.extra: integer$/m],
  ['a type', 'ALTER TABLE posts ALTER COLUMN slug TYPE varchar(300)', /^\+ column .*character varying\(300\)/m],
  ['a default', 'ALTER TABLE posts ALTER COLUMN state SET DEFAULT 2', /^\+ column public\.posts\.state: .*default 2/m],
  ['a default that is gone', 'ALTER TABLE posts ALTER COLUMN state DROP DEFAULT', /^\+ column public\.posts\.state/m],
  ['a not null', 'ALTER TABLE posts ALTER COLUMN title SET NOT NULL', /^\+ column .*title: .* not null$/m],
  ['an identity', 'ALTER TABLE users ALTER COLUMN id SET GENERATED BY DEFAULT', /^\+ column .*generated by default/m],
  ['where an identity begins', 'ALTER TABLE users ALTER COLUMN id SET START WITH 1000', /^\+ column .*start 1000/m],
  ['a stored column', 'ALTER TABLE users DROP COLUMN lower_email', /^- column .*generated always as .* stored$/m],
  ['a check', "ALTER TABLE posts ADD CHECK (title <> '')", /^\+ constraint public\.posts\.posts_title_check: CHECK/m],
  ['an unvalidated check', 'ALTER TABLE posts ADD CONSTRAINT few CHECK (state < 9) NOT VALID', /NOT VALID$/m],
  ['a foreign key', 'ALTER TABLE posts DROP CONSTRAINT posts_user_id_fkey', /^- constraint .*FOREIGN KEY/m],
  ['a primary key', 'ALTER TABLE app.logs ADD PRIMARY KEY (id)', /^\+ constraint .*PRIMARY KEY \(id\)$/m],
  ['a unique constraint', 'ALTER TABLE posts ADD UNIQUE (title)', /^\+ constraint .*UNIQUE \(title\)$/m],
  ['an index', 'CREATE INDEX extra ON posts (title DESC)', /^\+ index public\.extra: .*title DESC/m],
  [
    'a condition of an index',
    'DROP INDEX live; CREATE INDEX live ON posts (id) WHERE state > 1',
    /^\+ index public\.live/m
  ],
  [
    'an index that is not valid',
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'live'::regclass",
    /^\+ index public\.live: .*INVALID$/m
  ],
  ['a value of an enum', "ALTER TYPE mood ADD VALUE 'wild'", /^\+ enum public\.mood: 'calm', 'sad', 'wild'$/m],
  ['a name of an enum’s value', "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", /^\+ enum .*'calm', 'blue'$/m],
  ['a domain', 'ALTER DOMAIN positive DROP CONSTRAINT positive_check', /^\+ domain public\.positive: integer$/m],
  ['a composite type', 'ALTER TYPE address ADD ATTRIBUTE town text', /^\+ type public\.address: .*town text$/m],
  ['a sequence', 'CREATE SEQUENCE extra', /^\+ sequence public\.extra: bigint start 1/m],
  ['a step of a sequence', 'ALTER SEQUENCE numbers INCREMENT 5', /^\+ sequence public\.numbers: .*increment 5/m],
  [
    'a view',
    'CREATE OR REPLACE VIEW titles AS SELECT id, title FROM posts WHERE state > 1',
    /^\+ view public\.titles/m
  ],
  ['an option of a view', 'ALTER VIEW titles SET (security_barrier = true)', /^\+ view .*security_barrier=true/m],
  ['a materialized view', 'DROP MATERIALIZED VIEW totals', /^- materialized view public\.totals/m],
  [
    'the body of a function',
    'CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.state := 3; RETURN NEW; END $$',
    /^\+ function public\.touch\(\): .* body [0-9a-f]{16}$/m
  ],
  ['how a function is called', 'ALTER FUNCTION touch() SECURITY DEFINER', /^\+ function .*SECURITY DEFINER/m],
  ['an aggregate', 'DROP AGGREGATE joined (text)', /^- aggregate public\.joined\(text\)/m],
  ['a trigger', 'DROP TRIGGER touched ON posts', /^- trigger public\.posts\.touched/m],
  ['a trigger that is off', 'ALTER TABLE posts DISABLE TRIGGER touched', /^\+ trigger .*DISABLED$/m],
  [
    'row level security',
    'ALTER TABLE users DISABLE ROW LEVEL SECURITY',
    /^- table public\.users: row level security$/m
  ],
  ['a policy', 'ALTER POLICY own ON users USING (id = 2)', /^\+ policy public\.users\.own: .*\(id = 2\)/m],
  ['a rule', 'DROP RULE quiet ON app.logs', /^- rule app\.logs\.quiet/m],
  ['a schema', 'CREATE SCHEMA extra', /^\+ schema extra$/m],
  ['an extension', 'CREATE EXTENSION "uuid-ossp"', /^\+ extension "uuid-ossp"$/m],
  [
    'foreign keys that are off',
    'ALTER TABLE posts DISABLE TRIGGER ALL',
    /^\+ constraint .*FOREIGN KEY.*TRIGGERS OF public\.posts DISABLED$/m
  ],
  ['a rule that is off', 'ALTER TABLE app.logs DISABLE RULE quiet', /^\+ rule .*DISABLED$/m],
  [
    'what replicas are told',
    'ALTER TABLE posts REPLICA IDENTITY NOTHING',
    /^\+ table public\.posts: replica identity nothing$/m
  ],
  [
    'which index tells replicas',
    'ALTER TABLE users REPLICA IDENTITY USING INDEX users_email_key',
    /^\+ table .*users_email_key$/m
  ],
  ['an index of a partition', 'CREATE UNIQUE INDEX own ON events_2026 (at)', /^\+ index public\.own: CREATE UNIQUE/m],
  [
    'a check of a partition',
    "ALTER TABLE events_2026 ADD CONSTRAINT own CHECK (what <> '')",
    /^\+ constraint public\.events_2026\.own/m
  ],
  [
    'a default of a partition',
    "ALTER TABLE events_2026 ALTER COLUMN what SET DEFAULT 'x'",
    /^\+ column public\.events_2026\.what: default/m
  ],
  [
    'a not null of a partition',
    'ALTER TABLE events_2026 ALTER COLUMN what SET NOT NULL',
    /^\+ column public\.events_2026\.what: not null default/m
  ],
  [
    'a trigger of a partition',
    'CREATE TRIGGER own BEFORE INSERT ON events_2026 FOR EACH ROW EXECUTE FUNCTION touch()',
    /^\+ trigger public\.events_2026\.own/m
  ],
  [
    'a table’s trigger that is off in a partition',
    'ALTER TABLE events_2026 DISABLE TRIGGER noted',
    /^\+ trigger public\.events_2026\.noted: .*DISABLED$/m
  ],
  [
    'row level security of a partition',
    'ALTER TABLE events_2026 ENABLE ROW LEVEL SECURITY',
    /^\+ partition public\.events_2026: row level security$/m
  ],
  ['a policy of a partition', 'CREATE POLICY own ON events_2026 USING (true)', /^\+ policy public\.events_2026\.own/m],
  [
    'a default of a view',
    'ALTER VIEW titles ALTER COLUMN title SET DEFAULT 1',
    /^\+ column public\.titles\.title: default/m
  ],
  [
    'the server of a foreign table',
    "ALTER FOREIGN TABLE far OPTIONS (SET place 'b')",
    /^\+ foreign table public\.far: server away \{place=b\}$/m
  ],
  [
    'the collation of a domain',
    'DROP DOMAIN word; CREATE DOMAIN word AS text COLLATE "POSIX"',
    /^\+ domain public\.word: text collate/m
  ],
  [
    'the collation of an attribute',
    'ALTER TYPE crate ALTER ATTRIBUTE label TYPE text COLLATE "C"',
    /^\+ type .*label text collate/m
  ],
  [
    'how an aggregate is combined',
    "DROP AGGREGATE joined (text); CREATE AGGREGATE joined (text) (SFUNC = textcat, STYPE = text, INITCOND = '', COMBINEFUNC = textcat)",
    /^\+ aggregate .*combine /m
  ],
  [
    'whether an aggregate runs in parallel',
    "DROP AGGREGATE joined (text); CREATE AGGREGATE joined (text) (SFUNC = textcat, STYPE = text, INITCOND = '', PARALLEL = SAFE)",
    /^\+ aggregate .* s$/m
  ],
  [
    'a not null that holds for new rows',
    'ALTER TABLE posts ADD CONSTRAINT named NOT NULL title NOT VALID',
    /^\+ column .*title: .*not null not valid$/m
  ],
  [
    'extended statistics',
    'CREATE STATISTICS pair ON title, slug FROM posts',
    /^\+ statistics public\.pair: CREATE STATISTICS/m
  ],
  [
    'an operator',
    'CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)',
    /^\+ operator public\.===\(text,text\): function/m
  ],
  [
    'an operator class',
    'CREATE OPERATOR CLASS odd FOR TYPE int USING btree AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int, int)',
    /^\+ operator class public\.odd: using btree/m
  ],
  ['a collation', "CREATE COLLATION plain (provider = libc, locale = 'C')", /^\+ collation public\.plain/m],
  [
    'a text search configuration',
    'CREATE TEXT SEARCH CONFIGURATION own (COPY = simple)',
    /^\+ text search configuration public\.own: parser default .*simple/m
  ],
  [
    'a partitioned table',
    'DROP TABLE events; CREATE TABLE events (at date NOT NULL)',
    /^- table .*partitioned by RANGE/m
  ]
]

describe('tells', () => {
  let session: Session
  let before: SchemaFingerprint

  beforeAll(async () => {
    session = await sessionIn(richSchema)
    before = await schemaFingerprint(session, [])
  })

  afterAll(async () => {
    await session.close()
  })

  async function changed(sql: string): Promise<SchemaFingerprint> {
    await session.query('BEGIN')
    try {
      await session.query(`SET LOCAL search_path TO public; ${sql}`)
      return await schemaFingerprint(session, [])
    } finally {
      await session.query('ROLLBACK')
    }
  }

  test.each(changes)('%s', async (_, sql, line) => {
    const after = await changed(sql)

    expect(after.fingerprint).not.toBe(before.fingerprint)
    expect(compareFingerprints(before, after).join('\n')).toMatch(line)
  })

  test('nothing where nothing has changed', async () => {
    expect(compareFingerprints(before, await schemaFingerprint(session, []))).toEqual([])
  })
})

test('what an extension brings is no part of it', async () => {
  const { lines } = await fingerprintOf('CREATE EXTENSION "uuid-ossp"')

  expect(lines).toEqual(['extension "uuid-ossp"'])
})
