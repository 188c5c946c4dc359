import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { playedProject } from '../support/prisma/played-project.ts'
import { deploys, twoMigrations, twoModels } from './deploy-stage.ts'

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

describe('a deploy', () => {
  test('applies what is pending, reads it back and tells it', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const url = postgres.url(await postgres.createDatabase())
    const run = await deploys(project, url)
    expect(run.annotations.filter(({ kind }) => kind === 'error')).toEqual([])
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({
      status: 'published',
      current: '20260102000000_posts',
      smoke: 'passed',
      rows: '0'
    })
    expect(JSON.parse(run.outputs['applied'] ?? '')).toEqual(Object.keys(twoMigrations))
    expect(JSON.parse(run.outputs['pending'] ?? '')).toEqual([])
    expect(run.outputs['fingerprint']).toMatch(/^[0-9a-f]{64}$/)
    expect(run.summary).toContain('20260101000000')
    expect(run.everything).not.toContain('postgres:postgres')
  })

  test('run again changes nothing, starts no tool and reads every model', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const url = postgres.url(await postgres.createDatabase())
    const first = await deploys(project, url)
    // A tool that would be asked fails.
    project.write({ 'node_modules/prisma/build/index.js': 'process.exitCode = 9\n' })
    const again = await deploys(project, url)
    expect(again.annotations.filter(({ kind }) => kind === 'error')).toEqual([])
    expect(again.exitCode).toBe(0)
    expect(again.outputs).toMatchObject({ status: 'unchanged', applied: '[]', smoke: 'passed' })
    expect(again.outputs['fingerprint']).toBe(first.outputs['fingerprint'])
  })

  test('goes on where the last one ended', async () => {
    const { '20260102000000_posts': second, ...first } = twoMigrations
    const project = playedProject({ migrations: first, schema: twoModels.split('model Post')[0] ?? '' })
    const url = postgres.url(await postgres.createDatabase())
    await deploys(project, url)
    project.write({
      'prisma/migrations/20260102000000_posts/migration.sql': second,
      'prisma/schema.prisma': `datasource db {\n  provider = "postgresql"\n}\n\n${twoModels}`
    })
    const run = await deploys(project, url)
    expect(JSON.parse(run.outputs['applied'] ?? '')).toEqual(['20260102000000_posts'])
  })

  test('shows what it would do and does nothing, as a plan', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const database = await postgres.createDatabase()
    const run = await deploys(project, postgres.url(database), { command: 'plan' })
    expect(run.exitCode).toBe(0)
    expect(run.outputs['status']).toBe('planned')
    expect(JSON.parse(run.outputs['pending'] ?? '')).toEqual(Object.keys(twoMigrations))
    expect(run.summary).toContain('CREATE TABLE users')
    expect(await postgres.query("SELECT to_regclass('users') AS there", database)).toEqual([{ there: null }])
  })

  test('is no success when the tool says nothing and ends with 0', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels, play: { deadEngine: true } })
    const run = await deploys(project, postgres.url(await postgres.createDatabase()), { 'tool-status': 'never' })
    expect(run.exitCode).toBe(1)
    expect(run.annotations.map(({ properties }) => properties['title'])).toEqual(
      expect.arrayContaining(['migrate-not-told', 'migrate-table'])
    )
  })

  test('that fails in the middle of a file says what is there and what to do', async () => {
    const project = playedProject({
      migrations: {
        ...twoMigrations,
        '20260103000000_broken':
          'CREATE TABLE tags (id int PRIMARY KEY);\nALTER TABLE users ADD COLUMN email text;\nCREATE TABLE never (id int);\n'
      },
      schema: twoModels
    })
    const run = await deploys(project, postgres.url(await postgres.createDatabase()))
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ status: 'failed', failed: '["20260103000000_broken"]' })
    expect(JSON.parse(run.outputs['applied'] ?? '')).toEqual(Object.keys(twoMigrations))
    const [failure] = run.annotations.filter(({ properties }) => properties['title'] === 'migrate-failed')
    expect(failure?.message).toContain('20260103000000_broken')
    expect(failure?.message).toContain('42701')
    expect(run.summary).toContain('migrate resolve')
    expect(run.summary).toContain('tags')
  })

  test('refuses a database with a failed migration, and changes nothing', async () => {
    const project = playedProject({ migrations: { '20260101000000_broken': 'SELECT 1 / 0;\n' } })
    const url = postgres.url(await postgres.createDatabase())
    await deploys(project, url)
    const again = await deploys(project, url)
    expect(again.exitCode).toBe(1)
    expect(again.stdout).toContain('Nothing was written.')
    expect(JSON.parse(again.outputs['failed'] ?? '')).toEqual(['20260101000000_broken'])
    expect(again.summary).toMatch(/### What to do now[^]*failed in an earlier run/)
    expect(again.summary).toContain('npx prisma migrate resolve --applied "20260101000000_broken"')
  })
})

describe('the tool’s own words', () => {
  test.each([
    ['', 0],
    ['Error: Schema engine exited.', 0],
    ["Error: P1001: Can't reach database server at `db.example.org`", 1]
  ])('that are no answer stop a deploy before it begins: %j with exit code %i', async (text, exitCode) => {
    const project = playedProject({
      migrations: twoMigrations,
      schema: twoModels,
      play: { status: { text, exitCode } }
    })
    const run = await deploys(project, postgres.url(await postgres.createDatabase()))
    expect(run.annotations.map(({ properties }) => properties['title'])).toContain('tool-step-failed')
    expect(run.stdout).toContain('Nothing was written.')
  })

  test('that there is no seed make the run fail, whatever the exit code', async () => {
    const play = { seed: 'exit 0', seedComputed: true }
    const project = playedProject({ migrations: twoMigrations, schema: twoModels, play })
    const run = await deploys(project, postgres.url(await postgres.createDatabase()), { seed: 'true' })
    expect(run.annotations.map(({ properties }) => properties['title'])).toContain('seed-failed')
    expect(JSON.parse(run.outputs['applied'] ?? '')).toEqual(Object.keys(twoMigrations))
  })
})

describe('a command that looks', () => {
  test.each(['status', 'preflight', 'smoke'])('%s passes on a database that is as it should be', async (command) => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const url = postgres.url(await postgres.createDatabase())
    await deploys(project, url)
    const run = await deploys(project, url, { command, backup: 'false' })
    expect(run.annotations.filter(({ kind }) => kind === 'error')).toEqual([])
    expect(run.outputs['status']).toBe('passed')
    expect(run.exitCode).toBe(0)
  })

  test('status sees an edited migration, which Prisma does not', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const url = postgres.url(await postgres.createDatabase())
    await deploys(project, url)
    project.write({ 'prisma/migrations/20260101000000_users/migration.sql': '-- another\n' })
    const run = await deploys(project, url, { command: 'status' })
    expect(run.everything).toContain('edited')
  })

  test('smoke fails for a column that the schema has and the database has not', async () => {
    const project = playedProject({
      migrations: twoMigrations,
      schema: twoModels.replace('email String', 'email String\n  name String?')
    })
    const url = postgres.url(await postgres.createDatabase())
    const run = await deploys(project, url)
    expect(run.exitCode).toBe(1)
    expect(run.outputs['smoke']).toBe('failed')
    const told = run.annotations.map(({ message }) => message).join('\n')
    expect(told).toContain('User')
    expect(told).toContain('name')
  })
})

describe('what the verification needs', () => {
  const missing: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ 'verify-files': 'verify/*.sql' }, 'verify-file'],
    [{ 'expect-rows': 'usres>=1' }, 'expect-rows'],
    [{ 'expect-app': 'app >= 1' }, 'expect-app-invalid'],
    [{ command: 'preflight', backup: 'false', 'verify-files': 'verify/*.sql' }, 'verify-file'],
    [{ command: 'preflight', backup: 'false', 'expect-rows': 'usres>=1' }, 'expect-rows'],
    [{ command: 'preflight', backup: 'false', 'smoke-url': 'another' }, 'database-urls-differ']
  ]
  test.each(missing)(
    'is looked for before anything is changed: %j',
    async ({ 'smoke-url': smoke, ...inputs }, code) => {
      const project = playedProject({ migrations: twoMigrations, schema: twoModels })
      const database = await postgres.createDatabase()
      const other = smoke === undefined ? {} : { 'smoke-url': postgres.url(await postgres.createDatabase()) }
      const run = await deploys(project, postgres.url(database), { ...inputs, ...other })
      expect(run.annotations.map(({ properties }) => properties['title'])).toContain(code)
      expect(run.stdout.includes('Nothing was written.')).toBe(!('command' in inputs))
      expect(await postgres.query("SELECT to_regclass('users') AS there", database)).toEqual([{ there: null }])
    }
  )
})
