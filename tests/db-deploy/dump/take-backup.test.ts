import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { findDumpPrograms } from '../../../actions/db-deploy/dump/programs.ts'
import { backupProblems, takeBackup } from '../../../actions/db-deploy/dump/take-backup.ts'
import { createJournal } from '../../../actions/db-deploy/journal.ts'
import { systemClock } from '../../../actions/shared/clock.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { backupOf, backupWorld, problemsOf, urlOf } from './backing-up.ts'
import { listing, standIns, whole } from './stand-ins.ts'

let server: Postgres
let name: string
/** The contents of a whole dump of it, and its rows. */
let list: string
const rows = `COPY public.users (id) FROM stdin;\n1\n2\n\\.\n${whole}`
beforeAll(async () => {
  server = await startPostgres()
  name = await server.createDatabase()
  await server.query(
    'CREATE TABLE users (id int); INSERT INTO users VALUES (1), (2); CREATE VIEW v AS TABLE users',
    name
  )
  const oids = await server.query("SELECT 'users'::regclass::oid AS users, 'v'::regclass::oid AS v", name)
  const [users, view] = [String(oids[0]?.['users']), String(oids[0]?.['v'])]
  list = listing(
    `1; 1259 ${users} TABLE public users postgres`,
    `2; 1259 ${view} VIEW public v postgres`,
    `3; 0 ${users} TABLE DATA public users postgres`
  )
})
afterAll(() => {
  server.stop()
})

const url = (): string => server.url(name)
const journal = (): ReturnType<typeof createJournal> => createJournal(systemClock)
const sessions = (): Promise<readonly unknown[]> =>
  server.query("SELECT query FROM pg_stat_activity WHERE application_name LIKE 'release-actions/%'")

describe('a backup', () => {
  test('is of a snapshot that is ours, and shows the password to nobody', async () => {
    const programs = standIns({ list, rows })
    const kept = journal()
    const request = backupOf(url(), programs)
    const backup = await takeBackup(request, backupWorld(), kept)
    expect(backup).toMatchObject({ verified: 'read', rows: 2, entries: 7, encrypted: false })
    expect(kept.learned.backup).toEqual(backup)
    expect(kept.stages.map((stage) => [stage.name, stage.result])).toEqual([['backup', 'ok']])
    expect(readFileSync(join(programs, 'pg_dump.arguments'), 'utf8')).toMatch(/--snapshot=[0-9A-F-]+/)
    expect(readFileSync(join(programs, 'pg_dump.arguments'), 'utf8')).not.toContain('postgres:postgres')
    const environment = readFileSync(join(programs, 'pg_dump.environment'), 'utf8')
    expect(environment).toContain(`PGDATABASE=${name}`)
    expect(environment).not.toMatch(/^(GITHUB|INPUT|ACTIONS|RUNNER|JEST|npm)_/m)
    expect(await sessions()).toEqual([])
  })

  test('tells the command that restores it, and warns in production that anybody can read it', async () => {
    const programs = standIns({ list, rows })
    const said = async (production: boolean): Promise<string> => {
      const world = backupWorld()
      await takeBackup(backupOf(url(), programs, {}, { production }), world, journal())
      return world.log.lines.join('\n')
    }
    const staging = await said(false)
    expect(staging).toMatch(/createdb \S+_restored && pg_restore --exit-on-error --dbname=\S+_restored \S+\.dump\n/)
    expect(staging).toContain(', not encrypted, 2 rows, read to its end')
    expect(staging).not.toContain('backup-recipient')
    expect(await said(true)).toMatch(/The backup is not encrypted.*backup-recipient/)
  })

  test('of the same second has another name, and the first stays', async () => {
    const programs = standIns({ list, rows })
    const request = backupOf(url(), programs)
    const world = { ...backupWorld(), clock: { ...systemClock, now: () => Date.UTC(2026, 0, 2, 3, 4, 5) } }
    await takeBackup(request, world, journal())
    await takeBackup(request, world, journal())
    expect(readdirSync(request.inputs.folder).sort()).toEqual([
      `${name}-20260102T030405Z-2.dump`,
      `${name}-20260102T030405Z.dump`
    ])
  })

  test.each([
    { what: 'nothing was written and pg_dump is content', dump: ': > "$file"', code: 'deploy-backup-failed' },
    {
      what: 'pg_dump fails',
      dump: 'echo "pg_dump: error: no luck" >&2; echo half > "$file"; exit 1',
      code: 'deploy-backup-failed'
    },
    { what: 'the contents lack a table', broken: { list: 'other' }, code: 'deploy-backup-unproven' },
    { what: 'it is no dump', broken: { list: '' }, code: 'deploy-dump-unreadable' },
    {
      what: 'the data end early and pg_restore is content',
      broken: { rows: rows.replace(whole, '') },
      code: 'deploy-dump-unreadable'
    },
    { what: 'the data of a table are not there', broken: { rows: whole }, code: 'deploy-backup-unproven' },
    { what: 'pg_dump never ends', dump: 'sleep 60', timeout: 1000, code: 'deploy-backup-failed' }
  ])('is none where $what', async ({ dump, broken = {}, timeout = 60_000, code }) => {
    const given =
      'list' in broken && broken.list === 'other' ? { list: listing('1; 1259 1 TABLE public other me') } : broken
    const programs = standIns({ list, rows, ...(dump === undefined ? {} : { dump }), ...given })
    const request = backupOf(url(), programs, { timeout })
    const kept = journal()
    const problems = await problemsOf(takeBackup(request, backupWorld(), kept))
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(readdirSync(request.inputs.folder)).toEqual([])
    expect(kept.learned.backup).toBeUndefined()
    expect(kept.stages[0]?.result).toBe('failed')
    expect(await sessions()).toEqual([])
  })

  test('is none without the indexes, keys and triggers of its tables', async () => {
    const database = await server.createDatabase()
    await server.query(
      `CREATE TABLE users (id int PRIMARY KEY, name text, boss int REFERENCES users);
       CREATE INDEX by_name ON users (name);
       CREATE TRIGGER same BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
       CREATE TABLE days (at date) PARTITION BY RANGE (at);
       CREATE INDEX by_day ON days (at);
       CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
       CREATE INDEX own ON days_1 (at) WHERE at > '2026-06-01';
       CREATE VIEW names AS SELECT name FROM users;
       CREATE TRIGGER instead INSTEAD OF DELETE ON names FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
      database
    )
    const relations = await server.query(
      "SELECT oid, relname AS name, relkind IN ('r') AS rows FROM pg_class WHERE relname IN ('users', 'days', 'days_1', 'names')",
      database
    )
    const added = await server.query(
      `SELECT 2606 AS catalog, oid FROM pg_constraint WHERE conrelid = 'users'::regclass AND contype IN ('p', 'f')
       UNION ALL SELECT 1259, oid FROM pg_class WHERE relname IN ('by_name', 'by_day', 'own')
       UNION ALL SELECT 2620, oid FROM pg_trigger WHERE tgname IN ('same', 'instead')`,
      database
    )
    const entries = relations.flatMap(({ oid, name, rows: held }, at) => [
      `${at + 10}; 1259 ${String(oid)} TABLE public ${String(name)} me`,
      ...(held === true ? [`${at + 20}; 0 ${String(oid)} TABLE DATA public ${String(name)} me`] : [])
    ])
    const taken = (...more: readonly string[]) =>
      takeBackup(
        backupOf(server.url(database), standIns({ list: listing(...entries, ...more), rows }), { verify: 'list' }),
        backupWorld(),
        journal()
      )
    const [problem] = await problemsOf(taken())
    expect(problem).toMatchObject({
      code: 'deploy-backup-unproven',
      message:
        'The dump lacks 7 of 7 indexes, keys and triggers: by_day of public.days, by_name of public.users, instead of public.names, own of public.days_1, same of public.users, users_boss_fkey of public.users, users_pkey of public.users.'
    })
    const post = added.map((row, at) => `${at + 30}; ${String(row['catalog'])} ${String(row['oid'])} WHAT public it me`)
    expect(post).toHaveLength(7)
    expect(await problemsOf(taken(...post))).toEqual([])
  })

  test('is none without the large objects of the database', async () => {
    const database = await server.createDatabase()
    await server.query("SELECT lo_from_bytea(0, '\\x010203')", database)
    const taken = (...entries: readonly string[]) =>
      takeBackup(
        backupOf(server.url(database), standIns({ list: listing(...entries), rows: whole })),
        backupWorld(),
        journal()
      )
    const [problem] = await problemsOf(taken())
    expect(problem).toMatchObject({
      code: 'deploy-backup-unproven',
      message: expect.stringContaining('1 large object ')
    })
    expect(await problemsOf(taken('4; 0 0 BLOBS - BLOBS '))).toEqual([])
  })

  test('that is cancelled ends the program and leaves nothing', async () => {
    const controller = new AbortController()
    const programs = standIns({ dump: 'echo begun; sleep 60' })
    const request = backupOf(url(), programs)
    const world = backupWorld(controller.signal)
    const { info } = world.log
    const log = {
      ...world.log,
      info: (line: string) => {
        info(line)
        if (line === 'begun') controller.abort()
      }
    }
    const problems = await problemsOf(takeBackup(request, { ...world, log }, journal()))
    expect(problems.map((problem) => problem.code)).toEqual(['deploy-cancelled'])
    expect(readdirSync(request.inputs.folder)).toEqual([])
    expect(await sessions()).toEqual([])
  })
})

describe('a command that makes the backup', () => {
  const by = (command: string): ReturnType<typeof backupOf> => backupOf(url(), standIns(), { command, timeout: 20_000 })

  test('says by its last line how one goes back, and knows the database and a name', async () => {
    const backup = await takeBackup(
      by('echo working\necho "branch $BACKUP_NAME of $PGDATABASE"'),
      backupWorld(),
      journal()
    )
    expect(backup).toMatchObject({ verified: 'command', file: undefined })
    expect(backup.restore).toMatch(
      new RegExp(`^branch ${name.replace('_', '-')}-\\d{8}-\\d{6}-[0-9a-f]{4} of ${name}$`)
    )
  })

  test.each(['exit 3', 'true', 'false | cat', 'echo out; exit 1'])('%s makes none', async (command) => {
    const problems = await problemsOf(takeBackup(by(command), backupWorld(), journal()))
    expect(problems.map(({ code }) => code)).toEqual(['deploy-backup-command'])
  })
})

describe('programs', () => {
  test('of the server’s version are taken rather than newer ones, and older ones never', async () => {
    const [newest, older, fitting] = [
      standIns({ version: '98.1' }),
      standIns({ version: '96.3' }),
      standIns({ version: '97.2' })
    ]
    const env = { PATH: `${newest}:${older}:${fitting}` }
    expect(await findDumpPrograms(970_000, env, backupWorld())).toMatchObject({
      programs: { major: 97, told: `pg_dump 97.2 (${fitting})` }
    })
    expect(await findDumpPrograms(980_000, env, backupWorld())).toMatchObject({ programs: { major: 98 } })
  })

  test('that are all too old are listed with how the right ones are installed', async () => {
    const old = standIns({ version: '96.3 (Debian 96.3-1)' })
    const found = await findDumpPrograms(990_001, { PATH: old }, backupWorld())
    expect(found).toMatchObject({ problems: [{ code: 'deploy-backup-programs' }] })
    if (!('problems' in found)) return
    expect(found.problems[0]?.message).toContain(`pg_dump 96.3 (${old})`)
    expect(found.problems[0]?.hint).toContain('postgresql-client-99')
  })
})

describe('what is asked before anything is changed', () => {
  test('names recipients that are none, and no secret key', async () => {
    const secret = 'AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ'
    const request = backupOf(url(), standIns(), { recipient: `ssh-ed25519 ${secret}` })
    const problems = await backupProblems(request, backupWorld())
    expect(problems.map(({ code }) => code)).toEqual(['deploy-backup-recipient', 'deploy-backup-recipient'])
    expect(problems[0]?.message).toContain('SSH are not supported')
    expect(JSON.stringify(problems)).not.toContain(secret)
  })

  test('is a scratch server that has what the database uses', async () => {
    const request = backupOf(url(), standIns(), { verify: 'restore' })
    expect((await backupProblems(request, backupWorld())).map(({ code }) => code)).toEqual(['deploy-scratch'])
    expect(await backupProblems({ ...request, scratch: urlOf(server.url()) }, backupWorld())).toEqual([])
  })
})
