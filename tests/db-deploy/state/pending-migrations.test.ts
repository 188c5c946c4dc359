import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { openSession } from '../../../actions/db-deploy/database/session.ts'
import type { PendingMigration } from '../../../actions/db-deploy/record.ts'
import { pendingMigrations, touchedTables } from '../../../actions/db-deploy/state/pending-migrations.ts'
import type { Project } from '../../../actions/db-deploy/state/project.ts'
import { readMigrationState } from '../../../actions/db-deploy/state/read-migration-state.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { testWorld } from '../../support/world.ts'
import { ectoTable, folderWith, prismaRow, prismaTable, removeFolders, sha256 } from './project-folder.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
  removeFolders()
})

const there = `
  CREATE TABLE users (id int, email text); INSERT INTO users SELECT n, 'x' FROM generate_series(1, 500) n; ANALYZE users;
  CREATE TABLE orders (id int PRIMARY KEY); CREATE INDEX orders_id ON orders (id);
  CREATE SCHEMA billing; CREATE TABLE billing.invoices (id int);
  CREATE TABLE parts (at date) PARTITION BY RANGE (at);
  CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  INSERT INTO parts SELECT '2026-02-02' FROM generate_series(1, 300); ANALYZE parts;`

async function pendingOf(
  framework: 'prisma' | 'ecto',
  files: Readonly<Record<string, string>>,
  { sql = '', schema, locked }: { readonly sql?: string; readonly schema?: string; readonly locked?: string } = {}
): Promise<{ readonly pending: readonly PendingMigration[]; readonly queries: number }> {
  const database = await postgres.createDatabase()
  await postgres.query(`${there} ${framework === 'prisma' ? prismaTable() : ectoTable()} ${sql}`, database)
  const holder = new pg.Client({ connectionString: postgres.url(database) })
  await holder.connect()
  if (locked !== undefined) await holder.query(`BEGIN; LOCK TABLE ${locked}`)
  const url = readDatabaseUrl(postgres.url(database), 'database-url')
  if (!('url' in url)) throw new Error('the test gives a URL')
  const session = await openSession(url.url, { applicationName: 'test', readOnly: true }, testWorld())
  const project: Project = {
    folder: folderWith(files),
    framework,
    folders: [framework === 'prisma' ? 'prisma/migrations' : 'priv/repo/migrations'],
    schema: schema ?? (framework === 'prisma' ? 'public' : undefined),
    table: framework === 'prisma' ? '_prisma_migrations' : 'schema_migrations',
    tableSchema: framework === 'prisma' ? 'public' : undefined,
    named: false,
    prisma: undefined
  }
  try {
    const { states } = await readMigrationState(session, project)
    let queries = 0
    const query = (text: string, values?: readonly unknown[]): ReturnType<typeof session.query> => {
      queries += 1
      return session.query(text, values)
    }
    return { pending: await pendingMigrations(states, { ...session, query }, project, { timeoutsSet: true }), queries }
  } finally {
    await session.close()
    await holder.end()
  }
}

const prisma = (...scripts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(scripts.map((text, at) => [`prisma/migrations/2026010${at + 1}_m/migration.sql`, text]))

describe('what is pending of Prisma', () => {
  test('is told at once of a table that somebody has for himself, without its size', async () => {
    const { pending } = await pendingOf('prisma', prisma('ALTER TABLE users ADD a int;'), { locked: 'users' })

    expect(pending[0]?.tables).toMatchObject([{ name: 'users', size: undefined, lock: 'ACCESS EXCLUSIVE' }])
  })

  test('comes with its text, findings, and the tables that it locks', async () => {
    const text = 'CREATE INDEX users_email ON users (email);\nALTER TABLE billing.invoices ADD COLUMN paid boolean;\n'
    const { pending } = await pendingOf('prisma', prisma(text))

    expect(pending).toMatchObject([
      {
        name: '20260101_m',
        path: 'prisma/migrations/20260101_m/migration.sql',
        text,
        tables: [
          { name: 'billing.invoices', lock: 'ACCESS EXCLUSIVE', size: 0, rows: undefined },
          { name: 'users', lock: 'SHARE', rows: 500 }
        ]
      }
    ])
    expect(pending[0]?.tables[1]?.size).toBeGreaterThan(8_000)
    expect(pending[0]?.findings.map(({ rule, span }) => [rule, span?.start.line])).toContainEqual([
      'create-index-not-concurrently',
      1
    ])
    expect(touchedTables(pending)).toEqual(['billing.invoices', 'users'])
  })

  test('leaves out what is applied, and tables that an earlier one of them makes', async () => {
    const applied = 'DROP TABLE users;'
    const files = prisma(applied, 'CREATE TABLE notes (id int);', 'CREATE INDEX notes_id ON notes (id);')
    const { pending } = await pendingOf('prisma', files, {
      sql: prismaRow({ name: '20260101_m', checksum: sha256(applied) })
    })

    expect(pending.map(({ name, tables, findings }) => [name, tables, findings])).toEqual([
      ['20260102_m', [], []],
      ['20260103_m', [], []]
    ])
  })

  test('knows the table of an index that is dropped, and the partitions of a table', async () => {
    const { pending } = await pendingOf('prisma', prisma('DROP INDEX orders_id;\nALTER TABLE parts ADD COLUMN n int;'))

    expect(pending[0]?.tables.map(({ name, rows, lock }) => [name, rows, lock])).toEqual([
      ['parts', 300, 'ACCESS EXCLUSIVE'],
      ['orders', undefined, 'ACCESS EXCLUSIVE']
    ])
  })

  test('looks for names in the schema of the URL', async () => {
    const { pending } = await pendingOf('prisma', prisma('ALTER TABLE invoices ADD COLUMN paid boolean;'), {
      schema: 'billing',
      sql: prismaTable('billing')
    })

    expect(touchedTables(pending)).toEqual(['billing.invoices'])
  })

  test('tells a table that is not there', async () => {
    const { pending } = await pendingOf('prisma', prisma('ALTER TABLE gone ADD COLUMN n int;'))

    expect(pending[0]?.tables).toEqual([{ name: 'gone', size: undefined, rows: undefined, lock: 'ACCESS EXCLUSIVE' }])
  })

  test('asks nothing where nothing is pending', async () => {
    expect(await pendingOf('prisma', {})).toEqual({ pending: [], queries: 0 })
  })
})

test('what is pending of Ecto is read in its own words, forwards only', async () => {
  const text = `defmodule Acme.Repo.Migrations.AddPaid do
  use Ecto.Migration

  def up do
    alter table(:invoices, prefix: "billing") do
      add :paid, :boolean
    end

    execute "CREATE INDEX users_email ON users (email)"
    backfill(:orders)
  end

  def down do
    drop table(:orders)
  end
end
`
  const { pending } = await pendingOf('ecto', { 'priv/repo/migrations/20260101000000_add_paid.exs': text })

  expect(pending[0]).toMatchObject({ name: '20260101000000', notAnalysed: [{ line: 10 }] })
  expect(pending[0]?.tables.map(({ name, lock }) => [name, lock])).toEqual([
    ['billing.invoices', 'ACCESS EXCLUSIVE'],
    ['users', 'SHARE']
  ])
})
