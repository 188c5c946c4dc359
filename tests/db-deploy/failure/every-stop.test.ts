import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { inventory, type Found } from '../../../actions/db-deploy/failure/inventory.ts'
import { migrationFailure, type FailedMigration } from '../../../actions/db-deploy/failure/migration-failure.ts'
import type { Session } from '../../../actions/db-deploy/database/session.ts'
import { loadSqlParser } from '../../../actions/shared/parsers.ts'
import { readSqlMigration } from '../../../actions/shared/migrations/sql/read-sql-migration.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { failedResult, withSession } from './failing.ts'
import { randomFrom } from '../../support/random.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
}, 60_000)
afterAll(() => {
  postgres.stop()
})

const name = '20260101000000_change'
const path = `prisma/migrations/${name}/migration.sql`

/** Before every migration. */
const before = `
  RESET search_path;
  DROP SCHEMA IF EXISTS public, app, other CASCADE;
  CREATE SCHEMA public;
  CREATE SCHEMA app;
  CREATE TYPE "R" AS ENUM ('a', 'b', 'gone');
  CREATE TYPE "Q" AS ENUM ('q');
  CREATE TABLE t (id int, c text, d int, r "R");
  CREATE TABLE u (id int, c text, d int);
  CREATE INDEX t_c ON t (c);
  ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0);
  ALTER TABLE t ADD CONSTRAINT once UNIQUE (d);
  CREATE VIEW v AS SELECT 1 AS one;
  CREATE SEQUENCE s;
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER touched BEFORE UPDATE ON u FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE TABLE p (id int) PARTITION BY RANGE (id);
  CREATE TABLE app.t (id int, c text);
`

const fails = 'ALTER TABLE nowhere ADD COLUMN x int;'

interface Stop {
  /** How many of its statements have run. */
  readonly ran: number
  readonly found: readonly Found[]
  readonly failed: FailedMigration
  /** Statements in their order, and which of them each of `found` is about. */
  readonly at: (found: Found) => number
}

/** Runs a migration statement by statement, and looks after each. */
async function everyStop(statements: readonly string[], session: Session): Promise<readonly Stop[]> {
  const text = statements.join('\n')
  const parser = await loadSqlParser()
  const migration = readSqlMigration({ path, framework: 'prisma', version: name, name, text }, parser)
  expect([text, migration.statements.length]).toEqual([text, statements.length])
  const look = async (ran: number): Promise<Stop> => {
    const request = {
      framework: 'prisma',
      tool: { label: 'prisma 7.10.1', version: '7.10.1' },
      name,
      file: { path, text },
      status: undefined,
      result: failedResult(),
      schema: 'public'
    } as const
    return {
      ran,
      found: await inventory(migration, session, 'public'),
      failed: await migrationFailure(request, session),
      at: ({ statement }) => migration.statements.indexOf(statement)
    }
  }
  await session.query(before, [])
  const stops = [await look(0)]
  for (const [at, statement] of statements.entries()) {
    if (statement === fails) break
    await session.query(statement, [])
    stops.push(await look(at + 1))
  }
  return stops
}

/** It leaves nothing in the database. */
const isSetting = (statement: string): boolean => statement.startsWith('SET ')

/** What is told that is not so. */
function lies(stops: readonly Stop[], statements: readonly string[]): readonly string[] {
  return stops.flatMap(({ ran, found, failed, at }) => {
    const told = (each: Found, word: string): string =>
      `after ${ran} of ${statements.join(' ')}: ${each.doing} ${each.object} (${at(each) + 1}) ${word}`
    return [
      ...(failed.provenAbsent && !statements.slice(0, ran).every(isSetting)
        ? [`after ${ran} of ${statements.join(' ')}: proven absent`]
        : []),
      ...found.flatMap((each) => [
        ...(each.done === true && at(each) >= ran ? [told(each, 'done')] : []),
        ...(each.done === false && at(each) < ran ? [told(each, 'not done')] : []),
        ...(each.doing !== 'create or replace' && (each.done === 'not checked') !== (each.there === 'not checked')
          ? [told(each, `there: ${each.there}, done: ${each.done}`)]
          : [])
      ])
    ]
  })
}

const enumRemade = [
  "CREATE TYPE \"R_new\" AS ENUM ('a', 'b');",
  'ALTER TABLE t ALTER COLUMN r TYPE "R_new" USING (r::text::"R_new");',
  'ALTER TYPE "R" RENAME TO "R_old";',
  'ALTER TYPE "R_new" RENAME TO "R";',
  'DROP TYPE "public"."R_old";'
]

/** Names that come back. */
const swaps: Readonly<Record<string, readonly string[]>> = {
  column: [
    'ALTER TABLE t ADD COLUMN c_new int;',
    'ALTER TABLE t DROP COLUMN c;',
    'ALTER TABLE t RENAME COLUMN c_new TO c;',
    'ALTER TABLE t ADD CONSTRAINT bad CHECK (d > 0);'
  ],
  'column at once': ['ALTER TABLE t DROP COLUMN c;', 'ALTER TABLE t ADD COLUMN c int;'],
  table: ['CREATE TABLE x_new AS SELECT * FROM t;', 'DROP TABLE t;', 'ALTER TABLE x_new RENAME TO t;'],
  'table that is kept': ['ALTER TABLE u RENAME TO u_old;', 'CREATE TABLE u (id int);', 'DROP TABLE u_old;'],
  index: ['CREATE INDEX t_new ON t (id);', 'DROP INDEX t_c;', 'ALTER INDEX t_new RENAME TO t_c;'],
  constraint: ['ALTER TABLE t DROP CONSTRAINT positive;', 'ALTER TABLE t ADD CONSTRAINT positive CHECK (d > 0);'],
  'index that becomes a constraint': [
    'CREATE UNIQUE INDEX t_d ON t (d);',
    'ALTER TABLE t ADD CONSTRAINT once_more UNIQUE USING INDEX t_d;'
  ],
  schema: [
    'CREATE SCHEMA other;',
    'CREATE TABLE other.t (id int);',
    'DROP SCHEMA app CASCADE;',
    'ALTER SCHEMA other RENAME TO app;'
  ],
  'a table for a view': ['DROP VIEW v;', 'CREATE TABLE v (one int);'],
  view: ['DROP VIEW v;', 'CREATE VIEW v AS SELECT 2 AS two;'],
  trigger: [
    'DROP TRIGGER IF EXISTS touched ON u;',
    'CREATE TRIGGER touched AFTER UPDATE ON u FOR EACH ROW EXECUTE FUNCTION touch();'
  ],
  type: ['ALTER TYPE "Q" RENAME TO "Q_old";', 'CREATE TYPE "Q" AS ENUM (\'z\');', 'DROP TYPE "Q_old";'],
  'a helper that goes again': [
    'CREATE TABLE helper (id int);',
    'INSERT INTO t (id) SELECT id FROM helper;',
    'DROP TABLE helper;'
  ],
  'a table of another name': [
    'ALTER TABLE u ADD COLUMN e int;',
    'ALTER TABLE u RENAME TO people;',
    'ALTER TABLE people ADD COLUMN f int;'
  ],
  'by code': [
    'CREATE TABLE x_new (id int);',
    "DO $$ BEGIN EXECUTE format('ALTER TABLE x_new RENAME TO %I', 'x'); END $$;"
  ]
}

describe('a migration that stopped after any of its statements', () => {
  it.each(Object.entries(swaps))('is told truly where it swaps: %s', async (_, swap) => {
    await withSession(postgres, await postgres.createDatabase(), async (session) => {
      for (const statements of [swap, [...swap, fails]]) {
        const stops = await everyStop(statements, session)
        expect(lies(stops, statements)).toEqual([])
      }
    })
  })

  it('is told truly where Prisma makes an enum anew, by the values of the enum', async () => {
    await withSession(postgres, await postgres.createDatabase(), async (session) => {
      const statements = [...enumRemade, fails]
      const stops = await everyStop(statements, session)
      expect(lies(stops, statements)).toEqual([])
      expect(stops.map(({ failed }) => failed.provenAbsent)).toEqual([true, false, false, false, false, false])
      const all = stops.flatMap(({ found }) => found.map(({ done }) => done))
      expect(all).not.toContain('not checked')
      expect(stops.at(-1)?.failed.runbook.join('\n')).not.toContain('DROP TYPE "R')
    })
  })

  it('is told truly whatever it does in whatever order', async () => {
    await withSession(postgres, await postgres.createDatabase(), async (session) => {
      const random = randomFrom(6)
      for (let round = 0; round < rounds; round++) {
        const statements = await anyMigration(session, random)
        expect(lies(await everyStop(statements, session), statements)).toEqual([])
      }
    })
  })
})

const rounds = 40

/** Statements that PostgreSQL takes one after the other, each of which changes something. */
async function anyMigration(session: Session, random: (below: number) => number): Promise<readonly string[]> {
  const parser = await loadSqlParser()
  await session.query(before, [])
  const statements: string[] = []
  for (let tries = 0; tries < 40 && statements.length < 6; tries++) {
    const text = pool[random(pool.length)] ?? ''
    const alone = readSqlMigration({ path, framework: 'prisma', version: name, name, text }, parser)
    if ((await inventory(alone, session, 'public')).some(({ done }) => done === true)) continue
    await session.query(text, []).then(
      () => statements.push(text),
      () => undefined
    )
  }
  return statements
}

const tables = ['t', 'u', 'x', 'app.t']
const columns = ['c', 'd', 'e']

const pool: readonly string[] = [
  ...tables.flatMap((table) => [
    `CREATE TABLE ${table} (id int, c text, d int);`,
    `DROP TABLE ${table};`,
    `DROP TABLE ${table} CASCADE;`,
    ...['t', 'u', 'x'].map((to) => `ALTER TABLE ${table} RENAME TO ${to};`),
    `ALTER TABLE ${table} SET SCHEMA app;`,
    `ALTER TABLE ${table} SET SCHEMA public;`,
    `ALTER TABLE ${table} ADD CONSTRAINT positive CHECK (id > 0);`,
    `ALTER TABLE ${table} ADD CONSTRAINT once UNIQUE (d);`,
    `ALTER TABLE ${table} ADD CONSTRAINT again UNIQUE USING INDEX t_c;`,
    `ALTER TABLE ${table} ADD CONSTRAINT far FOREIGN KEY (d) REFERENCES t (d);`,
    `ALTER TABLE ${table} DROP CONSTRAINT positive;`,
    `ALTER TABLE ${table} DROP CONSTRAINT once;`,
    `ALTER TABLE ${table} RENAME CONSTRAINT once TO again;`,
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;`,
    `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY;`,
    `CREATE TRIGGER touched BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION touch();`,
    `DROP TRIGGER touched ON ${table};`,
    `CREATE INDEX t_c ON ${table} (c);`,
    `CREATE UNIQUE INDEX t_c ON ${table} (d);`,
    `CREATE INDEX t_d ON ${table} (d, c);`,
    ...columns.flatMap((column) => [
      `ALTER TABLE ${table} ADD COLUMN ${column} int;`,
      `ALTER TABLE ${table} DROP COLUMN ${column};`,
      ...columns.filter((to) => to !== column).map((to) => `ALTER TABLE ${table} RENAME COLUMN ${column} TO ${to};`),
      `ALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL;`,
      `ALTER TABLE ${table} ALTER COLUMN ${column} DROP NOT NULL;`,
      `ALTER TABLE ${table} ALTER COLUMN ${column} SET DEFAULT 5;`,
      `ALTER TABLE ${table} ALTER COLUMN ${column} SET DEFAULT NULL;`,
      `ALTER TABLE ${table} ALTER COLUMN ${column} DROP DEFAULT;`,
      `ALTER TABLE ${table} ALTER COLUMN ${column} TYPE bigint USING 1;`,
      `ALTER TABLE ${table} ALTER COLUMN ${column} TYPE text;`
    ])
  ]),
  'DROP INDEX t_c;',
  'DROP INDEX IF EXISTS t_c;',
  'CREATE INDEX IF NOT EXISTS t_c ON t (c);',
  'ALTER INDEX t_c RENAME TO t_d;',
  'ALTER INDEX t_d RENAME TO t_c;',
  'ALTER INDEX app.t_c RENAME TO t_d;',
  'ALTER INDEX again RENAME TO t_c;',
  'DROP TABLE IF EXISTS u;',
  'CREATE TABLE IF NOT EXISTS u (id int, d int);',
  'CREATE TABLE part PARTITION OF p FOR VALUES FROM (0) TO (10);',
  'ALTER TABLE p ATTACH PARTITION x FOR VALUES FROM (0) TO (10);',
  'ALTER TABLE p DETACH PARTITION part;',
  'DROP TABLE p;',
  'DROP VIEW v;',
  'CREATE VIEW v AS SELECT id FROM t;',
  'CREATE TABLE v (id int);',
  'DROP SEQUENCE s;',
  'CREATE SEQUENCE s;',
  'CREATE SCHEMA other;',
  'ALTER SCHEMA app RENAME TO other;',
  'ALTER SCHEMA other RENAME TO app;',
  'DROP SCHEMA app CASCADE;',
  'SET search_path TO app;',
  'SET search_path TO public;',
  ...enumRemade,
  'CREATE TYPE "R" AS ENUM (\'z\');',
  'DROP TYPE "R" CASCADE;',
  'ALTER TYPE "R" RENAME TO "S";',
  'ALTER TYPE "Q" RENAME TO "R";',
  'ALTER TYPE "R" ADD VALUE \'z\';',
  "ALTER TYPE \"R\" RENAME VALUE 'a' TO 'z';",
  "ALTER TYPE \"R\" RENAME VALUE 'z' TO 'a';",
  'INSERT INTO t (id) VALUES (1);',
  "DO $$ BEGIN EXECUTE 'ALTER TABLE t RENAME TO x'; END $$;"
]
