// needs: psql
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { database, examples, type RuleExample } from '../shared/migrations/rules/examples.ts'
import { linted, migrationsOf } from '../shared/migrations/rules/linting.ts'

/**
 * What the rules say of locks, of tables that are written anew and of statements that fail is what a PostgreSQL is seen to
 * do; and every recipe runs on it.
 */

let postgres: Postgres
let name = 0

beforeAll(async () => {
  postgres = await startPostgres()
  psql('postgres', 'CREATE DATABASE shop')
  psql('shop', database)
}, 120_000)

afterAll(() => {
  postgres.stop()
})

function client(
  of: string,
  options: readonly string[],
  sql: string
): { readonly code: number; readonly output: string } {
  const { port, user, password } = postgres
  const result = spawnSync(
    'psql',
    [
      '-X',
      '-q',
      '-A',
      '-t',
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      user,
      '-d',
      of,
      '-v',
      'ON_ERROR_STOP=1',
      '-v',
      'VERBOSITY=verbose',
      ...options
    ],
    { input: sql, encoding: 'utf8', env: { ...process.env, PGPASSWORD: password } }
  )
  return { code: result.status ?? -1, output: `${result.stdout}${result.stderr}` }
}

/** @throws where PostgreSQL refuses it */
function psql(of: string, sql: string, options: readonly string[] = []): string {
  const { code, output } = client(of, options, sql)
  if (code !== 0) throw new Error(`${output}\n${sql}`)
  return output
}

/** A database of its own for one example. */
function copyOfShop(): string {
  name += 1
  psql('postgres', `CREATE DATABASE copy_${name} TEMPLATE shop`)
  return `copy_${name}`
}

test('the server is the one that the claims are made for', () => {
  expect(execFileSync('psql', ['--version'], { encoding: 'utf8' })).toMatch(/^psql/)
  expect(Number(psql('shop', 'SHOW server_version_num'))).toBeGreaterThanOrEqual(180000)
})

const locking = examples.filter((example) => example.locks !== undefined)

describe.each(locking)('$rule: $bad', ({ bad, locks, rewrites }) => {
  test('takes the lock that the rule tells of', () => {
    const held = psql(
      'shop',
      `BEGIN; ${bad}; SELECT relation::regclass || ' ' || mode FROM pg_locks WHERE relation IS NOT NULL AND pid = pg_backend_pid(); ROLLBACK;`.replace(
        ';;',
        ';'
      )
    ).split('\n')
    // A table that was renamed or dropped shows another name, or its number.
    const shown = held.some((line) => line === `${locks?.table} ${locks?.mode}` || /^(\d+|people) Access/.test(line))
    expect([shown, held]).toEqual([true, held])
  })

  test(rewrites === undefined ? 'leaves the table’s file alone' : 'writes the table anew', () => {
    const table = rewrites ?? locks?.table ?? ''
    if (/^(DROP TABLE|TRUNCATE|DROP INDEX|REINDEX)/.test(bad)) return
    const node = `SELECT relfilenode FROM pg_class WHERE oid = '${table}'::regclass`
    const oid = psql('shop', `SELECT '${table}'::regclass::oid`).trim()
    const before = psql('shop', node).trim()
    const after = psql(
      'shop',
      `BEGIN; ${bad}; SELECT relfilenode FROM pg_class WHERE oid = ${oid}; ROLLBACK;`.replace(';;', ';')
    )
    expect(before !== after.trim()).toBe(rewrites !== undefined)
  })
})

const refusals = examples.filter((example) => example.refused !== undefined)

test.each(refusals)('PostgreSQL refuses with $refused: $bad', ({ bad, refused }) => {
  const { code, output } = client('shop', [], bad)
  expect([code === 0, output]).toEqual([false, expect.stringContaining(`ERROR:  ${refused}`)])
})

const withRecipe = examples.filter(({ words, framework }) => words !== true && framework !== 'ecto')

test.each(withRecipe)('the recipe runs, for $rule: $bad', (example) => {
  expect(run(example, 17)).toBeGreaterThan(0)
})

const notNull = examples.filter(({ rule }) => rule === 'set-not-null' || rule === 'add-column-not-null')

test.each(notNull)('the recipe of PostgreSQL 18 runs, for $rule: $bad', (example) => {
  expect(run(example, 18)).toBeGreaterThan(0)
})

/** Runs a recipe as its tool would: each file in one transaction, or by itself where it says CONCURRENTLY. */
function run(
  { rule, bad, framework = 'sql', context = {}, before, fill }: RuleExample,
  postgresVersion: number
): number {
  const { findings } = linted(bad, framework, { ...context, postgres: postgresVersion })
  const recipe = findings.find((finding) => finding.rule === rule)?.recipe
  const files = recipe === undefined ? [] : migrationsOf(recipe)
  const copy = copyOfShop()
  if (before !== undefined) psql(copy, before)
  for (const [at, file] of files.entries()) {
    const alone = /\bCONCURRENTLY\b|^BEGIN;/m.test(file)
    psql(copy, file, alone ? [] : ['--single-transaction'])
    if (at === 0 && fill !== undefined) psql(copy, fill)
  }
  return files.length
}

test('what a table proves is believed: SET NOT NULL behind a validated CHECK reads no row', () => {
  const copy = copyOfShop()
  psql(copy, 'ALTER TABLE users ADD CONSTRAINT c CHECK (email IS NOT NULL)')
  const said = psql(copy, 'SET client_min_messages = debug1; ALTER TABLE users ALTER COLUMN email SET NOT NULL;')
  expect(said).toMatch(/existing constraints on column "users\.email" are sufficient to prove/)
})

test.each([
  ['varchar that grows', 'name', 'varchar(30)', false],
  ['varchar to text', 'name', 'text', false],
  ['varchar that shrinks', 'name', 'varchar(5)', true],
  ['numeric of more digits', 'amount', 'numeric(10, 2)', false],
  ['numeric of another scale', 'amount', 'numeric(10, 3)', true],
  ['int to bigint', 'age', 'bigint', true],
  ['char(n) to text', 'code', 'text', true],
  ['timestamp to timestamptz in UTC', 'born', 'timestamptz', false]
])('%s: the table is written anew or not, as the rule says', (_what, column, type, rewritten) => {
  const columns = 'name varchar(20), age int, amount numeric(8, 2), born timestamp, code char(3)'
  const alter = `ALTER TABLE known ALTER COLUMN ${column} TYPE ${type};`
  // Known from the change itself: the table is of before, the columns are of now.
  const add = `ALTER TABLE known ADD COLUMN ${columns.split(/,\s(?=[a-z])/).join(', ADD COLUMN ')};`
  const found = linted(`SET TimeZone = 'UTC'; ${add} ${alter}`).findings.some(
    ({ rule }) => rule === 'alter-column-type'
  )
  expect(found).toBe(rewritten)

  const node = `SELECT relfilenode FROM pg_class WHERE oid = 'known'::regclass;`
  const [before, after] = psql(
    copyOfShop(),
    `CREATE TABLE known (id int); SET TimeZone = 'UTC'; ${add} INSERT INTO known VALUES (1); ${node} ${alter} ${node}`
  )
    .trim()
    .split('\n')
  expect(before !== after).toBe(rewritten)
})

test('an index is built concurrently beside the transaction that holds Ecto’s table lock', async () => {
  const copy = copyOfShop()
  psql(copy, 'CREATE TABLE schema_migrations (version bigint)')
  const lock = 'BEGIN; LOCK TABLE schema_migrations IN SHARE UPDATE EXCLUSIVE MODE; SELECT * FROM schema_migrations;'
  const holder = held(copy, lock)
  await holder.ready
  try {
    psql(copy, "SET statement_timeout = '20s'; CREATE INDEX CONCURRENTLY i ON users (age);")
  } finally {
    holder.end()
  }
})

/** A session that stays in its transaction until it is ended. */
function held(of: string, sql: string): { readonly ready: Promise<void>; readonly end: () => void } {
  const { port, user, password } = postgres
  const child = spawn('psql', ['-X', '-q', '-h', '127.0.0.1', '-p', String(port), '-U', user, '-d', of], {
    env: { ...process.env, PGPASSWORD: password }
  })
  child.stdin.write(`${sql}\n\\echo ready\n`)
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('ready')) resolve()
    })
  })
  return {
    ready,
    end: () => {
      child.stdin.end('ROLLBACK;\n')
    }
  }
}
