// needs: pg_dump, pg_restore, pg_dump18, pg_restore18, postgres15, age, age-keygen
// Restores of real dumps, by the rooms of `command: restore`.
import { statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { takeBackup } from '../../actions/db-deploy/dump/take-backup.ts'
import type { BackupInputs } from '../../actions/db-deploy/inputs.ts'
import { lockKey } from '../../actions/db-deploy/lock/lock-key.ts'
import { takeLock } from '../../actions/db-deploy/lock/take-lock.ts'
import { createJournal } from '../../actions/db-deploy/journal.ts'
import { systemClock } from '../../actions/shared/clock.ts'
import { backupOf, backupWorld, urlOf } from '../db-deploy/dump/backing-up.ts'
import { manyKinds, otherRows } from '../db-deploy/dump/many-kinds.ts'
import { restores } from '../db-deploy/restore/restoring.ts'
import { clientFolder } from '../support/postgres-clients.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/run-action.ts'

let server: Postgres
let clients: string
beforeAll(async () => {
  clients = clientFolder(18)
  server = await startPostgres()
})
afterAll(() => {
  server.stop()
})

/** A database, and a backup of it as it was before everything in it was lost. */
async function backedUp(inputs: Partial<BackupInputs> = {}): Promise<{ readonly name: string; readonly file: string }> {
  const name = await server.createDatabase()
  await server.query(manyKinds(500), name)
  const backup = await takeBackup(
    backupOf(server.url(name), clients, inputs),
    backupWorld(),
    createJournal(systemClock)
  )
  await server.query("DELETE FROM users; CREATE TABLE made_later (id int); INSERT INTO tricky VALUES ('later')", name)
  return { name, file: backup.file ?? '' }
}

const users = async (name: string): Promise<unknown> =>
  (await server.query('SELECT count(*)::int AS users FROM users', name))[0]?.['users']

const databases = async (): Promise<readonly unknown[]> =>
  (await server.query('SELECT datname AS name FROM pg_database ORDER BY 1')).map(({ name }) => name)

const restoring = (
  name: string,
  inputs: Readonly<Record<string, string>>,
  cancelled?: AbortSignal
): ReturnType<typeof restores> => restores(server.url(name), clients, inputs, cancelled)

describe('a swap', () => {
  test('puts the dump in the place of the database, keeps the old one, and can be run again', async () => {
    const { name, file } = await backedUp()
    await server.query(
      `ALTER DATABASE ${name} SET statement_timeout = '7s'; ALTER DATABASE ${name} SET search_path = public, "Other";
       REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC; COMMENT ON DATABASE ${name} IS 'it''s the one'`
    )
    for (const time of [1, 2]) {
      const { execution, journal } = await restoring(name, { confirm: `restore ${name}`, 'restore-file': file })
      expect(execution).toMatchObject({ status: 'published', problems: [], done: 2 })
      expect(await users(name)).toBe(500)
      expect(journal.learned.runbook?.[0]).toMatch(new RegExp(`${name}_before_\\d{8}_\\d{6}`))
      expect(journal.learned.runbook?.[2]).toContain(`psql 'postgresql://postgres@127.0.0.1:${server.port}/postgres'`)
      const kept = (await databases()).filter((each) => String(each).startsWith(`${name}_before_`))
      expect(kept).toHaveLength(time)
      expect((await databases()).filter((each) => String(each).includes('_restoring_'))).toEqual([])
      if (time === 1) expect(await users(String(kept[0]))).toBe(0)
      await new Promise((resolve) => setTimeout(resolve, 1100))
    }
    expect(await server.query("SELECT to_regclass('made_later') AS there", name)).toEqual([{ there: null }])
    expect(await server.query('SHOW statement_timeout', name)).toEqual([{ statement_timeout: '7s' }])
    expect(await server.query('SHOW search_path', name)).toEqual([{ search_path: 'public, "Other"' }])
    expect(
      await server.query(
        `SELECT shobj_description(oid, 'pg_database') AS comment, has_database_privilege('pg_monitor', oid, 'CONNECT') AS open
         FROM pg_database WHERE datname = '${name}'`
      )
    ).toEqual([{ comment: "it's the one", open: false }])
  })

  test('ends who is connected, and nobody meets a name that belongs to no database for good', async () => {
    const { name, file } = await backedUp()
    const connected = new pg.Client(server.url(name))
    connected.on('error', () => undefined)
    await connected.connect()
    const enough = new AbortController()
    let reached = 0
    const application = (async () => {
      while (!enough.signal.aborted) {
        const client = new pg.Client(server.url(name))
        client.on('error', () => undefined)
        try {
          await client.connect()
          await client.query('SELECT 1')
          reached += 1
        } catch {
          // It was ended, or came while the names changed.
        }
        await client.end().catch(() => undefined)
      }
    })()
    const { execution } = await restoring(name, { confirm: `restore ${name}`, 'restore-file': file })
    const before = reached
    while (reached < before + 3) await new Promise((resolve) => setTimeout(resolve, 20))
    enough.abort()
    await application
    expect(execution.problems).toEqual([])
    await expect(connected.query('SELECT 1')).rejects.toThrow()
    expect(await users(name)).toBe(500)
  })

  test('makes the database where there is none', async () => {
    const { name, file } = await backedUp()
    await server.query(`DROP DATABASE ${name}`)
    const { execution } = await restoring(name, { confirm: `restore ${name}`, 'restore-file': file })
    expect(execution.problems).toEqual([])
    expect(await users(name)).toBe(500)
  })

  test('of a role that owns the database and may make others', async () => {
    const name = await server.createDatabase()
    await server.createRole('keeper', 'CREATEDB')
    await server.query(`ALTER DATABASE ${name} OWNER TO keeper`)
    const url = server.url(name, { user: 'keeper', password: 'secret-keeper' })
    const client = new pg.Client(url)
    await client.connect()
    await client.query('CREATE TABLE users (id int); INSERT INTO users VALUES (1), (2)')
    await client.end()
    const backup = await takeBackup(backupOf(url, clients), backupWorld(), createJournal(systemClock))
    await server.query('DELETE FROM users', name)
    const { execution } = await restores(url, clients, {
      confirm: `restore ${name}`,
      'restore-file': backup.file ?? ''
    })
    expect(execution.problems).toEqual([])
    expect(await users(name)).toBe(2)
  })

  test('changes nothing where it may not end who is connected', async () => {
    const name = await server.createDatabase()
    await server.createRole('modest', 'CREATEDB')
    await server.query(`ALTER DATABASE ${name} OWNER TO modest; GRANT CONNECT ON DATABASE ${name} TO PUBLIC`)
    const url = server.url(name, { user: 'modest', password: 'secret-modest' })
    await server.query('CREATE TABLE users (id int); ALTER TABLE users OWNER TO modest', name)
    const backup = await takeBackup(backupOf(url, clients), backupWorld(), createJournal(systemClock))
    const superuser = new pg.Client({ connectionString: server.url(name), application_name: 'console' })
    await superuser.connect()
    try {
      const before = await databases()
      const { execution } = await restores(url, clients, {
        confirm: `restore ${name}`,
        'restore-file': backup.file ?? ''
      })
      expect(execution.problems.map(({ code }) => code)).toEqual(['deploy-restore-swap'])
      expect(execution.problems[0]?.message).toContain('console (role postgres')
      expect(await databases()).toEqual(before)
      expect((await superuser.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    } finally {
      await superuser.end()
    }
  })

  test('that is cancelled leaves everything as it was', async () => {
    const { name, file } = await backedUp()
    const before = await databases()
    const controller = new AbortController()
    const running = restoring(name, { confirm: `restore ${name}`, 'restore-file': file }, controller.signal)
    while ((await databases()).length === before.length) await new Promise((resolve) => setTimeout(resolve, 5))
    controller.abort()
    expect((await running).execution.problems.map(({ code }) => code)).toEqual(['deploy-cancelled'])
    expect(await databases()).toEqual(before)
    expect(await users(name)).toBe(0)
  })
})

describe('in place', () => {
  const inPlace = { 'restore-mode': 'in-place', backup: 'false' }

  test('replaces what the dump knows in one transaction, and leaves what it does not', async () => {
    const { name, file } = await backedUp()
    const { execution, journal } = await restoring(name, {
      ...inPlace,
      confirm: `restore ${name}`,
      'restore-file': file
    })
    expect(execution).toMatchObject({ status: 'published', problems: [], done: 1 })
    expect(journal.learned.preflight).toMatchObject([{ id: 'restore-stays', told: 'table public.made_later' }])
    expect(await users(name)).toBe(500)
    expect(await server.query("SELECT to_regclass('made_later')::text AS there", name)).toEqual([
      { there: 'made_later' }
    ])
  })

  test('changes nothing where one object is in the way', async () => {
    const { name, file } = await backedUp()
    await server.query('CREATE VIEW later AS SELECT id FROM users', name)
    const { execution } = await restoring(name, { ...inPlace, confirm: `restore ${name}`, 'restore-file': file })
    expect(execution.problems[0]?.code).toBe('deploy-restore-failed')
    expect(execution.problems[0]?.message).toContain('later')
    expect(await users(name)).toBe(0)
    expect(await server.query('SELECT count(*)::int AS rows FROM tricky', name)).toEqual([{ rows: 4 }])
  })

  test.each([
    ['nothing where the dump is of what is there', '', 'nothing'],
    [
      'everything that was made since, and would be in the way of a migration that makes it again',
      `CREATE SCHEMA late; CREATE TABLE late.more (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY); CREATE TYPE mood2 AS ENUM ('a');
       CREATE DOMAIN short AS text; CREATE TYPE pair AS (a int, b int); CREATE VIEW seen AS SELECT 1 AS one; CREATE SEQUENCE numbers;
       CREATE FUNCTION made() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
      'table late.more, domain public.short, function public.made, schema late, sequence public.numbers, type public.mood2, type public.pair, view public.seen'
    ]
  ])('names as what stays %s', async (_, since, told) => {
    const name = await server.createDatabase()
    await server.query(manyKinds(5), name)
    const backup = await takeBackup(backupOf(server.url(name), clients), backupWorld(), createJournal(systemClock))
    await server.query(since, name)
    const given = { ...inPlace, confirm: `restore ${name}`, 'restore-file': backup.file ?? '', 'dry-run': 'true' }
    const { execution, journal } = await restoring(name, given)
    expect(execution.problems).toEqual([])
    const check = journal.learned.preflight?.find(({ id }) => id === 'restore-stays')
    expect(check).toMatchObject({ told, result: since === '' ? 'ok' : 'warning' })
  })

  test('that is cancelled once it was committed says that it was', async () => {
    const name = await server.createDatabase()
    await server.query(
      `CREATE TABLE users (id int); INSERT INTO users VALUES (1), (2);
       CREATE FUNCTION slow(id int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
         BEGIN IF pg_catalog.current_query() = 'ANALYZE' THEN PERFORM pg_catalog.pg_sleep(600); END IF; RETURN id; END $$;
       CREATE INDEX by_slow ON users (slow(id))`,
      name
    )
    const backup = await takeBackup(backupOf(server.url(name), clients), backupWorld(), createJournal(systemClock))
    await server.query('DELETE FROM users', name)
    const controller = new AbortController()
    const running = restoring(
      name,
      { ...inPlace, confirm: `restore ${name}`, 'restore-file': backup.file ?? '' },
      controller.signal
    )
    const analyzing = `SELECT FROM pg_stat_activity WHERE datname = '${name}' AND query = 'ANALYZE' AND wait_event = 'PgSleep'`
    while ((await server.query(analyzing)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    controller.abort()
    const [problem] = (await running).execution.problems
    expect(problem?.code).toBe('deploy-cancelled')
    expect(problem?.message).toContain(`${name} is restored all the same: its transaction was committed`)
    expect(await users(name)).toBe(2)
  })

  test('in production makes a backup of what is there first', async () => {
    const { name, file } = await backedUp()
    const { execution, journal } = await restoring(name, {
      'restore-mode': 'in-place',
      environment: 'production',
      confirm: `restore ${name}`,
      'restore-file': file,
      'backup-folder': temporaryFolder('before')
    })
    expect(execution).toMatchObject({ problems: [], done: 2 })
    expect(journal.learned.backup).toMatchObject({ verified: 'read', rows: otherRows + 1 })
    expect(await users(name)).toBe(500)
  })
})

describe('a dump', () => {
  test('that is encrypted is opened by its key, and nothing of it stays', async () => {
    const passphrase = 'correct horse battery staple'
    const { name, file } = await backedUp({ passphrase })
    const given = { confirm: `restore ${name}`, 'restore-file': file }
    const wrong = await restoring(name, { ...given, 'backup-passphrase': 'another passphrase' })
    expect(wrong.execution.problems.map(({ code }) => code)).toEqual(['deploy-restore-key'])
    const none = await restoring(name, given)
    expect(none.execution.problems.map(({ code }) => code)).toEqual(['deploy-restore-key'])
    const { execution, left } = await restoring(name, { ...given, 'backup-passphrase': passphrase })
    expect(execution.problems).toEqual([])
    expect(left).toEqual([])
    expect(await users(name)).toBe(500)
  })

  test.each([1, 500, 100_000])(
    'whose last %i bytes are missing is refused before anything is touched',
    async (bytes) => {
      const { name, file } = await backedUp()
      const before = await databases()
      truncateSync(file, Math.max(8, statSync(file).size - bytes))
      const { execution } = await restoring(name, { confirm: `restore ${name}`, 'restore-file': file })
      expect(execution).toMatchObject({ writing: false })
      expect(execution.problems.map(({ code }) => code)).toEqual(['deploy-dump-unreadable'])
      expect(await databases()).toEqual(before)
      expect(await users(name)).toBe(0)
    }
  )

  test.each([
    { text: '-- PostgreSQL database dump\n', says: 'SQL text' },
    { text: 'PK\u0003\u0004 zipped', says: 'a zip archive' },
    { text: 'anything', says: 'no dump in custom format' }
  ])('that is none is named: $says', async ({ text, says }) => {
    const name = await server.createDatabase()
    const file = join(temporaryFolder('dump'), 'app.dump')
    writeFileSync(file, text)
    const { execution } = await restoring(name, { confirm: `restore ${name}`, 'restore-file': file })
    expect(execution.problems.map(({ code }) => code)).toEqual(['deploy-restore-file'])
    expect(execution.problems[0]?.message).toContain(says)
  })

  test('of another database needs a phrase with both names', async () => {
    const { name, file } = await backedUp()
    const staging = await server.createDatabase()
    const refused = await restoring(staging, { confirm: `restore ${staging}`, 'restore-file': file })
    expect(refused.execution.problems.map(({ code }) => code)).toEqual(['deploy-restore-foreign'])
    expect(refused.execution.problems[0]?.hint).toContain(`confirm: restore ${staging} from ${name}`)
    const other = await restoring(staging, { confirm: `restore ${staging} from elsewhere`, 'restore-file': file })
    expect(other.execution.problems.map(({ code }) => code)).toEqual(['deploy-restore-foreign'])
    const { execution } = await restoring(staging, { confirm: `restore ${staging} from ${name}`, 'restore-file': file })
    expect(execution.problems).toEqual([])
    expect(await users(staging)).toBe(500)
  })
})

test('a dry run reads all of the dump and says what would be done', async () => {
  const { name, file } = await backedUp()
  const before = await databases()
  const { execution, said } = await restoring(name, { 'restore-file': file, 'dry-run': 'true' })
  expect(execution).toMatchObject({ status: 'planned', problems: [] })
  expect(said).toContain(`what is there is kept as ${name}_before_`)
  expect(said).toContain(`with ${500 + otherRows} rows`)
  expect(await databases()).toEqual(before)
})

test('without the phrase nothing is read and nothing changed', async () => {
  const { name, file } = await backedUp()
  for (const confirm of ['', 'restore', `deploy ${name}`, `Restore ${name}`]) {
    const { execution } = await restoring(name, { confirm, 'restore-file': file })
    expect(execution.problems.map(({ code }) => code)).toEqual(['deploy-not-confirmed'])
  }
  expect(await users(name)).toBe(0)
})

test.each(['_prisma_migrations', 'schema_migrations', 'app_migrations'])(
  'a restore waits for a deploy of %s that is under way, whatever it is told of its table',
  async (table) => {
    const { name, file } = await backedUp()
    const request = {
      key: lockKey({ schema: 'public', table }),
      wait: 0,
      applicationName: 'release-actions/db-deploy 7'
    }
    const deploying = await takeLock(urlOf(server.url(name)), request, backupWorld(), createJournal(systemClock))
    for (const mode of ['swap', 'in-place']) {
      const given = { confirm: `restore ${name}`, 'restore-file': file, 'restore-mode': mode, backup: 'false' }
      const { execution } = await restoring(name, { ...given, 'lock-wait': '1s' })
      expect(execution.problems.map(({ code }) => code)).toEqual(['deploy-lock-busy'])
    }
    await deploying.assertHeld()
    await deploying.release()
    expect(await users(name)).toBe(0)
  }
)

test('a swap tells whom it has ended, and not the session of its own lock', async () => {
  const { name, file } = await backedUp()
  const connected = new pg.Client({ connectionString: server.url(name), application_name: 'console' })
  connected.on('error', () => undefined)
  await connected.connect()
  const { execution, journal } = await restoring(name, { confirm: `restore ${name}`, 'restore-file': file })
  expect(execution.problems).toEqual([])
  const note = journal.stages.find((stage) => stage.name === 'swap')?.note ?? ''
  expect(note).toMatch(/; ended: console \(role postgres, pid \d+\)$/)
})
