import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { systemClock } from '../../../actions/shared/clock.ts'
import type { Check } from '../../../actions/db-deploy/check.ts'
import { findVerifyFiles, unreadableFiles, verifyFiles } from '../../../actions/db-deploy/verification/verify-files.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { databaseWith, failures, type TestDatabase } from './smoking.ts'

let postgres: Postgres
let database: TestDatabase

beforeAll(async () => {
  postgres = await startPostgres()
  database = await databaseWith(
    postgres,
    'CREATE TABLE users (id int, email text); INSERT INTO users VALUES (1, NULL), (2, $$b$$)'
  )
}, 60_000)

afterEach(() => database.close())

afterAll(() => {
  postgres.stop()
})

test('what cannot be run at all is known without a database', () => {
  const checks = unreadableFiles([
    { path: 'a.sql', text: 'SELECT true' },
    { path: 'b.sql', text: 'SELECT 1;\n\\set x 1' },
    { path: 'c.sql', text: '-- later' }
  ])
  expect(checks.map(({ title, told }) => [title, told])).toEqual([
    ['b.sql', expect.stringContaining('a command of psql')],
    ['c.sql', 'no statement is in it']
  ])
})

async function verified(text: string): Promise<Check> {
  const session = await database.session()
  const [check] = await verifyFiles(session, [{ path: 'verify/users.sql', text }], { clock: systemClock })
  if (check === undefined) throw new Error('no check')
  return check
}

test.each([
  'SELECT count(*) > 0 FROM users',
  'SELECT count(*) = 2, true AS also FROM users; SELECT id FROM users WHERE id < 0;',
  "-- what must not be there; really\nSELECT id FROM users WHERE email = 'a;b' /* ; */;\n",
  'BEGIN; SELECT id, email FROM users WHERE false; ROLLBACK;',
  'DO $$ BEGIN PERFORM 1 / count(*) FROM users; END $$;',
  'SET LOCAL search_path = pg_catalog; SAVEPOINT a; SELECT true; ROLLBACK TO a; SELECT true'
])('passes: %s', async (text) => {
  expect(await verified(text)).toMatchObject({ result: 'ok' })
})

test.each([
  ['SELECT count(*) > 5 FROM users', 'row 1 of 1 (?column?) is not true', 1],
  ['SELECT true;\n\nSELECT bool_and(id > 5) FROM users WHERE id > 9', 'row 1 of 1 (bool_and) is not true', 3],
  ['SELECT id, email\n  FROM users WHERE email IS NULL', 'found row 1 of 1 (id, email)', 1],
  ['SELECT count(*) FROM users', 'found row 1 of 1 (count)', 1],
  ['SELECT 1 > 2, 2 > 1', 'row 1 of 1 (?column?, ?column?) is not true', 1],
  ['SELECT false, true', 'row 1 of 1 (?column?, ?column?) is not true', 1],
  ['SET TRANSACTION READ WRITE; INSERT INTO users VALUES (3); SELECT true', '(SQLSTATE 25001)', 1],
  ['SELECT true;\nSELECT id,\n  nmae FROM users', 'column "nmae" does not exist (SQLSTATE 42703)', 3],
  ['SELECT true; DELETE FROM users', 'cannot execute DELETE in a read-only transaction (SQLSTATE 25006)', 1],
  ['COMMIT; DELETE FROM users', 'cannot execute DELETE in a read-only transaction (SQLSTATE 25006)', 1],
  ['SELECT true;\n\\echo done', 'a command of psql', 2],
  ['-- nothing', 'no statement is in it', 1]
])('fails: %s', async (text, message, line) => {
  const check = await verified(text)
  expect(failures([check])).toEqual([expect.stringContaining(message)])
  expect(check).toMatchObject({ problem: { file: 'verify/users.sql', line } })
})

test('the values of rows that should not be there are not told', async () => {
  expect(JSON.stringify(await verified("SELECT 'somebody@example.org' AS email"))).not.toContain('somebody')
})

test('a file that fails hides no other, and leaves no transaction open', async () => {
  const session = await database.session()
  const files = ['SELECT 1/0', 'SELECT true'].map((text, at) => ({ path: `verify/${at}.sql`, text }))
  const checks = await verifyFiles(session, files, { clock: systemClock })
  expect(checks.map(({ result }) => result)).toEqual(['failed', 'ok'])
  await expect(session.query('SELECT now() = statement_timestamp() AS fresh')).resolves.toEqual([{ fresh: true }])
})

test('files are found by patterns in the order of their paths, and a pattern without any fails', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'))
  try {
    mkdirSync(join(folder, 'verify', 'more.sql'), { recursive: true })
    for (const name of ['b.sql', 'a.sql', 'c.txt']) writeFileSync(join(folder, 'verify', name), `-- ${name}`)
    const { files, checks } = await findVerifyFiles(folder, ['verify/*.sql', 'verify/a.sql', 'checks/*.sql'])
    expect(files).toEqual([
      { path: 'verify/a.sql', text: '-- a.sql' },
      { path: 'verify/b.sql', text: '-- b.sql' }
    ])
    expect(failures(checks)).toEqual([expect.stringContaining('names checks/*.sql, and there is no such file')])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
