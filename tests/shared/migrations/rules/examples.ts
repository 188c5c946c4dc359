import type { LintContext } from '../../../../actions/shared/migrations/lint.ts'
import type { Framework } from '../../../../actions/shared/migrations/migration.ts'

/** A database that has been in use: what the examples change. */
export const database = `
CREATE TABLE users (id int PRIMARY KEY, email text, name varchar(20), age int, amount numeric(8, 2), born timestamp, code char(3));
CREATE TABLE orders (id int PRIMARY KEY, user_id int, total int, number int NOT NULL, state text, span int4range);
CREATE INDEX orders_total_idx ON orders (total);
CREATE UNIQUE INDEX orders_number_idx ON orders (number);
ALTER TABLE orders ADD CONSTRAINT orders_total_fkey FOREIGN KEY (total) REFERENCES users (id);
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE SCHEMA archive;
CREATE MATERIALIZED VIEW totals AS SELECT user_id, count(*) AS n FROM orders GROUP BY user_id;
CREATE UNIQUE INDEX totals_user_id ON totals (user_id);
CREATE TABLE events (at int NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
CREATE TABLE events_2 (at int NOT NULL);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE DOMAIN positive AS int;
INSERT INTO users SELECT n, 'u' || n, 'n', n, n, now(), 'abc' FROM generate_series(1, 50) n;
INSERT INTO orders SELECT n, n, n, n, 'new' FROM generate_series(1, 50) n;
`

export interface RuleExample {
  readonly rule: string
  readonly framework?: Framework
  readonly bad: string
  readonly good: readonly string[]
  readonly context?: Partial<LintContext>
  /** What PostgreSQL is seen to hold while the bad statement's transaction is open. */
  readonly locks?: { readonly table: string; readonly mode: string }
  readonly rewrites?: string
  /** PostgreSQL's refusal of it, as SQLSTATE. */
  readonly refused?: string
  /** What must be there before the recipe is run. */
  readonly before?: string
  /** What the recipe asks for after its first step: older rows are filled. */
  readonly fill?: string
  /** There is no recipe: what to do is told in words. */
  readonly words?: true
}

/** Each rule's harm and its way around it; statements are those of a plain SQL file unless they say otherwise. */
export const examples: readonly RuleExample[] = [
  {
    rule: 'drop-column',
    bad: 'ALTER TABLE users DROP COLUMN age;',
    good: [
      'CREATE TABLE notes (id int, age int); ALTER TABLE notes DROP COLUMN age;',
      'ALTER TABLE users ADD COLUMN draft int; ALTER TABLE users DROP COLUMN draft;'
    ],
    locks: { table: 'users', mode: 'AccessExclusiveLock' }
  },
  {
    rule: 'drop-table',
    bad: 'DROP TABLE events_2;',
    good: [
      'CREATE TABLE notes (id int); DROP TABLE notes;',
      'CREATE TEMPORARY TABLE scratch (id int); DROP TABLE scratch;'
    ],
    locks: { table: 'events_2', mode: 'AccessExclusiveLock' }
  },
  { rule: 'drop-schema', bad: 'DROP SCHEMA archive;', good: ['CREATE SCHEMA draft; DROP SCHEMA draft;'] },
  { rule: 'drop-database', bad: 'DROP DATABASE shop;', good: ['CREATE DATABASE shop;'], words: true },
  {
    rule: 'truncate',
    bad: 'TRUNCATE events_2 CASCADE;',
    good: ['CREATE TABLE notes (id int); TRUNCATE notes;'],
    locks: { table: 'events_2', mode: 'AccessExclusiveLock' }
  },
  {
    rule: 'create-index-not-concurrently',
    bad: 'CREATE INDEX users_email_idx ON users (lower(email)) WHERE age > 3;',
    good: [
      'CREATE INDEX CONCURRENTLY users_email_idx ON users (email);',
      'CREATE TABLE notes (id int); CREATE INDEX notes_id_idx ON notes (id);',
      'CREATE TABLE notes AS SELECT * FROM users; CREATE INDEX notes_id_idx ON notes (id);',
      'CREATE TABLE draft (id int); ALTER TABLE draft RENAME TO notes; CREATE INDEX notes_id_idx ON notes (id);',
      'CREATE TABLE IF NOT EXISTS notes (id int); CREATE INDEX notes_id_idx ON notes (id);',
      'CREATE TABLE public.notes (id int); CREATE INDEX notes_id_idx ON notes (id);',
      'CREATE TABLE events_9 PARTITION OF events FOR VALUES FROM (90) TO (99); CREATE INDEX e9 ON events_9 (at);',
      'TRUNCATE events_2; CREATE INDEX events_2_at ON events_2 (at);'
    ],
    locks: { table: 'users', mode: 'ShareLock' }
  },
  {
    rule: 'drop-index-not-concurrently',
    bad: 'DROP INDEX orders_total_idx;',
    good: [
      'DROP INDEX CONCURRENTLY orders_total_idx;',
      'CREATE TABLE notes (id int); CREATE INDEX notes_id_idx ON notes (id); DROP INDEX notes_id_idx;'
    ],
    locks: { table: 'orders', mode: 'AccessExclusiveLock' }
  },
  {
    rule: 'reindex-not-concurrently',
    bad: 'REINDEX TABLE users;',
    good: ['REINDEX TABLE CONCURRENTLY users;', 'REINDEX SYSTEM shop;'],
    locks: { table: 'users', mode: 'ShareLock' }
  },
  {
    rule: 'refresh-not-concurrently',
    bad: 'REFRESH MATERIALIZED VIEW totals;',
    good: [
      'REFRESH MATERIALIZED VIEW CONCURRENTLY totals;',
      'CREATE MATERIALIZED VIEW sums AS SELECT 1; REFRESH MATERIALIZED VIEW sums;'
    ],
    locks: { table: 'totals', mode: 'AccessExclusiveLock' },
    rewrites: 'totals'
  },
  {
    rule: 'add-foreign-key',
    bad: 'ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;',
    good: [
      'ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;',
      'CREATE TABLE notes (user_id int); ALTER TABLE notes ADD FOREIGN KEY (user_id) REFERENCES users (id);',
      'CREATE TABLE notes (user_id int REFERENCES users (id));',
      'CREATE TABLE notes (user_id int); INSERT INTO notes VALUES (1); ALTER TABLE notes ADD FOREIGN KEY (user_id) REFERENCES users;'
    ],
    locks: { table: 'users', mode: 'ShareRowExclusiveLock' }
  },
  {
    rule: 'add-foreign-key',
    bad: 'ALTER TABLE orders ADD COLUMN buyer_id int DEFAULT 1 REFERENCES users (id) ON DELETE SET NULL;',
    good: [
      'ALTER TABLE orders ADD COLUMN buyer_id int;',
      'ALTER TABLE orders ADD COLUMN buyer_id int REFERENCES users (id) ON DELETE SET NULL, ADD COLUMN paid int DEFAULT 1;'
    ],
    locks: { table: 'orders', mode: 'AccessExclusiveLock' }
  },
  {
    rule: 'add-foreign-key',
    bad: 'ALTER TABLE orders ADD COLUMN buyer_id int DEFAULT NULL REFERENCES users (id);',
    good: ['ALTER TABLE orders ADD COLUMN buyer_id int CONSTRAINT buyer REFERENCES users (id);']
  },
  {
    rule: 'add-foreign-key',
    before: 'CREATE TABLE notes AS SELECT id AS user_id FROM users;',
    bad: 'CREATE TABLE notes AS SELECT id AS user_id FROM users; ALTER TABLE notes ADD CONSTRAINT notes_fk FOREIGN KEY (user_id) REFERENCES users (id);',
    good: [
      'CREATE TABLE notes (user_id int); ALTER TABLE notes ADD CONSTRAINT notes_fk FOREIGN KEY (user_id) REFERENCES users;'
    ]
  },
  {
    rule: 'drop-foreign-key',
    bad: 'ALTER TABLE orders DROP CONSTRAINT orders_total_fkey;',
    good: [
      'ALTER TABLE orders DROP CONSTRAINT orders_total_fkey; ALTER TABLE orders ADD CONSTRAINT orders_total_fkey FOREIGN KEY (total) REFERENCES users (id) NOT VALID;',
      'ALTER TABLE orders DROP CONSTRAINT orders_pkey;'
    ],
    locks: { table: 'orders', mode: 'AccessExclusiveLock' },
    words: true
  },
  {
    rule: 'foreign-key-without-index',
    bad: 'CREATE TABLE notes (id int PRIMARY KEY, user_id int REFERENCES users (id));',
    before: 'CREATE TABLE notes (id int PRIMARY KEY, user_id int REFERENCES users (id));',
    good: [
      'CREATE TABLE notes (id int PRIMARY KEY, user_id int REFERENCES users (id)); CREATE INDEX notes_user ON notes (user_id, id);',
      'CREATE TABLE notes (user_id int PRIMARY KEY REFERENCES users (id));'
    ]
  },
  {
    rule: 'add-check-constraint',
    bad: "ALTER TABLE users ADD CONSTRAINT users_age_check CHECK (age > 0 AND name <> ')');",
    good: [
      'ALTER TABLE users ADD CONSTRAINT users_age_check CHECK (age > 0) NOT VALID;',
      'CREATE TABLE notes (id int); ALTER TABLE notes ADD CHECK (id > 0);'
    ],
    locks: { table: 'users', mode: 'AccessExclusiveLock' }
  },
  {
    rule: 'add-unique-constraint',
    bad: 'ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);',
    good: [
      'CREATE UNIQUE INDEX CONCURRENTLY users_email_idx ON users (email); ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_idx;',
      'CREATE TABLE notes (id int); ALTER TABLE notes ADD UNIQUE (id);'
    ],
    locks: { table: 'users', mode: 'AccessExclusiveLock' }
  },
  {
    rule: 'add-primary-key',
    bad: 'ALTER TABLE events_2 ADD PRIMARY KEY (at);',
    good: ['ALTER TABLE orders ADD CONSTRAINT orders_key PRIMARY KEY USING INDEX orders_number_idx;'],
    locks: { table: 'events_2', mode: 'AccessExclusiveLock' }
  },
  {
    rule: 'add-exclusion-constraint',
    bad: 'ALTER TABLE orders ADD CONSTRAINT orders_span EXCLUDE USING gist (span WITH &&);',
    good: ['CREATE TABLE notes (span int4range, EXCLUDE USING gist (span WITH &&));'],
    locks: { table: 'orders', mode: 'AccessExclusiveLock' },
    words: true
  },
  {
    rule: 'validate-in-transaction',
    bad: 'BEGIN; ALTER TABLE users ADD CONSTRAINT users_age CHECK (age > 0) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT users_age; COMMIT;',
    good: [
      'ALTER TABLE users ADD CONSTRAINT users_age CHECK (age > 0) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT users_age;',
      'ALTER TABLE users VALIDATE CONSTRAINT users_age;'
    ]
  },
  {
    rule: 'alter-domain-constraint',
    bad: 'ALTER DOMAIN positive ADD CONSTRAINT positive_check CHECK (VALUE > 0);',
    good: ['CREATE DOMAIN anything AS int;'],
    context: { profile: 'strict' },
    words: true
  },
  {
    rule: 'add-column-not-null',
    bad: 'ALTER TABLE users ADD COLUMN phone text NOT NULL;',
    good: [
      "ALTER TABLE users ADD COLUMN phone text NOT NULL DEFAULT '';",
      'ALTER TABLE users ADD COLUMN phone text;',
      'CREATE TABLE notes (id int); ALTER TABLE notes ADD COLUMN phone text NOT NULL;',
      'DELETE FROM events_2; ALTER TABLE events_2 ADD COLUMN phone text NOT NULL;'
    ],
    refused: '23502',
    fill: "UPDATE users SET phone = ''"
  },
  {
    rule: 'add-column-volatile-default',
    bad: 'ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();',
    good: [
      'ALTER TABLE users ADD COLUMN seen timestamptz DEFAULT now();',
      'ALTER TABLE users ADD COLUMN points int NOT NULL DEFAULT 0;',
      'ALTER TABLE users ADD COLUMN token uuid; ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();'
    ],
    locks: { table: 'users', mode: 'AccessExclusiveLock' },
    rewrites: 'users'
  },
  {
    rule: 'add-column-generated',
    bad: 'ALTER TABLE users ADD COLUMN place bigserial;',
    good: ['CREATE TABLE notes (id bigserial);', 'ALTER TABLE users ADD COLUMN place bigint;'],
    fill: 'UPDATE users SET place = id',
    locks: { table: 'users', mode: 'AccessExclusiveLock' },
    rewrites: 'users'
  },
  {
    rule: 'add-column-generated',
    bad: 'ALTER TABLE users ADD COLUMN place int GENERATED BY DEFAULT AS IDENTITY;',
    good: ['CREATE TABLE notes (id int GENERATED BY DEFAULT AS IDENTITY);'],
    words: true,
    locks: { table: 'users', mode: 'AccessExclusiveLock' },
    rewrites: 'users'
  },
  {
    rule: 'add-column-generated',
    bad: 'ALTER TABLE users ADD COLUMN twice int GENERATED ALWAYS AS (age * 2) STORED;',
    good: ['ALTER TABLE users ADD COLUMN twice int GENERATED ALWAYS AS (age * 2) VIRTUAL;'],
    locks: { table: 'users', mode: 'AccessExclusiveLock' },
    rewrites: 'users',
    words: true
  },
  {
    rule: 'alter-column-type',
    bad: 'ALTER TABLE users ALTER COLUMN age TYPE bigint;',
    good: [
      'ALTER TABLE users ADD COLUMN w varchar(5); ALTER TABLE users ALTER COLUMN w TYPE text;',
      'ALTER TABLE users ALTER COLUMN name TYPE citext;',
      'ALTER TABLE users ADD COLUMN w varchar(5); ALTER TABLE users ALTER COLUMN w TYPE varchar(9);',
      'ALTER TABLE users ADD COLUMN w numeric(5, 2); ALTER TABLE users ALTER COLUMN w TYPE numeric(9, 2);',
      "ALTER TABLE users ADD COLUMN w timestamp; SET TimeZone = 'UTC'; ALTER TABLE users ALTER COLUMN w TYPE timestamptz;",
      'CREATE TABLE notes (id int); ALTER TABLE notes ALTER COLUMN id TYPE bigint;'
    ],
    locks: { table: 'users', mode: 'AccessExclusiveLock' },
    rewrites: 'users'
  },
  {
    rule: 'alter-column-type',
    bad: 'ALTER TABLE users ALTER COLUMN name TYPE varchar(10);',
    good: ['ALTER TABLE users ADD COLUMN w varchar(5); ALTER TABLE users ALTER COLUMN w TYPE text USING w::text;'],
    locks: { table: 'users', mode: 'AccessExclusiveLock' },
    rewrites: 'users'
  },
  {
    rule: 'set-not-null',
    bad: 'ALTER TABLE users ALTER COLUMN email SET NOT NULL;',
    good: [
      'ALTER TABLE users ADD CONSTRAINT c CHECK (email IS NOT NULL) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c; ALTER TABLE users ALTER COLUMN email SET NOT NULL;',
      'ALTER TABLE users VALIDATE CONSTRAINT email_not_null; ALTER TABLE users ALTER COLUMN email SET NOT NULL;',
      'CREATE TABLE notes (id int); ALTER TABLE notes ALTER COLUMN id SET NOT NULL;'
    ],
    locks: { table: 'users', mode: 'AccessExclusiveLock' }
  },
  {
    rule: 'drop-not-null',
    bad: 'ALTER TABLE orders ALTER COLUMN number DROP NOT NULL;',
    good: ['CREATE TABLE notes (id int NOT NULL); ALTER TABLE notes ALTER COLUMN id DROP NOT NULL;'],
    context: { profile: 'strict' },
    locks: { table: 'orders', mode: 'AccessExclusiveLock' },
    words: true
  },
  {
    rule: 'rename-column',
    bad: 'ALTER TABLE users RENAME COLUMN age TO years;',
    good: [
      'CREATE TABLE notes (id int); ALTER TABLE notes RENAME COLUMN id TO key;',
      'ALTER TABLE users ADD COLUMN draft int; ALTER TABLE users RENAME COLUMN draft TO points;'
    ],
    locks: { table: 'users', mode: 'AccessExclusiveLock' },
    words: true
  },
  {
    rule: 'rename-table',
    bad: 'ALTER TABLE users RENAME TO people;',
    good: [
      'BEGIN; ALTER TABLE users RENAME TO people; CREATE VIEW users AS SELECT * FROM people; COMMIT;',
      'CREATE TABLE draft (id int); ALTER TABLE draft RENAME TO notes;'
    ],
    locks: { table: 'users', mode: 'AccessExclusiveLock' }
  },
  {
    rule: 'rename-schema',
    bad: 'ALTER SCHEMA archive RENAME TO attic;',
    good: ['CREATE SCHEMA draft; ALTER SCHEMA draft RENAME TO notes;'],
    words: true
  },
  {
    rule: 'rename-enum-value',
    bad: "ALTER TYPE mood RENAME VALUE 'sad' TO 'gloomy';",
    good: ["CREATE TYPE tone AS ENUM ('low'); ALTER TYPE tone RENAME VALUE 'low' TO 'deep';"]
  },
  {
    rule: 'detach-partition-not-concurrently',
    bad: 'ALTER TABLE events DETACH PARTITION events_1;',
    good: ['ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY;'],
    locks: { table: 'events', mode: 'AccessExclusiveLock' }
  },
  {
    rule: 'attach-partition',
    bad: 'ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (10) TO (20);',
    good: [
      'CREATE TABLE events_3 (at int NOT NULL); ALTER TABLE events ATTACH PARTITION events_3 FOR VALUES FROM (20) TO (30);',
      'ALTER TABLE events_2 ADD CONSTRAINT c CHECK (at >= 10 AND at < 20) NOT VALID; ALTER TABLE events_2 VALIDATE CONSTRAINT c; ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (10) TO (20);'
    ],
    locks: { table: 'events_2', mode: 'AccessExclusiveLock' },
    words: true
  },
  {
    rule: 'rewrite-table',
    bad: 'ALTER TABLE orders SET UNLOGGED;',
    good: ['CREATE TABLE notes (id int); ALTER TABLE notes SET UNLOGGED;'],
    locks: { table: 'orders', mode: 'AccessExclusiveLock' },
    rewrites: 'orders',
    words: true
  },
  {
    rule: 'rewrite-table',
    bad: 'CLUSTER orders USING orders_total_idx;',
    good: ['CREATE TABLE notes (id int PRIMARY KEY); CLUSTER notes USING notes_pkey;'],
    locks: { table: 'orders', mode: 'AccessExclusiveLock' },
    rewrites: 'orders',
    words: true
  },
  {
    rule: 'lock-table',
    bad: 'BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE; COMMIT;',
    good: ['BEGIN; LOCK TABLE users IN ROW SHARE MODE; COMMIT;'],
    words: true
  },
  {
    rule: 'create-trigger',
    bad: 'CREATE TRIGGER users_touch BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch();',
    good: [
      'CREATE TABLE notes (id int); CREATE TRIGGER t BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION touch();'
    ],
    locks: { table: 'users', mode: 'ShareRowExclusiveLock' },
    words: true
  },
  {
    rule: 'row-level-security',
    bad: 'ALTER TABLE users ENABLE ROW LEVEL SECURITY;',
    good: ['ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON users USING (true);'],
    locks: { table: 'users', mode: 'AccessExclusiveLock' },
    words: true
  },
  {
    rule: 'concurrently-in-transaction',
    bad: 'BEGIN; CREATE INDEX CONCURRENTLY users_age_idx ON users (age); COMMIT;',
    good: ['CREATE INDEX CONCURRENTLY users_age_idx ON users (age);'],
    refused: '25001'
  },
  {
    rule: 'concurrently-in-transaction',
    framework: 'prisma',
    bad: 'CREATE INDEX CONCURRENTLY users_age_idx ON users (age); CREATE INDEX CONCURRENTLY users_name_idx ON users (name);',
    good: ['CREATE INDEX CONCURRENTLY users_age_idx ON users (age);']
  },
  {
    rule: 'concurrently-in-transaction',
    framework: 'prisma',
    context: { prisma: '7.4.0' },
    bad: 'SELECT 1; DROP INDEX CONCURRENTLY orders_total_idx;',
    good: [
      'CREATE INDEX CONCURRENTLY users_age_idx ON users (age); CREATE INDEX CONCURRENTLY users_name_idx ON users (name);'
    ]
  },
  {
    rule: 'concurrently-with-migration-lock',
    framework: 'ecto',
    bad: '@disable_ddl_transaction true\ndef change do\n  create index(:users, [:age], concurrently: true)\nend',
    good: [
      '@disable_ddl_transaction true\n@disable_migration_lock true\ndef change do\n  create index(:users, [:age], concurrently: true)\nend'
    ]
  },
  {
    rule: 'enum-value-used',
    bad: "BEGIN; ALTER TYPE mood ADD VALUE 'calm'; CREATE TABLE notes (m mood DEFAULT 'calm'); COMMIT;",
    good: [
      "ALTER TYPE mood ADD VALUE 'calm'; CREATE TABLE notes (m mood DEFAULT 'calm');",
      "BEGIN; CREATE TYPE tone AS ENUM ('low'); ALTER TYPE tone ADD VALUE 'deep'; CREATE TABLE notes (t tone DEFAULT 'deep'); COMMIT;",
      "BEGIN; ALTER TYPE mood ADD VALUE 'calm'; CREATE TABLE notes (m mood DEFAULT 'sad'); COMMIT;"
    ],
    refused: '55P04'
  },
  {
    rule: 'transaction-nesting',
    bad: 'BEGIN; SELECT 1; BEGIN; SELECT 2; COMMIT;',
    good: ['BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; COMMIT;'],
    words: true
  },
  { rule: 'transaction-nesting', bad: 'SELECT 1; COMMIT;', good: ['BEGIN; SELECT 1; ROLLBACK;'], words: true },
  { rule: 'uncommitted-transaction', bad: 'BEGIN; SELECT 1;', good: ['BEGIN; SELECT 1; COMMIT;'], words: true },
  {
    rule: 'long-statement-under-lock',
    bad: 'BEGIN; ALTER TABLE users ADD COLUMN points int; ALTER TABLE orders VALIDATE CONSTRAINT older; COMMIT;',
    good: [
      'ALTER TABLE users ADD COLUMN points int; ALTER TABLE orders VALIDATE CONSTRAINT older;',
      'BEGIN; ALTER TABLE orders VALIDATE CONSTRAINT older; ALTER TABLE users ADD COLUMN points int; COMMIT;'
    ],
    words: true
  },
  {
    rule: 'not-atomic',
    framework: 'prisma',
    context: { prisma: '7.4.0' },
    bad: 'ALTER TABLE users ADD COLUMN a int; ALTER TABLE users ADD COLUMN b int;',
    good: [
      'BEGIN; ALTER TABLE users ADD COLUMN a int; ALTER TABLE users ADD COLUMN b int; COMMIT;',
      "SET lock_timeout = '5s'; ALTER TABLE users ADD COLUMN a int;"
    ]
  },
  {
    rule: 'not-atomic',
    framework: 'prisma',
    bad: 'BEGIN; ALTER TABLE users ADD COLUMN a int; COMMIT; ALTER TABLE users ADD COLUMN b int;',
    good: ['ALTER TABLE users ADD COLUMN a int; ALTER TABLE users ADD COLUMN b int;']
  },
  {
    rule: 'not-rerunnable',
    framework: 'prisma',
    context: { prisma: '7.4.0' },
    bad: 'CREATE INDEX CONCURRENTLY a ON users (age); CREATE INDEX CONCURRENTLY b ON users (name);',
    good: ['CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON users (age); CREATE INDEX CONCURRENTLY b ON users (name);'],
    words: true
  },
  {
    rule: 'update-without-where',
    bad: "UPDATE users SET email = '';",
    good: ["UPDATE users SET email = '' WHERE id < 10;", 'CREATE TABLE notes (id int); UPDATE notes SET id = 1;'],
    locks: { table: 'users', mode: 'RowExclusiveLock' },
    words: true
  },
  {
    rule: 'delete-without-where',
    bad: 'DELETE FROM events_2;',
    good: ['DELETE FROM events_2 WHERE at < 3;'],
    locks: { table: 'events_2', mode: 'RowExclusiveLock' },
    words: true
  },
  {
    rule: 'rows-and-schema-in-transaction',
    bad: 'BEGIN; ALTER TABLE users ADD COLUMN points int; UPDATE users SET points = age WHERE age > 3; COMMIT;',
    good: [
      'ALTER TABLE users ADD COLUMN points int; UPDATE users SET points = age WHERE age > 3;',
      'BEGIN; CREATE TABLE notes (id int); UPDATE users SET age = 3 WHERE age > 3; COMMIT;'
    ],
    words: true
  },
  {
    rule: 'duplicate-assignment',
    bad: 'UPDATE users SET age = 1, age = 2 WHERE id = 1;',
    good: ['UPDATE users SET age = 1 WHERE id = 1;'],
    refused: '42601',
    words: true
  },
  {
    rule: 'no-lock-timeout',
    bad: 'ALTER TABLE users ADD COLUMN points int;',
    good: [
      "SET lock_timeout = '5s'; ALTER TABLE users ADD COLUMN points int;",
      'CREATE TABLE notes (id int); ALTER TABLE notes ADD COLUMN points int;'
    ],
    locks: { table: 'users', mode: 'AccessExclusiveLock' }
  },
  {
    rule: 'no-statement-timeout',
    bad: 'ALTER TABLE orders VALIDATE CONSTRAINT orders_total_fkey;',
    good: ["SET statement_timeout = '1h'; ALTER TABLE orders VALIDATE CONSTRAINT older;"],
    context: { profile: 'strict' }
  },
  {
    rule: 'privileges',
    bad: 'GRANT SELECT ON users TO public;',
    good: ['COMMENT ON TABLE users IS $$x$$;'],
    words: true
  },
  { rule: 'superuser-role', bad: 'CREATE ROLE admin SUPERUSER;', good: ['CREATE ROLE reader;'], words: true },
  {
    rule: 'security-definer',
    bad: 'CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 $$;',
    good: [
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT 1 $$;',
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;'
    ],
    words: true
  },
  { rule: 'create-extension', bad: 'CREATE EXTENSION IF NOT EXISTS citext;', good: ['SELECT 1;'], words: true },
  {
    rule: 'copy-program',
    bad: "COPY users FROM PROGRAM 'cat /dev/null';",
    good: ['COPY users FROM STDIN;'],
    words: true
  },
  {
    rule: 'identifier-too-long',
    bad: `CREATE TABLE notes (id int, ${'n'.repeat(64)} int);`,
    good: [`CREATE TABLE notes (id int, ${'n'.repeat(63)} int);`],
    words: true
  },
  {
    rule: 'json-column',
    bad: 'CREATE TABLE notes (body json);',
    good: ['CREATE TABLE notes (body jsonb);'],
    words: true
  },
  ...(
    [
      ['char-column', 'CREATE TABLE notes (c char(3));', 'CREATE TABLE notes (c text);'],
      ['varchar-column', 'CREATE TABLE notes (c varchar(3));', 'CREATE TABLE notes (c text);'],
      ['timestamp-column', 'CREATE TABLE notes (c timestamp);', 'CREATE TABLE notes (c timestamptz);'],
      ['int-column', 'CREATE TABLE notes (c int);', 'CREATE TABLE notes (c bigint);'],
      [
        'serial-column',
        'CREATE TABLE notes (c serial);',
        'CREATE TABLE notes (c bigint GENERATED ALWAYS AS IDENTITY);'
      ],
      ['enum-value-order', "ALTER TYPE mood ADD VALUE 'calm';", "ALTER TYPE mood ADD VALUE 'calm' AFTER 'sad';"],
      ['index-of-many-columns', 'CREATE INDEX i ON users (id, age, name, email);', 'CREATE INDEX i ON users (id, age);']
    ] as const
  ).map(([rule, bad, good]): RuleExample => ({ rule, bad, good: [good], context: { profile: 'strict' }, words: true })),
  {
    rule: 'table-without-schema',
    bad: 'CREATE TABLE notes (id int);',
    good: ['CREATE TABLE public.notes (id int);', 'CREATE TEMPORARY TABLE notes (id int);'],
    context: { rules: { 'table-without-schema': 'notice' } },
    words: true
  },
  { rule: 'syntax-error', bad: 'CREATE TABEL notes (id int);', good: ['SELECT 1;'], refused: '42601', words: true },
  {
    rule: 'dynamic-sql',
    bad: "DO $$ BEGIN EXECUTE 'DROP TABLE ' || current_setting('my.table'); END $$;",
    good: ['DO $$ BEGIN PERFORM 1; END $$;'],
    words: true
  },
  {
    rule: 'without-effect',
    framework: 'ecto',
    bad: 'def change do\n  index(:users, [:email])\nend',
    good: ['def change do\n  create table(:notes) do\n    add :x, :text\n  end\nend'],
    words: true
  },
  {
    rule: 'unknown-suppression',
    bad: '-- migration-guard: ignore drop-colum: a typing error\nSELECT 1;',
    good: ['-- migration-guard: ignore drop-column: no release reads it\nSELECT 1;'],
    words: true
  }
]
