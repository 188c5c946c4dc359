import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { openSession } from '../../../actions/db-deploy/database/session.ts'
import type { MigrationSource } from '../../../actions/db-deploy/state/project.ts'
import {
  readMigrationState,
  type MigrationReading,
  type StateExpectations
} from '../../../actions/db-deploy/state/read-migration-state.ts'
import { writeLedger } from '../../../actions/db-deploy/telemetry/ledger.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { testWorld } from '../../support/world.ts'
import { ectoRows, ectoTable, folderWith, removeFolders, sha256, toldChecks, toldStatuses } from './project-folder.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
  removeFolders()
})

const folder = 'priv/repo/migrations'
const files = (...names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [`${folder}/${name}.exs`, `defmodule ${name} do end`]))

interface Situation {
  readonly files: Readonly<Record<string, string>>
  readonly sql?: string
  readonly source?: Partial<MigrationSource>
  readonly expectations?: StateExpectations
  /** Checksums that the ledger has. */
  readonly ledger?: Readonly<Record<string, string>>
}

async function read({ files: given, sql = '', source, expectations, ledger }: Situation): Promise<MigrationReading> {
  const database = await postgres.createDatabase()
  if (sql !== '') await postgres.query(sql, database)
  const url = readDatabaseUrl(postgres.url(database), 'database-url')
  if (!('url' in url)) throw new Error('the test gives a URL')
  const session = await openSession(url.url, { applicationName: 'test' }, testWorld())
  try {
    if (ledger !== undefined) {
      await writeLedger(session, {
        deploy: {
          ...{ id: '1', command: 'deploy', outcome: 'published', environment: 'production', repository: 'acme/app' },
          ...{ commit: undefined, ref: undefined, actor: undefined, runUrl: undefined, tool: 'mix ecto.migrate' },
          ...{ migrationsTable: '"public"."schema_migrations"', applied: [], failed: [], current: undefined },
          ...{ backupSha256: undefined, fingerprint: undefined, problems: [], startedAt: 0, finishedAt: 1 }
        },
        migrations: Object.entries(ledger).map(([name, checksum]) => ({
          ...{
            name,
            path: `${folder}/${name}.exs`,
            sha256: checksum,
            ran: true,
            took: undefined,
            statements: undefined
          }
        })),
        undone: []
      })
    }
    return await readMigrationState(
      session,
      {
        folder: folderWith(given),
        framework: 'ecto',
        folders: [folder],
        schema: undefined,
        table: 'schema_migrations',
        tableSchema: undefined,
        ...source
      },
      expectations
    )
  } finally {
    await session.close()
  }
}

describe('versions and files', () => {
  test('all is pending without a table, by number and not by text', async () => {
    const reading = await read({ files: files('10_later', '9_first', '20260101000000_last') })

    expect(toldStatuses(reading)).toEqual(['9: pending', '10: pending', '20260101000000: pending'])
    expect(reading.states[0]?.table).toBeUndefined()
    expect(toldChecks(reading)).toEqual([])
  })

  test('a version in the table makes its file applied, with the time at which it was done', async () => {
    const reading = await read({ files: files('0001_users', '2_posts'), sql: ectoTable() + ectoRows([1]) })

    expect(toldStatuses(reading)).toEqual(['1: applied', '2: pending'])
    expect(reading.states[0]?.migrations[0]).toMatchObject({
      finishedAt: '2026-01-01T10:00:00.000Z',
      path: `${folder}/0001_users.exs`
    })
    expect(reading.states[0]).toMatchObject({ current: '1', table: '"public"."schema_migrations"' })
  })

  test('what its table cannot tell is not checked', async () => {
    const reading = await read({ files: files('1_users'), sql: ectoTable() + ectoRows([1]) })

    expect(reading.checks.map(({ id }) => id)).not.toEqual(expect.arrayContaining(['migrations-edited']))
    expect(reading.states[0]?.notChecked.join(' ')).toMatch(/edited: .*failed: .*times: /)
  })

  test('a version whose file is gone is missing', async () => {
    const reading = await read({ files: files('1_users', '3_tags'), sql: ectoTable() + ectoRows([1, 2, 3]) })

    expect(toldStatuses(reading)).toEqual(['1: applied', '2: missing', '3: applied'])
    expect(toldChecks(reading)).toEqual(['migrations-missing: warning'])
  })

  test('old versions without a file may be a history that was squashed, which nothing proves', async () => {
    const reading = await read({ files: files('3_tags', '4_more'), sql: ectoTable() + ectoRows([1, 2, 3]) })

    expect(toldChecks(reading)).toEqual(['migrations-missing: not checked'])
    expect(toldStatuses(reading)).toContain('1: missing')
  })

  test('versions without a file are told where the oldest file is still pending: it may be another folder', async () => {
    const reading = await read({ files: files('4_other'), sql: ectoTable() + ectoRows([1, 2, 3]) })

    expect(toldChecks(reading)).toEqual(['migrations-missing: warning'])
  })

  test('one that arrives late is marked', async () => {
    const reading = await read({ files: files('1_users', '2_posts', '3_tags'), sql: ectoTable() + ectoRows([1, 3]) })

    expect(toldStatuses(reading)).toEqual(['1: applied', '2: pending out-of-order', '3: applied'])
  })

  test('files of folders below count, hidden ones and .ex do not', async () => {
    const reading = await read({
      files: {
        ...files('1_users', 'archive/2_posts'),
        [`${folder}/.formatter.exs`]: '[]',
        [`${folder}/3_tags.ex`]: 'defmodule Tags do end'
      }
    })

    expect(toldStatuses(reading)).toEqual(['1: pending', '2: pending'])
    expect(toldChecks(reading)).toEqual(['migrations-passed-over: warning'])
    expect(JSON.stringify(reading.checks)).toContain('3_tags.ex')
  })
})

describe('duplicates', () => {
  test('of an applied version are told, as one of them never runs', async () => {
    const reading = await read({ files: files('1_users', '1_people'), sql: ectoTable() + ectoRows([1]) })

    expect(toldStatuses(reading)).toEqual(['1: applied hidden', '1: applied hidden'])
    expect(toldChecks(reading)).toContain('migrations-duplicate: failed')
    expect(JSON.stringify(reading.checks)).toMatch(/never runs the other/)
  })

  test('of a pending version stop Ecto', async () => {
    const reading = await read({ files: files('1_users', '1_people') })

    expect(toldStatuses(reading)).toEqual(['1: pending hidden', '1: pending hidden'])
    expect(JSON.stringify(reading.checks)).toMatch(/refuses to run any/)
  })

  test('across folders count, and the same file in both harms nothing once it ran', async () => {
    const copied = {
      'priv/repo/migrations/1_users.exs': 'same',
      'deps/diwa_schema/priv/repo/migrations/1_users.exs': 'same',
      'deps/diwa_schema/priv/repo/migrations/2_posts.exs': 'posts',
      'priv/repo/migrations/2_other.exs': 'other'
    }
    const folders = ['priv/repo/migrations', 'deps/diwa_schema/priv/repo/migrations']
    const reading = await read({ files: copied, sql: ectoTable() + ectoRows([1]), source: { folders } })

    expect(toldStatuses(reading)).toEqual(['1: applied', '1: applied', '2: pending hidden', '2: pending hidden'])
  })

  test('of a name stop Ecto, too', async () => {
    const reading = await read({ files: files('1_users', '2_users') })

    expect(toldChecks(reading)).toEqual(['migrations-duplicate: failed'])
    expect(JSON.stringify(reading.checks)).toContain('have one name')
  })

  test('of a name harm nothing where one has run', async () => {
    const reading = await read({ files: files('1_users', '2_users'), sql: ectoTable() + ectoRows([1]) })

    expect(toldChecks(reading)).toEqual([])
  })
})

describe('the ledger', () => {
  const sql = ectoTable() + ectoRows([1, 2])

  test('shows an edit', async () => {
    const ledger = { 1: sha256('before'), 2: sha256('defmodule 2_posts do end') }
    const reading = await read({ files: files('1_users', '2_posts'), sql, ledger })

    expect(toldStatuses(reading)).toEqual(['1: applied edited', '2: applied'])
    expect(toldChecks(reading)).toEqual(['migrations-edited: warning'])
  })

  test('proves that there was none', async () => {
    const ledger = { 1: sha256('defmodule 1_users do end'), 2: sha256('defmodule 2_posts do end') }
    const reading = await read({ files: files('1_users', '2_posts'), sql, ledger })

    expect(toldChecks(reading)).toEqual([])
    expect(reading.checks).toContainEqual(expect.objectContaining({ id: 'migrations-edited', result: 'ok' }))
    expect(reading.states[0]?.notChecked.join(' ')).not.toContain('edited')
  })

  test('that knows only some leaves the others not checked', async () => {
    const reading = await read({
      files: files('1_users', '2_posts'),
      sql,
      ledger: { 1: sha256('defmodule 1_users do end') }
    })

    expect(toldChecks(reading)).toEqual([])
    expect(reading.states[0]?.notChecked[0]).toContain('1 of 2')
  })

  test('knows which of two files of a version has run', async () => {
    const reading = await read({
      files: files('1_people', '1_users', '2_posts'),
      sql,
      ledger: { 1: sha256('defmodule 1_users do end') }
    })

    expect(toldStatuses(reading)).toEqual(['1: applied hidden', '1: applied', '2: applied'])
    const duplicate = JSON.stringify(reading.checks.find(({ id }) => id === 'migrations-duplicate'))
    expect(duplicate).toContain(`(${folder}/1_people.exs, ${folder}/1_users.exs)`)
    expect(duplicate).toContain(`"file":"${folder}/1_people.exs"`)
  })
})

describe('the table', () => {
  test('is looked for in the prefix', async () => {
    const sql = `CREATE SCHEMA tenant; ${ectoTable()} ${ectoRows([1, 2])} ${ectoTable('tenant.schema_migrations')} ${ectoRows([1], 'tenant.schema_migrations')}`
    const reading = await read({ files: files('1_users', '2_posts'), sql, source: { tableSchema: 'tenant' } })

    expect(toldStatuses(reading)).toEqual(['1: applied', '2: pending'])
    expect(reading.states[0]?.table).toBe('"tenant"."schema_migrations"')
  })

  test('is where the search path leads, whatever schema migrations make their own in', async () => {
    const sql = `CREATE SCHEMA billing; ${ectoTable()} ${ectoRows([1])}`
    const reading = await read({ files: files('1_users', '2_posts'), sql, source: { schema: 'billing' } })

    expect(toldStatuses(reading)).toEqual(['1: applied', '2: pending'])
    expect(reading.states[0]?.table).toBe('"public"."schema_migrations"')
  })

  test('that is only in another schema is told, with what being there takes', async () => {
    const sql = `CREATE SCHEMA tenant; ${ectoTable('tenant.schema_migrations')} ${ectoRows([1], 'tenant.schema_migrations')}`
    const reading = await read({ files: files('1_users'), sql })

    expect(toldChecks(reading)).toEqual(['migrations-table: warning'])
    expect(JSON.stringify(reading.checks)).toContain(
      'If Ecto migrates with `--prefix tenant`, set migrations-prefix to tenant: Mix is given it'
    )
  })

  test('has the name that is configured', async () => {
    const sql = `${ectoTable()} ${ectoRows([1, 2])} ${ectoTable('own_versions')} ${ectoRows([1], 'own_versions')}`
    const reading = await read({ files: files('1_users', '2_posts'), sql, source: { table: 'own_versions' } })

    expect(toldStatuses(reading)).toEqual(['1: applied', '2: pending'])
  })

  test('in a database with other tables is missed with a warning', async () => {
    const reading = await read({ files: files('1_users'), sql: 'CREATE TABLE orders (id int);' })

    expect(toldChecks(reading)).toEqual(['migrations-table: warning'])
  })

  test.each([
    ['Rails or dbmate', 'CREATE TABLE schema_migrations (version varchar PRIMARY KEY)', 'character varying'],
    ['golang-migrate', 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean)', 'golang-migrate']
  ])('of %s is not taken for Ecto’s', async (_, sql, told) => {
    const reading = await read({ files: files('1_users'), sql })

    expect(toldChecks(reading)).toEqual(['migrations-table: failed'])
    expect(JSON.stringify(reading.checks)).toContain(told)
  })

  test('that the role may not read is told', async () => {
    const database = await postgres.createDatabase()
    await postgres.createRole('blind')
    await postgres.query(ectoTable() + ectoRows([1]), database)
    const url = readDatabaseUrl(postgres.url(database, { user: 'blind', password: 'secret-blind' }), 'database-url')
    if (!('url' in url)) throw new Error('the test gives a URL')
    const session = await openSession(url.url, { applicationName: 'test' }, testWorld())
    const source = { folder: folderWith(files('1_users')), framework: 'ecto', folders: [folder] } as const
    const reading = await readMigrationState(session, {
      ...source,
      schema: undefined,
      table: 'schema_migrations',
      tableSchema: undefined
    })
    await session.close()

    expect(toldChecks(reading)).toEqual(['migrations-table: failed'])
    expect(JSON.stringify(reading.checks)).toContain('GRANT SELECT ON')
  })
})

test.each(['2', '2_posts', 'posts'])('the expected migration is there by %s', async (expectCurrent) => {
  const sql = ectoTable() + ectoRows([1, 2])
  const reading = await read({ files: files('1_users', '2_posts', '3_tags'), sql, expectations: { expectCurrent } })

  expect(toldChecks(reading)).toEqual([])
})

test('what is pending fails where that is asked for', async () => {
  const reading = await read({ files: files('1_users'), expectations: { failOn: new Set(['pending']) } })

  expect(toldChecks(reading)).toEqual(['migrations-pending: failed'])
})
