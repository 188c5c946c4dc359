import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { failedProblems } from '../../../actions/db-deploy/check.ts'
import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { openSession } from '../../../actions/db-deploy/database/session.ts'
import type { MigrationSource } from '../../../actions/db-deploy/state/project.ts'
import {
  readMigrationState,
  type MigrationReading,
  type StateExpectations
} from '../../../actions/db-deploy/state/read-migration-state.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { testWorld } from '../../support/world.ts'
import {
  folderWith,
  prismaRow,
  prismaTable,
  removeFolders,
  sha256,
  toldChecks,
  toldStatuses,
  type PrismaRowText
} from './project-folder.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
  removeFolders()
})

const users = 'CREATE TABLE users (id int);\nCREATE TABLE posts (id int);\n'
const first = '20260101000000_init'
const second = '20260201000000_posts'
const third = '20260301000000_tags'

const scripts = (...names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [`prisma/migrations/${name}/migration.sql`, users]))

const applied = (name: string, more: Partial<PrismaRowText> = {}): PrismaRowText => ({
  name,
  checksum: sha256(users),
  ...more
})

interface Situation {
  readonly files: Readonly<Record<string, string | Buffer>>
  /** Undefined: no table. */
  readonly rows?: readonly PrismaRowText[]
  readonly sql?: string
  /** Of the table, once it is there. */
  readonly then?: string
  readonly source?: Partial<MigrationSource>
  readonly expectations?: StateExpectations
  /** Of the table. */
  readonly schema?: string
  /** Who reads. */
  readonly role?: string
}

async function read(situation: Situation): Promise<MigrationReading & { readonly queries: number }> {
  const { files, rows, sql = '', then = '', schema = 'public', role } = situation
  const database = await postgres.createDatabase()
  const made = rows === undefined ? '' : prismaTable(schema) + rows.map((row) => prismaRow(row, schema)).join('\n')
  if (sql + made !== '') await postgres.query(sql + made + then, database)
  const as = role === undefined ? {} : { user: role, password: `secret-${role}` }
  const url = readDatabaseUrl(postgres.url(database, as), 'database-url')
  if (!('url' in url)) throw new Error('the test gives a URL')
  const session = await openSession(url.url, { applicationName: 'test' }, testWorld())
  let queries = 0
  const counting = {
    ...session,
    query: (text: string, values?: readonly unknown[]) => {
      queries += 1
      return session.query(text, values)
    }
  }
  try {
    const source: MigrationSource = {
      folder: folderWith(files),
      framework: 'prisma',
      folders: ['prisma/migrations'],
      schema: 'public',
      table: '_prisma_migrations',
      tableSchema: 'public',
      ...situation.source
    }
    return { ...(await readMigrationState(counting, source, situation.expectations)), queries }
  } finally {
    await session.close()
  }
}

describe('what is pending and applied', () => {
  test('everything is pending in an empty database, in the order of the names', async () => {
    const reading = await read({ files: scripts(third, first, second) })

    expect(toldStatuses(reading)).toEqual([`${first}: pending`, `${second}: pending`, `${third}: pending`])
    expect(toldChecks(reading)).toEqual([])
    expect(reading.states[0]?.table).toBeUndefined()
    expect(reading.states[0]?.current).toBeUndefined()
  })

  test('a row that ended makes a migration applied, with its times', async () => {
    const reading = await read({ files: scripts(first, second), rows: [applied(first)] })

    expect(toldStatuses(reading)).toEqual([`${first}: applied`, `${second}: pending`])
    expect(toldChecks(reading)).toEqual([])
    expect(reading.states[0]).toMatchObject({ table: '"public"."_prisma_migrations"', current: first })
    expect(reading.states[0]?.migrations[0]).toMatchObject({
      startedAt: '2026-01-01T10:00:00.000Z',
      finishedAt: '2026-01-01T10:00:02.500Z',
      took: 2500,
      steps: 1,
      path: `prisma/migrations/${first}/migration.sql`
    })
  })

  test('takes two questions to the server, also with nothing pending', async () => {
    expect((await read({ files: scripts(first), rows: [applied(first)] })).queries).toBe(2)
  })

  test('a migration that was marked as applied without running has no time that it took', async () => {
    const baseline = applied(first, { steps: 0, finished: '2026-01-01 10:00:00+00' })
    const reading = await read({ files: scripts(first), rows: [baseline] })

    expect(toldStatuses(reading)).toEqual([`${first}: applied`])
    expect(reading.states[0]?.migrations[0]).not.toHaveProperty('took')
  })
})

describe('what the tool keeps to itself', () => {
  test('a failed migration is told first, though others are pending', async () => {
    const failed = applied(second, { finished: null, logs: 'ERROR: relation "posts" already exists' })
    const reading = await read({ files: scripts(first, second, third), rows: [applied(first), failed] })

    expect(toldStatuses(reading)).toEqual([`${first}: applied`, `${second}: failed`, `${third}: pending`])
    expect(toldChecks(reading)).toEqual(['migrations-failed: failed'])
    const check = reading.checks.find(({ id }) => id === 'migrations-failed')
    expect(check).toMatchObject({
      problem: {
        message: expect.stringContaining('relation "posts" already exists'),
        hint: expect.stringContaining(`prisma migrate resolve --rolled-back ${second}`)
      }
    })
    expect(reading.states[0]?.current).toBe(first)
  })

  test('of a failed migration the words of the database are told, and not where in the engine it was', async () => {
    const logs =
      'A migration failed to apply. New migrations cannot be applied.\n\nMigration name: x\n\nDatabase error code: 42P01\n\nDatabase error:\nERROR: relation "nowhere" does not exist\n\nDbError { severity: "ERROR" }\n\n   0: sql_schema_connector::apply_migration::apply_script\n           with migration_name="x"\n             at schema-engine/connectors/sql-schema-connector/src/apply_migration.rs:113'
    const reading = await read({ files: scripts(first), rows: [applied(first, { finished: null, logs })] })
    const [check] = reading.checks.filter(({ id }) => id === 'migrations-failed')
    expect(check).toMatchObject({
      problem: {
        message: expect.stringMatching(/The database said: ERROR: relation "nowhere" does not exist$/),
        hint: expect.stringContaining('If a part of it is')
      }
    })
  })

  test('a failed migration whose folder is gone still stops Prisma', async () => {
    const reading = await read({ files: scripts(second), rows: [applied(first, { finished: null })] })

    expect(toldStatuses(reading)).toEqual([`${first}: failed`, `${second}: pending`])
  })

  test('an edited migration is marked', async () => {
    const reading = await read({ files: scripts(first), rows: [applied(first, { checksum: sha256('SELECT 1;') })] })

    expect(toldStatuses(reading)).toEqual([`${first}: applied edited`])
    expect(toldChecks(reading)).toEqual(['migrations-edited: warning'])
  })

  test('so is one that failed, and its edit is told with the failure', async () => {
    const rows = [applied(first, { checksum: sha256('SELECT 1;'), finished: null })]
    const reading = await read({ files: scripts(first), rows })

    expect(toldStatuses(reading)).toEqual([`${first}: failed edited`])
    expect(toldChecks(reading)).toEqual(['migrations-failed: failed'])
    expect(failedProblems(reading.checks)[0]?.message).toContain('Its file was edited since')
  })

  test('other line ends are no edit', async () => {
    const windows = users.replaceAll('\n', '\r\n')
    const checkedOut = { [`prisma/migrations/${first}/migration.sql`]: windows, ...scripts(second) }
    const rows = [applied(first), applied(second, { checksum: sha256(windows) })]

    expect(toldStatuses(await read({ files: checkedOut, rows }))).toEqual([`${first}: applied`, `${second}: applied`])
  })

  test('checksums of old engines, without leading zeros, are understood', async () => {
    const unpadded = sha256(users).replaceAll(/0(?=.(?:..)*$)/g, (zero, at: number) => (at % 2 === 0 ? '' : zero))
    expect(unpadded.length).toBeLessThan(64)

    expect(toldStatuses(await read({ files: scripts(first), rows: [applied(first, { checksum: unpadded })] }))).toEqual(
      [`${first}: applied`]
    )
  })

  test('an applied migration whose folder was deleted is missing', async () => {
    const reading = await read({
      files: scripts(first, third),
      rows: [applied(first), applied(second), applied(third)]
    })

    expect(toldStatuses(reading)).toEqual([`${first}: applied`, `${second}: missing`, `${third}: applied`])
    expect(toldChecks(reading)).toEqual(['migrations-missing: warning'])
  })

  test('a database that is ahead of the commit is told, and its newest is the current one', async () => {
    const reading = await read({ files: scripts(first), rows: [applied(first), applied(second)] })

    expect(toldChecks(reading)).toEqual(['migrations-missing: warning'])
    expect(reading.states[0]?.current).toBe(second)
  })

  test('a history that was squashed as Prisma documents it is whole', async () => {
    const squashed = '000000000000_squashed_migrations'
    const rows = [
      applied(first),
      applied(second),
      applied(squashed, { steps: 0, started: '2026-05-01 00:00:00+00', finished: '2026-05-01 00:00:00+00' })
    ]

    expect(toldChecks(await read({ files: scripts(squashed), rows }))).toEqual([])
  })

  test('files that are gone are told where nothing says that they were squashed', async () => {
    const rows = [applied(first), applied(second)]

    expect(toldChecks(await read({ files: scripts(third), rows }))).toEqual(['migrations-missing: warning'])
    expect(toldChecks(await read({ files: scripts(second), rows }))).toEqual(['migrations-missing: warning'])
  })

  test('one that arrives late is marked', async () => {
    const reading = await read({ files: scripts(first, second, third), rows: [applied(first), applied(third)] })

    expect(toldStatuses(reading)).toEqual([`${first}: applied`, `${second}: pending out-of-order`, `${third}: applied`])
    expect(toldChecks(reading)).toEqual(['migrations-order: warning'])
  })

  test('one that arrives late fails where that is asked for', async () => {
    const reading = await read({
      files: scripts(first, second),
      rows: [applied(second)],
      expectations: { failOn: new Set(['out-of-order']) }
    })

    expect(toldChecks(reading)).toEqual(['migrations-order: failed'])
  })
})

describe('attempts that were rolled back', () => {
  const rolledBack = { rolledBack: '2026-01-01 11:00:00+00', finished: null }

  test('a rolled back migration is pending again', async () => {
    const reading = await read({ files: scripts(first), rows: [applied(first, rolledBack)] })

    expect(toldStatuses(reading)).toEqual([`${first}: pending rolled-back`])
    expect(toldChecks(reading)).toEqual([])
  })

  test('of two rows the newest that was not rolled back counts', async () => {
    const rows = [
      applied(first, { ...rolledBack, checksum: sha256('what it said before'), started: '2026-01-01 09:00:00+00' }),
      applied(first)
    ]

    expect(toldStatuses(await read({ files: scripts(first), rows }))).toEqual([`${first}: applied retried`])
  })

  test('a second attempt that failed, too, is failed', async () => {
    const rows = [
      applied(first, { ...rolledBack, started: '2026-01-01 09:00:00+00' }),
      applied(first, { finished: null, started: '2026-01-01 12:00:00+00' })
    ]

    expect(toldStatuses(await read({ files: scripts(first), rows }))).toEqual([`${first}: failed retried`])
  })

  test('a migration that was rolled back and deleted is not told of', async () => {
    const reading = await read({ files: scripts(second), rows: [applied(first, rolledBack), applied(second)] })

    expect(toldStatuses(reading)).toEqual([`${second}: applied`])
    expect(toldChecks(reading)).toEqual([])
  })
})

describe('the table', () => {
  test('a schema with tables and without Prisma’s needs a baseline, and nothing else is said', async () => {
    const reading = await read({ files: scripts(first), sql: 'CREATE TABLE orders (id int);' })

    expect(toldChecks(reading)).toEqual(['migrations-table: failed'])
    expect(reading.states).toEqual([])
    expect(reading.checks.find(({ id }) => id === 'migrations-table')).toMatchObject({
      problem: { code: 'migrations-baseline', message: expect.stringMatching(/orders.*P3005/) }
    })
  })

  test('what may not be read is not known, and nothing is told as pending', async () => {
    await postgres.createRole('stranger')
    const reading = await read({ files: scripts(first), rows: [applied(first)], role: 'stranger' })

    expect(toldChecks(reading)).toEqual(['migrations-table: failed'])
    expect(reading.states).toEqual([])
  })

  test('rows that policies may hide are not known, unless a policy shows all of them', async () => {
    await postgres.createRole('policed')
    const sql = `ALTER TABLE _prisma_migrations ENABLE ROW LEVEL SECURITY; GRANT SELECT ON _prisma_migrations TO policed;`
    const shown = (more: string, role?: string): ReturnType<typeof read> =>
      read({ files: scripts(first), rows: [applied(first)], then: sql + more, ...(role === undefined ? {} : { role }) })

    const hidden = await shown('', 'policed')
    expect(toldChecks(hidden)).toEqual(['migrations-table: failed'])
    expect(hidden.states).toEqual([])
    const all = 'CREATE POLICY everything ON _prisma_migrations FOR SELECT TO policed USING (true);'
    expect(toldStatuses(await shown(all, 'policed'))).toEqual([`${first}: applied`])
    const some = `CREATE POLICY few ON _prisma_migrations AS RESTRICTIVE TO policed USING (logs IS NULL);`
    expect((await shown(all + some, 'policed')).states).toEqual([])
    expect(toldStatuses(await shown(''))).toEqual([`${first}: applied`])
  })

  test('tables that PostGIS brings need none', async () => {
    expect(toldChecks(await read({ files: scripts(first), sql: 'CREATE TABLE spatial_ref_sys (id int);' }))).toEqual([])
  })

  test('tables of other schemas do not count', async () => {
    const sql = 'CREATE SCHEMA billing; CREATE TABLE billing.orders (id int);'
    expect(toldChecks(await read({ files: scripts(first), sql }))).toEqual([])
  })

  test('is the one of the URL’s schema', async () => {
    const reading = await read({
      files: scripts(first, second),
      sql: `CREATE SCHEMA "App"; ${prismaTable()} ${prismaRow(applied(first))} ${prismaRow(applied(second))}`,
      rows: [applied(first)],
      schema: 'App',
      source: { schema: 'App', tableSchema: 'App' }
    })

    expect(reading.states[0]?.table).toBe('"App"."_prisma_migrations"')
    expect(toldStatuses(reading)).toEqual([`${first}: applied`, `${second}: pending`])
  })

  test('that is only in another schema is told, as all counts as pending', async () => {
    const reading = await read({
      files: scripts(first),
      sql: 'CREATE SCHEMA app;',
      rows: [applied(first)],
      source: { schema: 'app', tableSchema: 'app' }
    })

    expect(toldStatuses(reading)).toEqual([`${first}: pending`])
    expect(toldChecks(reading)).toEqual(['migrations-table: warning'])
    expect(JSON.stringify(reading.checks)).toContain('?schema=public')
  })

  test('that another program made is refused', async () => {
    const reading = await read({ files: scripts(first), sql: 'CREATE TABLE _prisma_migrations (id int, name text);' })

    expect(toldChecks(reading)).toEqual(['migrations-table: failed'])
    expect(JSON.stringify(reading.checks)).toContain('it has no migration_name')
  })
})

describe('the folder', () => {
  test('a folder without migration.sql is told before Prisma stops at it', async () => {
    const files = { ...scripts(first), [`prisma/migrations/${second}/README.md`]: 'later' }
    const reading = await read({ files, rows: [applied(first)] })

    expect(toldChecks(reading)).toEqual(['migrations-without-script: failed'])
    expect(toldStatuses(reading)).toEqual([`${first}: applied`])
  })

  test('a lock of another database is told', async () => {
    const files = { ...scripts(first), 'prisma/migrations/migration_lock.toml': 'provider = "mysql"\n' }

    expect(toldChecks(await read({ files }))).toEqual(['migrations-provider: failed'])
  })

  test('a lock of PostgreSQL’s is as it should be', async () => {
    const files = { ...scripts(first), 'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n' }

    expect(toldChecks(await read({ files }))).toEqual([])
  })

  test('names are taken as they are', async () => {
    const files = scripts('0_init', '20260101_', 'later')
    const reading = await read({ files, rows: [applied('20260101_'), applied('later')] })

    expect(toldStatuses(reading)).toEqual(['0_init: pending out-of-order', '20260101_: applied', 'later: applied'])
  })
})

describe('the migration that is expected', () => {
  const situation = { files: scripts(first, second, third), rows: [applied(first), applied(second)] }
  const expecting = async (
    expectCurrent: string,
    expected: 'now' | 'after deploy' = 'now'
  ): Promise<readonly string[]> => toldChecks(await read({ ...situation, expectations: { expectCurrent, expected } }))

  test.each([second, '20260201000000', '202602', 'posts'])('is there by %s', async (wanted) => {
    expect(await expecting(wanted)).toEqual([])
  })

  test('is not there while it is pending, and will be after the deploy', async () => {
    expect(await expecting(third)).toEqual(['expected-migration: failed'])
    expect(await expecting(third, 'after deploy')).toEqual([])
  })

  test('is not there when the database has gone further', async () => {
    expect(await expecting(first)).toEqual(['expected-migration: failed'])
    expect(await expecting(second, 'after deploy')).toEqual(['expected-migration: failed'])
  })

  test('a beginning that several have decides nothing', async () => {
    expect(await expecting('2026')).toEqual(['expected-migration: failed'])
  })

  test('says which is expected and which is there', async () => {
    const { checks } = await read({ ...situation, expectations: { expectCurrent: '20270101000000' } })

    expect(checks.find(({ id }) => id === 'expected-migration')).toMatchObject({
      problem: { message: expect.stringMatching(/20270101000000.*20260201000000_posts.*No migration/) }
    })
  })
})
