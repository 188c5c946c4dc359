import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Check } from '../../../actions/db-deploy/check.ts'
import { outOfOrder } from '../../../actions/db-deploy/deploy/prove.ts'
import type { MigrationState, MigrationStatus } from '../../../actions/db-deploy/state/migration-state.ts'
import type { ToolResult } from '../../../actions/db-deploy/tool.ts'
import { prove, type Proof } from '../../../actions/db-deploy/verification/prove.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'
import { databaseUrl, failures } from './smoking.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
}, 60_000)

afterAll(() => {
  postgres.stop()
})

/** Migrations by hand: a table says which of them are applied. */
interface HandMigration {
  readonly up: string
  readonly down: string
}

/** A copy in which the first migrations are applied already, and what a tool would do with the rest. */
async function proven(
  migrations: readonly HandMigration[],
  options: {
    readonly appliedInCopy?: number
    readonly each?: string
    readonly what?: Proof['what']
    readonly rollBack?: Proof['rollBack']
    readonly rollBackSteps?: number
  } = {}
): Promise<readonly Check[]> {
  const { appliedInCopy = 0, each = '' } = options
  const name = await postgres.createDatabase()
  const run = (sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> => postgres.query(sql, name)
  const applied = async (): Promise<number> => Number((await run('SELECT count(*) AS count FROM done'))[0]?.['count'])
  await run('CREATE TABLE done (version int)')
  for (const [at, { up }] of migrations.slice(0, appliedInCopy).entries())
    await run(`${up}; INSERT INTO done VALUES (${at})`)
  const tool = async (body: () => Promise<number>): Promise<ToolResult> => {
    try {
      const count = await body()
      return { exitCode: 0, end: 'exited', sentence: count > 0 ? 'applied' : 'nothing', migrations: [], output: '' }
    } catch (error) {
      return { exitCode: 1, end: 'exited', sentence: 'failed', migrations: [], output: String(error) }
    }
  }
  return prove(databaseUrl(postgres.url(name)), {
    what: options.what ?? new Set(['idempotent', 'rollback'] as const),
    applied: options.rollBackSteps ?? appliedInCopy,
    pending: async () => migrations.slice(await applied()).map((_, at) => String(at)),
    migrate: () =>
      tool(async () => {
        const first = await applied()
        for (const { up } of migrations.slice(first)) await run(`${up}; INSERT INTO done SELECT count(*) FROM done`)
        if (each !== '') await run(each)
        return migrations.length - first
      }),
    rollBack:
      options.rollBack ??
      ((_, { steps }) =>
        tool(async () => {
          for (let step = 0; step < steps; step++) {
            const last = (await applied()) - 1
            await run(`${migrations[last]?.down ?? ''}; DELETE FROM done WHERE version = ${last}`)
          }
          return steps
        })),
    schema: async () =>
      (
        await run(`SELECT table_name || '.' || column_name AS line FROM information_schema.columns
          WHERE table_schema = 'public' AND table_name <> 'done' ORDER BY 1`)
      ).map(({ line }) => String(line))
  })
}

const a = { up: 'CREATE TABLE a (id int)', down: 'DROP TABLE a' }
const b = { up: 'ALTER TABLE a ADD b int', down: 'ALTER TABLE a DROP b' }

test('what can go back and forth is proven, pending in the copy or applied', async () => {
  const pending = await proven([a, b])
  expect(pending.map(({ id, result }) => [id, result])).toEqual([
    ['prove-idempotent', 'ok'],
    ['prove-rollback', 'ok']
  ])
  expect(pending[1]?.told).toBe('2 rolled back and applied again, each time with the schema as it was')
  expect((await proven([a, b], { appliedInCopy: 2 }))[1]).toMatchObject({
    result: 'ok',
    told: '2 rolled back and applied again'
  })
})

test('a second run that changes the schema is not idempotent', async () => {
  const checks = await proven([a], {
    each: 'CREATE TABLE IF NOT EXISTS a2 (); ALTER TABLE a2 ADD COLUMN c_random int; ALTER TABLE a2 RENAME COLUMN c_random TO c'
  })
  expect(failures(checks)[0]).toContain('does not migrate a second time')
  const quiet = await proven([a], {
    each: `DO $$ BEGIN EXECUTE format('CREATE TABLE t%s (x int)', (SELECT count(*) FROM pg_tables)); END $$`,
    what: new Set(['idempotent'])
  })
  expect(failures(quiet)).toEqual([
    expect.stringMatching(/a second run of the migrations changed the schema: \+ t\d+\.x/)
  ])
})

test('a rollback that leaves something behind fails with what it leaves', async () => {
  const c = { up: 'ALTER TABLE a ADD IF NOT EXISTS c int', down: 'SELECT 1' }
  expect(failures(await proven([a, c], { appliedInCopy: 1 }))).toEqual([
    expect.stringContaining('the schema after the rollback is not what it was before the migrations: + a.c.')
  ])
})

test('a rollback that takes too much fails where the schema is another at the end', async () => {
  const c = { up: 'ALTER TABLE a ADD IF NOT EXISTS c int', down: 'ALTER TABLE a DROP c; ALTER TABLE a DROP id' }
  const [, rollback] = await proven([a, c], { appliedInCopy: 2, rollBackSteps: 1 })
  expect(failures(rollback === undefined ? [] : [rollback])).toEqual([
    expect.stringContaining('the schema is another after going back and forth: - a.id.')
  ])
})

test('a rollback that fails is told with the tool’s words', async () => {
  expect(failures(await proven([a, { ...b, down: 'ALTER TABLE nowhere DROP b' }]))).toEqual([
    expect.stringMatching(/cannot be rolled back \(exit code 1\): .*relation "nowhere" does not exist/)
  ])
})

test('a failure is told by what the tool says of it, and not by the stack below', async () => {
  const message = 'Postgrex.Error: ERROR 42704 (undefined_object) policy "own" for table "users" does not exist'
  const output = `** (${message})\n    (ecto_sql 3.13.5) lib/a.ex:1\n    (elixir) lib/b.ex:2\n    (mix) lib/c.ex:3\n`
  const rollBack: Proof['rollBack'] = () =>
    Promise.resolve({ exitCode: 1, end: 'exited', sentence: 'failed', message, migrations: [], output })
  expect(failures(await proven([a], { rollBack }))).toEqual([
    expect.stringContaining(`cannot be rolled back (exit code 1): ${message}.`)
  ])
})

test('a framework without a way back, and nothing to take back, are not checked', async () => {
  const rollBack = { told: 'Prisma has no migrations that go back', next: 'The backup.' }
  expect((await proven([a], { rollBack }))[1]).toMatchObject({ result: 'not checked', ...rollBack })
  expect((await proven([]))[1]).toMatchObject({ result: 'not checked', told: 'nothing to take back' })
})

test('a way back is not proven where something newer is applied and would go first', () => {
  const state = (...statuses: readonly (readonly [string, MigrationStatus['status']])[]): MigrationState => ({
    framework: 'ecto',
    folders: ['priv/repo/migrations'],
    table: undefined,
    migrations: statuses.map(([name, status]) => ({ name, version: name, path: undefined, status, marks: [] })),
    current: undefined,
    notChecked: []
  })
  expect(outOfOrder([state(['1', 'applied'], ['2', 'pending'], ['3', 'pending'])])).toBeUndefined()
  // What has no file is never taken back.
  expect(outOfOrder([state(['2', 'pending'], ['3', 'missing'])])).toBeUndefined()
  expect(outOfOrder([state(['1', 'applied'], ['2', 'pending'], ['3', 'applied'])])?.told).toBe(
    '2 is pending, and 3, which is newer, is applied: Ecto would take back that one first'
  )
})

test('migrations that fail on the copy prove nothing', async () => {
  const checks = await proven([a, { up: 'ALTER TABLE nowhere ADD b int', down: '' }])
  expect(checks.map(({ id, result }) => [id, result])).toEqual([
    ['prove-idempotent', 'failed'],
    ['prove-rollback', 'failed']
  ])
  expect(JSON.stringify(checks[0])).toContain('unless it names what the copy has not: policies,')
})
