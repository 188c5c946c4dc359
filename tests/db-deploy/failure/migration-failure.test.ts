import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { ectoFailure, failedResult, killed, prismaFailure, runByStatement } from './failing.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
}, 60_000)
afterAll(() => {
  postgres.stop()
})

const backup = {
  file: '/backups/app.dump',
  bytes: 1,
  sha256: 'a',
  entries: 1,
  verified: 'read',
  encrypted: false,
  program: 'pg_dump',
  took: 1,
  restore: 'pg_restore -d app_new /backups/app.dump'
} as const

const posts = 'CREATE TABLE "posts" ("id" int PRIMARY KEY);'
const email = 'ALTER TABLE "users" ADD COLUMN "email" text;'
const broken = 'ALTER TABLE "nowhere" ADD COLUMN "x" int;'

/** As it is reported: without its semicolon. */
const unended = (sql: string): string => sql.replace(/;$/, '')

describe('a migration of Prisma that failed', () => {
  /** @param at of the statement that fails: first, in the middle, last */
  const failing = async (statements: readonly string[]) => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE "users" ("id" int)', database)
    const error = await runByStatement(postgres, database, statements)
    const text = statements.join('\n\n')
    return prismaFailure(postgres, database, text, { result: failedResult({ ...error, code: 'P3018' }), backup })
  }

  it('at its first statement left nothing, and may be marked as rolled back', async () => {
    const { failure, provenAbsent, transaction, runbook } = await failing([broken, posts, email])
    expect(failure).toMatchObject({ atomic: true, sqlstate: '42P01', statement: unended(broken) })
    expect([transaction, provenAbsent]).toEqual(['by statement', true])
    expect(runbook.join('\n')).toContain('`npx prisma migrate resolve --rolled-back "20260101000000_change"`')
  })

  it('writes no rows twice: what stands before the statement that failed has run, also where nobody sees it', async () => {
    const rows = 'INSERT INTO "users" ("id") VALUES (7);'
    const index = 'CREATE INDEX "users_id_idx" ON "users" ("id");'
    const { runbook } = await failing([posts, rows, broken, index])
    const text = runbook.join('\n')
    expect(text).toContain(`To finish it by hand: \`${broken}\` \`${index}\` then`)
    expect(text).toContain('`DROP TABLE "posts";` and by your own SQL what this did: insert rows of users; then')
  })

  it('tells once what two statements do', async () => {
    const { failure, runbook } = await failing([posts, email, email])
    expect(failure.objects.filter(({ object }) => object === 'column users.email')).toHaveLength(1)
    expect(runbook.join('\n').match(/DROP COLUMN "email"/g)).toHaveLength(1)
  })

  it('tells to look first where nobody can tell whether it has run', async () => {
    const rows = 'INSERT INTO "users" ("id") VALUES (7);'
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE "users" ("id" int); CREATE TABLE "posts" ("id" int)', database)
    const { runbook } = await prismaFailure(postgres, database, [posts, rows, email].join('\n'), { result: killed })
    // A comment, as whoever copies it may not have read what stands around it.
    expect(runbook.join('\n')).toContain(`\`-- if it has not run, which the catalog does not tell: ${rows}\``)
  })

  it('looked at by another run, tells by what is behind them that rows were written', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE "users" ("id" int, "code" text)', database)
    const rows = 'INSERT INTO "users" ("id") VALUES (7);'
    const index = 'CREATE UNIQUE INDEX "users_id_key" ON "users" ("id");'
    const check = 'ALTER TABLE "users" ADD CHECK ("id" > 100);'
    const last = 'CREATE INDEX "users_code_idx" ON "users" ("code");'
    const later = 'UPDATE "users" SET "code" = \'a\';'
    const statements = [posts, rows, index, check, last, later]
    await runByStatement(postgres, database, statements)
    const { runbook } = await prismaFailure(postgres, database, statements.join('\n'), { result: undefined })
    const text = runbook.join('\n')
    expect(text).toContain(`To finish it by hand: \`${check}\` \`${last}\` \`${later}\` then`)
    expect(text).toContain('by your own SQL what this did: insert rows of users; then')
    expect(text).toContain('This run made no backup to go back to. The run that migrated may have made one')
  })

  it('for rows that are there says how to find them', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE "users" ("name" text); INSERT INTO "users" VALUES (\'a\'), (\'a\')', database)
    const sql = 'CREATE UNIQUE INDEX CONCURRENTLY "users_name_key" ON "users" ("name");'
    const error = await runByStatement(postgres, database, [sql])
    const { runbook } = await prismaFailure(postgres, database, sql, { result: failedResult(error) })
    const text = runbook.join('\n')
    expect(text).toContain('`SELECT "name", count(*) FROM "users" GROUP BY "name" HAVING count(*) > 1;`')
    expect(text.match(/DROP INDEX/g)).toHaveLength(1)
  })

  it('names a statement that nobody can read by its words', async () => {
    const database = await postgres.createDatabase()
    const { runbook } = await prismaFailure(postgres, database, `${posts}\nSELECT nofunc();`)
    expect(runbook.join('\n')).toMatch(/Not checked: run “SELECT nofunc\(\)”/)
  })

  it.each([
    "DO $$ BEGIN CREATE TABLE half (id int); COMMIT; RAISE EXCEPTION 'boom'; END $$;",
    "-- of a block\nDO $$ BEGIN CREATE TABLE half (id int); RAISE NOTICE '--'; COMMIT; RAISE EXCEPTION 'x'; END $$;",
    "/* of a block */ DO $$ BEGIN RAISE NOTICE '/*'; CREATE TABLE half (id int); COMMIT; RAISE NOTICE '*/'; END $$;",
    'CALL fill();'
  ])('is never proven, nor whole, where it may have committed by itself: %s', async (sql) => {
    const database = await postgres.createDatabase()
    for (const there of ['CREATE TABLE half (id int)', 'DROP TABLE half']) {
      await postgres.query(there, database)
      const result = failedResult({ sqlstate: 'P0001', message: 'ERROR: boom' })
      for (const known of [result, undefined]) {
        const { failure, provenAbsent, transaction, runbook } = await prismaFailure(postgres, database, sql, {
          result: known
        })
        expect([provenAbsent, transaction, failure.atomic === true]).toEqual([false, 'unknown', false])
        expect(runbook.join('\n')).not.toMatch(/nothing of it stayed|All of .* is there;/)
      }
    }
  })

  it('in the middle left what came before, and says how it is finished and how it is taken back', async () => {
    const { failure, provenAbsent, runbook } = await failing([posts, broken, email])
    expect(failure).toMatchObject({ atomic: false, statement: unended(broken) })
    expect(failure.objects).toEqual([
      { object: 'table posts', doing: 'create', there: true },
      { object: 'column nowhere.x', doing: 'create', there: false },
      { object: 'column users.email', doing: 'create', there: false }
    ])
    expect(provenAbsent).toBe(false)
    const text = runbook.join('\n')
    expect(text).toContain('Done: create table posts.')
    expect(text).toContain('Not done: create column nowhere.x; create column users.email.')
    expect(text).toContain(`To finish it by hand: \`${broken}\` \`${email}\` then say that it is whole`)
    expect(text).toContain('`DROP TABLE "posts";` then say that it was rolled back')
    expect(text).toContain('`npx prisma migrate resolve --applied "20260101000000_change"`')
    expect(text).toContain('`pg_restore -d app_new /backups/app.dump`')
    // Whatever stands in back-ticks becomes a block to be copied: what must not be done has none.
    expect(text).not.toContain('`psql')
    expect(text).toContain('Do not use `--rolled-back` before')
  })

  it('at its last statement left all the others', async () => {
    const { failure } = await failing([posts, email, broken])
    expect(failure).toMatchObject({ atomic: false, statement: unended(broken) })
    expect(failure.objects.map(({ there }) => there)).toEqual([true, true, false])
  })

  it('was one transaction before 7.4, whatever stood there before it', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE "users" ("id" int); CREATE TABLE "posts" ("id" int)', database)
    const result = failedResult({ sqlstate: '42P07', message: 'ERROR: relation "posts" already exists' })
    const tool = { label: 'prisma 6.19.3', version: '6.19.3' }
    const { failure, provenAbsent, runbook } = await prismaFailure(postgres, database, `${email}\n${posts}`, {
      result,
      tool
    })
    expect(failure).toMatchObject({ atomic: true, statement: unended(posts) })
    // What is there need not be of it, but nobody marks it by itself.
    expect(provenAbsent).toBe(false)
    expect(runbook.join('\n')).toContain('was there before it')
  })

  it('is not known to have left nothing where it changed rows', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE "users" ("id" int)', database)
    for (const version of ['6.19.3', '7.10.1', undefined]) {
      const { failure, provenAbsent, runbook } = await prismaFailure(
        postgres,
        database,
        `UPDATE "users" SET "id" = 1;\n${email}`,
        { tool: { label: 'prisma', version }, result: failedResult({ sqlstate: '55P03', message: 'ERROR' }) }
      )
      expect([failure.atomic, provenAbsent]).toEqual([undefined, false])
      expect(runbook.join('\n')).toContain('Do not use `migrate resolve` on a guess')
    }
  })

  it('that is wrapped in BEGIN and COMMIT is one transaction in every version', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE "users" ("id" int)', database)
    const { transaction } = await prismaFailure(postgres, database, `BEGIN;\n${posts}\n${email}\nCOMMIT;`)
    expect(transaction).toBe('all or nothing')
    const half = await prismaFailure(postgres, database, `BEGIN;\n${posts}\nCOMMIT;\n${email}`, {
      tool: { label: 'prisma 6.19.3', version: '6.19.3' }
    })
    expect(half.transaction).toBe('by statement')
  })

  it('and was killed when all was done is told to be whole', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE "users" ("id" int)', database)
    await postgres.query(`${posts}${email}`, database)
    for (const version of ['6.19.3', '7.10.1']) {
      const { failure, runbook } = await prismaFailure(postgres, database, `${posts}\n${email}`, {
        result: killed,
        tool: { label: 'prisma', version }
      })
      expect(failure.atomic).toBe(false)
      expect(runbook.join('\n')).toMatch(/All of .* is there.*\n.*\n.*--applied/)
    }
  })

  it('is told of with what the table keeps, when the tool can say nothing', async () => {
    const database = await postgres.createDatabase()
    const logs =
      'A migration failed to apply.\n\nDatabase error code: 42P01\n\nDatabase error:\nERROR: relation "nowhere" does not exist\n'
    const { failure } = await prismaFailure(postgres, database, `${posts}\n${broken}`, {
      result: undefined,
      status: { name: 'x', version: '', path: undefined, status: 'failed', marks: [], logs }
    })
    expect(failure).toMatchObject({
      message: 'ERROR: relation "nowhere" does not exist',
      sqlstate: '42P01',
      statement: unended(broken)
    })
  })

  it('finds the statement by the lines that Prisma shows', async () => {
    const database = await postgres.createDatabase()
    const output = 'Database error:\nERROR: syntax error\n\nPosition:\n  0 \n  1 SELECT 1;\n  2 SELECT 2 FROM x;\n'
    const { failure } = await prismaFailure(postgres, database, '\nSELECT 1;\nSELECT 2 FROM x;\nSELECT 3;', {
      result: failedResult({ output })
    })
    expect(failure.statement).toBe('SELECT 2 FROM x')
  })

  it('whose file is gone is told as not known', async () => {
    const database = await postgres.createDatabase()
    const { failure, provenAbsent, runbook } = await prismaFailure(postgres, database, '', { file: undefined })
    expect([failure.atomic, failure.objects, provenAbsent]).toEqual([undefined, [], false])
    expect(runbook.join('\n')).toContain('as its file is not here')
  })
})

describe('a migration of Ecto that failed', () => {
  const table = '    create table(:posts) do\n      add :title, :string\n    end'

  it('left nothing, as it ran in a transaction with its row', async () => {
    const database = await postgres.createDatabase()
    const result = failedResult({ sqlstate: '42P01', message: 'relation "nowhere" does not exist' })
    const { failure, transaction, runbook } = await ectoFailure(
      postgres,
      database,
      `${table}\n    execute "UPDATE nowhere SET x = 1"`,
      { result }
    )
    expect([failure.atomic, transaction]).toEqual([true, 'all or nothing'])
    expect(runbook.join('\n')).toContain('nothing has to be resolved')
  })

  it('without a transaction left what came before, and is begun again from its first statement', async () => {
    const database = await postgres.createDatabase()
    await postgres.query('CREATE TABLE posts (id bigint, title text)', database)
    const body = `${table}\n    create index(:posts, [:title], concurrently: true)`
    const { failure, runbook } = await ectoFailure(postgres, database, body, {
      attributes: '  @disable_ddl_transaction true\n  @disable_migration_lock true\n',
      result: failedResult({ sqlstate: '55P03', message: 'canceling statement due to lock timeout' }),
      table: '"public"."schema_migrations"'
    })
    expect(failure).toMatchObject({ atomic: false })
    expect(failure.objects).toEqual([
      { object: 'table posts', doing: 'create', there: true },
      { object: 'index posts_title_index', doing: 'create', there: false }
    ])
    const text = runbook.join('\n')
    expect(text).toContain('A lock was not to be had')
    expect(text).toContain('`DROP TABLE "posts";` then run this workflow again')
    expect(text).toContain('`INSERT INTO "public"."schema_migrations" (version, inserted_at) VALUES (20260101000000, ')
  })

  it('tells the query that Postgrex names', async () => {
    const database = await postgres.createDatabase()
    const output =
      '** (Postgrex.Error) ERROR 42P07 (duplicate_table) relation "posts" already exists\n\n    query: CREATE TABLE "posts" ("id" bigserial)\n\n    (ecto_sql 3.13.5) lib/ecto/adapters/sql.ex:1\n'
    const { failure } = await ectoFailure(postgres, database, table, { result: failedResult({ output }) })
    expect(failure.statement).toBe('CREATE TABLE "posts" ("id" bigserial)')
  })
})
