import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { ectoFailure, prismaFailure } from './failing.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
}, 60_000)
afterAll(() => {
  postgres.stop()
})

const before = `
  CREATE TABLE "users" ("id" int PRIMARY KEY, "name" text, "age" int, "old" text);
  CREATE TABLE "orders" ("id" int PRIMARY KEY, "user_id" int);
  ALTER TABLE "orders" ADD CONSTRAINT "positive" CHECK ("id" > 0) NOT VALID;
  CREATE TABLE "gone" ("id" int);
  CREATE INDEX "users_old_idx" ON "users" ("old");
  CREATE TYPE "Role" AS ENUM ('USER');
  CREATE TYPE "Kind" AS ENUM ('A');
  CREATE VIEW "listed" AS SELECT 1;
  CREATE SEQUENCE "numbers";
  CREATE FUNCTION "touch"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TABLE "parts" ("id" int) PARTITION BY RANGE ("id");
  CREATE TABLE "part_one" ("id" int);`

/** Each statement, and how the object that it is about is called. */
const changes: readonly (readonly [string, string])[] = [
  ['CREATE TABLE "posts" ("id" int);', 'table posts'],
  ['DROP TABLE "gone";', 'table gone'],
  ['ALTER TABLE "orders" RENAME TO "purchases";', 'table purchases'],
  ['CREATE SCHEMA "billing";', 'schema billing'],
  ['ALTER TABLE "users" ADD COLUMN "email" text;', 'column users.email'],
  ['ALTER TABLE "users" DROP COLUMN "name";', 'column users.name'],
  ['ALTER TABLE "users" RENAME COLUMN "old" TO "new.er";', 'column users.new.er'],
  ['ALTER TABLE "users" ALTER COLUMN "age" TYPE bigint;', 'column users.age as int8'],
  ['ALTER TABLE "users" ALTER COLUMN "age" SET NOT NULL;', 'column users.age NOT NULL'],
  [
    'ALTER TABLE "orders" ADD CONSTRAINT "fk" FOREIGN KEY ("user_id") REFERENCES "users"("id");',
    'constraint orders.fk'
  ],
  ['ALTER TABLE "orders" ADD UNIQUE ("user_id");', 'unique of orders on user_id'],
  ['ALTER TABLE "orders" VALIDATE CONSTRAINT "positive";', 'constraint positive of orders validated'],
  ['ALTER TABLE "orders" DROP CONSTRAINT "positive";', 'constraint orders.positive'],
  ['ALTER TABLE "orders" RENAME CONSTRAINT "positive" TO "above_zero";', 'constraint orders.above_zero'],
  ['CREATE INDEX "users_age_idx" ON "users" ("age");', 'index users_age_idx'],
  ['CREATE INDEX ON "users" ("age", "id");', 'index users_age_id_idx'],
  ['DROP INDEX "users_old_idx";', 'index users_old_idx'],
  ['ALTER INDEX "users_old_idx" RENAME TO "users_older_idx";', 'index users_older_idx'],
  ["CREATE TYPE \"Size\" AS ENUM ('S', 'M');", 'type Size'],
  ['CREATE TYPE "Pair" AS ("a" int, "b" int);', 'type Pair'],
  ['DROP TYPE "Role";', 'type Role'],
  ['ALTER TYPE "Role" RENAME TO "Rank";', 'type Rank'],
  ['ALTER TYPE "Kind" ADD VALUE \'B\';', 'value Kind.B'],
  ["ALTER TYPE \"Kind\" RENAME VALUE 'A' TO 'Z';", 'value Kind.Z'],
  ['CREATE EXTENSION "uuid-ossp";', 'extension uuid-ossp'],
  ['CREATE SEQUENCE "counter";', 'sequence counter'],
  ['DROP SEQUENCE "numbers";', 'sequence numbers'],
  ['DROP VIEW "listed";', 'view listed'],
  [
    'CREATE TRIGGER "touched" BEFORE UPDATE ON "users" FOR EACH ROW EXECUTE FUNCTION "touch"();',
    'trigger users.touched'
  ],
  ['ALTER TABLE "users" ENABLE ROW LEVEL SECURITY;', 'row-level security of users: enable'],
  ['ALTER TABLE "parts" ATTACH PARTITION "part_one" FOR VALUES FROM (0) TO (10);', 'partition part_one of parts']
]

/** Of these nobody can tell, when they are there, whether this migration made them. */
const replaceable = new Set(['trigger users.touched'])

describe('the inventory of a failed migration', () => {
  it('looks for Ecto’s own words in the prefix, and proves nothing of SQL beside it, which has none', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE SCHEMA billing; CREATE TABLE raw (id int)', database)
    const attributes = '@disable_ddl_transaction true'
    const request = { schema: 'billing', attributes }
    const words = await ectoFailure(postgres, database, 'create table(:here)', request)
    expect(words.provenAbsent).toBe(true)
    const beside = await ectoFailure(postgres, database, 'execute "CREATE TABLE raw (id int)", ""', request)
    expect(beside.provenAbsent).toBe(false)
    expect(beside.failure.objects).toEqual([expect.objectContaining({ object: 'table raw', there: 'not checked' })])
  })

  for (const [sql, object] of changes) {
    it(`tells before and after: ${sql}`, async () => {
      const database = await postgres.createDatabase()
      await postgres.query(before, database)
      const untouched = await prismaFailure(postgres, database, sql)
      expect(untouched.failure.objects.map((each) => each.object)).toEqual([object])
      expect(untouched.provenAbsent).toBe(true)
      expect(untouched.failure.atomic).toBe(true)
      await postgres.query(sql, database)
      const done = await prismaFailure(postgres, database, sql)
      expect(done.provenAbsent).toBe(false)
      const dropped = sql.includes('DROP ') || sql.startsWith('DROP')
      expect(done.failure.objects).toEqual([{ object, doing: expect.any(String), there: !dropped }])
      if (!replaceable.has(object)) expect(done.runbook.join('\n')).not.toContain('Nothing of')
    })
  }

  it('proves nothing of rows, of privileges, and of what it cannot read', async () => {
    const database = await postgres.createDatabase()
    await postgres.query(before, database)
    for (const sql of [
      'UPDATE "users" SET "name" = \'x\';',
      'INSERT INTO "users" ("id") VALUES (1);',
      'TRUNCATE "users";',
      'GRANT SELECT ON "users" TO PUBLIC;',
      "SELECT setval('numbers', 10);",
      "DO $$ BEGIN EXECUTE current_setting('acme.sql'); END $$;",
      'ALTER TABLE "users" ALTER COLUMN "name" TYPE varchar(20);'
    ]) {
      expect([sql, (await prismaFailure(postgres, database, sql)).provenAbsent]).toEqual([sql, false])
    }
  })

  it('looks in the schema that the URL names', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE SCHEMA tenant; CREATE TABLE tenant.posts (id int)', database)
    const sql = 'CREATE TABLE "posts" ("id" int);'
    expect((await prismaFailure(postgres, database, sql, { schema: 'public' })).provenAbsent).toBe(true)
    expect((await prismaFailure(postgres, database, sql, { schema: 'tenant' })).provenAbsent).toBe(false)
  })

  it.each([
    'SET search_path TO app;',
    'SET LOCAL search_path = app, public;',
    "SELECT set_config('search_path', 'app', false);",
    "SELECT pg_catalog.set_config('search_path', current_setting('acme.path'), false);"
  ])('proves nothing of names without a schema after %s', async (setting) => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE SCHEMA app; CREATE TABLE app.posts (id int)', database)
    const sql = `CREATE TABLE before (id int);\n${setting}\nCREATE TABLE posts (id int);\nCREATE TABLE app.drafts (id int);`
    for (const schema of ['public', undefined]) {
      const { provenAbsent, failure } = await prismaFailure(postgres, database, sql, { schema })
      expect(provenAbsent).toBe(false)
      expect(failure.objects).toEqual([
        { object: 'table before', doing: 'create', there: false },
        { object: 'table posts', doing: 'create', there: 'not checked' },
        { object: 'table app.drafts', doing: 'create', there: false }
      ])
    }
  })

  it.each(['SET search_path TO public;', "SELECT pg_catalog.set_config('search_path', '', false);"])(
    'is content with %s, after which no name means something else',
    async (setting) => {
      const database = await postgres.createDatabase()
      const sql = `${setting}\nCREATE TABLE public.posts (id int);`
      expect((await prismaFailure(postgres, database, sql)).provenAbsent).toBe(true)
    }
  )

  it('follows names through a migration that makes an enum anew', async () => {
    const database = await postgres.createDatabase()
    await postgres.query(
      'CREATE TYPE "Role" AS ENUM (\'USER\', \'OLD\'); CREATE TABLE "users" ("role" "Role")',
      database
    )
    // What `prisma migrate dev` writes where a value goes.
    const sql = `
      BEGIN;
      CREATE TYPE "Role_new" AS ENUM ('USER');
      ALTER TABLE "users" ALTER COLUMN "role" TYPE "Role_new" USING ("role"::text::"Role_new");
      ALTER TYPE "Role" RENAME TO "Role_old";
      ALTER TYPE "Role_new" RENAME TO "Role";
      DROP TYPE "public"."Role_old";
      COMMIT;`
    expect((await prismaFailure(postgres, database, sql)).provenAbsent).toBe(true)
  })

  it('marks an index that was left INVALID', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE "users" ("code" text); INSERT INTO "users" VALUES (\'a\'), (\'a\')', database)
    const sql = 'CREATE UNIQUE INDEX CONCURRENTLY "users_code_key" ON "users" ("code");'
    await expect(postgres.query(sql, database)).rejects.toThrow('could not create unique index')
    const { failure, runbook } = await prismaFailure(postgres, database, sql)
    expect(failure.objects).toEqual([{ object: 'index users_code_key (INVALID)', doing: 'create', there: true }])
    expect(failure.atomic).toBe(false)
    expect(runbook.join('\n')).toContain('`DROP INDEX CONCURRENTLY "users_code_key";`')
  })
})
