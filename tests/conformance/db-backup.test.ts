// needs: pg_dump, pg_restore, pg_dump18, pg_restore18, postgres15, age, age-keygen
// Backups by PostgreSQL's own programs of two versions, and age's own program on what is encrypted.
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { decryptFile, encryptFile } from '../../actions/db-deploy/dump/encryption.ts'
import { readRows } from '../../actions/db-deploy/dump/read-rows.ts'
import { takeBackup } from '../../actions/db-deploy/dump/take-backup.ts'
import { createJournal } from '../../actions/db-deploy/journal.ts'
import { neverCancelled } from '../../actions/shared/cancellation.ts'
import { digestFile } from '../../actions/shared/files.ts'
import { systemClock } from '../../actions/shared/clock.ts'
import { clientFolder } from '../support/postgres-clients.ts'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { backupOf, backupWorld, problemsOf, urlOf } from '../db-deploy/dump/backing-up.ts'
import { manyKinds, otherRows } from '../db-deploy/dump/many-kinds.ts'

const run = promisify(execFile)

let old: Postgres
let current: Postgres
let clients15: string
let clients18: string
beforeAll(async () => {
  clients15 = clientFolder(15)
  clients18 = clientFolder(18)
  old = await startPostgres({ version: 15 })
  current = await startPostgres()
})
afterAll(() => {
  old.stop()
  current.stop()
})

const journal = (): ReturnType<typeof createJournal> => createJournal(systemClock)

async function filled(server: Postgres, users = 1000): Promise<string> {
  const name = await server.createDatabase()
  await server.query(manyKinds(users), name)
  return server.url(name)
}

/** Sessions that look at a database besides the one that asks. */
async function sessions(server: Postgres): Promise<readonly unknown[]> {
  return server.query(
    "SELECT application_name, state, query FROM pg_stat_activity WHERE application_name LIKE 'release-actions/%'"
  )
}

const databases = async (server: Postgres): Promise<readonly unknown[]> =>
  (await server.query('SELECT datname FROM pg_database ORDER BY 1')).map(({ datname }) => datname)

describe.each([15, 18] as const)('PostgreSQL %i, by programs of its version', (version) => {
  const server = (): Postgres => (version === 15 ? old : current)
  const clients = (): string => (version === 15 ? clients15 : clients18)
  const serverVersion = version === 15 ? 150_018 : 180_004

  test('has every index, key and trigger that is looked for, whatever made it', async () => {
    const name = await server().createDatabase()
    await server().query(manyAdditions, name)
    const backup = await takeBackup(
      backupOf(server().url(name), clients(), { verify: 'list' }, { serverVersion }),
      backupWorld(),
      journal()
    )
    expect(backup.verified).toBe('list')
  })

  test.each(['list', 'read', 'restore'] as const)('proven to level %s', async (verify) => {
    const url = await filled(server())
    const before = await databases(server())
    const request = backupOf(url, clients(), { verify }, { serverVersion, scratch: urlOf(server().url()) })
    const backup = await takeBackup(request, backupWorld(), journal())
    expect(backup).toMatchObject({ verified: verify, encrypted: false })
    expect(backup.rows).toBe(verify === 'list' ? undefined : 1000 + otherRows)
    expect(readdirSync(request.inputs.folder)).toEqual([basename(backup.file ?? '')])
    expect(await digestFile(backup.file ?? '')).toEqual({ sha256: backup.sha256, size: backup.bytes })
    expect(statSync(backup.file ?? '').mode & 0o777).toBe(0o600)
    expect(await sessions(server())).toEqual([])
    expect(await databases(server())).toEqual(before)
  })
})

test('a newer pg_dump proves an older server’s dump by a restore too, whatever setting of its own that server refuses', async () => {
  // Told that the server is 16, it passes those of 15 by, which this machine may have besides.
  const request = backupOf(
    await filled(old),
    clients18,
    { verify: 'restore' },
    { serverVersion: 160_000, scratch: urlOf(old.url()) }
  )
  const backup = await takeBackup(request, backupWorld(), journal())
  expect(backup.verified).toBe('restore')
  expect(backup.program).toContain('pg_dump 18')
})

test('rows that are written while the dump is made are in neither side of the comparison', async () => {
  const name = await current.createDatabase()
  await current.query(manyKinds(200_000), name)
  const enough = new AbortController()
  let written = 0
  const writer = (async () => {
    while (!enough.signal.aborted) {
      await current.query("INSERT INTO users (name) SELECT 'late' FROM generate_series(1, 50)", name)
      written += 50
    }
  })()
  const scratch = urlOf(current.url())
  const backup = await takeBackup(
    backupOf(current.url(name), clients18, { verify: 'restore' }, { scratch }),
    backupWorld(),
    journal()
  )
  enough.abort()
  await writer
  expect(written).toBeGreaterThan(0)
  expect(backup.verified).toBe('restore')
  expect(backup.rows).toBeLessThanOrEqual(200_000 + otherRows + written)
})

describe('what pg_dump’s exit code does not say', () => {
  /** pg_dump that does something else, and the real pg_restore. */
  function programsWith(dump: string): string {
    const folder = temporaryFolder('programs')
    writeFileSync(join(folder, 'pg_restore'), `#!/bin/sh\nexec "${clients18}/pg_restore" "$@"\n`, { mode: 0o755 })
    writeFileSync(
      join(folder, 'pg_dump'),
      `#!/bin/bash\nreal="${clients18}/pg_dump"\nfor each in "$@"; do case "$each" in --version) exec "$real" --version ;; --file=*) file="\${each#--file=}" ;; esac; done\n${dump}\n`,
      { mode: 0o755 }
    )
    return folder
  }

  test.each([
    {
      what: 'output into a full device, which ends with 0',
      dump: 'rest=(); for each in "$@"; do case "$each" in --file=*) ;; *) rest+=("$each") ;; esac; done; "$real" "${rest[@]}" > /dev/full',
      code: 'deploy-backup-failed'
    },
    { what: 'a file that may not grow', dump: 'ulimit -f 8; "$real" "$@"', code: 'deploy-backup-failed' },
    {
      what: 'a file whose end is cut off',
      dump: '"$real" "$@"; truncate --size=-2000 "$file"; exit 0',
      code: 'deploy-dump-unreadable'
    },
    {
      what: 'bytes in the middle that are others',
      dump: '"$real" "$@"; printf XXXXXXXX | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") - 4000)) conv=notrunc 2> /dev/null; exit 0',
      code: 'deploy-dump-unreadable'
    },
    { what: 'a table that was left out', dump: '"$real" "$@" --exclude-table=tricky', code: 'deploy-backup-unproven' },
    {
      what: 'the rows of a table that were left out',
      dump: '"$real" "$@" --exclude-table-data=tricky',
      code: 'deploy-backup-unproven'
    },
    { what: 'a signal', dump: 'kill -9 $$', code: 'deploy-backup-failed' }
  ])('$what', async ({ dump, code }) => {
    const request = backupOf(await filled(current, 20_000), programsWith(dump))
    const problems = await problemsOf(takeBackup(request, backupWorld(), journal()))
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(readdirSync(request.inputs.folder)).toEqual([])
    expect(await sessions(current)).toEqual([])
  })
})

test('a cancelled backup ends pg_dump and its backend, and leaves no file', async () => {
  const name = await current.createDatabase()
  await current.query(manyKinds(10), name)
  const blocker = new pg.Client(current.url(name))
  await blocker.connect()
  await blocker.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE')
  try {
    const controller = new AbortController()
    const request = backupOf(current.url(name), clients18)
    const problems = problemsOf(takeBackup(request, backupWorld(controller.signal), journal()))
    for (let waiting = 0; waiting === 0;) {
      const rows = await current.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE '% backup' AND wait_event_type = 'Lock'"
      )
      waiting = rows.length
    }
    controller.abort()
    expect((await problems).map(({ code }) => code)).toEqual(['deploy-cancelled'])
    expect(readdirSync(request.inputs.folder)).toEqual([])
    expect(await sessions(current)).toEqual([])
  } finally {
    await blocker.end()
  }
})

test('a lock that nobody gives back ends in time, and says so', async () => {
  const name = await current.createDatabase()
  await current.query(manyKinds(10), name)
  const blocker = new pg.Client(current.url(name))
  await blocker.connect()
  await blocker.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE')
  try {
    const request = backupOf(current.url(name), clients18, { timeout: 1500 })
    const problems = await problemsOf(takeBackup(request, backupWorld(), journal()))
    expect(problems[0]?.code).toBe('deploy-backup-failed')
    expect(problems[0]?.message).toMatch(/did not end in time|lock timeout/)
    expect(await sessions(current)).toEqual([])
  } finally {
    await blocker.end()
  }
})

test('an index can be built concurrently as soon as the backup is there', async () => {
  const url = await filled(current)
  await takeBackup(backupOf(url, clients18), backupWorld(), journal())
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  await current.query("SET lock_timeout = '2s'; SET statement_timeout = '5s'", name)
  await current.query('CREATE INDEX CONCURRENTLY users_name ON users (name)', name)
  expect(
    await current.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'users_name'::regclass", name)
  ).toEqual([{ indisvalid: true }])
})

test('a role that may not read a table is told what to grant', async () => {
  const url = await filled(current, 1)
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  await current.createRole('half_reader')
  await current.query('GRANT SELECT ON users TO half_reader', name)
  const as = current.url(name, { user: 'half_reader', password: 'secret-half_reader' })
  const problems = await problemsOf(takeBackup(backupOf(as, clients18), backupWorld(), journal()))
  expect(problems[0]?.code).toBe('deploy-backup-failed')
  expect(problems[0]?.hint).toContain('pg_read_all_data')
  expect(problems[0]?.message).not.toContain('secret-half_reader')
})

test('row security that hides rows is an error and no smaller backup', async () => {
  const url = await filled(current, 5)
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  await current.createRole('hidden_from')
  await current.query(
    `GRANT pg_read_all_data TO hidden_from; ALTER TABLE users ENABLE ROW LEVEL SECURITY;
     CREATE POLICY first_ones ON users USING (id < 3)`,
    name
  )
  const as = current.url(name, { user: 'hidden_from', password: 'secret-hidden_from' })
  const problems = await problemsOf(takeBackup(backupOf(as, clients18), backupWorld(), journal()))
  expect(problems[0]?.hint).toContain('BYPASSRLS')
})

describe('age', () => {
  test('decrypts what was encrypted for its key, and pg_restore reads it', async () => {
    const folder = temporaryFolder('keys')
    const key = join(folder, 'key.txt')
    const { stderr } = await run('age-keygen', ['-o', key])
    const recipient = /age1\w+/.exec(stderr)?.[0] ?? ''
    const backup = await takeBackup(backupOf(await filled(current), clients18, { recipient }), backupWorld(), journal())
    expect(backup).toMatchObject({ encrypted: true, verified: 'read', file: expect.stringMatching(/\.dump\.age$/) })
    const plain = join(folder, 'plain.dump')
    await run('age', ['--decrypt', '--identity', key, '--output', plain, backup.file ?? ''])
    expect((await digestFile(plain)).sha256).toBe(backup.plainSha256)
    const client = {
      program: join(clients18, 'pg_restore'),
      applicationName: 'test',
      folder,
      environmentVariables: {},
      timeout: 60_000
    }
    const rows = await readRows(plain, client, backupWorld())
    expect(rows.tables.get('public.users')).toBe(1000)
    expect(backup.restore).toContain('age --decrypt --identity key.txt')
  })

  test('encrypts what we decrypt, of a size around that of its chunks', async () => {
    const folder = temporaryFolder('keys')
    const key = join(folder, 'key.txt')
    const { stderr } = await run('age-keygen', ['-o', key])
    const recipient = /age1\w+/.exec(stderr)?.[0] ?? ''
    for (const size of [0, 1, 65_535, 65_536, 65_537, 3_000_000]) {
      const [plain, theirs, back, ours] = ['plain', 'theirs', 'back', 'ours'].map((name) =>
        join(folder, `${name}-${size}`)
      ) as [string, string, string, string]
      writeFileSync(plain, Buffer.alloc(size, 'dump'))
      await run('age', ['--recipient', recipient, '--output', theirs, plain])
      await decryptFile(theirs, back, { identity: readFileSync(key, 'utf8'), passphrase: undefined }, neverCancelled())
      expect(readFileSync(back).equals(readFileSync(plain))).toBe(true)
      await encryptFile(plain, ours, { recipient, passphrase: undefined }, neverCancelled())
      const { stdout } = await run('age', ['--decrypt', '--identity', key, ours], {
        encoding: 'buffer',
        maxBuffer: 1e8
      })
      expect(stdout.equals(readFileSync(plain))).toBe(true)
    }
  })
})

test('the one command that is told restores the backup', async () => {
  const url = await filled(current)
  const backup = await takeBackup(backupOf(url, clients18), backupWorld(), journal())
  const at = new URL(url)
  await run('sh', ['-c', backup.restore], {
    cwd: join(backup.file ?? '', '..'),
    env: {
      PATH: `${clients18}:${process.env['PATH'] ?? ''}`,
      PGHOST: at.hostname,
      PGPORT: at.port,
      PGUSER: 'postgres',
      PGPASSWORD: 'postgres'
    }
  })
  const name = `${decodeURIComponent(at.pathname.slice(1))}_restored`
  expect(await current.query('SELECT count(*)::int AS users FROM users', name)).toEqual([{ users: 1000 }])
})

test('a disk that is full when the dump is written leaves nothing', async () => {
  const folder = join(temporaryFolder('full'), 'disk')
  mkdirSync(folder)
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).then(
    () => true,
    () => false
  )
  // Only root may make a disk that small; elsewhere the limit of a file's size above says the same.
  if (!mounted) return
  try {
    const request = backupOf(await filled(current, 200_000), clients18, { folder })
    const problems = await problemsOf(takeBackup(request, backupWorld(), journal()))
    expect(problems[0]?.code).toMatch(/^deploy-backup-(disk|failed)$/)
    expect(problems[0]?.hint).toContain('backup-folder')
    expect(readdirSync(folder)).toEqual([])
  } finally {
    await run('umount', [folder])
  }
})

test('a file that was cut passes the list and not the reading', async () => {
  const backup = await takeBackup(backupOf(await filled(current, 20_000), clients18), backupWorld(), journal())
  const file = backup.file ?? ''
  chmodSync(file, 0o600)
  truncateSync(file, (backup.bytes ?? 0) - 1)
  const client = {
    program: join(clients18, 'pg_restore'),
    applicationName: 'test',
    folder: join(file, '..'),
    environmentVariables: {},
    timeout: 60_000
  }
  await run(join(clients18, 'pg_restore'), ['--list', file])
  expect((await problemsOf(readRows(file, client, backupWorld()))).map(({ code }) => code)).toEqual([
    'deploy-dump-unreadable'
  ])
})

/** Kinds of keys, indexes and triggers that pg_dump writes in ways of their own. */
const manyAdditions = `
  CREATE TABLE parent (id int PRIMARY KEY, code text CONSTRAINT later UNIQUE DEFERRABLE);
  CREATE TABLE child (extra int UNIQUE) INHERITS (parent);
  CREATE TABLE split (id int, at date, p int REFERENCES parent, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE split_1 PARTITION OF split FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE TABLE alone (id int, at date, PRIMARY KEY (id, at));
  ALTER TABLE alone ADD CONSTRAINT to_split FOREIGN KEY (id, at) REFERENCES split;
  ALTER TABLE alone ADD CONSTRAINT loose FOREIGN KEY (id) REFERENCES parent NOT VALID;
  CREATE INDEX on_split ON split (p);
  CREATE TABLE spans (during int4range, EXCLUDE USING gist (during WITH &&));
  CREATE UNLOGGED TABLE quick (id int PRIMARY KEY);
  CREATE UNIQUE INDEX identity ON spans (during);
  CREATE INDEX partial ON parent ((lower(code))) WHERE code <> '';
  ALTER TABLE alone REPLICA IDENTITY USING INDEX alone_pkey;
  ALTER TABLE parent CLUSTER ON parent_pkey;
  CREATE MATERIALIZED VIEW seen AS SELECT id FROM parent;
  CREATE UNIQUE INDEX on_seen ON seen (id);
  CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER plain BEFORE INSERT ON parent FOR EACH ROW EXECUTE FUNCTION nothing();
  CREATE TRIGGER off AFTER INSERT ON parent FOR EACH ROW EXECUTE FUNCTION nothing();
  ALTER TABLE parent DISABLE TRIGGER off;
  CREATE CONSTRAINT TRIGGER late AFTER INSERT ON alone DEFERRABLE FOR EACH ROW EXECUTE FUNCTION nothing();
  CREATE TRIGGER on_parts AFTER INSERT ON split FOR EACH ROW EXECUTE FUNCTION nothing();
  CREATE TABLE split_2 PARTITION OF split FOR VALUES FROM ('2027-01-01') TO ('2028-01-01') PARTITION BY LIST (id);
  CREATE TABLE split_2_1 PARTITION OF split_2 FOR VALUES IN (1);
  CREATE INDEX of_part ON split_1 (p);
  CREATE INDEX of_all ON split (p);
  CREATE INDEX alone_above ON ONLY split (at);
  ALTER TABLE split_1 ADD CONSTRAINT own_key UNIQUE (id);
  ALTER TABLE split_2_1 ADD CONSTRAINT own_reference FOREIGN KEY (id) REFERENCES parent;
  CREATE TABLE of_split (id int, at date, FOREIGN KEY (id, at) REFERENCES split);
  CREATE TRIGGER own_trigger BEFORE INSERT ON split_1 FOR EACH ROW EXECUTE FUNCTION nothing();
  ALTER TABLE split_1 DISABLE TRIGGER on_parts;
  CREATE VIEW looked_at AS SELECT * FROM alone;
  CREATE TRIGGER on_view INSTEAD OF INSERT ON looked_at FOR EACH ROW EXECUTE FUNCTION nothing();
`
