// needs: psql
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { linted, migrationsOf } from '../shared/migrations/rules/linting.ts'

/**
 * A recipe comes to the same end as the statement that it stands for: PostgreSQL describes the tables alike afterwards,
 * to the last option of a constraint or an index.
 */

const database = `
CREATE TABLE users (a int, b int, uid int UNIQUE, id int PRIMARY KEY, UNIQUE (a, b));
CREATE TABLE orgs (oid int PRIMARY KEY);
CREATE TABLE orders (a int, b int, c int, x int, y int, total int, note text, user_id int, org_id int, email text, gone date);
CREATE TYPE "Weird ""type" AS ENUM ('v');
INSERT INTO users SELECT n, n, n, n FROM generate_series(1, 9) n;
INSERT INTO orgs SELECT generate_series(1, 9);
INSERT INTO orders SELECT n, n, n, n, n, n, 'n', n, n, 'e' || n FROM generate_series(1, 9) n;
`

let postgres: Postgres
let copies = 0

beforeAll(async () => {
  postgres = await startPostgres()
  psql('postgres', 'CREATE DATABASE shop')
  psql('shop', database)
}, 120_000)

afterAll(() => {
  postgres.stop()
})

/** @throws where PostgreSQL refuses it */
function psql(of: string, sql: string, ...options: readonly string[]): string {
  const { port, user, password } = postgres
  const at = ['-h', '127.0.0.1', '-p', String(port), '-U', user, '-d', of]
  const { status, stdout, stderr } = spawnSync(
    'psql',
    ['-X', '-q', '-A', '-t', ...at, '-v', 'ON_ERROR_STOP=1', ...options],
    { input: sql, encoding: 'utf8', env: { ...process.env, PGPASSWORD: password } }
  )
  if (status !== 0) throw new Error(`${stderr}\n${sql}`)
  return stdout
}

function copyOfShop(): string {
  copies += 1
  psql('postgres', `CREATE DATABASE copy_${copies} TEMPLATE shop`)
  return `copy_${copies}`
}

/** All that PostgreSQL says of the table. */
function described(of: string): readonly string[] {
  const told = psql(
    of,
    `
SELECT 'column', attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid), collname
  FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum LEFT JOIN pg_collation c ON c.oid = attcollation
  WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname;
SELECT 'constraint', conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE conrelid = 'orders'::regclass ORDER BY conname;
SELECT 'index', indexdef, indisvalid FROM pg_indexes JOIN pg_index ON indexrelid = quote_ident(indexname)::regclass WHERE tablename = 'orders' ORDER BY 1, 2;
SELECT 'sequence', sequencename, data_type FROM pg_sequences ORDER BY 2;`
  )
  return told.trim().split('\n')
}

interface Case {
  readonly rule: string
  readonly sql: string
  /** Older rows, as the recipe asks for after its first step. */
  readonly fill?: string
  /** What else stands in the statement's place in the first database: the recipe is for one finding of several. */
  readonly already?: string
}

const alter = 'ALTER TABLE orders'
const cases: readonly Case[] = [
  { rule: 'add-check-constraint', sql: `${alter} ADD CONSTRAINT a CHECK (x > 0), ADD CONSTRAINT b CHECK (y > 0);` },
  { rule: 'add-check-constraint', sql: `${alter} ADD CHECK (total > 0);` },
  { rule: 'add-check-constraint', sql: `${alter} ADD CHECK (x > 0 OR y > 0);` },
  {
    rule: 'add-check-constraint',
    sql: `${alter} ADD CONSTRAINT c CHECK (note <> 'a)b, NOT VALID' AND (x>0)) NO INHERIT -- why\n;`
  },
  {
    rule: 'add-foreign-key',
    sql: `${alter} ADD CONSTRAINT f FOREIGN KEY (user_id) REFERENCES users (uid) ON DELETE CASCADE, ADD CONSTRAINT g FOREIGN KEY (org_id) REFERENCES orgs ON DELETE SET NULL;`
  },
  {
    rule: 'add-foreign-key',
    sql: `${alter} ADD CONSTRAINT f FOREIGN KEY (a,b) REFERENCES users (a,b) MATCH FULL ON DELETE SET NULL (b) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;`
  },
  { rule: 'add-foreign-key', sql: `${alter} ADD FOREIGN KEY (user_id) REFERENCES public.users;` },
  {
    rule: 'add-unique-constraint',
    sql: `${alter} ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a, b) INCLUDE (c) DEFERRABLE INITIALLY DEFERRED;`
  },
  {
    rule: 'add-unique-constraint',
    sql: `${alter} ADD CONSTRAINT u UNIQUE (a), ADD CONSTRAINT "V v" UNIQUE (b) DEFERRABLE;`
  },
  { rule: 'add-primary-key', sql: `${alter} ADD PRIMARY KEY (a) INCLUDE (b);` },
  {
    rule: 'create-index-not-concurrently',
    sql: `CREATE UNIQUE INDEX "I i" ON orders USING btree (lower(email) text_pattern_ops DESC NULLS LAST, a) INCLUDE (b) NULLS NOT DISTINCT WITH (fillfactor = 70) WHERE gone IS NULL;`
  },
  { rule: 'create-index-not-concurrently', sql: 'CREATE INDEX ON orders (a, b);' },
  { rule: 'create-index-not-concurrently', sql: 'DO $$ BEGIN CREATE INDEX i ON orders ((a + b)) WHERE c > 3; END $$;' },
  {
    rule: 'add-column-not-null',
    sql: `${alter} ADD COLUMN d interval day to second(3) NOT NULL, ADD COLUMN t timestamp(3) with time zone NOT NULL, ADD COLUMN "weird ""name" public."Weird ""type"[] NOT NULL;`,
    fill: `UPDATE orders SET d = '1 day', t = now(), "weird ""name" = '{}'`
  },
  {
    rule: 'add-column-not-null',
    sql: `${alter} ADD COLUMN k varchar(9) COLLATE "C" CONSTRAINT long CHECK (length(k) > 0) NOT NULL UNIQUE;`,
    fill: 'UPDATE orders SET k = a::text'
  },
  {
    rule: 'add-column-not-null',
    sql: `${alter} ADD COLUMN k int NOT NULL CONSTRAINT fk REFERENCES users (uid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;`,
    fill: 'UPDATE orders SET k = a'
  },
  {
    rule: 'add-column-volatile-default',
    sql: `${alter} ADD COLUMN k uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;`,
    fill: 'UPDATE orders SET k = gen_random_uuid()'
  },
  {
    rule: 'add-column-volatile-default',
    sql: `${alter} ADD COLUMN k int DEFAULT (floor(random() * 10) + 1) * 2 CHECK (k > 0);`,
    fill: 'UPDATE orders SET k = 2'
  },
  {
    rule: 'add-column-generated',
    sql: `${alter} ADD COLUMN id bigserial PRIMARY KEY;`,
    fill: 'UPDATE orders SET id = a'
  },
  { rule: 'add-check-constraint', sql: `${alter} ADD COLUMN k "char" DEFAULT 'x' NOT NULL CHECK (k <> 'y');` },
  {
    rule: 'add-foreign-key',
    sql: `${alter} ADD COLUMN k int DEFAULT 5 REFERENCES users (uid) ON DELETE SET DEFAULT CHECK (k > 0);`
  },
  { rule: 'add-unique-constraint', sql: `${alter} ADD COLUMN k int UNIQUE NULLS DISTINCT DEFERRABLE CHECK (k > 0);` },
  { rule: 'set-not-null', sql: `${alter} ALTER COLUMN a SET NOT NULL;` }
]

test.each(cases.flatMap((one) => [17, 18].map((version) => ({ ...one, version }))))(
  'PostgreSQL $version, $rule: $sql',
  ({ rule, sql, fill, version }) => {
    const finding = linted(sql, 'sql', { postgres: version }).findings.find((one) => one.rule === rule)
    const files = finding?.recipe === undefined ? [] : migrationsOf(finding.recipe)
    const wanted = copyOfShop()
    const empties = fill !== undefined && !sql.includes('DEFAULT') && !sql.includes('serial')
    psql(wanted, `${empties ? 'BEGIN; DELETE FROM orders; ' : ''}${sql}${empties ? ' COMMIT;' : ''}`)

    const reached = copyOfShop()
    for (const [at, file] of files.entries()) {
      psql(reached, file, ...(file.includes('CONCURRENTLY') ? [] : ['--single-transaction']))
      if (at === 0 && fill !== undefined) psql(reached, fill)
    }
    expect(files.length).toBeGreaterThan(0)
    expect(described(reached)).toEqual(described(wanted))
  }
)

test.each([
  ['an index of one level', 'CREATE INDEX i ON ONLY orders (a);'],
  ['an index that is built sometimes', 'DO $$ BEGIN IF 1 = 2 THEN CREATE INDEX i ON orders (a); END IF; END $$;'],
  ['storage of a key', `${alter} ADD CONSTRAINT u UNIQUE (a) WITH (fillfactor = 70);`],
  ['an identity', `${alter} ADD COLUMN k int GENERATED BY DEFAULT AS IDENTITY (START WITH 5);`]
])('%s is told in words only', (_what, sql) => {
  const { findings } = linted(sql, 'sql', { postgres: 18 })
  const locking = findings.filter(({ lock }) => lock !== undefined)
  expect(locking.length).toBeGreaterThan(0)
  expect(locking.flatMap(({ recipe }) => recipe?.text ?? [])).toEqual([])
})
